"""Several volumes put together as one PDF, by a job; whose pages are known already, and are read and paid for no more.

The engine that copies pages parses files that nobody vouches for: it runs in a child (`joining_child.py`).

Whatever ends a join half-way (a worker's death, a release, PostgreSQL away), the next one begins anew. It takes the
next `Upload.reading_turn`, so that nothing of the one before is written after it. What is being made has no name on
this machine's disk; the name that it will have in the storage is kept in the row first, so that the next one takes away
what was left there.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Coroutine
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, connection, connections, transaction
from django.utils import timezone

from audit.actions import record
from romagent.base import chores
from romagent.base.chores import MustLeave, run_beside
from romagent.base.ids import new_id
from romagent.base.threads import let_connection_go
from uploads import passwords
from uploads.local import on_this_machine
from uploads.models import Upload
from uploads.multipart import StorageAway
from uploads.names import path_for

log = logging.getLogger("romagent.reading")

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-B", "-m", "uploads.joining_child"]
ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
SECONDS = 300  # for one volume
MOST_TURNS = 10  # a join that ends every worker that touches it must end at some time
COPY_PAGES = """
INSERT INTO upload_pages (upload_id, number, text, source, error)
SELECT %s, number + %s, text, source, error FROM upload_pages WHERE upload_id = %s AND number <= %s
ON CONFLICT (upload_id, number) DO NOTHING
"""
AWAY = (OperationalError, InterfaceError)
STORAGE_ERRORS = (BotoCoreError, ClientError, OSError)
Status = Upload.Status


class NotJoined(Exception):
    """The volumes cannot be put together; the code says why."""


@dataclass(frozen=True)
class Work:
    """One turn at putting volumes together."""

    upload_id: UUID
    turn: int
    to: str  # where the whole will be in the storage
    left: str  # where the turn before may have left something
    volumes: list[tuple[Upload, int]]  # each with how many pages it had when this was asked for; [] when one is missing


async def perform(upload_id: UUID) -> None:
    """Puts the volumes together, or says why not. Raises `StorageAway`, `MustLeave`, or what PostgreSQL raises when it
    is away: then it is to be tried again.
    """
    try:
        if work := await run_beside(take, upload_id):
            await _take_a_turn(work)
    finally:
        await run_beside(connections.close_all)


async def _take_a_turn(work: Work) -> None:
    if work.left:
        await asyncio.to_thread(_forget, work.left)
    try:
        await _join(work)
    except (NotJoined, FileNotFoundError) as error:
        await run_beside(fail, work, str(error) if isinstance(error, NotJoined) else "missing")


async def _join(work: Work) -> None:
    if not work.volumes or work.turn > MOST_TURNS:
        raise NotJoined("internal" if work.volumes else "missing")
    async with AsyncExitStack() as stack:
        made: IO[bytes] = stack.enter_context(tempfile.TemporaryFile(prefix="volumes-"))  # noqa: SIM115 - entered here
        asked = []
        for volume, pages in work.volumes:
            path = await stack.enter_async_context(on_this_machine(volume.file_path))
            password = passwords.unsealed(volume.metadata.get(passwords.KEY, ""))
            asked.append({"path": str(path), "password": password, "pages": pages})
        await _by_child({"volumes": asked, "to": made.fileno()}, work)
        await _to_its_end(_keep(work, made))


async def _keep(work: Work, made: IO[bytes]) -> None:
    """Into the storage, and then into PostgreSQL. What fails on the way is taken away by the next turn."""
    size = os.fstat(made.fileno()).st_size
    digest = await asyncio.to_thread(_sha256_of, made)
    stored = await asyncio.to_thread(_store, made, work.to)
    if not await run_beside(finish, work, stored, size, digest):
        await asyncio.to_thread(_forget, stored)


async def _to_its_end(last: Coroutine[Any, Any, None]) -> None:
    """Also when this job is told to stop meanwhile: what is whole is not thrown away, and no thread is left behind."""
    going = asyncio.ensure_future(last)
    with suppress(asyncio.CancelledError):
        await asyncio.shield(going)
    await going


async def _by_child(asked: dict[str, Any], work: Work) -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=ROOT, env=ENVIRONMENT, start_new_session=True,
        pass_fds=(asked["to"],),
    )  # fmt: skip
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(asked).encode() + b"\n")
        with suppress(BrokenPipeError, ConnectionResetError):
            await process.stdin.drain()
        while "end" not in (said := await _next(process)):
            if chores.stopping.is_set():
                raise MustLeave
            with suppress(*AWAY):  # how far it is, is worth nothing but a look
                await run_beside(note, work, said["pages"])
    except TimeoutError:
        raise NotJoined("time") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


async def _next(process: Process) -> dict[str, Any]:
    """What the child says next. Raises `NotJoined`, or what the job is tried again for."""
    assert process.stdout is not None
    async with asyncio.timeout(SECONDS):
        line = await process.stdout.readline()
        if not line.endswith(b"\n"):
            # A service manager tells the children to stop as well, and the worker may not have heard of it yet.
            raise MustLeave if await process.wait() == -signal.SIGTERM else NotJoined("memory")
    said: dict[str, Any] = json.loads(line)
    if said.get("fail") == "storage":
        raise StorageAway("no room for the whole")
    if "fail" in said:
        raise NotJoined(said["fail"])
    return said


def _read(made: IO[bytes]) -> BufferedReader:
    """From its beginning, and closed apart from it."""
    made.seek(0)
    return os.fdopen(os.dup(made.fileno()), "rb")


def _sha256_of(made: IO[bytes]) -> str:
    with _read(made) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _store(made: IO[bytes], name: str) -> str:
    try:
        with _read(made) as file:
            stored: str = default_storage.save(name, File(file))
    except STORAGE_ERRORS as error:
        _forget(name)
        raise StorageAway(type(error).__name__) from error
    return stored


def _forget(name: str) -> None:
    """Nobody else has this name: it was made for one turn."""
    let_connection_go()
    try:
        default_storage.delete(name)
    except STORAGE_ERRORS as error:
        log.warning("what was left of a join was not deleted and stays as an orphan: %s", type(error).__name__)


# In PostgreSQL ------------------------------------------------------------------------------------


def take(upload_id: UUID) -> Work | None:
    """Takes the next turn; None when the file is made, has failed, or is wanted no more."""
    unfinished = [Status.PENDING, Status.PROCESSING]
    mine = Upload.objects.filter(pk=upload_id, deleted_at=None, file_path="", upload_status__in=unfinished)
    with transaction.atomic():
        whole = mine.filter(metadata__has_key="joining").select_for_update().first()
        if whole is None:
            return None
        left = whole.metadata["joining"]
        work = Work(
            whole.pk,
            whole.reading_turn + 1,
            path_for(new_id(), whole.original_filename),
            left if isinstance(left, str) else "",
            _volumes_of(whole),
        )
        whole.metadata["joining"] = work.to
        whole.upload_status, whole.pages_done, whole.reading_turn = Status.PROCESSING, 0, work.turn
        whole.save(update_fields=["metadata", "upload_status", "pages_done", "reading_turn"])
    return work


def _volumes_of(whole: Upload) -> list[tuple[Upload, int]]:
    """In their order; [] when one was deleted, or moved to where others see it: it is no volume any more."""
    known = whole.metadata["volumes"]
    keys = [volume["id"] for volume in known]
    there = Upload.objects.filter(pk__in=keys, deleted_at=None, project=whole.project_id).exclude(file_path="")
    found = {str(volume.pk): volume for volume in there}
    if found.keys() != set(keys):
        return []
    return [(found[volume["id"]], volume["pages"]) for volume in known]


def _held(work: Work) -> Any:
    """The file to be made, if this is still its turn and it has not ended."""
    mine = Upload.objects.filter(pk=work.upload_id, reading_turn=work.turn, deleted_at=None, file_path="")
    return mine.filter(upload_status=Status.PROCESSING)


def note(work: Work, pages: int) -> None:
    _held(work).update(pages_done=pages)


def finish(work: Work, stored: str, size: int, digest: str) -> bool:
    """The file is there, and its pages are those of its volumes. False when nobody wants it any more.

    Images that were not transcribed as volumes can be as part of the whole: at a price that is shown before.
    """
    with transaction.atomic():
        whole = _held(work).select_for_update().first()
        if whole is None:
            return False
        with connection.cursor() as cursor:
            for volume in whole.metadata["volumes"]:
                cursor.execute(COPY_PAGES, [whole.pk, volume["first"] - 1, volume["id"], volume["pages"]])
        images = whole.pages.filter(error="no_text").count()
        whole.metadata.pop("joining")
        whole.file_path, whole.file_size, whole.sha256 = stored, size, digest
        whole.upload_status, whole.error, whole.processed_at = Status.READY, "", timezone.now()
        whole.pages_done = whole.page_count or 0
        whole.transcription = Upload.Transcription.ASKED if images else Upload.Transcription.NONE
        whole.save()
        record("arquivo.lido", user=whole.user, entity=whole, new={"pages": whole.page_count, "images": images})
    return True


def fail(work: Work, code: str) -> None:
    """The file cannot be made; `code` is one of `states.NOT_JOINED`, or says that a volume was the cause."""
    with transaction.atomic():
        whole = _held(work).select_for_update().first()
        if whole is None:
            return
        whole.upload_status, whole.error, whole.processed_at = Status.FAILED, code, timezone.now()
        whole.save(update_fields=["upload_status", "error", "processed_at"])
        record("arquivo.nao-lido", user=whole.user, entity=whole, new={"error": code, "page": None})


def give_up(upload_id: UUID, code: str) -> None:
    """After the last try: the person may put the volumes together again."""
    if work := take(upload_id):
        fail(work, code)
        if work.left:
            _forget(work.left)
