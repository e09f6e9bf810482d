"""What is asked of `documents/peca.typ`: a document as data, and the figures it is to be set with.

Nothing of a document becomes Typst's source: whatever looks like code in a text is text there too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from typing import Any

from documents.blocks import Block, Cell, Items, Kind, Paragraph, Run, Table, numbered
from documents.formats import PAPER, POINTS_A_CM, Format
from documents.grid import Slot, grid, shares
from documents.html import UNSAYABLE
from documents.letterhead import Letterhead

Data = dict[str, Any]

# How high a line of a typeface is, and how much of that is below its words, in sizes: from the typefaces' own tables.
# Word sets lines by them, and what stands in for a typeface keeps to its lines, so that pages break at the same place.
LINES = {"Calibri": (1.2207, 0.25), "Arial": (1.1499, 0.2119)}
OTHER_LINE = (1.2, 0.22)
FROM_EDGE = 1.25  # cm from the edge of the paper to the header, and to the footer
LOGO_HEIGHT = 2.0  # cm, at most
MOST_MARGIN = 8.0  # cm that a header or a footer may take
SIGNATURE_BEFORE = 36  # points above the first line: room for a hand

LONG_HEADING = 400  # characters: from here on a heading may go over the end of a page, and is no bookmark
LONG_ROW = 10  # lines: from here on a row of a table may
LONG_HEADER = 8  # lines: from here on the first rows are not repeated on each page
MOST_COLUMNS = 24  # of a table; the rows of a wider one are written as lines
WIDEST_WORD = 0.4  # of a table's width that a column gets for the sake of one word
TABLE_SPACE = (6, 10)  # points before and after a table
CELL_ITEM = 0.6  # cm that an item of a list is indented in a cell
BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
BEYOND = re.compile("[\U00010000-\U0010ffff]|[^\U00010000-\U0010ffff]+")
TAB = "    "
CHARACTER = 0.58  # about how wide one is, in sizes of its type; rather too wide
ENDLESS = 400  # characters of a word
MOST_ENDS = 100  # lines that end in one piece of a paragraph


def asked(blocks: Sequence[Block], title: str, fmt: Format, head: Letterhead, author: str) -> Data:
    """Everything that the template is given, as it goes into JSON. Lengths are centimetres, sizes points."""
    setter = _Setter(fmt)
    said = [one for block, label in numbered(blocks) for one in setter.block(block, label)]
    _space(said, fmt)
    return {
        "title": UNSAYABLE.sub("", title),
        "author": UNSAYABLE.sub("", author),
        "look": _look(fmt),
        "paper": _paper(fmt, head),
        "blocks": said,
    }


def _space(said: list[Data], fmt: Format) -> None:
    """The points above each block: the larger of what is after the one before and of what is before itself.

    So do Word (unless it is told otherwise), LibreOffice and browsers. What the last line of the one before is higher
    than its typeface makes it comes to that.
    """
    natural = LINES.get(fmt.font, OTHER_LINE)[0]
    headings = dict(zip(("part", "section", "topic"), fmt.heading_sizes, strict=True))
    figures = {  # of each kind: size, line, before, after
        "title": (fmt.title_size, fmt.line, fmt.title_before, fmt.title_after),
        "quote": (fmt.quote_size, fmt.quote_line, fmt.before, fmt.after),
        "table": (0, 1, *TABLE_SPACE),
        **{kind: (size, fmt.line, fmt.heading_before, fmt.heading_after) for kind, size in headings.items()},
    }
    higher, last = 0.0, 0.0
    for one in said:
        size, line, before, after = figures.get(one["kind"], (fmt.size, fmt.line, fmt.before, fmt.after))
        one["above"] = higher + (max(last, before) if one["begins"] else 0)
        higher, last = size * natural * (line - 1), after if one["ends"] else 0


def _look(fmt: Format) -> Data:
    natural, depth = LINES.get(fmt.font, OTHER_LINE)
    names = ("size", "quote_size", "foot_size", "title_size", "heading_sizes", "line", "quote_line", "top", "bottom",
             "left", "right", "first_line", "quote_indent", "heading_capitals", "heading_centred", "list_indent",
             "list_hanging")  # fmt: skip
    return {
        **{name: getattr(fmt, name) for name in names},
        "natural": natural, "depth": depth, "paper": PAPER, "from_edge": FROM_EDGE, "most_margin": MOST_MARGIN,
        "signature_before": SIGNATURE_BEFORE,
    }  # fmt: skip


# The paper ---------------------------------------------------------------------------------------


def _paper(fmt: Format, head: Letterhead) -> Data:
    said: Data = {"logo": None}
    for name in ("header", "footer", "signature"):
        said[name] = [" ".join(found) for line in getattr(head, name) if (found := UNSAYABLE.sub("", line).split())]
    if head.logo:
        said["logo"] = list(head.logo)
        said["logo_width"], said["logo_height"] = _logo_size(head.logo, PAPER[0] - fmt.left - fmt.right)
        said["alt"] = said["header"][0] if said["header"] else "Logotipo"
    return said


def _logo_size(logo: bytes, widest: float) -> tuple[float, float]:
    """How large the picture is drawn, in centimetres: at 72 dots an inch, as in Word, unless that is too large."""
    width, height = (pixels * 2.54 / 72 for pixels in dimensions(logo))
    shrunk = min(1.0, LOGO_HEIGHT / height, widest / width)
    return width * shrunk, height * shrunk


def dimensions(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG or a JPEG, in dots. Raises `ValueError` for anything else."""
    from io import BytesIO

    from PIL import Image

    with Image.open(BytesIO(picture), formats=("PNG", "JPEG")) as image:
        return image.size


# Paragraphs --------------------------------------------------------------------------------------


class _Setter:
    """Blocks as the template takes them; knows how wide the page is, for words that are wider."""

    def __init__(self, fmt: Format) -> None:
        self.fmt = fmt
        self.width = (PAPER[0] - fmt.left - fmt.right) * POINTS_A_CM

    def block(self, block: Block, label: str) -> Iterator[Data]:
        if isinstance(block, Table):
            yield from self._table(block)
        else:
            yield from self.paragraph(block, label, self._room(block), self.fmt.list_hanging)

    def _room(self, paragraph: Paragraph) -> float:
        """How many characters as wide as the type is high a line holds."""
        width, size = self.width, self.fmt.size
        if paragraph.kind == Kind.QUOTE:
            width, size = width - self.fmt.quote_indent * POINTS_A_CM, self.fmt.quote_size
        elif paragraph.kind == Kind.ITEM:
            width -= self.fmt.list_indent * (paragraph.level + 1) * POINTS_A_CM
        elif paragraph.kind != Kind.TEXT:
            size = max(size, self.fmt.title_size, *self.fmt.heading_sizes)
        return width / size

    def paragraph(self, paragraph: Paragraph, label: str, room: float, hanging: float) -> Iterator[Data]:
        """The paragraph; in pieces where it has very many lines."""
        wide = _width(label) * self.fmt.size > hanging * POINTS_A_CM - 2
        pieces = _pieces([(_looks(run), list(parts(run.text, room))) for run in paragraph.runs if run.text])
        for place, runs in enumerate(pieces):
            yield {
                "kind": paragraph.kind.value, "label": "" if place else label, "level": paragraph.level, "wide": wide,
                "long": len(paragraph.text) > LONG_HEADING, "runs": runs,
                "begins": place == 0, "ends": place == len(pieces) - 1, "above": 0,
            }  # fmt: skip

    # Tables

    def _table(self, table: Table) -> Iterator[Data]:
        rows, width = grid(table)
        if not 0 < width <= MOST_COLUMNS:
            for cells in table.rows:
                yield from self._row_as_line(cells)
            return
        size, inset = (self.fmt.size, 5.4) if width <= 8 else (min(self.fmt.size, 10 if width <= 12 else 8), 2.0)
        widths = _widths(rows, width, self.width, size, inset)
        rooms = [(one - 2 * inset) / size for one in widths]
        made = [list(self._row(row, place, rooms)) for place, row in enumerate(rows)]
        head = _head_rows(rows)
        if head == len(rows) or sum(_height(row, rooms) for row in rows[:head]) > LONG_HEADER:
            head = 0
        yield {
            "kind": "table", "begins": True, "ends": True, "widths": widths, "inset": inset, "size": size,
            "header": [cell for row in made[:head] for cell in row],
            "cells": [cell for row in made[head:] for cell in row],
        }  # fmt: skip

    def _row(self, row: list[Slot], place: int, rooms: list[float]) -> Iterator[Data]:
        whole = _height(row, rooms) < LONG_ROW
        for slot, cell in _begun(row):
            room, items = _room(slot, rooms), Items()
            yield {
                "x": slot.column, "y": place, "columns": slot.columns, "rows": slot.left + 1, "head": cell.is_head,
                "whole": whole and not slot.left,
                "paragraphs": [
                    said for one in cell.paragraphs for said in self.paragraph(one, _mark(one, items), room, CELL_ITEM)
                ],
            }  # fmt: skip

    def _row_as_line(self, row: Sequence[Cell]) -> Iterator[Data]:
        runs: list[Run] = []
        for cell in row:
            runs += [Run(TAB)] if runs else []
            items = Items()
            for place, one in enumerate(cell.paragraphs):
                mark = _mark(one, items)
                runs += [Run(" " * (place > 0) + mark + " " * bool(mark)), *one.runs]
        line = Paragraph(Kind.TEXT, tuple(runs))
        yield from self.paragraph(line, "", self._room(line), 0)


def _widths(rows: list[list[Slot]], width: int, total: float, size: float, inset: float) -> list[float]:
    """The points that each column gets of `total`: room for its longest word, then for as much of its longest cell."""
    longest = [0.0] * width
    for row in rows:
        for slot, cell in _begun(row):
            if slot.columns == 1:
                longest[slot.column] = max(longest[slot.column], *map(_width, cell.text.split() or [""]))
    least = [min(one * size + 2 * inset + 1, total * WIDEST_WORD) for one in longest]
    wanted = [share * CHARACTER * size + 2 * inset for share in shares(rows, width)]
    more = [max(0.0, want - one) for want, one in zip(wanted, least, strict=True)]
    part = min(1.0, max(0.0, total - sum(least)) / (sum(more) or 1))
    made = [one + part * beyond for one, beyond in zip(least, more, strict=True)]
    return [one * total / sum(made) for one in made]


def _begun(row: list[Slot]) -> list[tuple[Slot, Cell]]:
    """The cells that begin in the row."""
    return [(slot, slot.cell) for slot in row if slot.is_first and slot.cell]


def _room(slot: Slot, rooms: list[float]) -> float:
    return sum(rooms[slot.column : slot.column + slot.columns])


def _height(row: list[Slot], rooms: list[float]) -> float:
    """About how many lines the row takes, rather too many than too few."""
    return max((_lines(cell, _room(slot, rooms)) / (slot.left + 1) for slot, cell in _begun(row)), default=1)


def _lines(cell: Cell, room: float) -> float:
    said = [line for one in cell.paragraphs for line in BREAK.split(one.text)]
    return sum(1 + _width(line) / max(room, 1) * 1.2 for line in said)


def _head_rows(rows: list[list[Slot]]) -> int:
    """How many rows at the top are heads, none of them reaching further down."""
    head, deepest = 0, 0
    for place, row in enumerate(rows, 1):
        cells = [(slot, slot.cell) for slot in row if slot.cell]
        if not cells or not all(cell.is_head for _, cell in cells):
            break
        deepest = max(deepest, *(place + slot.left for slot, _ in cells))
        if deepest == place:
            head = place
    return head


def _mark(paragraph: Paragraph, items: Items) -> str:
    return items.label(paragraph) if paragraph.kind == Kind.ITEM else ""


# Words -------------------------------------------------------------------------------------------


def _pieces(runs: list[tuple[str, list[str]]]) -> list[list[tuple[str, list[str]]]]:
    """The runs of a paragraph, cut at every so many ends of lines."""
    made: list[list[tuple[str, list[str]]]] = [[]]
    ends = 0
    for looks, given in runs:
        here: list[str] = []
        for part in given:
            ends += part == "\n"
            if ends < MOST_ENDS or part != "\n":
                here.append(part)
                continue
            made[-1].append((looks, here))
            made.append([])
            here, ends = [], 0
        if here:
            made[-1].append((looks, here))
    return made


def _looks(run: Run) -> str:
    return (
        ("b" if run.bold else "")
        + ("i" if run.italic else "")
        + ("u" if run.underline else "")
        + ({"sub": "v", "sup": "^"}.get(run.script, ""))
    )


def parts(text: str, room: float) -> Iterator[str]:
    """The text in parts: a "\\n" for each line that ends, a "" wherever a word without end may be broken.

    `room` is how many characters as wide as the type is high stand in a line: no word of so few has to be broken.
    """
    text = unicodedata.normalize("NFC", BREAK.sub("\n", UNSAYABLE.sub("", text)).replace("\t", TAB))
    for place, said in enumerate(text.split("\n")):
        if place:
            yield "\n"
        yield from _broken(said, room)


def take_apart(data: Data) -> None:
    """Lets no two characters beyond U+FFFF be set as one sign: Chrome's reader would lose them."""
    for block in data["blocks"]:
        for one in _paragraphs(block):
            one["runs"] = [(looks, [found for part in given for found in _apart(part)]) for looks, given in one["runs"]]


def _paragraphs(block: Data) -> list[Data]:
    if block["kind"] != "table":
        return [block]
    return [one for cell in (*block["header"], *block["cells"]) for one in cell["paragraphs"]]


def _apart(part: str) -> list[str]:
    if part.isascii():
        return [part]
    return [one for found in BEYOND.findall(part) for one in (found, "")][:-1]


def _broken(text: str, room: float) -> Iterator[str]:
    done = 0
    least = max(1, int(room))
    for word in re.finditer(rf"[^\s\u00ad/?-]{{{least},}}", text):
        if _width(word[0]) < room:
            continue
        endless = len(word[0]) > ENDLESS  # a place to break at every few signs would take minutes
        for place in _breaks(word[0], least if endless else max(1, min(4, least // 4))):
            yield text[done : word.start() + place]
            yield "\n" if endless else ""
            done = word.start() + place
    if done < len(text):
        yield text[done:]


def _breaks(word: str, step: int) -> Iterator[int]:
    """Where the word may be broken: every few signs, never within one that is put together of several."""
    last = 0
    for place in range(1, len(word)):
        if place - last >= step and not _joins(word[place]) and not _joins(word[place - 1], after=True):
            yield place
            last = place


def _joins(sign: str, *, after: bool = False) -> bool:
    if sign < "\u0300":
        return False
    if after:
        return sign == "\u200d"
    return unicodedata.category(sign)[0] in "MC" or "\U0001f3fb" <= sign <= "\U0001f3ff"


def _width(text: str) -> float:
    """About how wide the text is, in sizes of its type; rather too wide."""
    capitals = sum(map(str.isupper, text))
    return len(text) * CHARACTER + capitals * 0.17 + sum(sign > "\u1100" for sign in text) * 0.42
