"""CSV as Brazilian spreadsheets open it, in which no cell is a formula."""

import csv
from datetime import date
from decimal import Decimal

import pytest

from romagent.base.sheets import csv_response


def rows(*cells: object) -> list[list[str]]:
    text = csv_response("x.csv", ["Coluna"], [cells]).content.decode()
    return list(csv.reader(text.removeprefix("\ufeff").splitlines(), delimiter=";"))


def test_numbers_and_dates_are_written_as_in_brazil() -> None:
    assert rows(1234, Decimal("1234.50"), 0.5, date(2026, 11, 22), None, "") == [
        ["Coluna"], ["1234", "1234,50", "0,5", "22/11/2026", "", ""],
    ]  # fmt: skip


def test_a_negative_number_stays_a_number() -> None:
    assert rows(Decimal("-1.5"), -3)[1] == ["-1,5", "-3"]


@pytest.mark.parametrize("text", ["=1+1", "+55 11", "-x", "@soma", "\tx", '=HYPERLINK("http://x")'])
def test_text_that_a_spreadsheet_would_compute_stays_text(text: str) -> None:
    assert rows(text)[1] == [f"'{text}"]


def test_semicolons_quotes_and_accents_survive() -> None:
    assert rows('Ação; "x"', "linha")[1] == ['Ação; "x"', "linha"]


def test_it_is_a_download_that_nobody_keeps_and_says_that_it_is_utf8() -> None:
    response = csv_response("custos.csv", ["É"], [])
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="custos.csv"'
    assert response["Cache-Control"] == "no-store"
    assert response.content == "\ufeffÉ\r\n".encode()
