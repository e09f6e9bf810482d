"""What a document is made of: paragraphs and tables, in order.

Everything that shows a document or takes it out of here (Word, PDF, Markdown, text, comparison, checks) is made from
these blocks and from nothing else, so that what is on the screen is what is exported. The stored HTML is these blocks
written down, a block a line (`documents/html.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

DEEPEST = 8  # levels of a list


class Kind(StrEnum):
    """What a paragraph is."""

    TITLE = "title"  # of the whole document, centred
    PART = "part"  # heading I, II, III
    SECTION = "section"  # heading 1, 2, 3 within it
    TOPIC = "topic"  # heading a, b, c within that
    TEXT = "text"
    NUMBERED = "numbered"  # a paragraph with a number, counted through the document
    QUOTE = "quote"  # a long quotation
    CENTRE = "centre"
    RIGHT = "right"
    ITEM = "item"  # of a list


HEADINGS = (Kind.PART, Kind.SECTION, Kind.TOPIC)


@dataclass(frozen=True)
class Run:
    """Text of one look; "\\n" in it is a line break within the paragraph."""

    text: str
    bold: bool = False
    italic: bool = False
    underline: bool = False
    script: str = ""  # "sub" or "sup"

    def looks_like(self, other: Run) -> bool:
        return replace(self, text="") == replace(other, text="")


@dataclass(frozen=True)
class Paragraph:
    """`level`, `marker`, `start` and `is_continued` are of list items only."""

    kind: Kind
    runs: tuple[Run, ...] = ()
    level: int = 0  # how deep in lists, from 0
    marker: str = ""  # how items are counted: "1", "a", "A", "i", "I"; "" with a bullet
    start: int | None = None  # the first item of a list, and what it counts from
    is_continued: bool = False  # one more paragraph of the item before

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True)
class Cell:
    """Its paragraphs are texts and list items."""

    paragraphs: tuple[Paragraph, ...]
    is_head: bool = False
    colspan: int = 1
    rowspan: int = 1

    @property
    def text(self) -> str:
        return "\n".join(paragraph.text for paragraph in self.paragraphs)


@dataclass(frozen=True)
class Table:
    rows: tuple[tuple[Cell, ...], ...]


Block = Paragraph | Table


# Numbers -----------------------------------------------------------------------------------------


def numbered(blocks: Sequence[Block]) -> Iterator[tuple[Block, str]]:
    """Each block with what stands before it: "I.", "1.", "a)", "•" or nothing. The only place that counts."""
    heads, paragraphs, items = Heads(), 0, Items()
    for block in blocks:
        label = ""
        if isinstance(block, Paragraph):
            if block.kind in HEADINGS:
                label = heads.take(block.kind)
            elif block.kind == Kind.NUMBERED:
                paragraphs += 1
                label = f"{paragraphs}."
            elif block.kind == Kind.ITEM:
                label = items.label(block)
        yield block, label


class Heads:
    """Counts headings as they come."""

    def __init__(self) -> None:
        self.counts = [0, 0, 0]

    def label(self, kind: Kind) -> str:
        """What a heading of this kind would bear if it came next."""
        place = HEADINGS.index(kind)
        return HEADING_LABELS[place](self.counts[place] + 1)

    def take(self, kind: Kind) -> str:
        """The same, and it has come."""
        label, place = self.label(kind), HEADINGS.index(kind)
        self.counts[place:] = [self.counts[place] + 1, *[0] * (2 - place)]
        return label


class Items:
    """Counts the items of lists as they come."""

    def __init__(self) -> None:
        self.counts = [0] * (DEEPEST + 1)

    def label(self, item: Paragraph) -> str:
        if item.is_continued:
            return ""
        if item.start is not None:
            self.counts[item.level] = item.start
        else:
            self.counts[item.level] += 1
        return item_label(item.marker, self.counts[item.level])


def item_label(marker: str, number: int) -> str:
    if not marker:
        return "•"
    return f"{number}." if marker == "1" else f"{COUNTERS[marker](number)})"


def roman(number: int) -> str:
    """As CSS's `upper-roman`: above 3,999 in figures."""
    if not 0 < number < 4000:
        return str(number)
    said = ""
    for value, sign in ROMAN:
        count, number = divmod(number, value)
        said += sign * count
    return said


def letters(number: int) -> str:
    """a … z, aa, ab …; as CSS's `lower-alpha`."""
    if number < 1:
        return str(number)
    said = ""
    while number:
        number, rest = divmod(number - 1, 26)
        said = chr(ord("a") + rest) + said
    return said


ROMAN = (
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
    (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
)  # fmt: skip
COUNTERS: dict[str, Callable[[int], str]] = {
    "a": letters,
    "A": lambda number: letters(number).upper(),
    "i": lambda number: roman(number).lower(),
    "I": roman,
}
HEADING_LABELS: tuple[Callable[[int], str], ...] = (
    lambda number: f"{roman(number)}.",
    lambda number: f"{number}.",
    lambda number: f"{letters(number)})",
)


# As text -----------------------------------------------------------------------------------------


def plain(blocks: Sequence[Block], *, numbers: bool = True) -> str:
    """The words of a document, a paragraph or a row of a table a line; with the numbers that stand before them."""
    return "\n".join(lines(blocks, numbers=numbers))


def lines(blocks: Sequence[Block], *, numbers: bool = True) -> Iterator[str]:
    for block, label in numbered(blocks):
        if isinstance(block, Table):
            yield from ("\t".join(cell_text(cell, numbers=numbers) for cell in row) for row in block.rows)
        else:
            yield f"{label} {block.text}" if label and numbers else block.text


def cell_text(cell: Cell, *, numbers: bool = True) -> str:
    return "\n".join(lines(cell.paragraphs, numbers=numbers))


def merged(runs: Sequence[Run]) -> tuple[Run, ...]:
    """The same words in as few runs as there are looks."""

    made: list[Run] = []
    for run in runs:
        if made and made[-1].looks_like(run):
            made[-1] = replace(run, text=made[-1].text + run.text)
        elif run.text:
            made.append(run)
    return tuple(made)
