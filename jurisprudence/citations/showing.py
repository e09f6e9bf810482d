"""Verdicts in words: behind a citation in the text, in the list under it, and in what is exported.

What each verdict may claim is in docs/decisions/0018: never green without a source, grey is no approval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from jurisprudence.citations.judging import Verdict
from jurisprudence.citations.kept import Checked

# Behind the citation, in the text: short.
CHIP: dict[str, str] = {
    Verdict.CONFIRMED: "confirmado",
    Verdict.PLAUSIBLE: "não verificado",
    Verdict.NOT_FOUND: "não localizado",
    Verdict.INVALID: "inválido",
    Verdict.DIVERGENT: "divergente",
    Verdict.UNAVAILABLE: "fonte indisponível",
    Verdict.UNCOVERED: "sem fonte",
}
ATTENTION = " (atenção)"  # it is no longer in force, or something about it deserves a look
# How many of each: one, and more.
COUNTED: dict[str, tuple[str, str]] = {
    Verdict.INVALID: ("inválida", "inválidas"),
    Verdict.DIVERGENT: ("divergente", "divergentes"),
    Verdict.NOT_FOUND: ("não localizada", "não localizadas"),
    ATTENTION: ("confirmada com atenção", "confirmadas com atenção"),
    Verdict.CONFIRMED: ("confirmada", "confirmadas"),
    Verdict.PLAUSIBLE: ("não verificada", "não verificadas"),
    Verdict.UNAVAILABLE: ("com fonte indisponível", "com fonte indisponível"),
    Verdict.UNCOVERED: ("sem fonte", "sem fonte"),
}
# What cannot stay as it is: whoever wrote it is told.
FAULTS = frozenset({Verdict.INVALID, Verdict.DIVERGENT, Verdict.NOT_FOUND})


def chip_of(one: Checked) -> str:
    """The verdict in a word or two: what is no longer in force is not simply confirmed."""
    return CHIP[one.verdict] + (ATTENTION if _deserves_a_look(one) else "")


def tone_of(one: Checked) -> str:
    """The classes of its colour: what is no longer in force is never green."""
    return f"{one.verdict} atencao" if _deserves_a_look(one) else one.verdict


def _deserves_a_look(one: Checked) -> bool:
    return one.warning and one.verdict in (Verdict.CONFIRMED, Verdict.PLAUSIBLE)


def is_fault(one: Checked) -> bool:
    """Whether it cannot stay so; a process that the courts' index lacks may be newer than the index."""
    is_missing_case = one.kind == "processo" and one.verdict == Verdict.NOT_FOUND
    return one.verdict in FAULTS and not is_missing_case


def is_unasked(one: Checked) -> bool:
    """A case number that can be one, of which no court has said anything: nobody was asked, or nobody answered."""
    return one.kind == "processo" and one.verdict in (Verdict.PLAUSIBLE, Verdict.UNAVAILABLE)


def is_open(one: Checked) -> bool:
    """Nobody may call it confirmed: not found in a source, or found with something to look at."""
    return one.verdict != Verdict.CONFIRMED or one.warning


def label_of(one: Checked) -> str:
    """For who does not see colours, and does not read the list."""
    return f"{one.text}: {chip_of(one)}"


def summary(items: Iterable[Checked]) -> str:
    """`1 não localizada, 3 confirmadas`: what asks for attention first."""
    counts = Counter(ATTENTION if one.warning and one.verdict == Verdict.CONFIRMED else one.verdict for one in items)
    return ", ".join(f"{counts[kind]} {words[counts[kind] > 1]}" for kind, words in COUNTED.items() if counts[kind])


def source_of(one: Checked) -> str:
    """`STJ, 12/08/2025`: where it was found and the day of that table; "" when nothing was looked up."""
    return ", ".join(filter(None, [one.source, _day(one.date)]))


def in_one_line(one: Checked) -> str:
    source = source_of(one)
    found = f"{one.text}: {chip_of(one)}. {one.reason}" + (f" ({source})" if source else "")
    both = f" Citado: “{one.quoted}”. Na fonte: “{one.stored}”." if one.stored else ""
    return " ".join((found + both).split())


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso[:10]):%d/%m/%Y}" if iso else ""
