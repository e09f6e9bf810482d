"""Large files to this machine's disk, where there is no S3: in parts, through the server, each written to its place.

The file has its whole length from the beginning; beside it one byte a part says which have arrived. So what is there is
never copied again, and a sending goes on where it stopped. The same conversation as with S3 (`multipart.py`).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import Protocol

from django.core.files.storage import default_storage

from romagent.base.retention import fetch
from romagent.base.threads import let_connection_go
from uploads.multipart import MEGABYTE, Sending, StorageAway

FOLDER = "partes"  # in the storage
PART_SIZE = 8 * MEGABYTE  # well below the largest request that is read at all
CHUNK = MEGABYTE
ARRIVED = b"1"
PRIVATE = 0o600
KEPT_DAYS = 7  # of what was begun and not gone on with


class Body(Protocol):
    """What a request's body is read from."""

    def read(self, size: int, /) -> bytes: ...


def begin(path: str, size: int, mime_type: str) -> Sending:
    sending = Sending(path, token_hex(16), size, PART_SIZE)
    with _disk():
        _whole(sending).parent.mkdir(parents=True, exist_ok=True)
        _written(_whole(sending), 0, b"", length=size)
    return sending


def take(sending: Sending, number: int, part: Body) -> bool:
    """Writes one part to its place. False when it has not the size that it should have: then it has not arrived."""
    at, left = (number - 1) * sending.part_size, sending.size_of(number)
    with _disk():
        if not _whole(sending).exists():
            _marks(sending).unlink(missing_ok=True)  # what they say of went with it
        _whole(sending).parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(_opened(_whole(sending)), "wb") as whole:  # buffered: writes all of a chunk, or raises
            whole.seek(at)
            while left > 0 and (chunk := part.read(min(CHUNK, left))):
                whole.write(chunk)
                left -= len(chunk)
            if left or part.read(1):
                return False
            whole.flush()
            os.fsync(whole.fileno())
        _written(_marks(sending), number - 1, ARRIVED)
    return True


def arrived(sending: Sending) -> dict[int, str]:
    """The parts that are on the disk whole."""
    with _disk():
        try:
            marks = _marks(sending).read_bytes() if _whole(sending).exists() else b""
        except FileNotFoundError:
            return {}
    return {index + 1: "" for index, mark in enumerate(marks) if mark == ARRIVED[0]}


def complete(sending: Sending) -> bool:
    """Gives the file its name in the storage; False when parts are missing. Asked again, it finds what is there."""
    with _disk():
        kept = Path(default_storage.path(sending.path))
        if not kept.exists() and len(arrived(sending)) == sending.parts:
            kept.parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # another request has just put it there: it must not be made anew, empty
                os.truncate(_whole(sending), sending.size)
                _whole(sending).replace(kept)
            _marks(sending).unlink(missing_ok=True)
        return kept.exists() and kept.stat().st_size == sending.size


def abort(sending: Sending) -> None:
    with suppress(StorageAway), _disk():
        _whole(sending).unlink(missing_ok=True)
        _marks(sending).unlink(missing_ok=True)


def referred_to(names: Sequence[str]) -> set[str]:
    """Which of these files belong to a sending that may still go on."""
    going = {
        row[0]
        for row in fetch(
            "SELECT metadata -> 'multipart' ->> 'id' FROM uploads "
            "WHERE metadata ? 'multipart' AND created_at > now() - make_interval(days => %(days)s)",
            {"days": KEPT_DAYS},
        )
    }
    return {name for name in names if Path(name).stem in going}


def _whole(sending: Sending) -> Path:
    return Path(default_storage.path(f"{FOLDER}/{sending.id}"))


def _marks(sending: Sending) -> Path:
    return Path(default_storage.path(f"{FOLDER}/{sending.id}.chegou"))


def _opened(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT, PRIVATE)


def _written(path: Path, at: int, content: bytes, *, length: int | None = None) -> None:
    with os.fdopen(_opened(path), "wb", buffering=0) as file:
        if length is not None:
            file.truncate(length)
        os.pwrite(file.fileno(), content, at)


@contextmanager
def _disk() -> Iterator[None]:
    """Whoever waits for the disk holds no connection to PostgreSQL."""
    let_connection_go()
    try:
        yield
    except OSError as error:
        raise StorageAway(type(error).__name__) from error
