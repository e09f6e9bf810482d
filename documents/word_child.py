"""The child that reads a Word file as a document: `python -m documents.word_child`, asked and answering in JSON.

It takes every right away from itself that it does not need before it opens the file (`uploads/reading/child.py`), and
refuses what would unpack to too much. Nothing in here knows the database or Django.

Word makes the numbers of its lists and headings itself; they are put into the text as marks before mammoth reads it
and taken out again afterwards, so that "57." stays 57 although three quotations stand between it and 56.
"""

from __future__ import annotations

import io
import json
import os
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from documents.blocks import HEADINGS, Block, Heads, Kind, Paragraph, Run, Table, item_label
from documents.html import clean, parse, write
from uploads.reading.archive import Archive, local
from uploads.reading.child import confine
from uploads.reading.docx import part_kinds
from uploads.reading.found import Limits, Unreadable
from uploads.reading.numbering import Numbering, child
from uploads.reading.readers import Source

BEGIN, END = "\ue0f0", "\ue0f1"  # around a number in the text; of the private use area
MARK = re.compile(f"{BEGIN}([^{END}]*){END}")
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STYLES = "\n".join([
    "p[style-name='Title'] => h1:fresh",
    *(f"p[style-name='{name} {level}'] => h{min(level + 1, 4)}:fresh"
      for name in ("Heading", "Título", "Titulo") for level in range(1, 7)),
    *(f"p[style-name='{name}'] => blockquote > p:fresh"
      for name in ("Quote", "Intense Quote", "Citação", "Citação longa", "Citação Intensa", "Block Text")),
    "p[style-name='romagent centro'] => p.centro:fresh",
    "p[style-name='romagent direita'] => p.direita:fresh",
    "u => u",
])  # fmt: skip
# A number that stands in a heading's text; not the beginning of a longer one (1.1, 1.500), nor of a word (e-mail).
TYPED = re.compile(r"\s*([IVXLC]+|\d{1,3}|[a-z](?![-–—]\S))\s*[-–—.)](?!\d)\s*[-–—]?\s*(?=\S)")
LEVELS = re.compile(r"\s*\d+(\.\d+)+\b")  # 1.1, which we do not count
CLAUSE = re.compile(r"\s*(cláusula|capítulo|seção|artigo|art\.|§)", re.IGNORECASE)  # what bears a number of its own
COUNTED = ("a", "A", "i", "I")
MOST_GUESSED = 200
QUOTE_INDENT = 1_600  # twentieths of a point (2.8 cm): what begins so far in, on the whole paragraph, is a quotation


def main() -> None:
    asked = json.loads(sys.stdin.buffer.readline())
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # no library may speak into the answer
    import mammoth  # noqa: F401 -- before the rights are gone

    limits = Limits(**asked["limits"])
    confine(limits)
    said: dict[str, Any]
    try:
        said = converted(Source(asked["path"], limits=limits))
    except Unreadable as end:
        said = {"fail": end.code}
    except MemoryError:
        said = {"fail": "memory"}
    except Exception as error:  # a parser may raise anything; only the kind of error may be told, never contents
        said = {"fail": "damaged", "why": type(error).__name__}
    answer.write(json.dumps(said).encode() + b"\n")
    answer.flush()
    os._exit(0)


def converted(source: Source) -> dict[str, Any]:
    """The document as stored HTML, its title, and the codes of what could not be taken over."""
    import mammoth

    archive = Archive(source)
    kinds = part_kinds(archive)
    main = next((name for name, kind in kinds.items() if kind.endswith("main+xml")), "word/document.xml")
    body = archive.tree(main)
    if body is None:
        raise Unreadable("type")
    codes = left_behind(archive, kinds, body)
    trees = [
        archive.tree(next((name for name, kind in kinds.items() if kind.endswith(ending)), ""))
        for ending in ("numbering+xml", "styles+xml")
    ]
    mark_numbers(body, Numbering(*trees))
    html = mammoth.convert_to_html(
        repacked(archive, main, body), style_map=STYLES, include_embedded_style_map=False,
        transform_document=mammoth.transforms.paragraph(_placed), convert_image=lambda image: [],
    ).value  # fmt: skip
    if len(html) > source.limits.text_bytes:
        raise Unreadable("too_large")
    blocks = list(numbers_taken_out(parse(clean(html)), codes))
    title = next((block.text for block in blocks if isinstance(block, Paragraph) and block.kind == Kind.TITLE), "")
    return {"html": write(blocks), "title": title, "left": sorted(codes)}


def left_behind(archive: Archive, kinds: dict[str, str], body: Any) -> set[str]:
    """What is in the file and cannot come along, or comes along as something else: codes of `importing.LEFT`."""
    names = {local(element) for element in body.iter()}
    codes = {code for code, tags in SIGNS.items() if names & tags}
    for ending, code in (("header+xml", "headers"), ("footer+xml", "headers")):
        parts = [archive.tree(name) for name, kind in kinds.items() if kind.endswith(ending) and name in archive]
        if any("".join(tree.itertext()).strip() for tree in parts):
            codes.add(code)
    return codes


SIGNS = {
    "pictures": {"drawing", "pict", "object"},
    "changes": {"ins", "del", "moveTo", "moveFrom"},
    "comments": {"commentReference"},
    "notes": {"footnoteReference", "endnoteReference"},
    "formulas": {"oMath", "oMathPara"},
}


def mark_numbers(body: Any, numbering: Numbering) -> None:
    """Puts what Word shows before a paragraph at its beginning, between marks."""
    for paragraph in body.iter(f"{W}p"):
        properties = child(paragraph, "pPr")
        label = numbering.label(properties).strip()
        if not label or label == "•":
            continue
        run = paragraph.makeelement(f"{W}r", {})
        text = run.makeelement(f"{W}t", {})
        text.text = f"{BEGIN}{label}{END}"
        run.append(text)
        paragraph.insert(0 if properties is None else paragraph.index(properties) + 1, run)


def repacked(archive: Archive, main: str, body: Any) -> io.BytesIO:
    """The file with that body, without its pictures and whatever else is no markup."""
    from lxml import etree

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        for name in archive.parts:
            if name == main:
                made.writestr(name, etree.tostring(body))
            elif name.lower().endswith((".xml", ".rels")):
                tree = archive.tree(name)
                made.writestr(name, b"" if tree is None else etree.tostring(tree))
    packed.seek(0)
    return packed


def _placed(paragraph: Any) -> Any:
    """Where a paragraph stands, said as a style, since HTML is made of styles."""
    if paragraph.style_name and not paragraph.style_name.lower().startswith(("normal", "body text", "list paragraph")):
        return paragraph
    if paragraph.numbering:
        return paragraph
    if paragraph.alignment == "center":
        return paragraph.copy(style_name="romagent centro")
    if paragraph.alignment in {"right", "end"}:
        return paragraph.copy(style_name="romagent direita")
    start = str(paragraph.indent.start or "") if paragraph.indent else ""
    if start.isdigit() and int(start) >= QUOTE_INDENT:
        return paragraph.copy(style_name="Quote")
    return paragraph


# Numbers -----------------------------------------------------------------------------------------


def numbers_taken_out(blocks: list[Block], codes: set[str]) -> Iterator[Block]:
    """The blocks without the marks: where we count as Word does, the number is ours; elsewhere it becomes text."""
    found = [_without_mark(block) for block in blocks]
    heads = Heads()
    items: list[tuple[str, int]] = []  # how each level of the list is counted, and what it has counted to
    for block, label in found:
        if isinstance(block, Table):
            yield block
        elif block.kind in HEADINGS:
            heading = _heading(block, label, heads.label(block.kind), codes)
            if heading.kind in HEADINGS:
                heads.take(heading.kind)
            yield heading
        elif not label:
            if block.kind != Kind.ITEM:
                items.clear()
            yield block
        elif block.kind == Kind.ITEM:
            yield _item(block, label, items, codes)
        else:
            codes.add("numbers")
            yield replace(block, runs=(Run(f"{label} "), *block.runs))


def _heading(heading: Paragraph, label: str, counted: str, codes: set[str]) -> Paragraph:
    """With our number when it is Word's, or the one that was typed; one that bears another keeps it, as text."""
    typed = TYPED.match(heading.text)
    if not label and typed and _same(typed[1], counted):
        return replace(heading, runs=_without_first(heading.runs, typed.end()))
    bears_its_own = not _same(label, counted) if label else bool(typed or LEVELS.match(heading.text))
    if bears_its_own or CLAUSE.match(heading.text):
        codes.add("numbers")
        runs = (Run(f"{label} "), *heading.runs) if label else heading.runs
        return Paragraph(Kind.TEXT, tuple(replace(run, bold=True) for run in runs))
    if not label:
        codes.add("headings")
    return heading


def _without_first(runs: tuple[Run, ...], count: int) -> tuple[Run, ...]:
    left: list[Run] = []
    for run in runs:
        left.append(replace(run, text=run.text[count:]))
        count = max(0, count - len(run.text))
    return tuple(run for run in left if run.text)


def _item(item: Paragraph, label: str, items: list[tuple[str, int]], codes: set[str]) -> Paragraph:
    before = items[item.level] if item.level < len(items) else None
    read = item_marker(label, before)
    if read is None:  # "1.1.", "Cláusula 5ª": cited so, and not to be counted by us
        codes.add("numbers")
        items.clear()
        return Paragraph(Kind.TEXT, (Run(f"{label} "), *item.runs))
    marker, number = read
    goes_on = before == (marker, number - 1) and item.start is None
    items[item.level :] = [("", 0)] * (item.level - len(items)) + [read]
    return replace(item, marker=marker, start=None if goes_on else number)


def _same(label: str, counted: str) -> bool:
    bare = label.strip(" .)-–—").lower()
    return bare == counted.strip(" .)").lower()


def _without_mark(block: Block) -> tuple[Any, str]:
    if isinstance(block, Table):
        rows = tuple(
            tuple(replace(cell, paragraphs=tuple(_as_text(one) for one in cell.paragraphs)) for cell in row)
            for row in block.rows
        )
        return Table(rows), ""
    marked = MARK.search(block.text)
    return replace(block, runs=_bare(block.runs)), marked[1] if marked else ""


def _as_text(paragraph: Paragraph) -> Paragraph:
    """In a table a number is text, unless it is an item's."""
    if paragraph.kind == Kind.ITEM:
        return replace(paragraph, runs=_bare(paragraph.runs))
    return replace(paragraph, runs=tuple(replace(run, text=MARK.sub(r"\1 ", run.text)) for run in paragraph.runs))


def _bare(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    bare = (replace(run, text=MARK.sub("", run.text)) for run in runs)
    return tuple(run for run in bare if run.text)


def item_marker(label: str, before: tuple[str, int] | None = None) -> tuple[str, int] | None:
    """How an item that is shown with this label is counted, and which it is; None for what we do not write so.

    "c)" goes on after "b)" as a letter and after "xcix)" as a figure: `before` is the item that it follows.
    """
    bare = label.strip()
    if figures := re.fullmatch(r"(\d{1,6})[.)]?-?", bare):
        return "1", int(figures[1])
    sign = bare.rstrip(".)-")
    if not re.fullmatch(r"[A-Za-z]{1,8}", sign):
        return None
    if before and before[0] in COUNTED and item_label(before[0], before[1] + 1)[:-1] == sign:
        return before[0], before[1] + 1
    is_roman = sign in {"i", "I"} or len(sign) > 1
    for marker in ("i", "I", "a", "A") if is_roman else ("a", "A"):
        for number in range(1, MOST_GUESSED):
            if item_label(marker, number)[:-1] == sign:
                return marker, number
    return None


if __name__ == "__main__":
    main()
