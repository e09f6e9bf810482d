"""PDF, by Chrome's engine: the text of a page, whether it has one, and its picture."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pypdfium2
import pypdfium2.raw as pdfium

from uploads.reading.found import Unreadable
from uploads.reading.readers import Source

if TYPE_CHECKING:
    from PIL.Image import Image

REOPENED = 1_000  # pages after which the file is opened anew: the engine keeps what it has parsed
TALLEST = 4  # how many times its width a picture of a page may be high


class Pdf:
    """An open PDF. Each page and its text are closed before the next."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.looked_at = 0
        self.document = self._open()
        self.pages = len(self.document)

    def _open(self) -> pypdfium2.PdfDocument:
        data = self.source.data
        password = self.source.password or None
        try:
            return pypdfium2.PdfDocument(self.source.path if data is None else data, password=password)
        except pypdfium2.PdfiumError as error:
            raise Unreadable(_why(error, bool(password))) from error

    def text(self, number: int) -> tuple[str, str]:
        self.looked_at += 1
        if self.looked_at % REOPENED == 0:
            self.document.close()
            self.document = self._open()
        page = self.document[number - 1]
        try:
            textpage = page.get_textpage()
            try:
                return tidy(textpage.get_text_range()), ""
            finally:
                textpage.close()
        finally:
            page.close()

    def picture(self, number: int, width: int) -> Image:
        page = self.document[number - 1]
        try:
            across, high = page.get_size()
            scale = width / across
            scale = min(scale, TALLEST * width / high)
            bitmap = page.render(scale=scale)
            try:
                return bitmap.to_pil().convert("RGB")
            finally:
                bitmap.close()
        finally:
            page.close()


def _why(error: pypdfium2.PdfiumError, with_password: bool) -> str:
    if error.err_code == pdfium.FPDF_ERR_PASSWORD:
        return "wrong_password" if with_password else "password"
    return "locked" if error.err_code == pdfium.FPDF_ERR_SECURITY else "damaged"


def tidy(text: str) -> str:
    """Line ends as one character; nothing else of what was read is changed."""
    return re.sub(r"[ \t]+\n", "\n", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
