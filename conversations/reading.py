"""What a reply has read, and where its statements stand: kept in its metadata, shown in and under its text.

The text itself holds no marks: it is word for word what the model wrote. A note belongs to a place in it, by its
number of characters. See docs/decisions/0009-notes-by-place.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from urllib.parse import quote as url_quoted
from uuid import UUID

from romagent.base.markdown import Note, marked
from uploads.passages import shortened

KEY = "reading"  # in a message's metadata
MOST_NOTES = 300
MOST_STEPS = 100
NOT_FOUND = "não encontrada na página"
AFTER = re.compile(r"[\s|]*\Z")  # behind which a note would stand on a line, or in a table's cell, of its own


@dataclass
class Citation:
    """A passage that the reply rests on. `found`: whether it is word for word there, once that was looked at."""

    number: int
    file: str  # the upload's id, or a precedent's
    name: str
    page: int  # 0: it is a precedent
    quote: str
    found: bool | None = None

    @property
    def href(self) -> str:
        if not self.page:
            return f"/jurisprudencia/{self.file}/"
        return f"/arquivos/{self.file}/paginas/{self.page}/?trecho={url_quoted(self.quote, safe='')}"

    @property
    def where(self) -> str:
        return f"{self.name}, página {self.page}" if self.page else self.name

    @property
    def label(self) -> str:
        words = f"Nota {self.number}: {self.where}"
        return f"{words}, {NOT_FOUND}" if self.found is False else words


@dataclass
class Covered:
    """How much of one file was sent to the model."""

    file: str
    name: str
    total: int  # pages, as far as is known
    read: list[int] = field(default_factory=list)
    empty: int = 0  # of these, without text
    cut: list[int] = field(default_factory=list)  # of these, only in part
    state: str = ""  # why there is not more: "reading", "failed", "pending"

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Self:
        return cls(**{**kept, "read": pages_of(kept["read"]), "cut": pages_of(kept["cut"])})


@dataclass
class Reading:
    """Everything that is kept of the reading for one reply."""

    citations: list[Citation] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)  # (characters before it, number of the citation)
    unfound: list[int] = field(default_factory=list)  # where a quotation ends that is not where it is said to be
    steps: list[str] = field(default_factory=list)
    files: list[Covered] = field(default_factory=list)
    unread: int = 0  # files that could have been read and were not
    limits: list[str] = field(default_factory=list)
    again: list[str] = field(default_factory=list)  # steps of a writer before this one, who may do them once more

    @classmethod
    def of(cls, metadata: dict[str, Any]) -> Self:
        kept = metadata.get(KEY) or {}
        return cls(
            citations=[Citation(**one) for one in kept.get("citations", [])],
            places=[(at, number) for at, number in kept.get("places", [])],
            unfound=list(kept.get("unfound", [])),
            steps=list(kept.get("steps", [])),
            files=[Covered.of(one) for one in kept.get("files", [])],
            unread=kept.get("unread", 0),
            limits=list(kept.get("limits", [])),
            again=list(kept.get("steps", [])),
        )

    def kept(self) -> dict[str, Any]:
        """For the message's metadata; pages as ranges."""
        found = asdict(self)
        del found["again"]
        for one in found["files"]:
            one["read"], one["cut"] = ranges_of(one["read"]), ranges_of(one["cut"])
        return {name: value for name, value in found.items() if value}

    def __bool__(self) -> bool:
        return bool(self.citations or self.steps or self.files or self.limits or self.unread)

    # While it is written ------------------------------------------------------------------------

    def cite(self, file: UUID, name: str, page: int, quote: str) -> Citation | None:
        """The citation of this passage, the same one when it was cited before; None when there are too many."""
        quote = shortened(quote.strip())
        for known in self.citations:
            if (known.file, known.page, known.quote) == (str(file), page, quote):
                return known
        if len(self.citations) >= MOST_NOTES or not quote:
            return None
        citation = Citation(len(self.citations) + 1, str(file), name, page, quote)
        self.citations.append(citation)
        return citation

    def step(self, words: str) -> None:
        """What is done; said once, when it is done again because who did it first died or had to leave."""
        if words in self.again:
            self.again.remove(words)
        elif len(self.steps) < MOST_STEPS:
            self.steps.append(words)

    def limit(self, words: str) -> None:
        if words not in self.limits:
            self.limits.append(words)

    def covered(self, file: UUID, name: str, total: int) -> Covered:
        """The file's entry, with what is known of it now."""
        for known in self.files:
            if known.file == str(file):
                known.total = max(total, known.total)
                return known
        self.files.append(Covered(str(file), name, total))
        return self.files[-1]

    # When it is shown ---------------------------------------------------------------------------

    @property
    def notes(self) -> dict[str, Note]:
        """What stands in the text, by name, for `romagent.base.markdown`."""
        notes = {str(one.number): note_of(one) for one in self.citations}
        return notes | ({"x": Note(NOT_FOUND, kind="not-found")} if self.unfound else {})

    @property
    def marks(self) -> list[tuple[int, int | str]]:
        """Where they stand, by name."""
        return [*self.places, *((at, "x") for at in self.unfound)]

    def marked(self, text: str) -> str:
        """The text with its notes' marks in it, to be rendered."""
        return marked(text, self.marks)

    def with_footnotes(self, text: str, prefix: str) -> str:
        """The text with its notes as Markdown's footnotes, and the list of them: for an export."""
        if not self:
            return text
        parts, last = [], 0
        for at, number in sorted(self.places):
            parts += [text[last:at], f"[^{prefix}{number}]"]
            last = at
        lines = ["".join([*parts, text[last:]]).rstrip()]
        lines += [f"[^{prefix}{one.number}]: {in_one_line(one)}" for one in self.citations]
        if self.coverage:
            lines.append(f"*Lido: {self.coverage}.*")
        return "\n\n".join([*lines, *(f"*{limit}*" for limit in self.limits)])

    @property
    def coverage(self) -> str:
        """`laudo.pdf: páginas 1–40 de 40; autos.pdf: 37 de 812 páginas`."""
        parts = [in_words(one) for one in self.files]
        if self.unread == 1:
            parts.append("1 outro arquivo não foi lido")
        elif self.unread:
            parts.append(f"{self.unread} outros arquivos não foram lidos")
        return "; ".join(parts)


def note_of(citation: Citation) -> Note:
    kind = "note-ref" if citation.found is not False else "note-ref note-doubt"
    return Note(f"[{citation.number}]", citation.href, citation.label, kind)


def end_of(text: str) -> int:
    """Where a note for what was written last belongs: before the white space or the cell's border at the end."""
    tail = AFTER.search(text[-200:])
    return len(text) - (len(tail[0]) if tail else 0)


def in_one_line(citation: Citation) -> str:
    doubt = f" ({NOT_FOUND})" if citation.found is False else ""
    place = f"{citation.name}, p. {citation.page}" if citation.page else citation.name
    return f"{place}: “{' '.join(citation.quote.split())}”{doubt}"


STATES = {
    "reading": "o restante ainda estava sendo lido",
    "pending": "ainda esperava para ser lido",
    "failed": "não pôde ser lido",
}


def in_words(one: Covered) -> str:
    """What was read of one file."""
    total, pages = thousands(one.total), "página" if one.total == 1 else "páginas"
    found = ranges_of(one.read)
    if not found:
        words = f"nenhuma de {total} {pages}" if one.total else "nada"
    elif len(found) == 1 and found[0][0] == found[0][1]:
        words = f"página {thousands(found[0][0])} de {total}"
    elif len(found) == 1:
        words = f"páginas {thousands(found[0][0])}–{thousands(found[0][1])} de {total}"
    else:
        words = f"{thousands(len(set(one.read)))} de {total} páginas"
    remarks = ["1 página sem texto" if one.empty == 1 else f"{one.empty} páginas sem texto"] if one.empty else []
    remarks += [f"em parte: {', '.join(f'p. {page}' for page in one.cut[:10])}"] if one.cut else []
    remarks += [STATES[one.state]] if one.state in STATES else []
    return f"{one.name}: {words}" + (f" ({'; '.join(remarks)})" if remarks else "")


def thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def ranges_of(pages: Iterable[int]) -> list[list[int]]:
    """Pages as ranges from and to: [1, 2, 3, 7] is [[1, 3], [7, 7]]."""
    found: list[list[int]] = []
    for page in sorted(set(pages)):
        if found and page == found[-1][1] + 1:
            found[-1][1] = page
        else:
            found.append([page, page])
    return found


def pages_of(ranges: Sequence[Sequence[int]]) -> list[int]:
    return [page for first, last in ranges for page in range(first, last + 1)]
