"""How documents look: the exact figures of each format, for Word and PDF; `static/css/documents.css` has the same.

Nothing here knows Django: the child that writes files imports it. Sizes and spaces in points, margins and indents in
centimetres, line spacing as a multiple of the font's own line.
"""

from __future__ import annotations

from dataclasses import dataclass

PAPER = (21.0, 29.7)  # A4, cm
POINTS_A_CM = 72 / 2.54


@dataclass(frozen=True)
class Format:
    """One format. `substitutes`: typefaces of the same widths, for where `font` is not installed.

    `heading_sizes` are of the levels I, 1 and a. `before` and `after` are of every paragraph of the text; headings
    have their own. A quotation is a paragraph of its own: indented, smaller, in single lines.
    """

    key: str
    name: str
    font: str
    substitutes: tuple[str, ...]
    size: float
    quote_size: float
    foot_size: float
    title_size: float
    heading_sizes: tuple[float, float, float]
    line: float
    quote_line: float
    top: float
    bottom: float
    left: float
    right: float
    first_line: float
    quote_indent: float
    before: float = 0
    after: float = 0
    title_before: float = 0
    title_after: float = 12
    heading_before: float = 12
    heading_after: float = 6
    heading_capitals: bool = False  # of the title and of level I: drawn so, the words stay as they were written
    heading_centred: bool = False  # of level I; the title always is
    list_indent: float = 1.25  # of each level of a list, from the margin to its words
    list_hanging: float = 0.75  # how far the marker hangs out of that


OFFICE = Format(
    key="escritorio", name="Escritório", font="Calibri", substitutes=("Carlito",),
    size=12, quote_size=11, foot_size=10, title_size=12, heading_sizes=(12, 12, 12), line=1.5, quote_line=1.0,
    top=2.5, bottom=2.5, left=3.0, right=3.0, first_line=1.25, quote_indent=4.0,
)  # fmt: skip
OAB = Format(
    key="oab", name="OAB", font="Calibri", substitutes=("Carlito",),
    size=12, quote_size=11, foot_size=10, title_size=14, heading_sizes=(14, 12, 12), line=1.5, quote_line=1.0,
    top=2.5, bottom=2.5, left=3.0, right=2.0, first_line=2.0, quote_indent=4.0, before=6, after=6,
    heading_capitals=True, heading_centred=True,
)  # fmt: skip
ABNT = Format(
    key="abnt", name="ABNT", font="Arial", substitutes=("Liberation Sans", "Arimo"),
    size=12, quote_size=10, foot_size=10, title_size=14, heading_sizes=(14, 13, 12), line=1.5, quote_line=1.0,
    top=3.0, bottom=2.0, left=3.0, right=2.0, first_line=1.25, quote_indent=4.0,
)  # fmt: skip

FORMATS = {one.key: one for one in (OFFICE, OAB, ABNT)}
DEFAULT = OFFICE
CHOICES = [(one.key, one.name) for one in FORMATS.values()]


def format_named(key: object) -> Format:
    """The format of that key; the office's own when there is none such."""
    return FORMATS.get(key, DEFAULT) if isinstance(key, str) else DEFAULT
