"""The Files API in memory: https://docs.anthropic.com/en/docs/build-with-claude/files."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from uuid import uuid4

from aiohttp import BodyPartReader, web

from .errors import ApiError

MOST_FILES = 1_000
MOST_BYTES = 256 * 1024 * 1024
MOST_FILE_BYTES = 32 * 1024 * 1024  # the real limit is higher; a simulation need not hold so much
MOST_LISTED = 1_000
EXPIRY_SECONDS = (3_600, 7_776_000)
UNSAFE = re.compile(r'[<>:"|?*\\/\x00-\x1f]')


@dataclass(slots=True)
class StoredFile:
    id: str
    filename: str
    mime_type: str
    data: bytes
    created_at: float
    expires_at: float | None

    def public(self, *, downloadable: bool) -> dict[str, Any]:
        return {
            "type": "file",
            "id": self.id,
            "filename": self.filename,
            "mime_type": self.mime_type,
            "size_bytes": len(self.data),
            "created_at": _written(self.created_at),
            "expires_at": None if self.expires_at is None else _written(self.expires_at),
            "downloadable": downloadable,
        }


class FileStore:
    """`downloadable`: the real API gives back only files that a tool made, so by default none are."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._files: dict[str, StoredFile] = {}
        self.downloadable = False

    def add(self, filename: str, mime_type: str, data: bytes, expires_in: int | None) -> dict[str, Any]:
        stored = sum(len(file.data) for file in self._files.values())
        if len(self._files) >= MOST_FILES or stored + len(data) > MOST_BYTES:
            raise ApiError("File storage quota exceeded.", error_code="storage_quota_exceeded")
        now = self._now()
        file = StoredFile(
            id=f"file_{uuid4().hex[:24]}",
            filename=PurePosixPath(filename).name or "unnamed",
            mime_type=mime_type,
            data=data,
            created_at=now,
            expires_at=None if expires_in is None else now + expires_in,
        )
        self._files[file.id] = file
        return file.public(downloadable=self.downloadable)

    def metadata(self, file_id: str) -> dict[str, Any]:
        return self._known(file_id).public(downloadable=self.downloadable)

    def get(self, file_id: str) -> StoredFile:
        """The file with its content, for a document block. Raises ApiError when unknown or expired."""
        file = self._known(file_id)
        if file.expires_at is not None and file.expires_at <= self._now():
            raise ApiError(f"File has expired: {file_id}", status=404, error_code="file_expired")
        return file

    def download(self, file_id: str) -> StoredFile:
        file = self.get(file_id)
        if not self.downloadable:
            raise ApiError(f"File is not downloadable: {file_id}", error_code="file_not_downloadable")
        return file

    def delete(self, file_id: str) -> dict[str, Any]:
        del self._files[self._known(file_id).id]
        return {"id": file_id, "type": "file_deleted"}

    def page(self, limit: int, after: str | None) -> dict[str, Any]:
        """Newest first; the cursor is the id of the last file of the page before."""
        ids = list(reversed(self._files))
        start = ids.index(after) + 1 if after in self._files else 0
        chosen = ids[start : start + limit]
        more = start + limit < len(ids)
        return {
            "data": [self.metadata(file_id) for file_id in chosen],
            "next_page": f"page_{chosen[-1]}" if more else None,
        }

    def only(self, ids: list[str]) -> dict[str, Any]:
        return {"data": [self.metadata(file_id) for file_id in ids if file_id in self._files], "next_page": None}

    def _known(self, file_id: str) -> StoredFile:
        if file_id not in self._files:
            raise ApiError(f"File not found: {file_id}", status=404)
        return self._files[file_id]


def _written(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat().replace("+00:00", "Z")


async def receive(request: web.Request, store: FileStore) -> dict[str, Any]:
    """Read a multipart upload: a part `file`, and `expires_in_seconds` when given."""
    if not request.content_type.startswith("multipart/"):
        raise ApiError("file: Field required")
    name, mime_type, data, expires_in = "", "application/octet-stream", None, None
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            continue
        if part.name == "file":
            name, mime_type = part.filename or "", part.headers.get("content-type", mime_type)
            data = await _content(part)
        elif part.name == "expires_in_seconds":
            expires_in = _expiry(await part.text())
    if data is None:
        raise ApiError("file: Field required")
    if len(name) > 255 or UNSAFE.search(PurePosixPath(name).name):
        raise ApiError("file: Invalid filename")
    return store.add(name, mime_type.partition(";")[0].strip(), data, expires_in)


async def _content(part: BodyPartReader) -> bytes:
    content = bytearray()
    while piece := await part.read_chunk(65_536):
        content += piece
        if len(content) > MOST_FILE_BYTES:
            raise ApiError("Request exceeds the maximum size", status=413)
    return bytes(content)


def _expiry(text: str) -> int:
    low, high = EXPIRY_SECONDS
    if not text.isdigit() or not low <= int(text) <= high:
        raise ApiError(f"expires_in_seconds: must be from {low} to {high}")
    return int(text)


def listed(query: Any, store: FileStore) -> dict[str, Any]:
    """`GET /v1/files`: by `ids[]`, or by `limit` and `page`."""
    if ids := query.getall("ids[]", []):
        return store.only(ids)
    limit = query.get("limit", "20")
    if not limit.isdigit() or not 1 <= int(limit) <= MOST_LISTED:
        raise ApiError(f"limit: must be from 1 to {MOST_LISTED}")
    return store.page(int(limit), query.get("page", "").removeprefix("page_") or None)
