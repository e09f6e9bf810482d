"""What the assistant has written, in Markdown, as a document's blocks.

Numbers are counted by the document, so those that were typed before headings go. What a statement rests on, a note
under a reply, stands in a document as words: "(laudo.pdf, p. 12)".
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from markdown_it import MarkdownIt
from markdown_it.token import Token

from conversations.reading import Citation, Reading
from documents.blocks import DEEPEST, Block, Cell, Kind, Paragraph, Run, Table, merged
from romagent.base.markdown import NOTE_LETTERS

TITLE, PART = 1, 2  # levels of Markdown's headings
KINDS = {PART: Kind.PART, 3: Kind.SECTION}
# Without a space after it only before a word with a capital: "e-mails", "8-A" and "10–15 de maio" have no number.
DASH = r"\s*(?:[-–—.)]\s+|[-–—](?=[A-ZÀ-Ý][A-Za-zÀ-ÿ]))"
# How courts are spoken of, which is no number either: "V. Exa.", "r. sentença".
TREATED = re.compile(
    r"V\.\s+(?:Ex|S\.?\s?ª|Sa\b|Senhoria)|[vr]\.\s+(?:ac[óo]rd|aresto|decis|despach|ju[íi]z|senten|voto)"
)
ROMAN = r"(?=[IVX])X{0,3}(?:IX|IV|V?I{0,3})"  # to XXXIX: no name is shortened to these, as to C. or L.
NUMBER = rf"(?:{ROMAN}|\d{{1,2}})"
TYPED = {
    Kind.PART: re.compile(rf"{NUMBER}{DASH}"),
    Kind.SECTION: re.compile(rf"(?:{NUMBER}(?:\.\d{{1,2}})*{DASH}|\d{{1,2}}(?:\.\d{{1,2}})+\s+)"),
    Kind.TOPIC: re.compile(rf"(?:(?:[a-z]|[ivx]+|\d{{1,2}})(?:\.\d{{1,2}})*{DASH}|\d{{1,2}}(?:\.\d{{1,2}})+\s+)"),
}
BOLD_PART = re.compile(rf"{ROMAN}\s*[-–—.]\s+\S")  # a heading that was typed as a bold line
LETTERED = re.compile(r"([a-z])\)\s+")
MARK = f"{{{NOTE_LETTERS[0]}([0-9a-z]{{1,8}}){NOTE_LETTERS[1]}}}"
MARKS = re.compile(rf"([.;:,]?)[ \t]*((?:{MARK}[ \t]*)+)([.;:,]?)")
ONE_MARK = re.compile(MARK)
TO_CHECK = "[●  conferir: trecho não encontrado na página]"


@functools.cache
def parser() -> MarkdownIt:
    options = {"html": False, "breaks": True, "linkify": False}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"])


def blocks_of(text: str, reading: Reading | None = None, *, has_title: bool = False) -> list[Block]:
    """The blocks of a reply, or of a part of one; `has_title`: one stands before them, and here is no other."""
    tokens = parser().parse(reading.marked(text) if reading else text)
    return _lettered(_Reader(tokens, reading, has_title).blocks)


class _Reader:
    def __init__(self, tokens: Sequence[Token], reading: Reading | None, has_title: bool) -> None:
        self.tokens, self.reading = tokens, reading
        self.blocks: list[Block] = []
        self.lists: list[tuple[str, int]] = []  # marker, and what the next item is given as its start
        self.is_item_new = False
        self.quotes = 0
        levels = [int(token.tag[1]) for token in tokens if token.type == "heading_open"]
        is_title = not has_title and bool(levels) and levels[0] == TITLE and levels.count(TITLE) == 1
        self.title_left = is_title
        # A reply whose parts are of the first level is one level off.
        self.shift = 1 if TITLE in levels and not is_title else 0
        self._read()

    def _read(self) -> None:
        place = 0
        while place < len(self.tokens):
            token = self.tokens[place]
            if token.type == "table_open":
                place = self._table(place)
            elif token.type == "inline":
                self._inline(token, self.tokens[place - 1])
            elif token.type in ("fence", "code_block"):
                self._add(Kind.TEXT, (Run(token.content.rstrip("\n")),))
            else:
                self._structure(token)
            place += 1

    def _structure(self, token: Token) -> None:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            is_ordered = token.type == "ordered_list_open"
            self.lists.append(("1" if is_ordered else "", int(token.attrGet("start") or 1) if is_ordered else 1))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self.lists.pop()
        elif token.type == "list_item_open":
            self.is_item_new = True
        elif token.type == "blockquote_open":
            self.quotes += 1
        elif token.type == "blockquote_close":
            self.quotes -= 1

    def _inline(self, token: Token, before: Token) -> None:
        runs = self._runs(token)
        if before.type == "heading_open":
            self._heading(int(before.tag[1]), runs)
        elif _is_bold_part(runs) and not self.lists and not self.quotes:
            self._heading(PART - self.shift, runs)
        else:
            self._add(Kind.TEXT, runs)

    def _heading(self, level: int, runs: tuple[Run, ...]) -> None:
        plain = merged([replace(run, bold=False, text=run.text.replace("\n", " ")) for run in runs])
        if level == TITLE and self.title_left:
            self.title_left = False
            self._add(Kind.TITLE, plain)
            return
        kind = KINDS.get(max(PART, level + self.shift), Kind.TOPIC)
        self._add(kind, _without(TYPED[kind], plain))

    def _add(self, kind: Kind, runs: tuple[Run, ...]) -> None:
        if self.lists:
            level = min(len(self.lists), DEEPEST) - 1
            marker, start = self.lists[-1]
            if self.is_item_new:
                self.blocks.append(Paragraph(Kind.ITEM, runs, level, marker, start or None))
                self.lists[-1] = (marker, 0)
                self.is_item_new = False
            else:
                self.blocks.append(Paragraph(Kind.ITEM, runs, level, marker, None, is_continued=True))
        elif self.quotes and kind == Kind.TEXT:
            self.blocks.append(Paragraph(Kind.QUOTE, runs))
        elif runs:
            self.blocks.append(Paragraph(kind, runs))

    def _table(self, place: int) -> int:
        """Reads the table that begins here; the place of its last token."""
        rows: list[list[Cell]] = []
        while self.tokens[place].type != "table_close":
            token = self.tokens[place]
            if token.type == "tr_open":
                rows.append([])
            elif token.type == "inline":
                is_head = self.tokens[place - 1].type == "th_open"
                rows[-1].append(Cell((Paragraph(Kind.TEXT, self._runs(token)),), is_head))
            place += 1
        self.blocks.append(Table(tuple(tuple(row) for row in rows if row)))
        return place

    # Runs

    def _runs(self, token: Token) -> tuple[Run, ...]:
        runs = merged(list(_plain_runs(token.children or [])))
        return merged([replace(run, text=self._noted(run.text)) for run in runs])

    def _noted(self, text: str) -> str:
        return MARKS.sub(self._in_words, text) if NOTE_LETTERS[0] in text else text

    def _in_words(self, found: re.Match[str]) -> str:
        """The notes that stand together as one pair of brackets, before the sign that ends the sentence."""
        names = ONE_MARK.findall(found[2])
        by_number = {str(one.number): one for one in self.reading.citations} if self.reading else {}
        cited = [by_number[name] for name in dict.fromkeys(names) if name in by_number]
        is_doubtful = "x" in names or any(one.found is False for one in cited)
        words = f" ({'; '.join(_sources(cited))})" if cited else ""
        gap = " " if found[2][-1:] in " \t" and not found[4] else ""
        return f"{words}{' ' + TO_CHECK if is_doubtful else ''}{found[1] or found[4]}{gap}"


def _sources(cited: Sequence[Citation]) -> Iterator[str]:
    """Each file once, with its pages."""
    pages: dict[str, list[int]] = {}
    for one in cited:
        known = pages.setdefault(one.name, [])
        if one.page and one.page not in known:  # a precedent has none
            known.append(one.page)
    for name, numbers in pages.items():
        yield f"{name}, p. {', '.join(map(str, numbers))}" if numbers else name


def _plain_runs(children: Sequence[Token]) -> Iterator[Run]:
    bold = italic = 0
    for child in children:
        if child.type in ("strong_open", "strong_close"):
            bold += child.nesting
        elif child.type in ("em_open", "em_close"):
            italic += child.nesting
        elif child.type in ("softbreak", "hardbreak"):
            yield Run("\n", bool(bold), bool(italic))
        elif child.type in ("text", "code_inline", "image") and child.content:  # of an image its description
            yield Run(child.content, bool(bold), bool(italic))


def _is_bold_part(runs: Sequence[Run]) -> bool:
    text = "".join(run.text for run in runs)
    is_line = bool(runs) and all(run.bold for run in runs) and "\n" not in text
    return is_line and bool(BOLD_PART.match(text)) and not TREATED.match(text)


def _without(typed: re.Pattern[str], runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """A heading without its typed number; one that is nothing else keeps it."""
    if not runs or TREATED.match(runs[0].text):
        return runs
    found = typed.match(runs[0].text)
    rest = runs[0].text[found.end() :] if found else ""
    if found is None or not (rest.strip() or len(runs) > 1):
        return runs
    return merged([replace(runs[0], text=rest), *runs[1:]])


# Lists by letters, which Markdown does not know ----------------------------------------------------


def _lettered(blocks: Sequence[Block]) -> list[Block]:
    """Paragraphs whose lines begin "a) …", "b) …" as items; all others as they are."""
    made: list[Block] = []
    letter = ""  # of the item before
    for block in blocks:
        lines = _lines(block.runs) if isinstance(block, Paragraph) and block.kind == Kind.TEXT else []
        starts = [LETTERED.match(line[0].text) for line in lines if line]
        if len(starts) < len(lines) or not all(starts) or not lines:
            made.append(block)
            letter = ""
            continue
        for line, start in zip(lines, starts, strict=True):
            assert start is not None  # all of them match
            goes_on = bool(letter) and ord(start[1]) == ord(letter) + 1
            runs = merged([replace(line[0], text=line[0].text[start.end() :]), *line[1:]])
            made.append(Paragraph(Kind.ITEM, runs, 0, "a", None if goes_on else ord(start[1]) - ord("a") + 1))
            letter = start[1]
    return made


def _lines(runs: Sequence[Run]) -> list[list[Run]]:
    lines: list[list[Run]] = [[]]
    for run in runs:
        for place, text in enumerate(run.text.split("\n")):
            if place:
                lines.append([])
            if text:
                lines[-1].append(replace(run, text=text))
    return lines
