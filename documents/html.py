"""The stored form of a document: a small HTML, a block a line, with nothing in it that an export would not know.

Whatever comes (the editor, something pasted, a model's Markdown, a Word file) goes through `clean`; what cannot be
said in blocks keeps its words and loses its looks. Scripts, styles, images, links and fields leave no trace but text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from html.parser import HTMLParser
from typing import Any

import nh3

from documents.blocks import DEEPEST, HEADINGS, Block, Cell, Kind, Paragraph, Run, Table, merged

LARGEST = 6_000_000  # characters of HTML

HEADING_TAGS = {
    "h1": Kind.TITLE,
    "h2": Kind.PART,
    "h3": Kind.SECTION,
    "h4": Kind.TOPIC,
    "h5": Kind.TOPIC,
    "h6": Kind.TOPIC,
}
CLASSES = {"numerado": Kind.NUMBERED, "centro": Kind.CENTRE, "direita": Kind.RIGHT}
CLASS_OF = {kind: name for name, kind in CLASSES.items()}
TAG_OF = {Kind.TITLE: "h1", Kind.PART: "h2", Kind.SECTION: "h3", Kind.TOPIC: "h4"}
MARKERS = ("1", "a", "A", "i", "I")
MOST_SPAN = 1000

PARAGRAPHS = {"p", *HEADING_TAGS, "div", "pre", "address", "section", "article", "header", "footer", "figure",
              "figcaption", "dt", "dd", "dl", "main", "hr", "caption"}  # fmt: skip
INLINE = {"strong", "b", "em", "i", "u", "sub", "sup", "br", "ins"}
STRUCTURE = {"ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tfoot", "tr", "td", "th"}
_cleaner = nh3.Cleaner(
    tags=PARAGRAPHS | INLINE | STRUCTURE,
    clean_content_tags={"script", "style", "title", "template", "iframe", "object", "noscript", "svg", "math"},
    attributes={"p": {"class"}, "ol": {"type", "start"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}},
    strip_comments=True,
    link_rel=None,
    url_schemes=set(),
)
# What XML cannot hold (https://www.w3.org/TR/xml/#charsets), and so no Word file.
UNSAYABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Of a source that is broken into lines; other spaces are kept. Looked for once a run: a million spaces are no work.
SPACE = re.compile(r"(?<![ \t\r\f])[ \t\r\f]*[\n\r\t\f][ \n\r\t\f]*")
BLANK = re.compile(r"[ \t\r\n\f]*")


class TooLarge(Exception):
    """More than `LARGEST` characters."""


def clean(html: str) -> str:
    """Any HTML as the stored form. Cleaning twice changes nothing. Raises `TooLarge`."""
    if len(html) > LARGEST:
        raise TooLarge
    return write(parse(_cleaner.clean(UNSAYABLE.sub("", html))))


# Reading -----------------------------------------------------------------------------------------


def parse(html: str) -> list[Block]:
    """The blocks of the stored form, or of HTML whose tags have been cleaned."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.finished()


class _List:
    """A list that is open: how its items are counted, and whether the next one is its first."""

    def __init__(self, marker: str, start: int) -> None:
        self.marker, self.start = marker, start
        self.is_new, self.in_item = True, False


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self.runs: list[Run] = []
        self.looks: list[str] = []  # inline tags that are open
        self.kind: Kind | None = None  # of the paragraph that is open; None between paragraphs
        self.quotes = 0
        self.lists: list[_List] = []
        self.tables: list[_Table] = []

    # Tags

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "br":
            self.runs.append(self._run("\n"))
        elif tag in INLINE:
            self.looks.append(tag)
        else:
            self._end_paragraph(explicit=False)
            self._begin(tag, given)

    def _begin(self, tag: str, given: dict[str, str | None]) -> None:
        if tag in HEADING_TAGS:
            self.kind = HEADING_TAGS[tag]
        elif tag == "p":
            self.kind = next(
                (CLASSES[name] for name in (given.get("class") or "").split() if name in CLASSES), Kind.TEXT
            )
        elif tag == "blockquote":
            self.quotes += 1
        elif tag in ("ul", "ol"):
            if self.lists and not self.lists[-1].in_item:
                self._add(Kind.ITEM, ())  # the item that holds nothing but this list
            marker = "" if tag == "ul" else next((m for m in MARKERS if m == given.get("type")), "1")
            self.lists.append(_List(marker, _number(given.get("start"), 1, 0, 1_000_000)))
        elif tag == "li" and self.lists:
            self.lists[-1].in_item = False
        elif tag == "table":
            self.tables.append(_Table())
        elif tag == "tr" and self.tables:
            self.tables[-1].begin_row()
        elif tag in ("td", "th") and self.tables:
            spans = [_number(given.get(name), 1, 1, MOST_SPAN) for name in ("colspan", "rowspan")]
            self.tables[-1].begin_cell(tag == "th", spans[0], spans[1], self.lists)
            self.lists = []

    def handle_endtag(self, tag: str) -> None:
        if tag in INLINE:
            if tag in self.looks:
                del self.looks[len(self.looks) - 1 - self.looks[::-1].index(tag)]
            return
        self._end_paragraph(explicit=tag in HEADING_TAGS or tag == "p")
        if tag == "blockquote":
            self.quotes = max(0, self.quotes - 1)
        elif tag in ("ul", "ol") and self.lists:
            self.lists.pop()
        elif tag == "li" and self.lists:
            if not self.lists[-1].in_item:
                self._add(Kind.ITEM, ())  # an empty item is one nevertheless: those after it count on
            self.lists[-1].in_item = False
        elif tag in ("td", "th") and self.tables:
            self.lists = self.tables[-1].end_cell()
        elif tag == "table" and self.tables:
            self._end_table()

    def handle_data(self, data: str) -> None:
        text = SPACE.sub(" ", data)
        if self.kind is None and not self.runs and BLANK.fullmatch(text):
            return
        self.runs.append(self._run(text))

    # Paragraphs

    def _run(self, text: str) -> Run:
        looks = set(self.looks)
        script = "sub" if "sub" in looks else "sup" if "sup" in looks else ""
        return Run(text, bool(looks & {"strong", "b"}), bool(looks & {"em", "i"}), bool(looks & {"u", "ins"}), script)

    def _end_paragraph(self, *, explicit: bool) -> None:
        """`explicit`: with an end tag of its own, so that it is one even when it is empty."""
        runs, kind = merged(self.runs), self.kind
        self.runs, self.kind = [], None
        if kind is None and ((not explicit and not runs) or all(BLANK.fullmatch(run.text) for run in runs)):
            return
        if not explicit and not runs:
            return
        self._add(kind or Kind.TEXT, runs)

    def _add(self, kind: Kind, runs: tuple[Run, ...]) -> None:
        if self.lists:
            paragraph = self._item(runs)
        elif self.quotes and kind in (Kind.TEXT, Kind.NUMBERED, Kind.CENTRE, Kind.RIGHT):
            paragraph = Paragraph(Kind.QUOTE, runs)
        else:
            paragraph = Paragraph(kind, runs)
        if self.tables:
            self.tables[-1].add(paragraph)
        else:
            self.blocks.append(paragraph)

    def _item(self, runs: tuple[Run, ...]) -> Paragraph:
        level, now = min(len(self.lists), DEEPEST) - 1, self.lists[-1]
        if now.in_item:
            return Paragraph(Kind.ITEM, runs, level, now.marker, None, is_continued=True)
        start = now.start if now.is_new else None
        now.is_new, now.in_item = False, True
        return Paragraph(Kind.ITEM, runs, level, now.marker, start)

    # Tables

    def _end_table(self) -> None:
        ended = self.tables.pop()
        self.lists = ended.lists_before(self.lists)
        rows = ended.finished()
        if not rows:
            return
        if self.tables:  # a table within a cell: its words stay, in that cell
            for row in rows:
                for cell in row:
                    for paragraph in cell.paragraphs:
                        self.tables[-1].add(paragraph)
        else:
            self.blocks.append(Table(rows))

    def finished(self) -> list[Block]:
        self._end_paragraph(explicit=False)
        while self.tables:
            self._end_table()
        return self.blocks


class _Table:
    def __init__(self) -> None:
        self.rows: list[list[Cell]] = []
        self.paragraphs: list[Paragraph] | None = None  # of the cell that is open
        self.head, self.spans, self.outer = False, (1, 1), list[_List]()

    def begin_row(self) -> None:
        self._close()
        self.rows.append([])

    def begin_cell(self, is_head: bool, colspan: int, rowspan: int, lists: list[_List]) -> None:
        self._close()
        self.paragraphs, self.head, self.spans, self.outer = [], is_head, (colspan, rowspan), lists

    def end_cell(self) -> list[_List]:
        """Closes the cell; the lists that were open around the table."""
        self._close()
        return self.outer

    def lists_before(self, lists: list[_List]) -> list[_List]:
        if self.paragraphs is None:
            return lists
        self._close()
        return self.outer

    def add(self, paragraph: Paragraph) -> None:
        """Words between cells get a row of their own rather than being lost."""
        if self.paragraphs is None:
            self.rows.append([Cell((_in_cell(paragraph),))])
        else:
            self.paragraphs.append(_in_cell(paragraph))

    def _close(self) -> None:
        if self.paragraphs is None:
            return
        if not self.rows:
            self.rows.append([])
        paragraphs = tuple(self.paragraphs) or (Paragraph(Kind.TEXT),)
        self.rows[-1].append(Cell(paragraphs, self.head, *self.spans))
        self.paragraphs = None

    def finished(self) -> tuple[tuple[Cell, ...], ...]:
        self._close()
        return tuple(tuple(row) for row in self.rows if row)


def settled(blocks: Sequence[Block]) -> list[Block]:
    """The same blocks, their lists such as HTML can say: no level is skipped, a list is counted in one way."""
    done: list[Block] = []
    markers: list[str] = []  # of the lists that are open
    for block in blocks:
        if isinstance(block, Table):
            cells = (tuple(map(_settled_cell, row)) for row in block.rows)
            done.append(Table(tuple(cells)))
        elif block.kind == Kind.ITEM:
            done.append(_settled(block, markers))
            continue
        else:
            done.append(block)
        markers.clear()
    return done


def _settled_cell(cell: Cell) -> Cell:
    inner: Any = settled(cell.paragraphs)
    return replace(cell, paragraphs=tuple(inner))


def _settled(item: Paragraph, markers: list[str]) -> Paragraph:
    level = min(item.level, len(markers))
    if level == len(markers) or item.start is not None:  # a list begins
        markers[level:] = [item.marker]
        start = 1 if item.start is None else item.start
        return replace(item, level=level, start=start if item.marker else 1, is_continued=False)
    del markers[level + 1 :]
    return replace(item, level=level, marker=markers[level])


def _in_cell(paragraph: Paragraph) -> Paragraph:
    return paragraph if paragraph.kind == Kind.ITEM else Paragraph(Kind.TEXT, paragraph.runs)


def _number(given: str | None, fallback: int, least: int, most: int) -> int:
    return (
        min(max(int(given), least), most)
        if given and given.isascii() and given.isdigit() and len(given) < 9
        else fallback
    )


# Writing -----------------------------------------------------------------------------------------


def write(blocks: Sequence[Block]) -> str:
    """The stored form: each block, and each whole list, on a line of its own."""
    return "\n".join(_lines(settled(blocks)))


def _lines(blocks: Sequence[Block]) -> Iterator[str]:
    place = 0
    while place < len(blocks):
        block, after = blocks[place], place + 1
        if isinstance(block, Table):
            yield _table(block)
        elif block.kind in (Kind.ITEM, Kind.QUOTE):
            while after < len(blocks) and _goes_on(block, blocks[after]):
                after += 1
            together: Any = blocks[place:after]
            yield _list(together) if block.kind == Kind.ITEM else _quote(together)
        else:
            yield _paragraph(block)
        place = after


def _goes_on(first: Paragraph, block: Block) -> bool:
    """Whether the block is still in the list, or the quotation, that `first` began."""
    if not isinstance(block, Paragraph) or block.kind != first.kind:
        return False
    return block.kind == Kind.QUOTE or block.level > first.level or block.start is None


def _paragraph(paragraph: Paragraph) -> str:
    tag, name = TAG_OF.get(paragraph.kind, "p"), CLASS_OF.get(paragraph.kind)
    return f"<{tag}{f' class={chr(34)}{name}{chr(34)}' if name else ''}>{_inline(paragraph.runs)}</{tag}>"


def _quote(paragraphs: Sequence[Paragraph]) -> str:
    return f"<blockquote>{''.join(f'<p>{_inline(one.runs)}</p>' for one in paragraphs)}</blockquote>"


def _list(items: Sequence[Paragraph]) -> str:
    made, tags = list[str](), list[str]()
    for item in items:
        while len(tags) > item.level + 1 or (len(tags) == item.level + 1 and item.start is not None):
            made.append(f"</li></{tags.pop()}>")
        if len(tags) == item.level + 1:
            made.append("" if item.is_continued else "</li><li>")
        else:
            made.append(_list_tag(item) + "<li>")
            tags.append("ol" if item.marker else "ul")
        made.append(f"<p>{_inline(item.runs)}</p>")
    made += [f"</li></{tag}>" for tag in reversed(tags)]
    return "".join(made)


def _list_tag(item: Paragraph) -> str:
    if not item.marker:
        return "<ul>"
    kind = f' type="{item.marker}"' if item.marker != "1" else ""
    start = f' start="{item.start}"' if item.start not in (None, 1) else ""
    return f"<ol{kind}{start}>"


def _table(table: Table) -> str:
    return f"<table><tbody>{''.join(map(_row, table.rows))}</tbody></table>"


def _row(row: Sequence[Cell]) -> str:
    return f"<tr>{''.join(map(_cell, row))}</tr>"


def _cell(cell: Cell) -> str:
    tag = "th" if cell.is_head else "td"
    spans = "".join(
        f' {name}="{span}"' for name, span in (("colspan", cell.colspan), ("rowspan", cell.rowspan)) if span > 1
    )
    return f"<{tag}{spans}>{''.join(_lines(cell.paragraphs))}</{tag}>"


def _inline(runs: Sequence[Run]) -> str:
    return "".join(map(_run_html, runs))


def _run_html(run: Run) -> str:
    text = escape(run.text, quote=False).replace("\n", "<br>")
    for tag in (run.script, "u" if run.underline else "", "em" if run.italic else "", "strong" if run.bold else ""):
        if tag:
            text = f"<{tag}>{text}</{tag}>"
    return text


def is_heading(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.kind in HEADINGS
