"""A stored file as a download: read in threads that hold no database connection, however slow the reader is."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

from django.core.files.storage import default_storage
from django.db import connections
from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

CHUNK = 256 * 1024

log = logging.getLogger("romagent.downloads")


def stored_file(name: str, size: int, *, called: str, missing: Callable[[], None]) -> StreamingHttpResponse:
    """Streams it under the name `called`. Where it turns out not to be there, the download breaks off and
    `missing` is called, so that the page it is offered on can say so."""
    response = StreamingHttpResponse(_parts(name, missing), content_type="application/zip")
    response["Content-Length"] = str(size)
    response["Content-Disposition"] = content_disposition_header(True, called) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response


async def _parts(name: str, missing: Callable[[], None]) -> AsyncIterator[bytes]:
    try:
        file: Any = await asyncio.to_thread(default_storage.open, name)
    except FileNotFoundError:
        log.warning("a file that is offered is not in the storage")
        await asyncio.to_thread(_and_close, missing)
        raise
    try:
        while chunk := await asyncio.to_thread(file.read, CHUNK):
            yield chunk
    finally:
        await asyncio.to_thread(file.close)


def _and_close(call: Callable[[], None]) -> None:
    try:
        call()
    finally:
        connections.close_all()
