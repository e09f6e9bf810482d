"""Tables as CSV files that a Brazilian spreadsheet opens as it is: semicolons, decimal commas, UTF-8 with its mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpResponse

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would compute


def csv_response(filename: str, head: Iterable[str], rows: Iterable[Iterable[Any]]) -> HttpResponse:
    """The table as a download, never kept by a cache. An empty cell is what is not known."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(list(head))
    writer.writerows([_cell(value) for value in row] for row in rows)
    return HttpResponse(
        "\ufeff" + text.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"', "Cache-Control": "no-store"},
    )


def _cell(value: Any) -> str:
    """A cell as a person reads it; text that looks like a formula stays text."""
    if value is None:
        return ""
    if isinstance(value, Decimal | float):
        return str(value).replace(".", ",")
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    text = str(value)
    return f"'{text}" if isinstance(value, str) and text.startswith(FORMULA) else text
