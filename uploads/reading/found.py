"""What reading a file gives, what bounds it, and what ends it. Both sides of the process border speak of these."""

from dataclasses import dataclass
from typing import NamedTuple


class Opened(NamedTuple):
    """The file could be opened: its type, by its content, and how many pages it has."""

    mime_type: str
    pages: int


class Page(NamedTuple):
    """A page that was looked at. `error` is '' or why its text is not, or not all, here: a code of `uploads/words.py`.

    What has text and `no_text` at once is a scan with a court's stamp on it: the text is the stamp's.
    """

    number: int
    text: str
    error: str = ""


class Unreadable(Exception):
    """The file cannot be read, or not from this page on. `code` is one of `uploads/words.py`."""

    def __init__(self, code: str, page: int | None = None) -> None:
        super().__init__(code, page)
        self.code = code
        self.page = page


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take. The defaults hold a case of 20,000 pages and 1 GB, and no bomb that was tried."""

    memory: int = 700 * 1024**2  # bytes of address space of the child, libraries included
    cpu_seconds: int = 900  # of processor, in all; counted anew after a page on which the child died
    open_cpu: int = 240  # of them, until the file is open; what has no pages is wholly read by then
    page_cpu: int = 30  # of them, for one page
    open_seconds: float = 900.0  # on the clock, until the file is open: long, since the machine may be busy
    page_seconds: float = 180.0  # on the clock, from one page to the next
    pages: int = 20_000
    characters: int = 200_000  # of one page; a PostgreSQL search vector ends at 1 MB
    unpacked: int = 256 * 1024**2  # bytes that all that is read of a ZIP-based file may unpack to
    ratio: int = 200  # how many times its packed size a large part of a ZIP may unpack to
    text_bytes: int = 64 * 1024**2  # of a file without pages: text, RTF, HTML
    mail_bytes: int = 128 * 1024**2  # of a message with all its attachments
    pixels: int = 80_000_000  # of one picture: A3 at 600 dots an inch has 70 million
    deaths: int = 5  # pages on which the child may die before the rest is given up


USUAL = Limits()
