"""Every state of a document that mattered, for little room: whole now and then, in between as what has changed.

The stored form has a block a line, so a change is a few lines. A chain of changes is at most `CHAIN` long.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from documents.blocks import plain
from documents.html import parse
from documents.models import Document, DocumentVersion, fingerprint

CHAIN = 50
AT_ONCE = 20  # versions that are read together
MOST_LINES = 4_000  # that are compared: beyond, comparing would take seconds, and the version is kept whole
Delta = list[Any]  # in order: [first, last] lines of the version before, or a string: a new line


class Damaged(Exception):
    """A version that cannot be put together, or is not what was kept."""


def keep(
    document: Document, *, source: str, author: Any, note: str = "", title: str | None = None,
    content: str | None = None, is_aside: bool = False,
) -> DocumentVersion:  # fmt: skip
    """Keeps the document as it is, or another text beside it; within the caller's transaction, which holds its row.

    When the newest version (or the newest one aside) is this very text already, that one is returned.
    """
    title = document.title if title is None else title
    content = document.content if content is None else content
    sha256 = fingerprint(title, content)
    newest = _newest(document)
    same = newest if newest is None or newest.is_aside == is_aside else _newest(document, is_aside)
    if same and same.sha256 == sha256:
        return same
    delta = _shorter(newest, content) if newest else None
    version = DocumentVersion.objects.create(
        document=document, number=newest.number + 1 if newest else 1, title=title,
        content=content if delta is None else None, delta=delta, sha256=sha256, source=source, author=author,
        note=note[:200], is_aside=is_aside, words=len(plain(parse(content)).split()),
    )  # fmt: skip
    if not is_aside:
        document.version = version.number
        document.save(update_fields=["version"])
    return version


def _newest(document: Document, is_aside: bool | None = None) -> DocumentVersion | None:
    kept = document.versions.all() if is_aside is None else document.versions.filter(is_aside=is_aside)
    newest: DocumentVersion | None = kept.order_by("-number").first()
    return newest


def content_of(version: DocumentVersion) -> str:
    """The version's text, one query. Raises `Damaged`."""
    return _put_together(version, _chain(version))


def _put_together(version: DocumentVersion, chain: list[DocumentVersion]) -> str:
    if not chain or chain[0].content is None:
        raise Damaged(f"{version.document_id}: {version.number}")
    content: str = chain[0].content
    for later in chain[1:]:
        content = apply(content, later.delta or [])
    if fingerprint(version.title, content) != version.sha256:
        raise Damaged(f"{version.document_id}: {version.number}")
    return content


def told_by(document: Document) -> Iterator[tuple[DocumentVersion, str | None]]:
    """All versions in order, each with its text, which is None where it is damaged. One query."""
    text: str | None = None
    for version in document.versions.order_by("number").iterator(AT_ONCE):
        if version.content is not None:
            text = version.content
        elif text is not None:
            text = apply(text, version.delta or [])
        is_whole = text is not None and fingerprint(version.title, text) == version.sha256
        yield version, text if is_whole else None


def _chain(version: DocumentVersion) -> list[DocumentVersion]:
    """From the last whole one up to this."""
    if version.content is not None:
        return [version]
    before = DocumentVersion.objects.filter(document=version.document_id, number__lte=version.number)
    rows = list(before.order_by("-number").only("number", "content", "delta", "document_id")[: CHAIN + 1])
    first = next((place for place, row in enumerate(rows) if row.content is not None), None)
    return [] if first is None else rows[first::-1]


def _shorter(newest: DocumentVersion, content: str) -> Delta | None:
    """What has changed since `newest`; None when this text is better kept whole."""
    chain = _chain(newest)
    if not chain or len(chain) >= CHAIN:
        return None
    try:
        delta = difference(_put_together(newest, chain), content)
    except Damaged:
        return None
    if delta is None or sum(len(step) if isinstance(step, str) else 12 for step in delta) > len(content) // 2:
        return None
    return delta


def difference(old: str, new: str) -> Delta | None:
    """The steps from one text to another; None when they are too long to be compared."""
    before, after = old.split("\n"), new.split("\n")
    start = _same(before, after)
    end = _same(before[start:][::-1], after[start:][::-1])
    middle, other = before[start : len(before) - end], after[start : len(after) - end]
    if max(len(middle), len(other)) > MOST_LINES:
        return None
    steps: Delta = [[0, start]] if start else []
    for tag, first, last, from_line, to_line in SequenceMatcher(None, middle, other, autojunk=False).get_opcodes():
        if tag == "equal":
            steps.append([start + first, start + last])
        else:
            steps += other[from_line:to_line]
    return steps + ([[len(before) - end, len(before)]] if end else [])


def apply(old: str, delta: Delta) -> str:
    """The text that `difference(old, …)` was made from."""
    before, after = old.split("\n"), list[str]()
    for step in delta:
        after += [step] if isinstance(step, str) else before[step[0] : step[1]]
    return "\n".join(after)


def _same(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines are the same from the beginning on."""
    count = 0
    for first, second in zip(one, other, strict=False):
        if first != second:
            break
        count += 1
    return count
