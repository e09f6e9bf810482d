"""PDFs as they are read back: with the engine of Chrome, as most people will see them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO

import pikepdf
import pypdfium2

CM = 72 / 2.54
FOOT = re.compile(r"Página \d+ de \d+\s*$")


@dataclass(frozen=True)
class Line:
    """Signs that stand on one base line; centimetres from the left and the upper edge of the paper."""

    text: str
    left: float
    right: float
    base: float


class Pdf:
    def __init__(self, data: bytes) -> None:
        self.document = pypdfium2.PdfDocument(data)
        self.read: dict[int, list[Line]] = {}

    @cached_property
    def pages(self) -> list[str]:
        """The words of each page without the number of the page."""
        # The engine tells a hyphen that ends a line by a sign of its own.
        said = [page.get_textpage().get_text_range().replace("\ufffe", "-") for page in self.document]
        assert all(FOOT.search(one) for one in said)
        return [FOOT.sub("", one) for one in said]

    @property
    def words(self) -> list[str]:
        return " ".join(self.pages).split()

    @property
    def letters(self) -> str:
        """Everything but space: where a line ends in the middle of a word, nothing is said of a space."""
        return "".join(self.words)

    def lines(self, page: int) -> list[Line]:
        """The lines of the page (from 0), from above; those that stand beside each other are one."""
        if page not in self.read:
            self.read[page] = self._lines(page)
        return self.read[page]

    def _lines(self, page: int) -> list[Line]:
        shown, height = self.document[page].get_textpage(), self.document[page].get_height()
        found: dict[float, list[tuple[float, float, str]]] = {}
        for place in range(shown.count_chars()):
            sign = shown.get_text_range(place, 1)
            left, bottom, right, _ = shown.get_charbox(place, loose=True)
            if sign.strip():
                found.setdefault(round(bottom, 1), []).append((left, right, sign))
        made = []
        for bottom, signs in found.items():
            signs.sort()
            text = "".join(sign for _, _, sign in signs)
            made.append(Line(text, signs[0][0] / CM, max(right for _, right, _ in signs) / CM, (height - bottom) / CM))
        return sorted(made, key=lambda line: line.base)

    def line(self, begin: str) -> Line:
        """The first line that begins so, without its spaces."""
        return next(
            line for page in range(len(self.document)) for line in self.lines(page) if line.text.startswith(begin)
        )


def plainly(data: bytes) -> bytes:
    """The file with nothing compressed in it."""
    file = BytesIO()
    with pikepdf.open(BytesIO(data)) as pdf:
        pdf.save(
            file, stream_decode_level=pikepdf.StreamDecodeLevel.generalized, compress_streams=False,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )  # fmt: skip
    return file.getvalue()
