"""The index of a number follows from its court, and from nothing else."""

from __future__ import annotations

import csv

import pytest

from jurisprudence.datajud.aliases import alias_of
from jurisprudence.datajud.tests.making import FIXTURES, number
from projects.cnj import parse
from projects.courts import COURTS

KNOWN = {
    "5001234-32.2026.4.03.6100": "trf3",
    "0010123-73.2024.5.18.0007": "trt18",
    "1234567-03.2025.8.09.0051": "tjgo",
    "5123456-19.2026.8.07.0001": "tjdft",
    "0600001-90.2026.6.26.0001": "tre-sp",
    "0123456-22.2026.3.00.0000": "stj",
    "7000001-96.2025.7.00.0000": "stm",
    "0800123-33.2026.9.13.0001": "tjmmg",
    "0000042-12.2023.8.26.9001": "tjsp",
}


@pytest.mark.parametrize("text", KNOWN)
def test_a_number_has_the_index_of_its_court(text: str) -> None:
    assert alias_of(parse(text)) == f"api_publica_{KNOWN[text]}"


@pytest.mark.parametrize("court", ["100", "200", "490", "590", "701", "712"])
def test_courts_without_an_index_have_none(court: str) -> None:
    assert alias_of(number(court=court)) is None


def test_the_federal_districts_electoral_court_has_its_own_name() -> None:
    assert alias_of(number(court="607")) == "api_publica_tre-dft"


def test_there_are_ninety_one() -> None:
    aliases = {alias_of(number(court=f"{branch}{court:02}")) for branch, court in COURTS}
    assert len(aliases - {None}) == 91


@pytest.mark.skipif(FIXTURES is None, reason="no table of the courts beside the repository")
def test_every_court_agrees_with_the_table() -> None:
    assert FIXTURES
    with (FIXTURES.parent / "courts.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(COURTS)
    for row in rows:
        found = alias_of(number(court=f"{row['J']}{row['TR']:0>2}")) or ""
        assert found.removeprefix("api_publica_") == row["datajud_alias"].removeprefix("api_publica_"), row
