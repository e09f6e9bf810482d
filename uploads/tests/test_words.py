"""What is said when a file or a page could not be read."""

import ast
from pathlib import Path

import pytest

from uploads import words
from uploads.reading import found


def test_every_reason_that_reading_gives_has_its_sentence() -> None:
    given: set[str] = set()
    for path in Path(found.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"Unreadable", "Died"} and node.args:
                given |= {each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)}
    codes = {each for each in given if isinstance(each, str)} - {"fail"}  # what the child calls its last word
    assert {"type", "locked", "damaged", "empty", "too_large", "too_many_pages", "time"} <= codes
    assert codes <= set(words.FILE) | set(words.PAGE)


def test_a_sentence_says_the_page_when_there_is_one() -> None:
    assert words.why("password") == "O arquivo está protegido por senha. Informe a senha para que seja lido."
    assert words.why("time", 12) == "A leitura parou na página 12. A página demorou demais para ser lida."
    assert words.why("what nobody knows") == words.FILE["internal"]
    assert words.why_page("") == ""
    assert words.why_page("no_text") == "A página não tem texto: é imagem."


@pytest.mark.parametrize(
    ("numbers", "said"),
    [([3], "3"), ([1, 2], "1 a 2"), ([9, 3, 7, 8, 12], "3, 7 a 9 e 12"), ([], "")],
)
def test_pages_are_named_in_runs(numbers: list[int], said: str) -> None:
    assert words.pages_said(numbers) == said


def test_very_many_pages_are_not_all_named() -> None:
    said = words.pages_said(range(1, 200, 2))
    assert said.startswith("1, 3, 5, ")
    assert said.endswith(" e mais 81 trechos")


def test_no_code_is_shown_to_a_person() -> None:
    assert words.what_is_missing({"not_transcribed": [3]}) == "Imagem não transcrita: página 3."
    assert words.what_is_missing({"what nobody knows": [3]}) == "Não lida por uma falha nossa: página 3."
    assert words.why_page("not_transcribed") == "A imagem da página não pôde ser transcrita."


def test_what_is_missing_is_said_by_reason() -> None:
    assert words.what_is_missing({}) == ""
    assert words.what_is_missing({"no_text": [1, 2, 3], "damaged": [9]}) == (
        "Sem texto (imagem): páginas 1 a 3; danificada: página 9."
    )
