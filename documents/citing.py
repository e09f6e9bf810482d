"""The authorities that a document relies on, each with what its check has found, and in which block it stands.

The text is checked as it was saved: the worker does it after each save (`CitationCheck`, shown beside the editor), the
page of checks and the export do it anew, since a table may have been renewed in between.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape, unescape
from typing import Any, Self

from django.db import transaction
from django.utils import timezone

from documents.blocks import Block, Kind, Paragraph
from documents.checking.paper import Finding, Level, words_of
from documents.html import parse
from documents.models import CitationCheck, Document
from jurisprudence.citations import kept
from jurisprudence.citations.judging import Verdict
from jurisprudence.citations.kept import Checked
from jurisprudence.citations.showing import chip_of, is_fault, is_open, is_unasked, label_of, summary, tone_of

MOST = 1_000  # of one document that are checked
READ = 1_000_000  # characters that are read, about 500 pages: more would keep others waiting
QUOTED = "> "  # what the recogniser knows a long quotation by


@dataclass(frozen=True)
class Placed:
    """A citation; `start` and `end` of `checked` are characters of the text of block number `block`, from 0."""

    block: int
    checked: Checked

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        return cls(said["block"], Checked.of({name: value for name, value in said.items() if name != "block"}))

    def kept(self) -> dict[str, Any]:
        return self.checked.kept() | {"block": self.block}


@dataclass(frozen=True)
class Cited:
    """What the text with the fingerprint `sha256` cites, in its order; of a very long one, of its beginning."""

    items: tuple[Placed, ...]
    sha256: str
    left_out: int = 0
    is_whole: bool = True

    def __bool__(self) -> bool:
        return bool(self.items)

    @property
    def numbered(self) -> list[tuple[int, Placed]]:
        return list(enumerate(self.items, 1))

    @property
    def faults(self) -> int:
        """How many cannot stay as they are."""
        return sum(is_fault(one.checked) for one in self.items)

    @property
    def unverified(self) -> int:
        """How many nobody may call confirmed: what the confirmation before an export counts."""
        return self.left_out + sum(is_open(one.checked) for one in self.items)

    @property
    def unasked(self) -> list[str]:
        """Case numbers that can be ones and that no court has answered for."""
        return list(dict.fromkeys(one.checked.text for one in self.items if is_unasked(one.checked)))

    @property
    def summary(self) -> str:
        return summary(one.checked for one in self.items)


def check(document: Document) -> Cited:
    """Checks the document as it is, by what is in our tables; no court is asked."""
    blocks = parse(document.content)
    pieces, starts, length = [], [], 0
    for block in blocks:
        piece = _readable(block)
        if length + len(piece) > READ:
            break
        starts.append(length)
        pieces.append(piece)
        length += len(piece) + 2
    found = kept.check("\n\n".join(pieces), most=MOST)
    placed = tuple(_placed(found.items, blocks, starts, [len(piece) for piece in pieces]))
    return Cited(placed, document.sha256, found.left_out, len(pieces) == len(blocks))


def _readable(block: Block) -> str:
    """A block's words; before a long quotation stands the mark by which the recogniser knows one."""
    text = words_of(block)
    is_quote = isinstance(block, Paragraph) and block.kind == Kind.QUOTE
    return QUOTED + text.replace("\n", " ") if is_quote else text


def _placed(
    items: Sequence[Checked], blocks: Sequence[Block], starts: Sequence[int], lengths: Sequence[int]
) -> Iterator[Placed]:
    """Each in the block in which it begins."""
    place = 0
    for one in items:
        while place + 1 < len(starts) and starts[place + 1] <= one.start:
            place += 1
        mark = lengths[place] - len(words_of(blocks[place]))
        first = starts[place] + mark
        yield Placed(
            place,
            replace(one, start=max(0, one.start - first), end=min(one.end, starts[place] + lengths[place]) - first),
        )


def findings(cited: Cited) -> Iterator[Finding]:
    """What of it asks for the writer; a case number that cannot be has a check of its own."""
    for _, one in cited.numbered:
        said = one.checked
        if said.kind == "processo" and said.verdict == Verdict.INVALID:
            continue
        if is_fault(said) or said.warning:
            level = Level.WRONG if said.verdict in (Verdict.INVALID, Verdict.DIVERGENT) else Level.LOOK
            yield Finding(level, f"“{said.text}”: {chip_of(said)}. {said.reason}", one.block)


# What is kept ------------------------------------------------------------------------------------


def keep(document: Document) -> Cited:
    """Checks it and keeps what was found, in the place of what was found before.

    Nothing is kept of a text that has been changed meanwhile: whoever changed it owes it a check of its own, which may
    have ended before this one.
    """
    cited = check(document)
    with transaction.atomic():
        same = Document.objects.select_for_update(no_key=True).filter(pk=document.pk, revision=document.revision)
        if same.values_list("pk").first() is None:
            return cited
        CitationCheck.objects.update_or_create(
            document=document,
            defaults={
                "sha256": cited.sha256, "version": kept.VERSION, "items": [one.kept() for one in cited.items],
                "left_out": cited.left_out, "is_whole": cited.is_whole, "checked_at": timezone.now(),
            },
        )  # fmt: skip
    return cited


def kept_of(document: Document) -> Cited | None:
    """What was found last, maybe in an earlier text (then `sha256` is another one); None before the first check."""
    row = CitationCheck.objects.filter(document=document, version=kept.VERSION).first()
    return Cited(tuple(map(Placed.of, row.items)), row.sha256, row.left_out, row.is_whole) if row else None


# In the stored form ------------------------------------------------------------------------------

TOKEN = re.compile(r"<[^>]*>|&(?:#\w+|\w+);|.", re.DOTALL)


def with_verdicts(html: str, text: str, items: Sequence[tuple[int, Checked]]) -> str:
    """A block's stored form with the verdict of each of its citations behind it, as a link to `#citacao-<number>`.

    The places are found by counting letters: blanks, line breaks and the borders of cells differ between the two.
    """
    waiting = [(_letters(text[: one.end]), number, one) for number, one in items]
    waiting.sort(key=lambda each: each[0])
    out, seen = [], 0
    for token in TOKEN.findall(html):
        out.append(token)
        if token.startswith("<"):
            continue
        seen += _letters(unescape(token))
        while waiting and waiting[0][0] <= seen:
            _, number, one = waiting.pop(0)
            out.append(_chip(number, one))
    return "".join(out)


def _letters(text: str) -> int:
    return len(text) - sum(map(str.isspace, text))


def _chip(number: int, one: Checked) -> str:
    return (
        f'<a class="verdict {tone_of(one)}" href="#citacao-{number}" aria-label="{escape(label_of(one))}">'
        f"{chip_of(one)}</a>"
    )
