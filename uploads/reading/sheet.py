"""Excel's XLSX: a page a sheet, hidden ones too, rows as lines and cells between tabs, as they are seen in Brazil.

Of a formula, the value that was there when the file was saved. A long sheet is split at its rows, and each part says
whose it is. Macros are never opened: an XLSM is read as its cells.
"""

from __future__ import annotations

import datetime
import re
import warnings
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from uploads.reading.archive import Archive
from uploads.reading.found import Unreadable
from uploads.reading.readers import Sections, Source
from uploads.reading.sections import LONGEST, USUAL

ROWS = 1_048_576  # of a sheet
DATE = "%d/%m/%Y"


def open_sheet(source: Source) -> Sections:
    Archive(source).zip.close()  # only to refuse what would unpack to too much
    from openpyxl import load_workbook

    warnings.simplefilter("ignore")  # about styles and extensions that do not matter here
    with source.open() as file:
        book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        pages: list[str] = []
        length = 0
        for sheet in book.worksheets:
            for page in pages_of(sheet):
                pages.append(page)
                length += len(page)
                if len(pages) > source.limits.pages or length > source.limits.pages * USUAL:
                    raise Unreadable("too_many_pages")
    if not pages:
        raise Unreadable("empty")
    return Sections(pages)


def pages_of(sheet: Any) -> Iterator[str]:
    hidden = "" if sheet.sheet_state == "visible" else " (oculta)"
    heading = f"Planilha: {sheet.title}{hidden}"
    gathered: list[str] = []
    length = 0
    sheet.reset_dimensions()  # what the file says of its size may be anything
    for row in sheet.iter_rows(max_row=ROWS):
        line = "\t".join(shown(cell.value, cell.number_format) for cell in row if cell is not None).rstrip("\t")
        if not line and not (gathered and gathered[-1]):
            continue
        if length + len(line) > LONGEST and gathered:
            yield "\n".join([heading, *gathered]).rstrip()
            heading = f"Planilha: {sheet.title}{hidden} (continuação)"
            gathered, length = [], 0
        gathered.append(line)
        length += len(line) + 1
    yield "\n".join([heading, *gathered]).rstrip()


def shown(value: Any, form: str | None) -> str:
    """The cell as it is seen: dates 22/11/2026, amounts 1.234,56."""
    form = form or "General"
    if value is None:
        return ""
    if isinstance(value, bool):
        return "VERDADEIRO" if value else "FALSO"
    if isinstance(value, datetime.datetime):
        return value.strftime(DATE if value.time() == datetime.time() else f"{DATE} %H:%M:%S")
    if isinstance(value, datetime.time):
        return value.strftime("%H:%M:%S")
    if isinstance(value, datetime.date):
        return value.strftime(DATE)
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, int | float):
        return number_shown(value, form)
    return " ".join(str(value).split("\n")) if "\n" in str(value) else str(value)


def number_shown(value: float, form: str) -> str:
    """A number in its cell's format: its decimals, thousands, per cent and currency; other formats, plainly."""
    positive = form.split(";")[0]
    literal = "".join(re.findall(r'"([^"]*)"', positive)) or "".join(re.findall(r"\[\$([^\]-]*)", positive))
    bare = re.sub(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.', "", positive)
    match = re.search(r"[#0?,]*[#0?](?:\.([0#?]+))?", bare)
    if form == "General" or match is None or "E" in bare or "/" in bare:
        return brazilian(f"{Decimal(repr(value)):f}" if abs(value) < 10**15 else repr(value))
    places = (match[1] or "").count("0") or len(match[1] or "")
    if "%" in bare:
        return f"{brazilian(f'{value * 100:.{places}f}')}%"
    written = brazilian(f"{value:,.{places}f}" if "," in match[0] else f"{value:.{places}f}")
    if "," not in match[0] and not places and re.fullmatch("0+", match[0]) and value >= 0:
        written = written.zfill(len(match[0]))
    return f"{literal.strip()} {written}".strip() if literal.strip() in {"R$", "US$", "$", "€"} else written


def brazilian(written: str) -> str:
    written = written.removesuffix(".0")
    return written.translate(str.maketrans(",.", ".,"))
