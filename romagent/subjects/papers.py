"""A data subject in documents: in their texts and in every version that was ever kept of them.

Versions are kept as changes from one to the next (`documents/versions.py`), so what once stood in a document stands in
a line of some version. Each line is replaced by itself: lines stay lines, and every chain stays whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from documents.blocks import Block, Cell, Paragraph, Run, Table, merged, plain
from documents.comparing import word_changes
from documents.html import parse, write
from documents.models import CitationCheck, Document, DocumentVersion, fingerprint
from documents.versions import apply
from romagent.subjects.terms import anonymised

Replace = Callable[[str], str]
AT_ONCE = 20  # versions


def texts_of(document: Document) -> list[str]:
    """All that a document says or has ever said, each text once."""
    found = dict.fromkeys([document.title, document.text, str(document.metadata.get("file", ""))])
    lines: set[str] = set()
    for version in _versions(document):
        found |= dict.fromkeys([version.title, version.note])
        lines.update(_lines(version))
    lines.difference_update(document.content.split("\n"))  # said already
    return [*found, *dict.fromkeys(map(words_of, lines))]


def words_of(html: str) -> str:
    """What a stored text says, without its looks."""
    return plain(parse(html), numbers=False)


def anonymised_html(html: str, patterns: Mapping[str, str]) -> str:
    """A stored text with the terms replaced in its words."""
    return _line(html, lambda text: anonymised(text, patterns))


def _versions(document: Document) -> Iterator[DocumentVersion]:
    rows: Iterator[DocumentVersion] = document.versions.order_by("number").iterator(AT_ONCE)
    return rows


def _lines(version: DocumentVersion) -> list[str]:
    if version.content is not None:
        return version.content.split("\n")
    return [step for step in version.delta or [] if isinstance(step, str)]


def anonymise(document: Document, patterns: Mapping[str, str]) -> bool:
    """Replaces the terms in a document, whose row is held, and in all its versions; whether there were any.

    The Word file that it came from goes too: nobody can see it, and it names the subject.
    """

    def words(text: str) -> str:
        return anonymised(text, patterns)

    known: dict[str, str] = {}

    def line(html: str) -> str:
        if html not in known:
            known[html] = _line(html, words)
        return known[html]

    changed = _anonymise_versions(document, words, line)
    title, content = words(document.title)[:500], "\n".join(map(line, document.content.split("\n")))
    file = str(document.metadata.get("file", ""))
    if not changed and (title, content, words(file)) == (document.title, document.content, file):
        return False
    if file:
        document.metadata["file"] = words(file)
    document.title, document.content, document.text = title, content, plain(parse(content))
    document.revision += 1  # who has it open must not save the old words over it
    document.file_path, document.file_size = "", 0  # the clean-up removes what no row names
    document.save(
        update_fields=["title", "content", "text", "revision", "metadata", "file_path", "file_size"]
    )  # fmt: skip
    CitationCheck.objects.filter(document=document).delete()  # it quotes the text; the next look at it checks anew
    return True


def _anonymise_versions(document: Document, words: Replace, line: Replace) -> bool:
    """Goes through the versions in order, with the text before and after beside each other."""
    old = new = ""
    any_changed = False
    for version in _versions(document):
        if version.content is not None:
            old, content, delta = version.content, "\n".join(map(line, version.content.split("\n"))), None
            new = content
        else:
            steps = version.delta or []
            content, delta = None, [line(step) if isinstance(step, str) else step for step in steps]
            old, new = apply(old, steps), apply(new, delta)
        title, note = words(version.title)[:500], words(version.note)[:200]
        if (title, note, new) == (version.title, version.note, old):
            continue
        any_changed = True
        whole = version.sha256 == fingerprint(version.title, old)  # what was damaged before stays known as such
        version.title, version.note, version.content, version.delta = title, note, content, delta
        version.words = len(plain(parse(new)).split())
        version.sha256 = fingerprint(title, new) if whole else version.sha256
        version.save(update_fields=["title", "note", "content", "delta", "words", "sha256"])
    return any_changed


def _line(html: str, words: Replace) -> str:
    blocks = parse(html)
    fresh = [_block(block, words) for block in blocks]
    return html if fresh == blocks else write(fresh)


def _block(block: Block, words: Replace) -> Block:
    if isinstance(block, Paragraph):
        return _paragraph(block, words)
    return Table(tuple(tuple(_cell(cell, words) for cell in row) for row in block.rows))


def _cell(cell: Cell, words: Replace) -> Cell:
    return replace(cell, paragraphs=tuple(_paragraph(one, words) for one in cell.paragraphs))


def _paragraph(paragraph: Paragraph, words: Replace) -> Paragraph:
    """A name may be half in bold: it is looked for in the words alone, what stays keeps its looks."""
    text = paragraph.text
    fresh = words(text)
    if fresh == text:
        return paragraph
    letters = [(letter, replace(run, text="")) for run in paragraph.runs for letter in run.text]
    made: list[Run] = []
    place = gone = 0  # how far in the old words; where those began that were taken out last
    for change in word_changes(text, fresh):
        if change.kind == "added":
            look = letters[min(gone, len(letters) - 1)][1]
            made.append(replace(look, text=change.text))
            continue
        if change.kind == "removed":
            gone = place
        else:
            made += [replace(look, text=letter) for letter, look in letters[place : place + len(change.text)]]
        place += len(change.text)
    return replace(paragraph, runs=merged(made))
