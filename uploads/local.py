"""A file of the storage as a file of this machine, which the children that read it can open."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.storage import default_storage

from uploads.multipart import StorageAway

CHUNK = 1024 * 1024


@asynccontextmanager
async def on_this_machine(stored: str) -> AsyncIterator[Path]:
    """The file itself where files are kept on this machine, else a copy of it that is gone afterwards.

    Raises `FileNotFoundError` when the storage has no such file, `StorageAway` when it does not answer.
    """
    path = _path_of(stored)
    if path is not None:
        if not path.exists():
            raise FileNotFoundError(stored)
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="arquivo-") as directory:
        copy = Path(directory) / "arquivo"
        await asyncio.to_thread(_fetch, stored, copy)
        yield copy


def _path_of(stored: str) -> Path | None:
    try:
        return Path(default_storage.path(stored))
    except NotImplementedError:  # S3
        return None


def _fetch(stored: str, to: Path) -> None:
    try:
        with default_storage.open(stored) as source, to.open("wb") as target:
            shutil.copyfileobj(source, target, CHUNK)
    except (BotoCoreError, ClientError, OSError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise StorageAway(type(error).__name__) from error


def sha256_of(path: Path) -> str:
    """In hexadecimal; reads the file a piece at a time."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
