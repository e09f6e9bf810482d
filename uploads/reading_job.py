"""Reading a file into `upload_pages`, as a job of the worker.

Pages are kept a batch at a time, so a worker that dies loses a second's work: the next one goes on after the last page
that is kept. Every write names the turn it was begun in (`Upload.reading_turn`); who stops a reading or begins it anew
counts the turn up, and the earlier reader finds out at its next write.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.db import connections, transaction
from django.db.models import F, Max
from django.utils import timezone

from audit.actions import record
from romagent.base import chores
from romagent.base.chores import MustLeave, run_beside
from uploads import passwords
from uploads.actions import settle_hash
from uploads.local import on_this_machine, sha256_of
from uploads.models import Upload, UploadPage
from uploads.reading.parent import Opened, Page, Unreadable, read
from uploads.twins import pages_of_twin

log = logging.getLogger("romagent.reading")

BATCH_PAGES = 40
BATCH_CHARACTERS = 200_000
BATCH_SECONDS = 0.5
TRANSCRIBED_UNASKED = 100  # pages without text; for more than these the cost is shown before
Status, Transcription = Upload.Status, Upload.Transcription


class Overtaken(Exception):
    """Somebody has stopped this reading, or begun it anew."""


@dataclass
class Work:
    """One turn at reading one file."""

    upload_id: UUID
    turn: int
    stored: str
    name: str
    sha256: str
    password: str
    first: int  # page
    pages: list[Page] = field(default_factory=list)  # read and not kept yet
    flushed_at: float = field(default_factory=time.monotonic)

    @property
    def is_due(self) -> bool:
        return (
            len(self.pages) >= BATCH_PAGES
            or time.monotonic() - self.flushed_at > BATCH_SECONDS
            or sum(len(page.text) for page in self.pages) > BATCH_CHARACTERS
        )


async def perform(upload_id: UUID) -> None:
    """Reads the file to its end, whatever that is. Raises `StorageAway`: then it is to be tried again."""
    try:
        if work := await run_beside(take, upload_id):
            await _to_its_end(work)
    finally:
        await run_beside(connections.close_all)


async def _to_its_end(work: Work) -> None:
    try:
        await _read(work)
    except Overtaken:
        log.info("reading of %s was stopped", work.upload_id)
    except MustLeave:
        await run_beside(hand_back, work)
    except Unreadable as end:
        await run_beside(fail, work, end.code, end.page)
    except FileNotFoundError:
        await run_beside(fail, work, "missing", None)


async def _read(work: Work) -> None:
    async with on_this_machine(work.stored) as path:
        if not work.sha256 and await _is_moved(work, path):
            await _read(work)
            return
        if work.first == 1 and await run_beside(take_over_pages, work):
            return
        async with aclosing(read(path, work.first, work.password, name=work.name)) as found:
            await _keep_all(work, found)
    await run_beside(finish, work)


async def _is_moved(work: Work, path: Path) -> bool:
    """Settles the hash of a file that came in parts; True when its bytes were there already, in another place."""
    work.sha256 = await asyncio.to_thread(sha256_of, path)
    stored: str = await run_beside(settle, work)
    moved, work.stored = stored != work.stored, stored
    return moved


async def _keep_all(work: Work, found: AsyncIterator[Opened | Page]) -> None:
    """Keeps what is found while the child goes on: one batch is written as the next one is gathered."""
    writing: asyncio.Future[None] | None = None
    try:
        async for one in found:
            if chores.stopping.is_set():
                raise MustLeave
            if isinstance(one, Opened):
                await run_beside(begin, work, one)
                continue
            work.pages.append(one)
            if work.is_due:
                if writing:
                    await writing
                writing = asyncio.ensure_future(run_beside(keep, work, _batch(work)))
    finally:  # also when the file breaks off: what was read stays
        if writing:
            await writing
        await run_beside(keep, work, _batch(work))


def _batch(work: Work) -> list[Page]:
    pages, work.pages, work.flushed_at = work.pages, [], time.monotonic()
    return pages


# In PostgreSQL ------------------------------------------------------------------------------------


def take(upload_id: UUID) -> Work | None:
    """Takes the next turn at the file; None when there is nothing to be read (any more)."""
    waiting = Upload.objects.filter(
        pk=upload_id, deleted_at=None, upload_status__in=[Status.PENDING, Status.PROCESSING]
    )
    with transaction.atomic():
        upload = waiting.exclude(file_path="").select_for_update().first()
        if upload is None or upload.being_sent:
            return None
        upload.reading_turn += 1
        upload.upload_status, upload.error = Status.PROCESSING, ""
        upload.save(update_fields=["reading_turn", "upload_status", "error"])
    last = UploadPage.objects.filter(upload=upload).aggregate(last=Max("number"))["last"] or 0
    return Work(
        upload_id, upload.reading_turn, upload.file_path, upload.original_filename, upload.sha256,
        passwords.unsealed(upload.metadata.get(passwords.KEY, "")), last + 1,
    )  # fmt: skip


def settle(work: Work) -> str:
    """Keeps the file's hash; where its bytes are from now on."""
    settle_hash(Upload.objects.get(pk=work.upload_id), work.sha256)
    stored: str = Upload.objects.values_list("file_path", flat=True).get(pk=work.upload_id)
    return stored


def _held(work: Work) -> Upload:
    """The file, locked, if this is still its turn. Raises `Overtaken`."""
    mine = Upload.objects.select_for_update().filter(pk=work.upload_id, reading_turn=work.turn, deleted_at=None)
    upload: Upload | None = mine.filter(upload_status=Status.PROCESSING).first()
    if upload is None:
        raise Overtaken
    return upload


def begin(work: Work, opened: Opened) -> None:
    with transaction.atomic():
        upload = _held(work)
        upload.mime_type, upload.page_count, upload.pages_done = opened.mime_type, opened.pages, work.first - 1
        upload.save(update_fields=["mime_type", "page_count", "pages_done"])


def keep(work: Work, pages: list[Page]) -> None:
    """Keeps the pages; each page once, whoever has read it."""
    if not pages:
        return
    rows = [UploadPage(upload_id=work.upload_id, number=p.number, text=p.text, error=p.error) for p in pages]
    with transaction.atomic():
        upload = _held(work)
        UploadPage.objects.bulk_create(rows, ignore_conflicts=True)
        upload.pages_done = pages[-1].number
        upload.save(update_fields=["pages_done"])


def take_over_pages(work: Work) -> bool:
    """The pages of the same file, read before for the same people: it is neither read nor paid for twice."""
    with transaction.atomic():
        upload = _held(work)
        if not pages_of_twin(upload):
            return False
        _end(upload)
    return True


def finish(work: Work) -> None:
    with transaction.atomic():
        _end(_held(work))


def _end(upload: Upload) -> None:
    """The file is read. Pages that are images are transcribed, at once when they are few."""
    from uploads.tasks import enqueue_transcription

    images = upload.pages.filter(error="no_text").count()
    upload.upload_status, upload.error, upload.processed_at = Status.READY, "", timezone.now()
    upload.transcription = Transcription.NONE
    if images:
        few = images <= TRANSCRIBED_UNASKED
        upload.transcription = Transcription.WORKING if few else Transcription.ASKED
    upload.save(update_fields=["upload_status", "error", "processed_at", "transcription"])
    record("arquivo.lido", user=upload.user, entity=upload, new={"pages": upload.page_count, "images": images})
    if upload.transcription == Transcription.WORKING:
        enqueue_transcription(upload.pk)


def fail(work: Work, code: str, page: int | None) -> None:
    """The file cannot be read, or not to its end; what was read of it stays."""
    with transaction.atomic():
        try:
            upload = _held(work)
        except Overtaken:
            return
        upload.upload_status, upload.error, upload.processed_at = Status.FAILED, code, timezone.now()
        upload.metadata = {key: value for key, value in upload.metadata.items() if key != "error_page"}
        if page:
            upload.metadata["error_page"] = page
        if code in {"password", "wrong_password"}:
            upload.metadata.pop(passwords.KEY, None)
        upload.save(update_fields=["upload_status", "error", "processed_at", "metadata"])
        record("arquivo.nao-lido", user=upload.user, entity=upload, new={"error": code, "page": page})


def hand_back(work: Work) -> None:
    """For another worker: the turn counts up, so that nothing of this one comes after it."""
    from uploads.tasks import enqueue_reading

    with transaction.atomic():
        mine = Upload.objects.filter(pk=work.upload_id, reading_turn=work.turn, upload_status=Status.PROCESSING)
        if mine.update(upload_status=Status.PENDING, reading_turn=F("reading_turn") + 1):
            enqueue_reading(work.upload_id)


def give_up(upload_id: UUID, code: str) -> None:
    """After the last try: the person may try again."""
    if work := take(upload_id):
        fail(work, code, None)
