"""Whether the document speaks of the same people, court and *processo* as its project."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from documents.checking.paper import Finding, Level, Paper, around, tokens
from projects.cnj import SEPARATORS, WrongNumber, masked, parse

# Its mask may be broken: that is what is looked for. Also twenty figures in a row.
CASE = re.compile(
    r"(?<![\d.\-])(?:\d{5,9}\s?[-–.]\s?\d{1,3}\s?\.\s?\d{3,5}\s?\.\s?\d{1,2}\s?\.\s?\d{1,3}\s?\.\s?\d{3,5}|\d{20})(?!\d)"
)
SMALL_WORDS = {"a", "as", "o", "os", "e", "de", "da", "do", "das", "dos", "em", "no", "na", "nos", "nas", "ao", "aos"}
NAMES = {"client": "O cliente", "opposing_party": "A parte contrária"}


def case_numbers(paper: Paper) -> Iterator[Finding]:
    """Numbers that cannot be, those that are nearly the project's, and the project's where it is missing."""
    own = paper.project.case_number if paper.project else ""
    there = False
    known: dict[str, tuple[str, bool]] = {}  # most numbers stand in a text many times
    for place, match in paper.found(CASE):
        digits = SEPARATORS.sub("", match[0])
        there = there or digits == own
        if match[0] not in known:
            is_close = bool(own) and digits != own and distance(digits, own, 2) <= 2
            known[match[0]] = _wrong(match[0]), is_close
        wrong, is_close = known[match[0]]
        if is_close:
            text = f"“{match[0]}” é quase o número do processo deste projeto, {masked(own)}."
            yield Finding(Level.WRONG if wrong else Level.LOOK, f"{text} {wrong}".strip(), place, around(match))
        elif wrong:
            yield Finding(Level.WRONG, f"“{match[0]}”: {wrong}", place, around(match))
    if own and not there and _is_expected(paper, "case_number"):
        yield Finding(Level.LOOK, f"O número do processo deste projeto, {masked(own)}, não aparece no texto.")


def _wrong(number: str) -> str:
    try:
        parse(number)
    except WrongNumber as wrong:
        return str(wrong)
    return ""


def names(paper: Paper) -> Iterator[Finding]:
    """The project's people and court: missing, or with a name that is nearly theirs."""
    for field, who in NAMES.items():
        name = getattr(paper.project, field, "")
        wanted = tokens(name)
        if not any(holds(words, wanted) for words in paper.folded) and wanted and _is_expected(paper, field):
            yield Finding(Level.LOOK, f"{who} deste projeto, {name}, não aparece no texto.")
        yield from _nearly(paper, name, wanted)
    court = paper.project.court if paper.project else ""
    wanted = tokens(court)
    words_of_court = set(wanted) - SMALL_WORDS
    if words_of_court and not any(words_of_court <= set(words) for words in paper.folded):
        if _is_expected(paper, "court"):
            yield Finding(Level.LOOK, f"O juízo deste projeto, {court}, não aparece no texto.")
        yield from _nearly(paper, court, wanted)


def _is_expected(paper: Paper, field: str) -> bool:
    """Whether a document of this type names it; one without a type is not blamed."""
    return paper.kind is not None and any(fact.project == field and fact.is_required for fact in paper.kind.facts)


def _nearly(paper: Paper, name: str, wanted: Sequence[str]) -> Iterator[Finding]:
    seen = set()
    for place, words in enumerate(paper.folded):
        for at in near(words, wanted):
            found = " ".join(words[at : at + len(wanted)])
            if found not in seen:
                seen.add(found)
                said = " ".join(paper.words[place][at : at + len(wanted)])
                yield Finding(Level.LOOK, f"“{said}” parece ser “{name}”, do projeto, com outra grafia.", place)


def holds(words: Sequence[str], wanted: Sequence[str]) -> bool:
    size = len(wanted)
    return any(
        words[at] == wanted[0] and words[at : at + size] == wanted for at in range(len(words) - size + 1) if wanted
    )


def near(words: Sequence[str], wanted: Sequence[str]) -> Iterator[int]:
    """Where a name of as many words begins, of which one is another, by one letter, or by two in a long word."""
    size = len(wanted)
    if size == 0 or (size == 1 and len(wanted[0]) < 6):
        return
    for at in range(len(words) - size + 1):
        if size > 1 and words[at] != wanted[0] and words[at + 1] != wanted[1]:
            continue  # two at once
        different = [pair for pair in zip(words[at : at + size], wanted, strict=True) if pair[0] != pair[1]]
        if len(different) == 1 and is_slip(*different[0]):
            yield at


def is_slip(found: str, meant: str) -> bool:
    most = 2 if len(meant) >= 8 else 1
    if meant in SMALL_WORDS and found in SMALL_WORDS:
        return True
    return min(len(found), len(meant)) >= 2 and distance(found, meant, most) <= most


def distance(one: str, other: str, most: int) -> int:
    """How many letters have to be changed, left out, put in or swapped; `most` + 1 when it is more than `most`."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for x, sign in enumerate(one, 1):
        older, before, row = before, row, [x]
        for y, meant in enumerate(other, 1):
            cost = min(before[y] + 1, row[y - 1] + 1, before[y - 1] + (sign != meant))
            if x > 1 and y > 1 and sign == other[y - 2] and one[x - 2] == meant:
                cost = min(cost, older[y - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
