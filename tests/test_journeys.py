"""The table of journeys says what there is: no cell is empty, every test in it exists, and each dot is a walk."""

from __future__ import annotations

import ast
import re
from functools import cache

from tests.hands import WAYS
from tests.services import ROOT
from tests.test_browser_journeys import CELLS
from tests.walks import WALKS

TABLE = (ROOT / "docs" / "jornadas.md").read_text("utf-8")
COLUMNS = ["mouse", "teclado", "sem scripts", "linha lenta", "linha cortada", "telefone"]
DOT = "●"


def rows() -> dict[str, dict[str, set[str]]]:
    """By the journey's name and the column's: what its cell holds."""
    lines = [[cell.strip() for cell in line.strip("|").split("|")] for line in TABLE.splitlines() if line[:2] == "| "]
    (_, *head), *rest = lines
    assert head == COLUMNS
    return {
        name: {column: set(re.findall(r"\d+|●", cell)) for column, cell in zip(head, cells, strict=True)}
        for name, *cells in rest
    }


def listed() -> dict[str, tuple[str, str]]:
    """By its number: a test's file and name."""
    return {
        number: (file, test) for number, file, test in re.findall(r"^(\d+)\. `(\S+)`, `(\w+)`$", TABLE, re.MULTILINE)
    }


@cache
def defined_in(file: str) -> set[str]:
    found = ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
    return {node.name for node in found if isinstance(node, ast.FunctionDef)}


def test_every_journey_has_a_row_and_no_cell_is_empty() -> None:
    assert set(rows()) >= {walk.title for walk in WALKS.values()}
    assert [(name, column) for name, cells in rows().items() for column in COLUMNS if not cells[column]] == []


def test_a_dot_stands_where_a_walk_goes_and_nowhere_else() -> None:
    walked = {
        (WALKS[walk].title, column)
        for walk, ways in CELLS.items()
        for way in ways.split()
        for column in WAYS[way].covers
    }
    dotted = {(name, column) for name, cells in rows().items() for column in COLUMNS if DOT in cells[column]}
    assert dotted == walked


def test_every_number_is_a_test_that_exists() -> None:
    used = {cell for cells in rows().values() for held in cells.values() for cell in held} - {DOT}
    assert used == set(listed())
    assert [test for file, test in listed().values() if test not in defined_in(file)] == []


def test_what_covers_a_column_covers_one_of_the_table() -> None:
    assert {column for way in WAYS.values() for column in way.covers} == set(COLUMNS)
