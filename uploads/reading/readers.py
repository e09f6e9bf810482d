"""What each family of files offers to the child: an open file whose pages can be asked for, one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from uploads.reading.found import USUAL, Limits, Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image


@dataclass(frozen=True, slots=True)
class Source:
    """Where the bytes are: a file, or in memory when they came inside a message. The name only tells texts apart."""

    path: str = ""
    data: bytes | None = None
    name: str = ""
    limits: Limits = USUAL
    password: str = ""

    def open(self) -> BinaryIO:
        return BytesIO(self.data) if self.data is not None else Path(self.path).open("rb")

    def size(self) -> int:
        return len(self.data) if self.data is not None else Path(self.path).stat().st_size

    def all(self, at_most: int) -> bytes:
        """The whole of it; what is larger is refused, not cut."""
        if self.size() > at_most:
            raise Unreadable("too_large")
        with self.open() as file:
            return file.read()


class Reader(Protocol):
    """An open file."""

    pages: int

    def text(self, number: int) -> tuple[str, str]:
        """The page's text, and '' or the code of what is wrong with it."""

    def picture(self, number: int, width: int) -> Image:
        """The page as a picture of that width in pixels."""


class Sections:
    """A file without pages of its own, wholly read, in sections (see `sections.py`)."""

    def __init__(self, texts: list[str]) -> None:
        self.texts = texts
        self.pages = len(texts)

    def text(self, number: int) -> tuple[str, str]:
        return self.texts[number - 1], ""

    def picture(self, number: int, width: int) -> Image:
        raise Unreadable("type", number)
