"""Whether what a reply quotes stands word for word on the page it is said to stand on.

Looked at are the passages of its notes, and every quotation in quotation marks that the text says to be of a file or a
page: in a paragraph with a note, with a page's number (`p. 12`, `fls. 12`) or with a file's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from uuid import UUID

from conversations.assistant import shelf
from conversations.assistant.shelf import File, Reader
from conversations.reading import Citation, Reading
from jurisprudence.models import Precedent
from uploads.passages import find

LEAST_WORDS = 3  # of a quotation: one or two words in quotation marks are rather a term
MOST_QUOTATIONS = 100
MOST_PAGES = 400  # looked at for one reply, beside those of its notes
QUOTATION = re.compile(r"“([^“”\n]{8,2000})”|«([^«»\n]{8,2000})»|(?<!\w)\"([^\"\n]{8,2000})\"(?!\w)")
PARAGRAPH = re.compile(r"[^\n]+")
PAGE = re.compile(
    r"\b(?:páginas?|págs?\.|pp?\.|folhas?|fls?\.)\s*(\d{1,6})(?:\s*(?:a|e|até|[-–])\s*(\d{1,6}))?", re.IGNORECASE
)
EMPHASIS = re.compile(r"\*{1,3}|(?<!\w)_{1,3}|_{1,3}(?!\w)|~~")
LEFT_OUT = re.compile(r"\s*(?:\[(?:\.\.\.|…)\]|\((?:\.\.\.|…)\)|…|\.\.\.)\s*")  # between two parts of one quotation
Place = tuple[UUID, int]
Quotation = tuple[str, int, set[Place]]  # its words, where it ends, and the pages it may be on


def check(reader: Reader, text: str, reading: Reading) -> None:
    """Says of each note whether its passage was found, and where in the text a quotation ends that was not."""
    files = shelf.files(reader)
    cited = {(UUID(one.file), one.page) for one in reading.citations if one.page}
    quotations, wanted = _within_reason(_attributed(text, reading, files))
    pages = shelf.pages_named(reader, {place for place in cited | wanted if place[1]})
    pages |= _precedents({UUID(one.file) for one in reading.citations if not one.page})
    for one in reading.citations:
        one.found = _is_on(one.quote, pages.get((UUID(one.file), one.page), ""))
    reading.unfound = sorted(
        end
        for quoted, end, places in quotations
        if not any(_is_on(quoted, pages.get(place, "")) for place in places)
        and not any(_is_on(quoted, one.quote) for one in reading.citations if one.found)
    )


def _precedents(wanted: set[UUID]) -> dict[Place, str]:
    """What these precedents say, as the model was given it."""
    rows = Precedent.objects.filter(pk__in=wanted).values_list("pk", "title", "text") if wanted else ()
    return {(pk, 0): "\n\n".join(filter(None, (title, text))) for pk, title, text in rows}


def _within_reason(quotations: Iterable[Quotation]) -> tuple[list[Quotation], set[Place]]:
    """The quotations that are looked up, and the pages it takes.

    One that may be on more pages than are left is not looked up at all: it must not be called missing unread.
    """
    chosen: list[Quotation] = []
    wanted: set[Place] = set()
    for quotation in islice(quotations, MOST_QUOTATIONS):
        if len(wanted | quotation[2]) <= MOST_PAGES:
            wanted |= quotation[2]
            chosen.append(quotation)
    return chosen, wanted


def _is_on(quoted: str, page: str) -> bool:
    """All of its parts stand there, in order; what a quotation leaves out, it says by dots."""
    parts = [part for part in LEFT_OUT.split(EMPHASIS.sub("", quoted)) if any(map(str.isalnum, part))]
    for part in parts:
        place = find(page, part.strip(" ,;:.")) if page else None
        if place is None:
            return False
        page = page[place[1] :]
    return bool(parts)


def _attributed(text: str, reading: Reading, files: list[File]) -> Iterator[Quotation]:
    """Each quotation that is said to be of a file."""
    known: dict[int, Citation] = {one.number: one for one in reading.citations}
    for paragraph in PARAGRAPH.finditer(text):
        quotations = [found for found in QUOTATION.finditer(paragraph[0]) if _is_long(_words(found))]
        if not quotations:
            continue
        numbers = [n for at, n in reading.places if paragraph.start() <= at <= paragraph.end() and n in known]
        places = {(UUID(known[number].file), known[number].page) for number in numbers}
        places |= _named(paragraph[0], reading, files)
        if places:
            for found in quotations:
                yield _words(found), paragraph.start() + found.end(), places


def _words(found: re.Match[str]) -> str:
    return next(group for group in found.groups() if group)


def _is_long(words: str) -> bool:
    return len(re.findall(r"\w+", words)) >= LEAST_WORDS


def _named(paragraph: str, reading: Reading, files: list[File]) -> set[Place]:
    """The pages that the paragraph names, of the files that it names; of all when it names none."""
    lowered = paragraph.lower()
    by_name = [file for file in files if _is_named(file.name.lower(), lowered)]
    pages: set[int] = set()
    for first, last in PAGE.findall(paragraph):
        pages |= set(range(int(first), min(int(last or first), int(first) + 50) + 1)) | {int(first)}
    if pages:
        return {(file.id, page) for file in by_name or files for page in pages}
    read = {one.file: one.read for one in reading.files}
    return {(file.id, page) for file in by_name for page in read.get(str(file.id), [])}


def _is_named(name: str, paragraph: str) -> bool:
    stem = name.rsplit(".", 1)[0]
    return len(stem) > 2 and re.search(rf"(?<!\w){re.escape(stem)}(?!\w)", paragraph) is not None
