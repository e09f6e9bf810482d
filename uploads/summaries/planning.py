"""Which pages a summary reads, packed into parts that a call can hold, and what that may cost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, Func, IntegerField, Q, QuerySet, Sum, Value, When
from django.utils import timezone

from audit.catalogue import price_in_force
from audit.models import Usage
from uploads.models import Upload, UploadPage
from uploads.summaries.models import Summary

# A part's request stays below this: the cheapest models cost several times more above 100,000 tokens, and what is in
# the middle of a very long request is read less well.
PART_TOKENS = 90_000
BYTES_PER_TOKEN = 2.6  # of Portuguese text, about; each part is counted exactly before it is sent
PART_BYTES = int(PART_TOKENS * BYTES_PER_TOKEN * 0.9)
PAGE_MARK_BYTES = 60  # what stands around a page's text
PROMPT_TOKENS = 1_500  # instructions and schema
ANSWER_TOKENS = 8_000  # of one part, thinking included: generous
MERGE_TOKENS = 2_500  # lines in, order out, for one section
CONFIRM_PAGES = 100  # more than these are read only after the cost was shown
READABLE = (Upload.Status.READY, Upload.Status.FAILED)  # what was read of a file that failed half-way stays usable


class Bytes(Func):
    """The length of a text in bytes, without reading the text."""

    function = "octet_length"
    output_field = IntegerField()


class Characters(Func):
    function = "char_length"
    output_field = IntegerField()


@dataclass(frozen=True)
class Stretch:
    """Pages of one file, or some characters of a single one."""

    upload: str
    first: int
    last: int
    span: tuple[int, int] | None = None

    def as_json(self) -> dict[str, Any]:
        pages = {"upload": self.upload, "first": self.first, "last": self.last}
        return pages | ({"from": self.span[0], "to": self.span[1]} if self.span else {})

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Stretch:
        span = (kept["from"], kept["to"]) if "from" in kept else None
        return cls(kept["upload"], kept["first"], kept["last"], span)


@dataclass
class File:
    """One file of a summary, as it was when the summary was begun; ranges of pages are pairs."""

    upload: str
    pages: int
    as_of: list[str]
    empty: list[list[int]] = field(default_factory=list)  # without text
    partial: list[list[int]] = field(default_factory=list)  # with text, but not all of it
    unread: list[list[int]] = field(default_factory=list)  # nobody has looked at them


def ranges(numbers: Iterable[int]) -> list[list[int]]:
    """1, 2, 3, 7 → [[1, 3], [7, 7]]; the numbers come in order."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return found


# What there is -----------------------------------------------------------------------------------


def uploads_of(summary: Summary) -> QuerySet[Upload]:
    """The files a summary is about, in the order in which they came."""
    return uploads_in(upload=summary.upload_id, project=summary.project_id)


def uploads_in(*, upload: UUID | None, project: UUID | None) -> QuerySet[Upload]:
    found = Upload.objects.filter(deleted_at=None)
    found = found.filter(pk=upload) if upload else found.filter(project=project)
    return found.order_by("created_at", "pk")  # type: ignore[no-any-return]


def as_of(upload: Upload) -> list[str]:
    """What changes when a file is read again or its images are transcribed."""
    return [upload.processed_at.isoformat() if upload.processed_at else "", upload.transcription]


@dataclass(frozen=True)
class Material:
    """What could be summarised now: files and pages with text, and how much it is."""

    files: int
    waiting: int  # files that are still to be read
    pages: int
    bytes: int

    @property
    def parts(self) -> int:
        return max(1, -(-self.bytes // PART_BYTES)) if self.pages else 0


def material(*, upload: UUID | None = None, project: UUID | None = None) -> Material:
    """Two queries; no text leaves the database."""
    found = uploads_in(upload=upload, project=project)
    is_readable = Q(upload_status__in=READABLE)
    counts = found.order_by().aggregate(files=Count("pk", filter=is_readable), waiting=Count("pk", filter=~is_readable))
    readable = found.order_by().filter(is_readable).values("pk")
    pages = UploadPage.objects.filter(upload__in=readable).exclude(text="")
    sums = pages.aggregate(pages=Count("pk"), bytes=Sum(Bytes("text")))
    size = (sums["bytes"] or 0) + (sums["pages"] or 0) * PAGE_MARK_BYTES
    return Material(counts["files"], counts["waiting"], sums["pages"] or 0, size)


def estimate(found: Material, model: str) -> Decimal | None:
    """About what a summary of that much costs in US dollars; None when the model's price is not known."""
    parts = found.parts
    tokens = int(found.bytes / BYTES_PER_TOKEN)
    price = price_in_force(model, timezone.now(), min(tokens, PART_TOKENS) + PROMPT_TOKENS)
    if price is None or not parts:
        return None
    merging = 6 * MERGE_TOKENS * parts if parts > 1 else 0
    usage = Usage(input=tokens + parts * PROMPT_TOKENS + merging, output=parts * ANSWER_TOKENS + merging // 4)
    return price.cost(usage)


# Packing -----------------------------------------------------------------------------------------

Row = tuple[int, str, int, int, bool]  # page number, its error, bytes, characters, whether there are words


def rows_of(upload: UUID) -> Iterator[Row]:
    blank = Case(When(text__regex=r"^\s*$", then=Value(False)), default=Value(True))
    pages = UploadPage.objects.filter(upload=upload).order_by("number")
    found = pages.annotate(size=Bytes(F("text")), length=Characters(F("text")), has_words=blank)
    yield from found.values_list("number", "error", "size", "length", "has_words").iterator(2_000)


def look_at(upload: Upload, rows: Iterable[Row]) -> tuple[File, list[Row]]:
    """The file as it is now, and its rows with words."""
    rows = list(rows)
    seen = {number for number, *_ in rows}
    count = max([upload.page_count or 0, *seen])
    file = File(str(upload.pk), count, as_of(upload))
    file.empty = ranges(number for number, _, _, _, has_words in rows if not has_words)
    file.partial = ranges(number for number, error, _, _, has_words in rows if has_words and error)
    file.unread = ranges(number for number in range(1, count + 1) if number not in seen)
    return file, [row for row in rows if row[4]]


def packed(files: Sequence[tuple[str, Sequence[Row]]], limit: int = PART_BYTES) -> Iterator[list[Stretch]]:
    """The pages of all files, in order, in parts of at most `limit` bytes; a page that is longer is cut into pieces."""
    part: list[Stretch] = []
    size = 0
    for upload, rows in files:
        for number, _, bytes_, length, _ in rows:
            for piece in _pieces(upload, number, bytes_, length, limit):
                needed = min(bytes_, limit) + PAGE_MARK_BYTES
                if part and size + needed > limit:
                    yield part
                    part, size = [], 0
                part = joined([*part, piece])
                size += needed
    if part:
        yield part


def _pieces(upload: str, number: int, bytes_: int, length: int, limit: int) -> Iterator[Stretch]:
    count = max(1, -(-bytes_ // limit))
    if count == 1:
        yield Stretch(upload, number, number)
        return
    step = -(-length // count)
    for start in range(0, length, step):
        yield Stretch(upload, number, number, (start, min(start + step, length)))


def joined(stretches: Sequence[Stretch]) -> list[Stretch]:
    """Neighbours of one file as one; pages without words between them are nobody's loss (the coverage names them)."""
    found: list[Stretch] = []
    for stretch in stretches:
        before = found[-1] if found else None
        if before and not (before.span or stretch.span) and before.upload == stretch.upload:
            found[-1] = Stretch(before.upload, before.first, stretch.last)
        else:
            found.append(stretch)
    return found
