"""Joining a continuation to what is already written, without saying anything twice."""

import re

TAIL = 400  # characters of the written text that may be repeated
SHORTEST = 16  # a shorter repetition may well be meant
SENTENCE_END = re.compile(r"(?:[^\W\d_]{6}\.|[!?])[*_”»\")\]]*\s*$")


def ends_a_sentence(text: str) -> bool:
    """Whether its last sentence is whole. In doubt it is not: a short word with a point may be `art.` or `fls.`."""
    return bool(SENTENCE_END.search(text[-TAIL:]))


class Seam:
    """Holds the beginning of a continuation back until it is clear whether it repeats the end of the text."""

    def __init__(self, written: str) -> None:
        self._tail = written[-TAIL:]
        self._held = ""
        self._open = bool(self._tail)

    def join(self, piece: str) -> str:
        """What of the new text is to be added now."""
        if not self._open:
            return piece
        self._held += piece
        if self._may_still_repeat():
            return ""
        return self.rest()

    def rest(self) -> str:
        """What is held back, without the repetition; call it at the end of the stream, too."""
        held, self._held, self._open = self._held, "", False
        return held[self._repeated(held) :]

    def _may_still_repeat(self) -> bool:
        """The text held so far lies wholly within the tail: only more of it will tell."""
        start = self._held.lstrip()
        return len(start) < TAIL and (not start or start in self._tail)

    def _repeated(self, held: str) -> int:
        """Characters at the beginning of `held` that the written text already ends with."""
        offset = len(held) - len(held.lstrip())
        start = held[offset:]
        for size in range(min(len(start), len(self._tail)), SHORTEST - 1, -1):
            if self._tail.endswith(start[:size]):
                return offset + size
        return 0
