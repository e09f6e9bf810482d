"""The two places where a large file arrives in parts, which keep the same conversation: S3, or this machine's disk."""

from __future__ import annotations

from typing import Protocol

from uploads import multipart, parts
from uploads.multipart import Sending


class Way(Protocol):
    def begin(self, path: str, size: int, mime_type: str) -> Sending: ...

    def arrived(self, sending: Sending) -> dict[int, str]: ...

    def complete(self, sending: Sending) -> bool: ...

    def abort(self, sending: Sending) -> None: ...


def way() -> Way:
    return multipart if multipart.is_available() else parts
