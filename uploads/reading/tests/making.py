"""Files for the tests, made in the tests: nothing binary lies in the repository."""

from __future__ import annotations

import asyncio
import io
import zipfile
import zlib
from contextlib import aclosing
from pathlib import Path

from fpdf import FPDF
from PIL import Image

from uploads.reading.found import USUAL, Limits, Opened, Page, Unreadable
from uploads.reading.parent import read, render

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml."


class Result:
    """All that reading one file gave."""

    def __init__(self) -> None:
        self.kind = ""
        self.count = 0
        self.pages: list[Page] = []
        self.failed: tuple[str, int | None] | None = None

    @property
    def texts(self) -> list[str]:
        return [page.text for page in self.pages]

    @property
    def text(self) -> str:
        return "\f".join(self.texts)

    @property
    def errors(self) -> dict[int, str]:
        return {page.number: page.error for page in self.pages if page.error}


def reading(path: Path, *, first: int = 1, password: str = "", limits: Limits = USUAL, name: str = "") -> Result:
    """The file read through a child process, to its end or to where that failed."""
    result = Result()

    async def run() -> None:
        async with aclosing(read(path, first, password, limits, name=name)) as found:
            async for each in found:
                if isinstance(each, Opened):
                    result.kind, result.count = each
                else:
                    result.pages.append(each)

    try:
        asyncio.run(run())
    except Unreadable as end:
        result.failed = end.code, end.page
    return result


def drawing(path: Path, *numbers: int, width: int = 400, password: str = "") -> dict[int, Image.Image]:
    """Those pages as pictures, through a child process."""

    async def run() -> dict[int, bytes]:
        async with aclosing(render(path, numbers, width=width, password=password)) as found:
            return {number: data async for number, data in found}

    return {number: Image.open(io.BytesIO(data)) for number, data in asyncio.run(run()).items()}


# PDF -----------------------------------------------------------------------------------------------


def sheet() -> FPDF:
    """An empty PDF that makes no pages by itself."""
    pdf = FPDF()
    pdf.set_auto_page_break(auto=False)
    pdf.set_font("helvetica", size=12)
    return pdf


def text_pdf(path: Path, *pages: str, password: str = "") -> Path:
    pdf = sheet()
    for page in pages:
        pdf.add_page()
        pdf.multi_cell(0, 6, page)
    if password:
        pdf.set_encryption(owner_password=f"{password}-dono", user_password=password)
    pdf.output(str(path))
    return path


def raw_pdf(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    out = b"%PDF-1.7\n"
    offsets = []
    for number, each in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        len(out),
    )


CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
LETTERS = b"BT /F1 12 Tf 10 100 Td (Esta pagina tem o seu texto inteiro) Tj ET"


def page_object(contents: int, box: bytes = b"0 0 300 200") -> bytes:
    fonts = b"<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>"
    return b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents %d 0 R/Resources%s>>" % (box, contents, fonts)


def stream(data: bytes, more: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (more, len(data), data)


def two_pages(first: bytes, more: bytes = b"") -> bytes:
    """A PDF whose first page has these contents, and whose second is a good one."""
    pages = b"<</Type/Pages/Kids[3 0 R 5 0 R]/Count 2>>"
    return raw_pdf(CATALOGUE, pages, page_object(4), stream(first, more), page_object(6), stream(LETTERS))


def packed(data: bytes) -> bytes:
    return zlib.compress(data, 9)


def scan(width: int = 620, high: int = 877) -> Image.Image:
    """A picture with something on it."""
    image = Image.new("L", (width, high), "white")
    image.paste(40, (width // 4, high // 4, width // 2, high // 3))
    return image


# Word ----------------------------------------------------------------------------------------------


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t xml:space='preserve'>{text}</w:t></w:r></w:p>"


def docx(path: Path, body: str, *, before: str = "", parts: dict[str, tuple[str, str]] | None = None) -> Path:
    """A Word file with this body; `parts`: name -> (type, content) of further parts, the root element without namespaces."""
    kinds = {"document": f"{MAIN}document.main+xml"} | {name: MAIN + kind for name, (kind, _) in (parts or {}).items()}
    named = "".join(f'<Override PartName="/word/{name}.xml" ContentType="{kind}"/>' for name, kind in kinds.items())
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", f"<Types>{named}</Types>")
        archive.writestr("word/document.xml", f"{before}<w:document {WORD}><w:body>{body}</w:body></w:document>")
        for name, (_, content) in (parts or {}).items():
            root, rest = content.split(">", 1)
            archive.writestr(f"word/{name}.xml", f"{root} {WORD}>{rest}")
    return path


# LibreOffice ---------------------------------------------------------------------------------------

OPEN = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" '
    'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"'
)


def odt(path: Path, body: str, *, styles: str = "", before: str = "", manifest: str = "", around: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml",
            f"{before}<office:document-content {OPEN}><office:automatic-styles>{styles}</office:automatic-styles>"
            f"<office:body><office:text>{body}</office:text></office:body></office:document-content>",
        )
        archive.writestr("styles.xml", f"<office:document-styles {OPEN}>{around}</office:document-styles>")
        archive.writestr("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>")
    return path
