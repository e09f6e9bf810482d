"""A document as plain text and as Markdown: the same words in the same order, with their numbers before them.

The Markdown is CommonMark (https://spec.commonmark.org/0.31.2/) with GitHub's tables; whatever reads it finds the words
of the document, whichever signs of Markdown they contain. What Markdown cannot say (underlining, raised figures, places
on the page) is left out; the words are not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from documents.blocks import Block, Items, Kind, Paragraph, Run, Table, cell_text, numbered
from documents.grid import grid

LEVELS = {Kind.TITLE: "#", Kind.PART: "##", Kind.SECTION: "###", Kind.TOPIC: "####"}
TEXT_INDENT = "    "  # of a quotation in plain text
EMPTY = "&nbsp;"  # an item with no words at all would not hold those of the next level
LINES = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")


# Plain text --------------------------------------------------------------------------------------


def text(blocks: Sequence[Block]) -> str:
    """UTF-8 to be, lines end with "\\n"; a blank line between paragraphs, none between items, a tab between cells."""
    made: list[str] = []
    before: Block | None = None
    for block, label in numbered(blocks):
        if made and not (_is_item(before) and _is_item(block)):
            made.append("")
        made += _table_lines(block) if isinstance(block, Table) else _text_lines(block, label)
        before = block
    return "\n".join(made) + "\n"


def _text_lines(paragraph: Paragraph, label: str) -> list[str]:
    first, rest = f"{label} " if label else "", ""
    if paragraph.kind == Kind.QUOTE:
        first = rest = TEXT_INDENT
    elif paragraph.kind == Kind.ITEM:
        rest = "  " * (paragraph.level + 1)
        first = "  " * paragraph.level + first if label else rest
    lines = LINES.split(paragraph.text)
    return [((rest if place else first) + line).rstrip() for place, line in enumerate(lines)]


def _table_lines(table: Table) -> list[str]:
    return ["\t".join(" ".join(LINES.sub(" ", cell_text(cell)).split()) for cell in row) for row in table.rows]


def _is_item(block: Block | None) -> bool:
    return isinstance(block, Paragraph) and block.kind == Kind.ITEM


# Markdown ----------------------------------------------------------------------------------------


def markdown(blocks: Sequence[Block]) -> str:
    """UTF-8 to be, lines end with "\\n"."""
    made: list[str] = []
    lists = _Lists()
    for block, label in numbered(blocks):
        if isinstance(block, Paragraph) and block.kind == Kind.ITEM:
            made += lists.item(block, label)
            continue
        lists = _Lists()
        said = list(_table(block)) if isinstance(block, Table) else _paragraph(block, label)
        if made and said and made[-2].startswith("> ") and said[0].startswith("> "):
            made[-1] = ">"  # it is one quotation
        if said:
            made += [*said, ""]
    return "\n".join(made).rstrip("\n") + "\n"


def _paragraph(paragraph: Paragraph, label: str) -> list[str]:
    if paragraph.kind in LEVELS:
        said = " ".join(f"{LEVELS[paragraph.kind]} {escaped(label)} {_inline(paragraph.runs, ' ')}".split())
        return [re.sub(r"(?<!#)(#+)$", r"\\\1", said) if not said.endswith("\\#") else said]
    lines = _lines(paragraph.runs, label)
    return [f"> {line}" for line in lines] if paragraph.kind == Kind.QUOTE and lines else lines


def _lines(runs: Sequence[Run], label: str = "") -> list[str]:
    """The lines of a paragraph: all but the last end with the sign that breaks a line."""
    said = _inline(([Run(f"{label} ")] if label else []) + list(runs), "\n")
    lines = [_begun(line.strip(" \t")) for line in said.strip("\n \t").split("\n")]
    return [] if lines == [""] else [line + ("\\" if place < len(lines) else "") for place, line in enumerate(lines, 1)]


# Lists


@dataclass
class _Lists:
    """The lists that are open: how far the words of each level are indented."""

    indents: list[int] = field(default_factory=list)
    before: list[str] = field(default_factory=list)  # the sort of list at each level

    def item(self, item: Paragraph, label: str) -> list[str]:
        level = min(item.level, len(self.indents))
        if item.is_continued and level < len(self.indents):
            return [*self._indented(_lines(item.runs) or [], self.indents[level]), ""]
        outer = self.indents[level - 1] if level else 0
        sign, words = (
            (f"{label} ", "") if item.marker == "1" and len(label) < 11 else ("- ", label if label != "•" else "")
        )
        made = []
        if len(self.before) > level and item.start is not None:
            made = [" " * outer + "<!-- -->", ""]  # or it would go on with the list before
        self.indents[level:], self.before[level:] = [outer + len(sign)], [sign]
        lines = self._indented(_lines(item.runs, words), self.indents[level]) or [EMPTY]
        return [*made, (" " * outer + sign + lines[0].lstrip(" ")).rstrip(" "), *lines[1:], ""]

    @staticmethod
    def _indented(lines: list[str], indent: int) -> list[str]:
        return [" " * indent + line for line in lines]


# Tables


def _table(table: Table) -> Iterator[str]:
    rows, width = grid(table)
    if not width:
        return
    said = []
    for row in rows:
        cells = [""] * width
        for slot in row:
            if slot.cell and slot.is_first:
                cells[slot.column] = _cell(slot.cell.paragraphs)
        said.append(cells)
    first = rows[0]
    if not all(slot.cell and slot.cell.is_head for slot in first):
        said.insert(0, [""] * width)
    said.insert(1, ["---"] * width)
    for cells in said:
        yield f"| {' | '.join(cells)} |"


def _cell(paragraphs: Sequence[Paragraph]) -> str:
    items = Items()
    said = []
    for one in paragraphs:
        label = items.label(one) if one.kind == Kind.ITEM else ""
        said.append(f"{escaped(label)} {_inline(one.runs, ' ')}")
    return " ".join(" ".join(said).split())


# Words

SIGNS = re.compile(r"[\\`*_\[\]<>|~]|&(?=[#a-zA-Z])")
BEGINNING = re.compile(r"([#+=:-]|\d{1,9}(?=[.)]))")


def escaped(text: str) -> str:
    return SIGNS.sub(r"\\\g<0>", text)


def _begun(line: str) -> str:
    """The line with nothing at its beginning that would make it a heading, a list or a rule."""
    found = BEGINNING.match(line)
    if not found:
        return line
    return line[: found.end()] + "\\" + line[found.end() :] if line[0].isdigit() else "\\" + line


def _inline(runs: Sequence[Run], line_end: str) -> str:
    """The runs, emphasised where Markdown takes the signs for that; wherever it might not, the words stand alone."""
    made: list[str] = []
    whole = "".join(run.text for run in runs)
    done, is_marked = 0, False
    for run in runs:
        before = len(run.text) - len(run.text.lstrip())
        core = run.text.strip()
        sign = ("**" if run.bold else "") + ("*" if run.italic else "")
        start = done + before
        if (
            sign
            and core
            and not LINES.search(core)
            and _flanks(whole, start, start + len(core), is_marked and not before)
        ):
            said = (
                run.text[:before] + "\0" + run.text[before : before + len(core)] + "\0" + run.text[before + len(core) :]
            )
            made.append(LINES.sub(line_end, escaped(said)).replace("\0", sign))
            is_marked = run.text.endswith(core)
        else:
            made.append(LINES.sub(line_end, escaped(run.text)))
            is_marked = is_marked and not run.text
        done += len(run.text)
    return "".join(made)


def _flanks(whole: str, start: int, end: int, touches: bool) -> bool:
    """Whether signs of emphasis around this part of the text are taken for such (CommonMark 6.2)."""
    outside = (whole[start - 1] if start else " ", whole[end] if end < len(whole) else " ")
    inside = (whole[start], whole[end - 1])
    return not touches and all(
        not _is_punctuation(near) or far.isspace() or _is_punctuation(far)
        for near, far in zip(inside, outside, strict=True)
    )


def _is_punctuation(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "PS"
