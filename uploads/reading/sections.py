"""Pages for what has none.

Word, LibreOffice, RTF, HTML, mail and plain texts have no fixed pages. So that they can be searched and cited by page
like a PDF, they are split where the file itself says that a page ends (a page break, or where Word last saw one), and
whatever is longer than `LONGEST` characters in between, into sections of about `USUAL` at the ends of paragraphs.
Nothing is lost; pages without text are left out.
"""

from collections.abc import Iterable, Iterator

from uploads.reading.found import Limits, Unreadable

BREAK = "\f"
USUAL = 3_000
LONGEST = 2 * USUAL


def sections(text: str, limits: Limits) -> list[str]:
    """The text in pages; `BREAK` in it ends a page. Refuses what would have too many."""
    if len(text) > limits.pages * USUAL:
        raise Unreadable("too_many_pages")
    found = [part for page in text.split(BREAK) for part in split(page)]
    if not found:
        raise Unreadable("empty")
    return found


def split(page: str) -> Iterator[str]:
    """One page, or its sections when it is too long; none when it is blank."""
    page = page.strip("\r\n")
    if not page.strip():
        return
    if len(page) <= LONGEST:
        yield page
        return
    gathered: list[str] = []
    length = 0
    for paragraph in pieces(page.split("\n")):
        if gathered and length + len(paragraph) > USUAL:
            yield from _joined(gathered)
            gathered, length = [], 0
        gathered.append(paragraph)
        length += len(paragraph) + 1
    yield from _joined(gathered)


def _joined(gathered: list[str]) -> Iterator[str]:
    text = "\n".join(gathered)
    if text.strip():
        yield text


def pieces(paragraphs: Iterable[str]) -> Iterator[str]:
    """The paragraphs; one that is longer than a section in pieces, at the end of a sentence or at least of a word."""
    for paragraph in paragraphs:
        start = 0
        while len(paragraph) - start > USUAL:
            room = paragraph[start : start + USUAL]
            end = max(room.rfind(mark) + len(mark) for mark in (". ", "; ", "\t"))
            if end < USUAL // 2:
                end = room.rfind(" ") + 1 or USUAL
            yield paragraph[start : start + end].rstrip(" ")
            start += end
        yield paragraph[start:]
