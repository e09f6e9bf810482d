"""Several volumes put together as one PDF, by a job; whose pages are known already, and are read and paid for no more.

The engine that copies pages parses files that nobody vouches for: it runs in a child (`joining_child.py`).
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import connection, connections, transaction
from django.utils import timezone

from audit.actions import record
from romagent.base.chores import run_beside
from uploads import passwords
from uploads.local import on_this_machine, sha256_of
from uploads.models import Upload
from uploads.multipart import StorageAway
from uploads.names import path_for

log = logging.getLogger("romagent.reading")

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-B", "-m", "uploads.joining_child"]
ENVIRONMENT = {"LANG": "C.UTF-8", "PATH": "/usr/bin:/bin"}
SECONDS = 300  # for one volume
COPY_PAGES = """
INSERT INTO upload_pages (upload_id, number, text, source, error)
SELECT %s, number + %s, text, source, error FROM upload_pages WHERE upload_id = %s AND number <= %s
ON CONFLICT (upload_id, number) DO NOTHING
"""
Status = Upload.Status


class NotJoined(Exception):
    """The volumes cannot be put together; the code says why."""


async def perform(upload_id: UUID) -> None:
    """Puts the volumes together, or says why not. Raises `StorageAway`: then it is to be tried again."""
    try:
        if taken := await run_beside(take, upload_id):
            await _to_its_end(*taken)
    finally:
        await run_beside(connections.close_all)


async def _to_its_end(whole: Upload, volumes: list[Upload]) -> None:
    try:
        await _join(whole, volumes)
    except (NotJoined, FileNotFoundError) as error:
        await run_beside(fail, whole.pk, str(error) if isinstance(error, NotJoined) else "missing")
    except asyncio.CancelledError:  # this worker has to leave
        await asyncio.shield(run_beside(hand_back, whole.pk))
        raise


async def _join(whole: Upload, volumes: list[Upload]) -> None:
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="volumes-")))
        asked = []
        for volume, known in zip(volumes, whole.metadata["volumes"], strict=True):
            path = await stack.enter_async_context(on_this_machine(volume.file_path))
            password = passwords.unsealed(volume.metadata.get(passwords.KEY, ""))
            asked.append({"path": str(path), "password": password, "pages": known["pages"]})
        made = directory / "juntado.pdf"
        await _by_child({"volumes": asked, "to": str(made)}, whole.pk)
        digest = await asyncio.to_thread(sha256_of, made)
        stored = await asyncio.to_thread(_store, made, path_for(whole.pk, whole.original_filename))
        if not await run_beside(finish, whole.pk, stored, made.stat().st_size, digest):
            await asyncio.to_thread(default_storage.delete, stored)


async def _by_child(asked: dict[str, Any], upload_id: UUID) -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=ROOT, env=ENVIRONMENT, start_new_session=True
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asked).encode() + b"\n")
        with suppress(BrokenPipeError, ConnectionResetError):
            await process.stdin.drain()
        while True:
            async with asyncio.timeout(SECONDS):
                line = await process.stdout.readline()
            said = json.loads(line) if line.endswith(b"\n") else {"fail": "memory"}  # it was ended, or ended itself
            if "fail" in said:
                raise NotJoined(said["fail"])
            if "end" in said:
                return
            await run_beside(note, upload_id, said["pages"])
    except TimeoutError:
        raise NotJoined("time") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


def _store(made: Path, name: str) -> str:
    try:
        with made.open("rb") as file:
            stored: str = default_storage.save(name, File(file))
    except OSError as error:
        raise StorageAway(type(error).__name__) from error
    return stored


# In PostgreSQL ------------------------------------------------------------------------------------


def _wanted(upload_id: UUID) -> Any:
    """The file that is still to be made, locked; within the caller's transaction."""
    unfinished = [Status.PENDING, Status.PROCESSING]
    mine = Upload.objects.filter(pk=upload_id, deleted_at=None, file_path="", upload_status__in=unfinished)
    return mine.filter(metadata__has_key="joining").select_for_update()


def take(upload_id: UUID) -> tuple[Upload, list[Upload]] | None:
    """The file to be made and its volumes, in order; None when it is made, wanted no more, or cannot be made.

    A volume that was deleted, or moved to where others see it, is none any more.
    """
    with transaction.atomic():
        whole = _wanted(upload_id).first()
        if whole is None:
            return None
        whole.upload_status, whole.pages_done = Status.PROCESSING, 0
        whole.save(update_fields=["upload_status", "pages_done"])
    keys = [volume["id"] for volume in whole.metadata["volumes"]]
    there = Upload.objects.filter(pk__in=keys, deleted_at=None, project=whole.project_id).exclude(file_path="")
    found = {str(volume.pk): volume for volume in there}
    if found.keys() != set(keys):
        fail(upload_id, "missing")
        return None
    return whole, [found[key] for key in keys]


def note(upload_id: UUID, pages: int) -> None:
    Upload.objects.filter(pk=upload_id, upload_status=Status.PROCESSING).update(pages_done=pages)


def finish(upload_id: UUID, stored: str, size: int, digest: str) -> bool:
    """The file is there, and its pages are those of its volumes. False when nobody wants it any more.

    Images that were not transcribed as volumes can be as part of the whole: at a price that is shown before.
    """
    with transaction.atomic():
        whole = _wanted(upload_id).first()
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


def fail(upload_id: UUID, code: str) -> None:
    """The file cannot be made; `code` is one of `states.NOT_JOINED`, or says that a volume was the cause."""
    with transaction.atomic():
        whole = _wanted(upload_id).first()
        if whole is None:
            return
        whole.upload_status, whole.error, whole.processed_at = Status.FAILED, code, timezone.now()
        whole.save(update_fields=["upload_status", "error", "processed_at"])
        record("arquivo.nao-lido", user=whole.user, entity=whole, new={"error": code, "page": None})


def hand_back(upload_id: UUID) -> None:
    """For another worker, which begins anew."""
    from uploads.tasks import enqueue_joining

    with transaction.atomic():
        if _wanted(upload_id).exists():
            enqueue_joining(upload_id)
