"""The files that a question may read, as its asker may see them at this moment. All of it is database work.

Nothing here is remembered from one look to the next but the files' short names (`a1`, `a2`): who has left a project
while her answer is written reads nothing more of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Func, IntegerField, Q, Sum, When

from accounts.models import User
from uploads.models import Upload, UploadPage

PASSAGE = 500  # characters of a page that are cited as one, at most
CUTS = [re.compile(r"\n\s*\n\s*"), re.compile(r"(?<=[.!?;:])\s+"), re.compile(r"\s*\n\s*"), re.compile(r"\s+")]
MOST_FILES = 500  # that one question reaches; the others of a larger project are said to be left out


@dataclass(frozen=True)
class Reader:
    """Who asks, and where: what may be read follows from it."""

    person: UUID
    conversation: UUID
    project: UUID | None = None
    named: tuple[UUID, ...] = ()  # the files of the question itself


@dataclass(frozen=True)
class File:
    """One file and how much of it there is."""

    id: UUID
    name: str
    status: str
    pages: int  # of the file, as far as is known
    known: int  # that were looked at
    empty: int  # of these, without text
    size: int  # bytes of text
    is_near: bool  # of the question or the conversation, and not only of the project
    is_arriving: bool = False

    @property
    def is_being_read(self) -> bool:
        unfinished = self.status in (Upload.Status.PENDING, Upload.Status.PROCESSING)
        return unfinished and not self.is_arriving

    @property
    def state(self) -> str:
        """Why there may not be more of it; see `conversations.reading.STATES`."""
        states = {Upload.Status.PENDING: "pending", Upload.Status.PROCESSING: "reading", Upload.Status.FAILED: "failed"}
        return states.get(Upload.Status(self.status), "")


class OctetLength(Func):
    function = "octet_length"
    output_field = IntegerField()  # type: ignore[assignment]


def uploads_of(reader: Reader) -> Any:
    """The one door, asked anew each time: what this person may see of what this question may read."""
    person = User.objects.filter(pk=reader.person, is_active=True).first()
    if person is None:
        return Upload.objects.none()
    wanted = Q(conversation=reader.conversation) | Q(pk__in=reader.named)
    if reader.project:
        wanted |= Q(project=reader.project)
    return Upload.objects.for_user(person).filter(wanted)


def files(reader: Reader) -> list[File]:
    """What there is, those of the question and the conversation first; oldest first. At most `MOST_FILES`."""
    near = When(Q(conversation=reader.conversation) | Q(pk__in=reader.named), then=0)
    found = uploads_of(reader).annotate(far=Case(near, default=1, output_field=IntegerField()))
    columns = ("id", "original_filename", "upload_status", "page_count", "far", "metadata")
    rows = list(found.order_by("far", "created_at", "id").values_list(*columns)[:MOST_FILES])
    pages = UploadPage.objects.filter(upload__in=[row[0] for row in rows]).order_by()
    counted = pages.values("upload").annotate(
        known=Count("pk"), empty=Count("pk", filter=Q(text="")), size=Sum(OctetLength(F("text")))
    )
    sizes = {row["upload"]: (row["known"], row["empty"], row["size"]) for row in counted}
    files = []
    for pk, name, status, page_count, far, metadata in rows:
        known, empty, size = sizes.get(pk, (0, 0, 0))
        total = max(page_count or 0, known)
        files.append(File(pk, name, status, total, known, empty, size, not far, "multipart" in metadata))
    return files


def texts(reader: Reader, upload: UUID, first: int, last: int) -> list[tuple[int, str]]:
    """Pages of one file with their numbers; none when the asker may not see it (any more)."""
    pages = UploadPage.objects.filter(upload__in=uploads_of(reader).filter(pk=upload), number__range=(first, last))
    return list(pages.order_by("number").values_list("number", "text"))


def whole(reader: Reader, wanted: Iterable[UUID]) -> dict[UUID, list[tuple[int, str]]]:
    """All pages of these files, of those that may be seen."""
    pages = UploadPage.objects.filter(upload__in=uploads_of(reader).filter(pk__in=list(wanted)))
    found: dict[UUID, list[tuple[int, str]]] = {}
    for upload, number, text in pages.order_by("upload", "number").values_list("upload_id", "number", "text"):
        found.setdefault(upload, []).append((number, text))
    return found


def pages_named(reader: Reader, wanted: Iterable[tuple[UUID, int]]) -> dict[tuple[UUID, int], str]:
    """The texts of these pages, of those that may be seen; two queries."""
    wanted = set(wanted)
    allowed = set(uploads_of(reader).filter(pk__in={upload for upload, _ in wanted}).values_list("pk", flat=True))
    numbers: dict[UUID, list[int]] = {}
    for upload, number in wanted:
        if upload in allowed:
            numbers.setdefault(upload, []).append(number)
    which = Q()
    for upload, these in numbers.items():
        which |= Q(upload=upload, number__in=these)
    if not which:
        return {}
    rows = UploadPage.objects.filter(which).values_list("upload_id", "number", "text")
    return {(upload, number): text for upload, number, text in rows}


def passages_of(text: str) -> list[str]:
    """The page in pieces of at most `PASSAGE` characters, cut at paragraphs, else sentences, lines, words.

    Put together they are the page again; each can be cited by itself. None of them is blank.
    """
    pieces: list[str] = []
    while len(text) > PASSAGE:
        cut = next((cut for pattern in CUTS if (cut := _last_cut(pattern, text[:PASSAGE]))), PASSAGE)
        pieces.append(text[:cut])
        text = text[cut:]
    pieces.append(text)
    return [piece for piece in pieces if piece.strip()]


def _last_cut(pattern: re.Pattern[str], text: str) -> int:
    """Where the last match in the second half ends; 0 without one."""
    ends = [found.end() for found in pattern.finditer(text) if found.end() > PASSAGE // 2 and found.start()]
    return ends[-1] if ends else 0


@dataclass
class Sent:
    """One page, or one precedent (page 0), as it was sent: what of it can be cited."""

    upload: UUID  # or the precedent's id
    name: str
    page: int
    passages: Sequence[str]


@dataclass
class Sources:
    """What was sent in this reply, so that a citation can be traced to its page; and the files' short names."""

    handles: dict[UUID, str] = field(default_factory=dict)
    documents: list[list[tuple[Sent, str]]] = field(default_factory=list)  # of each, its blocks; "" for a page's label
    results: dict[str, Sent] = field(default_factory=dict)  # by the source that stands in the block
    precedents: list[UUID] = field(default_factory=list)  # by the number in their short names (`p1`)

    def handle(self, upload: UUID) -> str:
        return self.handles.setdefault(upload, f"a{len(self.handles) + 1}")

    def document(self, file: File, pages: Sequence[tuple[int, str]]) -> dict[str, Any]:
        """A whole file as a block: each page begins with its number, which cannot be cited."""
        blocks: list[dict[str, Any]] = []
        known: list[tuple[Sent, str]] = []
        for number, text in pages:
            sent = Sent(file.id, file.name, number, passages_of(text))
            known.append((sent, ""))
            known += [(sent, passage) for passage in sent.passages]
            label = label_of(number) if sent.passages else f"{label_of(number)} (página sem texto)"
            blocks += [_text(piece) for piece in (label, *sent.passages)]
        self.documents.append(known)
        source = {"type": "content", "content": blocks}
        return {"type": "document", "source": source, "title": file.name[:500], "citations": {"enabled": True}}

    def result(self, file: File, number: int, text: str) -> dict[str, Any]:
        """One page as a search result, by an opaque reference."""
        source = f"{self.handle(file.id)}/{number}"
        sent = self.results[source] = Sent(file.id, file.name, number, passages_of(text))
        return {
            "type": "search_result",
            "source": source,
            "title": f"{file.name[:450]}, p. {number}",
            "content": [_text(passage) for passage in sent.passages],
            "citations": {"enabled": True},
        }

    def precedent(self, pk: UUID, name: str, title: str, text: str) -> dict[str, Any]:
        """A precedent as a search result."""
        if pk not in self.precedents:
            self.precedents.append(pk)
        source = f"p{self.precedents.index(pk) + 1}"
        sent = Sent(pk, name, 0, passages_of(text))
        known = self.results.get(source)
        if known is None or len(known.passages) <= len(sent.passages):  # the beginning of the longer one is the same
            self.results[source] = sent
        content = [_text(passage) for passage in sent.passages]
        return {
            "type": "search_result", "source": source, "title": title[:500], "content": content,
            "citations": {"enabled": True},
        }  # fmt: skip

    def precedent_of(self, handle: str) -> UUID | None:
        """The precedent of this short name."""
        number = handle.strip().lower().removeprefix("p")
        place = int(number) if number.isdecimal() and len(number) < 6 else 0
        return self.precedents[place - 1] if 0 < place <= len(self.precedents) else None

    def located(self, citation: dict[str, Any]) -> tuple[Sent, str] | None:
        """The page that a citation of the API's is of, and the words that are quoted of it."""
        first, last = citation.get("start_block_index", 0), citation.get("end_block_index", 0)
        if citation.get("type") == "search_result_location":
            sent = self.results.get(citation.get("source", ""))
            blocks = [(sent, passage) for passage in sent.passages] if sent else []
        else:
            index = citation.get("document_index", -1)
            blocks = self.documents[index] if 0 <= index < len(self.documents) else []
        cited = [(sent, passage) for sent, passage in blocks[first:last] if passage]
        if not cited:
            return None
        sent = cited[0][0]
        quoted = str(citation.get("cited_text", "")).removeprefix(label_of(sent.page)).strip()
        if any(other.page != sent.page for other, _ in cited):  # over the page's end: what stands on the first one
            quoted = "".join(passage for other, passage in cited if other.page == sent.page).strip()
        return sent, quoted


def label_of(number: int) -> str:
    return f"[p. {number}]"


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}
