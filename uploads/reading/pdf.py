"""PDF, by Chrome's engine: the text of a page, whether it has one, and its picture.

A page is a scan (`no_text`, to be transcribed) when pictures cover it and there are no letters in the middle of it. The
edges do not count: court systems print a line there on every page, scanned or not ("Assinado eletronicamente por…"),
and that line is no reason to leave the page unread.
"""

from __future__ import annotations

import ctypes
import os
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pypdfium2
import pypdfium2.raw as pdfium

from uploads.reading.found import Unreadable
from uploads.reading.readers import Source

if TYPE_CHECKING:
    from PIL.Image import Image

REOPENED = 1_000  # pages after which the file is opened anew: the engine keeps what it has parsed
TALLEST = 4  # how many times its width a picture of a page may be high

SMALL = 1024**2  # bytes; the engine takes a file without pages for a broken one
NO_PAGES, ONE_PAGE = re.compile(rb"/Count\s+0\b"), re.compile(rb"/Type\s*/Page\b")

SPARSE = 1_500  # characters; a page with more is not asked whether it is a scan
FEW = 20  # letters in the middle of a page that are no text yet
EDGE = 0.12  # of the page's width and height, on each side
COVERED = 0.4  # of the page, by pictures
DRAWN = 100  # lines and curves: a page whose letters were turned into outlines
OBJECTS = 5_000  # of one page that are looked at
DEPTH = 6

HYPHEN = re.compile("[\ufffe\x02](\\w*)")
# Pronouns that Portuguese puts behind a verb with a hyphen: at the end of a line, that hyphen is a letter of the word.
# fmt: off
PRONOUNS = frozenset([
    "me", "te", "se", "nos", "vos", "o", "a", "os", "as", "lo", "la", "los", "las", "no", "na", "lhe", "lhes",
])
# fmt: on
STRANGE = re.compile("[\ufffd\ue000-\uf8ff\x00-\x08\x0b\x0e-\x1f]")


class Pdf:
    """An open PDF. Each page and its text are closed before the next."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.looked_at = 0
        self.document = self._open()
        self.pages = len(self.document)

    def _open(self) -> pypdfium2.PdfDocument:
        password = self.source.password or None
        try:
            document = pypdfium2.PdfDocument(_plain(self.source), password=password)
        except pypdfium2.PdfiumError as error:
            raise Unreadable(self._why(error, bool(password))) from error
        document.init_forms()  # what was filled into fields is part of the page
        return document

    def _why(self, error: pypdfium2.PdfiumError, with_password: bool) -> str:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            return "wrong_password" if with_password else "password"
        if error.err_code == pdfium.FPDF_ERR_SECURITY:
            return "locked"
        small = self.source.all(SMALL) if self.source.size() <= SMALL else b""
        return "empty" if NO_PAGES.search(small) and not ONE_PAGE.search(small) else "damaged"

    def text(self, number: int) -> tuple[str, str]:
        self.looked_at += 1
        if self.looked_at % REOPENED == 0:
            self.document.close()
            self.document = self._open()
        page = self.document[number - 1]
        try:
            notes = list(annotated(page))
            if WIDGET in (kind for kind, _ in notes) and pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY):
                page.close()
                page = self.document[number - 1]
            textpage = page.get_textpage()
            try:
                text = tidy(textpage.get_text_range())
                error = "no_text" if is_scan(page, textpage, text) else ""
            finally:
                textpage.close()
        finally:
            page.close()
        said = [f"[anotação: {words}]" for _, words in notes if words and words not in text]
        if number == 1:
            said.extend(f"[arquivo guardado dentro do PDF, não lido: {name}]" for name in enclosed(self.document))
        return "\n".join([text, *said] if text else said), error

    def picture(self, number: int, width: int) -> Image:
        page = self.document[number - 1]
        try:
            across, high = page.get_size()
            bitmap = page.render(scale=min(width / across, TALLEST * width / high))
            try:
                return bitmap.to_pil().convert("RGB")
            finally:
                bitmap.close()
        finally:
            page.close()


def _plain(source: Source) -> str | bytes:
    """What the engine can open: it knows no names that are not UTF-8."""
    if source.data is not None:
        return source.data
    try:
        source.path.encode()
    except UnicodeEncodeError:
        return f"/proc/self/fd/{os.open(source.path, os.O_RDONLY)}"
    return source.path


def enclosed(document: pypdfium2.PdfDocument) -> list[str]:
    """The names of files that the PDF carries along."""
    count = min(document.count_attachments(), MOST_ANNOTATIONS)
    return [" ".join(document.get_attachment(index).get_name().split()) for index in range(count)]


def tidy(text: str) -> str:
    """Line ends as one character, and words that the engine has put together over a line's end; no more."""
    text = HYPHEN.sub(_joined, text) if "\ufffe" in text or "\x02" in text else text
    return re.sub(r"[ \t]+\n", "\n", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def _joined(match: re.Match[str]) -> str:
    """The engine marks a hyphen that ended a line. It stays before a pronoun, a capital or a figure: Maria-Clara."""
    word = match[1]
    return word if word[:1].islower() and word not in PRONOUNS else f"-{word}"


# Annotations ---------------------------------------------------------------------------------------

WIDGET = pdfium.FPDF_ANNOT_WIDGET
WRITTEN = frozenset({pdfium.FPDF_ANNOT_TEXT, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_HIGHLIGHT,
                     pdfium.FPDF_ANNOT_UNDERLINE, pdfium.FPDF_ANNOT_STRIKEOUT, pdfium.FPDF_ANNOT_STAMP})  # fmt: skip
MOST_ANNOTATIONS = 500  # of one page
LONGEST_NOTE = 20_000  # bytes


def annotated(page: pypdfium2.PdfPage) -> Iterator[tuple[int, str]]:
    """The page's fields and notes: the kind of each, and what it says (of a field nothing: it is drawn)."""
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), MOST_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        try:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            if kind == WIDGET or kind in WRITTEN:
                yield kind, "" if kind == WIDGET else _contents(annotation)
        finally:
            pdfium.FPDFPage_CloseAnnot(annotation)


def _contents(annotation: pdfium.FPDF_ANNOTATION) -> str:
    size = min(pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", None, 0), LONGEST_NOTE)
    if size <= 2:
        return ""
    buffer = (ctypes.c_ushort * (size // 2))()
    if pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size) > size:
        return "anotação longa demais, não lida"
    return " ".join(bytes(buffer).decode("utf-16-le", "replace").rstrip("\0").split())


# Scans ---------------------------------------------------------------------------------------------


def letters(text: str) -> int:
    return sum(map(str.isalnum, text))


def is_scan(page: pypdfium2.PdfPage, textpage: pypdfium2.PdfTextPage, text: str) -> bool:
    """Whether what is to be read on the page is not in its text. A blank page is none."""
    if len(STRANGE.findall(text)) * 3 > len(text):  # a font that does not say which letters its signs are
        return bool(text)
    if len(text) > SPARSE or _in_the_middle(page, textpage, text) >= FEW:
        return False
    covered, drawn = coverage(page)
    if not letters(text):
        return covered > 0 or drawn >= DRAWN
    return covered >= COVERED or drawn >= DRAWN


def _in_the_middle(page: pypdfium2.PdfPage, textpage: pypdfium2.PdfTextPage, text: str) -> int:
    if letters(text) < FEW:
        return 0
    left, bottom, right, top = page.get_bbox()
    across, high = EDGE * (right - left), EDGE * (top - bottom)
    return letters(textpage.get_text_bounded(left + across, bottom + high, right - across, top - high))


def coverage(page: pypdfium2.PdfPage) -> tuple[float, int]:
    """How much of the page pictures cover (0 to 1), and how many lines and curves are drawn on it."""
    across, high = page.get_size()
    area, drawn = 0.0, 0
    for index, each in enumerate(page.get_objects(max_depth=1)):
        if index >= OBJECTS:
            break
        if each.type == pdfium.FPDF_PAGEOBJ_IMAGE:
            area += _area(each)
        elif each.type == pdfium.FPDF_PAGEOBJ_FORM:
            has_picture, inside = _within(page, each)
            area += _area(each) if has_picture else 0
            drawn += inside
        drawn += each.type in {pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING}
    return min(area / max(across * high, 1), 1.0), drawn


def _within(page: pypdfium2.PdfPage, form: pypdfium2.PdfObject) -> tuple[bool, int]:
    """Of a form (a page that a court system has put into its own): whether it holds pictures, and how many lines."""
    pictures, drawn = False, 0
    for index, each in enumerate(page.get_objects(max_depth=DEPTH, form=form, level=1)):
        if index >= OBJECTS:
            break
        pictures |= each.type == pdfium.FPDF_PAGEOBJ_IMAGE
        drawn += each.type == pdfium.FPDF_PAGEOBJ_PATH
    return pictures, drawn


def _area(each: pypdfium2.PdfObject) -> float:
    left, bottom, right, top = each.get_bounds()
    return abs((right - left) * (top - bottom))
