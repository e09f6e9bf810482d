"""Lines of several parts made one list. Only code moves lines and their pages: the model says an order, no more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from uploads.summaries.prompts import merging_line
from uploads.summaries.sections import DATED

MERGE_BYTES = 150_000  # of lines in one call
MOST_ROUNDS = 4
Line = dict[str, Any]


def chunks(lines: Sequence[Line], limit: int = MERGE_BYTES) -> Iterator[list[int]]:
    """The lines' numbers, in pieces that one call holds."""
    piece: list[int] = []
    size = 0
    for number, line in enumerate(lines):
        needed = len(merging_line(number, line).encode()) + 1
        if piece and size + needed > limit:
            yield piece
            piece, size = [], 0
        piece.append(number)
        size += needed
    if piece:
        yield piece


def merged(lines: Sequence[Line], groups: Sequence[Sequence[int]]) -> list[Line]:
    """One line a group: the first that was found on its page speaks for all, and has the pages of all."""
    return [_one([lines[number] for number in group]) for group in groups]


def _one(same: Sequence[Line]) -> Line:
    first = next((line for line in same if line["checked"]), same[0])
    sources = list(first["sources"])
    for line in same:
        for source in line["sources"] if line["checked"] else ():
            if (source["upload"], source["page"]) not in {(known["upload"], known["page"]) for known in sources}:
                sources.append(source)
    return first | {"sources": sources}


def in_order(section: str, lines: Sequence[Line]) -> list[Line]:
    """By date where dates are what the section is about, those without one last; as they came elsewhere."""
    if section not in DATED:
        return list(lines)
    return sorted(lines, key=lambda line: (not line["date"], line["date"]))
