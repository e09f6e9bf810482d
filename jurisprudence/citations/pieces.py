"""Pieces of patterns that the grammars share, and the small steps between them.

Every pattern here is matched at one place (`match(text, at)`), and each of its repetitions has a limit: what a citation
costs does not depend on what stands around it, so a text is read in time that grows with its length and no faster.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

S = r"\s{0,4}"  # a blank or none; texts from scans break lines anywhere
SS = r"\s{1,4}"
# "nº", "n.º", "n°", "n.", "nº.", "no", "nos", "n.ºs", "número", and the emphasis of Markdown around it
_NO_LETTER = r"(?![^\W\d_])"
SIGN = (
    rf"(?:\*{{0,2}}(?i:(?:de\s{{1,3}})?n(?:\.?\s?[º°ª](?:\s?s{_NO_LETTER})?|\.\s?(?:os?|s){_NO_LETTER}"
    rf"|(?:os?|s){_NO_LETTER}|r{_NO_LETTER}|[úu]meros?\b|{_NO_LETTER}))\.?\s{{0,3}})"
)
NUMBER = r"(?:\d{1,3}(?:\.\d{3}){1,3}|\d{1,11})(?!\d|\.\d)"
ROMAN = r"(?:(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3}))"
END = r"(?![^\W_])"  # no letter or digit follows

LONGEST_LIST = 500  # numbers under one name; nobody writes more

_THOUSANDS = re.compile(r"\D")
_BLANKS = re.compile(r"\s+")


def integer(digits: str) -> int:
    """`1.022` is 1022."""
    return int(_THOUSANDS.sub("", digits))


def pointed(number: int) -> str:
    """1022 as Portuguese writes it: `1.022`."""
    return f"{number:,}".replace(",", ".")


def flat(text: str) -> str:
    """With single blanks, where a scan has broken lines."""
    return _BLANKS.sub(" ", text).strip()


def year_of(digits: str, *, newest: int) -> int | None:
    """The year that `90`, `1990` or `1.990` means: two digits are of this century up to `newest`, else of the last."""
    if not digits:
        return None
    value = integer(digits)
    if len(digits) > 2:
        return value
    return 2000 + value if 2000 + value <= newest else 1900 + value


class Matcher:
    """A pattern to be matched where one stands."""

    def __init__(self, pattern: str) -> None:
        self._match = re.compile(pattern).match

    def __call__(self, text: str, at: int) -> re.Match[str] | None:
        return self._match(text, at)

    def after(self, text: str, at: int) -> int:
        """Where one stands after it; where one stood, if it is not there."""
        found = self._match(text, at)
        return found.end() if found else at


def neighbours(items: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Each with the one after it, last first: what is known of the last reaches the first."""
    return reversed(list(pairwise(items)))
