"""Whether a quotation is what the stored text says, whatever the spelling of its time and the hand that typed it."""

from __future__ import annotations

import re
import unicodedata

_CUT = re.compile(r"[\[(]\s*(?:\.{3}|…)\s*[\])]|\.{3,}|…")  # what the quoter has left out
_BRACKETED = re.compile(r"\[[^\]]{0,200}\]")  # the quoter's own words
_SIGN = re.compile(r"\bn(?:\.?\s?[ºo°]s?|\.|[úu]meros?)\s*(?=\d)", re.IGNORECASE)
_SYNONYMS = (
    (re.compile(r"\bartigos?\b|\barts?\.", re.IGNORECASE), "art"),
    (re.compile(r"\bpar[áa]grafos?\b(?!\s+[úu]nico)|§+", re.IGNORECASE), "par"),
    (re.compile(r"\bincisos?\b|\bal[íi]neas?\b", re.IGNORECASE), ""),
)
_DOUBLED = re.compile(r"(.)\1")
_ORDINAL = re.compile(r"(?<=\d)\s?[º°ª]|(?<=\d)o\b")
LEAST = 8  # letters of a piece between two omissions; shorter ones prove nothing either way


def says(stored: str, quoted: str, *, title: str = "") -> bool:
    """Whether all pieces of `quoted` are in `stored` (or its title), in that order.

    Accents, capitals, punctuation, hyphens, doubled letters and blanks make no difference, so neither do the spellings
    of 1943, 1971 and 1990 (`prêso`, `idéia`, `anti-social`); another word does.
    """
    where = letters(f"{title} {stored}") if title else letters(stored)
    at = 0
    for piece in _CUT.split(_BRACKETED.sub("…", quoted)):
        wanted = letters(piece)
        if len(wanted) < LEAST:
            continue
        found = where.find(wanted, at)
        if found < 0:
            return False
        at = found + len(wanted)
    return True


def letters(text: str) -> str:
    """What is compared: letters and digits only, one spelling for the ways to write a number's sign or an article."""
    text = _SIGN.sub("", text.replace("\n>", "\n"))
    for pattern, one in _SYNONYMS:
        text = pattern.sub(one, text)
    text = unicodedata.normalize("NFKD", _ORDINAL.sub("", text).lower())
    return _DOUBLED.sub(r"\1", "".join(c for c in text if c.isascii() and c.isalnum()))
