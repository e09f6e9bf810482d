"""What a file is, by its bytes alone: neither its name nor the browser's word. Only plain texts are told apart by name.

The first bytes decide, since that is what programs go by: a PDF that is also a ZIP is a PDF, and HTML that is called a
PDF is HTML and read as such.
"""

from __future__ import annotations

import re
from zipfile import BadZipFile, ZipFile

from uploads.reading.found import Unreadable
from uploads.reading.readers import Reader, Source

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
RTF = "application/rtf"
HTML = "text/html"
MAIL = "message/rfc822"
TEXT, MARKDOWN, CSV = "text/plain", "text/markdown", "text/csv"
IMAGES = ("image/jpeg", "image/png", "image/tiff", "image/webp", "image/heic")
ACCEPTED = (PDF, DOCX, XLSX, ODT, RTF, HTML, MAIL, TEXT, MARKDOWN, CSV, *IMAGES)
DRAWN = (PDF, *IMAGES)  # what has pages that can be shown as pictures

HEAD = 8192
STARTS = (
    (b"%PDF-", PDF),
    (b"{\\rtf", RTF),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"II+\0", "image/tiff"),
    (b"MM\0+", "image/tiff"),
)
HEIC = re.compile(rb"^....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", re.DOTALL)
OLE, ENCRYPTED = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "EncryptedPackage".encode("utf-16-le")
MARKUP = re.compile(
    rb"^\s*(<\?xml[^>]*>\s*)?(<!--(?:(?!-->).)*-->\s*)*<(!doctype\s+html|(html|head|body|title|meta|style|script|base|link|center|"
    rb"div|p|table|h[1-6]|span|font|a|ul|ol|b|strong|i|em|br|hr|img|form|article|section)[\s>/])",
    re.I | re.DOTALL,
)
HEADER = re.compile(rb"^(?:From [^\r\n]*\r?\n)?(?:[A-Za-z][A-Za-z0-9-]*:[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*\r?\n)+")
OF_MAIL = re.compile(
    rb"^(?:from|to|subject|date|received|mime-version|message-id|return-path|delivered-to|content-type|reply-to|sender)"
    rb"(?=:)",
    re.I | re.M,
)
BINARY = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]")
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def kind_of(source: Source) -> str:
    """The MIME type, one of `ACCEPTED`; refuses what is not read here."""
    with source.open() as file:
        head = file.read(HEAD)
    if not head:
        raise Unreadable("empty")
    if head.startswith(b"PK\x03\x04") or head.startswith(b"PK\x05\x06"):
        return _zipped(source, head)
    if head.startswith(OLE):
        raise Unreadable("locked" if _encrypted(source) else "type")
    for start, kind in STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if HEIC.match(head):
        return "image/heic"
    return _written(source, head)


def _zipped(source: Source, head: bytes) -> str:
    try:
        with source.open() as file, ZipFile(file) as archive:
            names = set(archive.namelist())
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
                return _open_document(archive.read("mimetype"))
    except Unreadable:
        raise
    except (BadZipFile, ValueError, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        of_ours = (b"[Content_Types].xml", b"word/", b"xl/", b"application/vnd.oasis.opendocument.text", b"_rels/")
        raise Unreadable("damaged" if any(each in head for each in of_ours) else "type") from error
    if "[Content_Types].xml" in names:
        if "word/document.xml" in names or any(name.startswith("word/") for name in names):
            return DOCX
        if "xl/workbook.xml" in names:
            return XLSX
    raise Unreadable("type")


def _open_document(kind: bytes) -> str:
    if kind.strip() in (ODT.encode(), ODT.encode() + b"-template"):
        return ODT
    raise Unreadable("type")


def _encrypted(source: Source) -> bool:
    """Office programs keep what has a password in their old container, in a stream of this name."""
    with source.open() as file:
        while piece := file.read(1024**2):
            if ENCRYPTED in piece:
                return True
    return False


def _written(source: Source, head: bytes) -> str:
    """HTML, mail, a PDF after some stray bytes, or a plain text; anything else is not read here."""
    bare = head.removeprefix(b"\xef\xbb\xbf")
    wide = head.startswith(UTF16)
    narrow = head[2:].replace(b"\0", b"") if wide else bare
    if MARKUP.match(narrow):
        return HTML
    if b"%PDF-" in head[:1024]:
        return PDF
    headers = HEADER.match(bare)
    if headers and len({each.lower() for each in OF_MAIL.findall(headers[0])}) >= 2:
        return MAIL
    if not (wide or _of_text(head)):
        raise Unreadable("type")
    suffix = source.name.lower().rpartition(".")[2]
    return {"md": MARKDOWN, "markdown": MARKDOWN, "csv": CSV, "tsv": CSV}.get(suffix, TEXT)


def _of_text(head: bytes) -> bool:
    from uploads.reading.text import encoding_of

    if encoding_of(head).startswith("utf-16"):
        head = head.replace(b"\0", b"")
    return len(BINARY.findall(head)) * 200 <= len(head)


def open_reader(source: Source, depth: int = 0) -> tuple[str, Reader]:
    """The file's type and its open reader. Only the family that is needed is imported."""
    kind = kind_of(source)
    return kind, _opened(kind, source, depth)


def _opened(kind: str, source: Source, depth: int) -> Reader:
    if kind == PDF:
        from uploads.reading.pdf import Pdf

        return Pdf(source)
    if kind in IMAGES:
        from uploads.reading.image import Picture

        return Picture(source, kind)
    if kind == DOCX:
        from uploads.reading.docx import open_docx

        return open_docx(source)
    if kind == XLSX:
        from uploads.reading.sheet import open_sheet

        return open_sheet(source)
    if kind == ODT:
        from uploads.reading.odt import open_odt

        return open_odt(source)
    if kind == RTF:
        from uploads.reading.rtf import open_rtf

        return open_rtf(source)
    if kind == HTML:
        from uploads.reading.html import open_html

        return open_html(source)
    if kind == MAIL:
        from uploads.reading.mail import Mail

        return Mail(source, depth)
    from uploads.reading.text import open_text

    return open_text(source)
