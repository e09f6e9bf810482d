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
from django.db import connection, transaction
from django.utils import timezone

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
    whole, volumes = await run_beside(take, upload_id)
    if whole is None:
        return
    try:
        await _join(whole, volumes)
    except (NotJoined, FileNotFoundError) as error:
        await run_beside(fail, upload_id, str(error) if isinstance(error, NotJoined) else "missing")


async def _join(whole: Upload, volumes: list[Upload]) -> None:
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="volumes-")))
        asked = []
        for volume in volumes:
            path = await stack.enter_async_context(on_this_machine(volume.file_path))
            password = passwords.unsealed(volume.metadata.get(passwords.KEY, ""))
            asked.append({"path": str(path), "password": password, "pages": volume.page_count})
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
            said = json.loads(line) if line.endswith(b"\n") else {"fail": "memory"}
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


def take(upload_id: UUID) -> tuple[Upload | None, list[Upload]]:
    """The file to be made and its volumes, in order; None when it is made, or wanted no more."""
    waiting = Upload.objects.filter(pk=upload_id, deleted_at=None, file_path="", metadata__has_key="joining")
    waiting.update(upload_status=Status.PROCESSING, pages_done=0)
    whole = waiting.filter(upload_status=Status.PROCESSING).first()
    if whole is None:
        return None, []
    keys = [volume["id"] for volume in whole.metadata["volumes"]]
    found = {str(volume.pk): volume for volume in Upload.objects.filter(pk__in=keys, deleted_at=None)}
    return whole, [found[key] for key in keys] if len(found) == len(set(keys)) else _gone(upload_id)


def _gone(upload_id: UUID) -> list[Upload]:
    fail(upload_id, "missing")
    return []


def note(upload_id: UUID, pages: int) -> None:
    Upload.objects.filter(pk=upload_id).update(pages_done=pages)


def finish(upload_id: UUID, stored: str, size: int, digest: str) -> bool:
    """The file is there, and its pages are those of its volumes. False when nobody wants it any more."""
    with transaction.atomic():
        whole = Upload.objects.select_for_update().filter(pk=upload_id, deleted_at=None, file_path="").first()
        if whole is None:
            return False
        whole.metadata.pop("joining")
        whole.file_path, whole.file_size, whole.sha256 = stored, size, digest
        whole.upload_status, whole.error, whole.processed_at = Status.READY, "", timezone.now()
        whole.pages_done = whole.page_count or 0
        whole.save()
        with connection.cursor() as cursor:
            for volume in whole.metadata["volumes"]:
                cursor.execute(COPY_PAGES, [whole.pk, volume["first"] - 1, volume["id"], volume["pages"]])
    return True


def fail(upload_id: UUID, code: str) -> None:
    Upload.objects.filter(pk=upload_id, file_path="").update(
        upload_status=Status.FAILED, error=code, processed_at=timezone.now()
    )
