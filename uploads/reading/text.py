"""Plain texts, and in which encoding they were written.

What an office has is UTF-8, the Windows code page, now and then the DOS one of old court systems. UTF-8 proves itself;
of the others the one is taken in which the bytes are Portuguese; what fits none of them is left to charset-normalizer.
"""

import codecs
import re

from uploads.reading.readers import Sections, Source
from uploads.reading.sections import sections

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
PORTUGUESE = frozenset("áàâãéêíóôõúüçÁÀÂÃÉÊÍÓÔÕÚÜÇºª§°“”‘’–—•…€\xa0")
LEGACY = ("cp1252", "cp850", "mac_roman")
SAMPLE = 256 * 1024
DECLARED = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,200}?(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_:-]{2,30})""", re.I
)


def decoded(data: bytes, *, html: bool = False) -> str:
    """The text of these bytes; whatever cannot be decoded is seen as the replacement character, never dropped."""
    encoding = encoding_of(data, html=html)
    text = data.decode(encoding, "replace")
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def encoding_of(data: bytes, *, html: bool = False) -> str:
    for mark, encoding in MARKS:
        if data.startswith(mark):
            return encoding
    if zeros := _without_mark(data[:4096]):
        return zeros
    if _is_utf8(data):
        return "utf-8"
    if html and (declared := DECLARED.search(data[:4096])):
        name = declared[1].decode().lower()
        if _known(name) and name not in {"utf-8", "utf8", "utf-16", "us-ascii", "iso-8859-1", "latin1"}:
            return name  # ISO 8859-1 is read as Windows': that is what it means on the web
    return _by_letters(data[:SAMPLE])


def _without_mark(head: bytes) -> str:
    """UTF-16 without its mark: every other byte of a Latin text is zero."""
    half = len(head) // 2
    if half < 2:
        return ""
    if head[1::2].count(0) > half * 0.6 and head[::2].count(0) < half * 0.1:
        return "utf-16-le"
    return "utf-16-be" if head[::2].count(0) > half * 0.6 and head[1::2].count(0) < half * 0.1 else ""


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), SAMPLE):
            decoder.decode(data[start : start + SAMPLE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _by_letters(sample: bytes) -> str:
    high = bytes(byte for byte in sample if byte > 0x7F)
    fits = {name: sum(letter in PORTUGUESE for letter in high.decode(name, "replace")) for name in LEGACY}
    best = max(LEGACY, key=lambda name: fits[name])
    if fits[best] * 2 >= len(high):
        return best
    from charset_normalizer import from_bytes

    guess = from_bytes(sample).best()
    return guess.encoding if guess is not None and _known(guess.encoding) else "cp1252"


def _known(name: str) -> bool:
    """Whether it makes text of any bytes: `hex` is a codec too, `idna` replaces nothing, escapes make half letters."""
    try:
        b"\\ud800+2AA-\xff\xfe\x00".decode(name, "replace").encode()
    except (LookupError, ValueError):
        return False
    return True


def open_text(source: Source) -> Sections:
    return Sections(sections(decoded(source.all(source.limits.text_bytes)), source.limits))
