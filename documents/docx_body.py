"""The text of a Word file: blocks as WordprocessingML.

Word counts headings, numbered paragraphs and items itself. Where it would count otherwise than `documents.blocks` (its
28th letter is "bb", not "ab") the number stands there as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from documents.blocks import (
    DEEPEST,
    HEADING_LABELS,
    HEADINGS,
    Block,
    Cell,
    Kind,
    Paragraph,
    Run,
    Table,
    item_label,
    numbered,
)
from documents.docx_parts import BULLET_NUM, FIRST_LIST_NUM, list_left, sayable, twips
from documents.formats import PAPER, Format
from documents.grid import Slot, grid, shares

STYLES = {
    Kind.TITLE: "Title", Kind.PART: "Heading1", Kind.SECTION: "Heading2", Kind.TOPIC: "Heading3",
    Kind.TEXT: "BodyText", Kind.NUMBERED: "Numerado", Kind.QUOTE: "Quote", Kind.CENTRE: "Centro",
    Kind.RIGHT: "Direita", Kind.ITEM: "ListParagraph",
}  # fmt: skip
MOST_NUMBER = 32_767  # that Word counts to
COUNTED_ALIKE = {"1": (0, MOST_NUMBER), "a": (1, 26), "A": (1, 26), "i": (1, 3999), "I": (1, 3999)}
HEADING_MARKERS = ("I", "1", "a")
MOST_COLUMNS = 63  # of a table in Word
PIECE = 500_000  # characters of one text node: parsers refuse those above ten million bytes
BREAKS = re.compile(r"([\n\t])")
SCRIPTS = {"sub": "subscript", "sup": "superscript"}


def _num(level: int, key: int) -> str:
    return f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{key}"/></w:numPr>'


NO_NUMBER = _num(0, 0)


def is_loose(blocks: Sequence[Block]) -> bool:
    """Whether a heading comes after deeper ones that stand under no heading of its level.

    Programs differ in what they count there (some count the missing one), so each level has to count by itself. Else
    the three are one outline, in which a heading that somebody adds in Word is counted and starts those below it anew.
    """
    heads = [0, 0, 0]
    for block in blocks:
        if isinstance(block, Paragraph) and block.kind in HEADINGS:
            place = HEADINGS.index(block.kind)
            if not heads[place] and any(heads[place + 1 :]):
                return True
            heads[place] += 1
            heads[place + 1 :] = [0] * (2 - place)
    return False


class Lists:
    """The lists of a document, each a numbering of its own: marker, level and first number."""

    def __init__(self) -> None:
        self.made: list[tuple[str, int, int]] = []

    def begin(self, marker: str, level: int, start: int) -> int:
        self.made.append((marker, level, start))
        return FIRST_LIST_NUM + len(self.made) - 1


class Counting:
    """How far items have been counted, in the document or in one cell; as `blocks.Items` counts."""

    def __init__(self, lists: Lists) -> None:
        self.lists = lists
        self.counts = [0] * (DEEPEST + 1)
        self.open: dict[int, tuple[int, str, int]] = {}  # by level: numbering, marker, last number

    def item(self, item: Paragraph) -> tuple[int, str]:
        """The numbering that counts this item (0: none does), and its number where that is written as text."""
        if item.is_continued:
            return 0, ""
        level, marker = item.level, item.marker
        self.counts[level] = number = self.counts[level] + 1 if item.start is None else item.start
        if not marker:
            return BULLET_NUM, ""
        least, most = COUNTED_ALIKE[marker]
        if not least <= number <= most:
            return 0, item_label(marker, number)
        key, was, last = self.open.get(level, (0, "", -1))
        if item.start is not None or was != marker or last != number - 1:
            key = self.lists.begin(marker, level, number)
        self.open[level] = key, marker, number
        return key, ""


def runs(given: Sequence[Run], kind: str = "t", more: str = "") -> str:
    """`kind` is the element that holds the words: "t", or "delText" of what is deleted; `more` ends the properties."""
    return "".join([_run(run, kind, more) for run in given])


def looks(run: Run) -> str:
    return "".join((
        "<w:b/><w:bCs/>" if run.bold else "", "<w:i/><w:iCs/>" if run.italic else "",
        '<w:u w:val="single"/>' if run.underline else "",
        f'<w:vertAlign w:val="{SCRIPTS[run.script]}"/>' if run.script else "",
    ))  # fmt: skip


def _run(run: Run, kind: str, more: str) -> str:
    said, properties = "".join(_words(run.text, kind)), looks(run) + more
    return f"<w:r>{f'<w:rPr>{properties}</w:rPr>' if properties else ''}{said}</w:r>" if said else ""


def _words(text: str, kind: str) -> Iterator[str]:
    for part in BREAKS.split(text):
        if part == "\n":
            yield "<w:br/>"
        elif part == "\t":
            yield "<w:tab/>"
        else:
            for first in range(0, len(part), PIECE):
                yield f'<w:{kind} xml:space="preserve">{sayable(part[first : first + PIECE])}</w:{kind}>'


class Writer:
    """Writes blocks in the order they come in. `mark` is what a paragraph's own properties say of it (a change)."""

    def __init__(self, fmt: Format, blocks: Sequence[Block]) -> None:
        self.fmt = fmt
        self.is_loose = is_loose(blocks)
        self.loose = [0, 0, 0]  # the numbering that counts each level of headings, where each counts by itself
        self.lists = Lists()
        self.counting = Counting(self.lists)
        self.heads, self.numbered = [0, 0, 0], 0
        self.after_table = False

    def block(self, block: Block) -> str:
        """The block's markup; Word joins tables that nothing stands between."""
        between = EMPTY if self.after_table and isinstance(block, Table) else ""
        self.after_table = isinstance(block, Table)
        return between + (self.table(block) if isinstance(block, Table) else self.paragraph(block))

    def paragraph(
        self, paragraph: Paragraph, inner: str | None = None, mark: str = "", say: Callable[[Sequence[Run]], str] = runs
    ) -> str:
        """`inner` in place of the paragraph's own runs; `say` writes a number that is not left to Word."""
        properties, label = self.place(paragraph)
        inner = runs(paragraph.runs) if inner is None else inner
        return marked_paragraph(STYLES[paragraph.kind], properties + mark, _label(label, say) + inner)

    def place(self, paragraph: Paragraph) -> tuple[str, str]:
        """What the paragraph has beyond its style, and its number where Word is not to count it."""
        if paragraph.kind == Kind.ITEM:
            return self._item(paragraph, self.counting)
        return self._number(paragraph.kind)

    def _number(self, kind: Kind) -> tuple[str, str]:
        if kind == Kind.NUMBERED:
            self.numbered += 1
            return ("", "") if self.numbered <= MOST_NUMBER else (NO_NUMBER, f"{self.numbered}. ")
        if kind not in HEADINGS:
            return "", ""
        place = HEADINGS.index(kind)
        self.heads[place] += 1
        self.heads[place + 1 :] = [0] * (2 - place)
        number = self.heads[place]
        if number > COUNTED_ALIKE[HEADING_MARKERS[place]][1]:
            return NO_NUMBER, f"{HEADING_LABELS[place](number)} "
        if not self.is_loose:
            return "", ""
        if number == 1:
            self.loose[place] = self.lists.begin(kind.value, 0, 1)
        return _num(0, self.loose[place]), ""

    def _item(self, item: Paragraph, counting: Counting) -> tuple[str, str]:
        key, label = counting.item(item)
        if key:
            return _num(item.level, key), ""
        hanging = f' w:hanging="{twips(self.fmt.list_hanging)}"' if label else ""
        indent = f'<w:ind w:left="{list_left(self.fmt, item.level)}"{hanging}/>'
        return indent, f"{label}\t" if label else ""

    # Tables

    def table(self, table: Table, row_marks: Sequence[str] = (), inner: Sequence[Sequence[str | None]] = ()) -> str:
        """`row_marks`: what rows say of themselves (changes); `inner`: what stands in cells in place of their own."""
        rows, width = grid(table)
        if width > MOST_COLUMNS:
            return "".join(map(self.paragraph, rows_as_lines(table)))
        total = twips(PAPER[0] - self.fmt.left - self.fmt.right)
        widths = _widths(rows, width, total)
        said = [
            f'<w:tbl><w:tblPr><w:tblStyle w:val="TableGrid"/><w:tblW w:w="{total}" w:type="dxa"/>'
            '<w:tblLook w:val="0000"/></w:tblPr><w:tblGrid>',
            *(f'<w:gridCol w:w="{one}"/>' for one in widths), "</w:tblGrid>",
        ]  # fmt: skip
        head = True
        for place, row in enumerate(rows):
            head = head and all(slot.cell.is_head for slot in row if slot.cell) and any(slot.cell for slot in row)
            mark = row_marks[place] if row_marks else ""
            said.append(f"<w:tr><w:trPr><w:cantSplit/>{'<w:tblHeader/>' if head else ''}{mark}</w:trPr>")
            given = iter(inner[place]) if inner else None
            for slot in row:
                words = next(given) if given and slot.is_first and slot.cell else None
                said.append(self._slot(slot, sum(widths[slot.column : slot.column + slot.columns]), words))
            said.append("</w:tr>")
        return "".join(said) + "</w:tbl>"

    def _slot(self, slot: Slot, width: int, words: str | None) -> str:
        span = f'<w:gridSpan w:val="{slot.columns}"/>' if slot.columns > 1 else ""
        merge = ""
        if slot.is_merged:
            merge = '<w:vMerge w:val="restart"/>' if slot.is_first else "<w:vMerge/>"
        if not slot.is_first or slot.cell is None:
            words = EMPTY_CELL
        elif words is None:
            words = self.cell(slot.cell)
        return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{span}{merge}</w:tcPr>{words}</w:tc>'

    def cell(self, cell: Cell) -> str:
        counting = Counting(self.lists)
        return "".join(self.cell_paragraph(one, cell.is_head, counting) for one in cell.paragraphs) or EMPTY_CELL

    def cell_paragraph(
        self, paragraph: Paragraph, is_head: bool, counting: Counting, inner: str | None = None, mark: str = "",
        say: Callable[[Sequence[Run]], str] = runs,
    ) -> str:  # fmt: skip
        properties, label = self._item(paragraph, counting) if paragraph.kind == Kind.ITEM else ("", "")
        if inner is None:
            inner = runs([replace(run, bold=True) for run in paragraph.runs] if is_head else paragraph.runs)
        return marked_paragraph(IN_CELL, properties + mark, _label(label, say) + inner)


def is_too_wide(table: Table) -> bool:
    return grid(table)[1] > MOST_COLUMNS


def rows_as_lines(table: Table) -> list[Paragraph]:
    """A table that is too wide for Word: its rows as lines, a tab between cells, so that no word is lost."""
    return [Paragraph(Kind.TEXT, tuple(_line(row))) for row in table.rows]


def _line(row: Sequence[Cell]) -> Iterator[Run]:
    for place, cell in enumerate(row):
        yield Run("\t" if place else "")
        for label, paragraph in (
            (label, one) for one, label in numbered(cell.paragraphs) if isinstance(one, Paragraph)
        ):
            yield from (Run(f"{label} " if label else ""), *paragraph.runs, Run(" "))


def marked_paragraph(style: str, properties: str, words: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/>{properties}</w:pPr>{words}</w:p>'


EMPTY, IN_CELL = "<w:p/>", "TextoTabela"
EMPTY_CELL = marked_paragraph(IN_CELL, "", "")


def _label(label: str, say: Callable[[Sequence[Run]], str]) -> str:
    return say([Run(label)]) if label else ""


def _widths(rows: list[list[Slot]], width: int, total: int) -> list[int]:
    """What each column gets of `total`."""
    longest = shares(rows, width)
    parts = [total * one // sum(longest) for one in longest]
    return [*parts[:-1], total - sum(parts[:-1])] if parts else []
