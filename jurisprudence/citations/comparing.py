"""Whether a quotation is what the stored text says, whatever the spelling of its time and the hand that typed it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_CUT = re.compile(r"[\[(]\s*(?:\.{3}|…)\s*[\])]|\.{3,}|…")  # what the quoter has left out
_CAPITAL = re.compile(r"\[([^\W\d_])\](?=[^\W\d_])")  # "[É] ilegal", "[a]plica-se": a letter made small or big to fit
_BRACKETED = re.compile(r"\[[^\]]{0,200}\]")  # the quoter's own words
_SIGN = re.compile(r"\bn(?:\.?\s?[ºo°]s?|\.|[úu]meros?)\s*(?=\d)", re.IGNORECASE)
_SYNONYMS = (
    (re.compile(r"\bartigos?\b|\barts?\.", re.IGNORECASE), "art"),
    (re.compile(r"\bpar[áa]grafos?\b(?!\s+[úu]nico)|§+", re.IGNORECASE), "par"),
    (re.compile(r"\bincisos?\b|\bal[íi]neas?\b", re.IGNORECASE), ""),
)
_MARKS = re.compile("[¹²³⁰⁴-⁹]")  # of notes
_WORD = re.compile(r"[^\W_]+")
_ORDINAL = re.compile(r"(?<=\d)\s?[º°ª]|(?<=\d)o\b")
NEGATIONS = ("nao", "nem", "sem", "nunca", "jamais")
LEAST = 8  # letters of a piece between two omissions; shorter ones prove nothing either way


@dataclass(frozen=True)
class Letters:
    """A text without its blanks and signs; `starts` and `ends` are the places in it where words begin and end."""

    text: str
    starts: frozenset[int]
    ends: frozenset[int]

    def find(self, wanted: str, at: int, *, negated: bool = False) -> int:
        """Where `wanted` stands from `at` on, in whole words; -1 if nowhere. `ilegal` has no `legal`, nor 15 days 5.

        Words that a "não" stands right before are not the same words without it, unless whoever quotes is `negated`
        too, or has that "não" before `at`.
        """
        found = self.text.find(wanted, at)
        while found >= 0 and not (
            found in self.starts and found + len(wanted) in self.ends and (negated or not self._is_negated(found, at))
        ):
            found = self.text.find(wanted, found + 1)
        return found

    def _is_negated(self, place: int, at: int) -> bool:
        """Whether the word that ends there takes back what follows (`nao obriga` is kept as `naobriga`)."""
        return any(
            (begin := end - len(word)) >= at and begin in self.starts and self.text.startswith(word, begin)
            for word in NEGATIONS
            for end in (place, place + 1)
            if end == place or end in self.ends
        )


def says(stored: str, quoted: str, *, title: str = "", negated: bool = False) -> bool:
    """Whether all pieces of `quoted` are in `stored` (or its title), in that order, each in whole words.

    A piece that leaves out the "não" before it is not in there; `negated`: it stands before the quotation marks.

    Accents, capitals, punctuation, hyphens, doubled letters and blanks make no difference, so neither do the spellings
    of 1943, 1971 and 1990 (`prêso`, `idéia`, `anti-social`); another word or another number does.
    """
    where = letters(f"{title} {stored}") if title else letters(stored)
    at = 0
    for piece in _CUT.split(_BRACKETED.sub("…", _CAPITAL.sub(r"\1", quoted))):
        wanted = letters(piece).text
        if len(wanted) < LEAST:
            continue
        found = where.find(wanted, at, negated=negated)
        if found < 0:
            return False
        at, negated = found + len(wanted), False
    return True


def letters(text: str) -> Letters:
    """What is compared: letters and digits only, one spelling for the ways to write a number's sign or an article."""
    text = _SIGN.sub("", _MARKS.sub("", text.replace("\n>", "\n")))
    for pattern, one in _SYNONYMS:
        text = pattern.sub(one, text)
    text = unicodedata.normalize("NFKD", _ORDINAL.sub("", text).lower())
    text = "".join(c if c.isascii() else "" if unicodedata.combining(c) else " " for c in text)
    kept, starts, ends, last = list[str](), set[int](), set[int](), ""
    for word in _WORD.finditer(text):
        starts.add(len(kept) - (word.group()[0] == last and last.isalpha()))  # it may begin in the letter before it
        for c in word.group():
            if c != last or c.isdigit():
                kept.append(c)
            last = c
        ends.add(len(kept))
    return Letters("".join(kept), frozenset(starts), frozenset(ends))
