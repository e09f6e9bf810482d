"""Verdicts in words: behind a citation in the text, in the list under it, and in what is exported.

What each verdict may claim is in docs/decisions/0016: never green without a source, grey is no approval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from jurisprudence.citations.verdicts import Judged, Verdict

# Behind the citation, in the text: short.
CHIP: dict[str, str] = {
    Verdict.CONFIRMADO: "confirmado",
    Verdict.PLAUSIVEL: "não verificado",
    Verdict.NAO_LOCALIZADO: "não localizado",
    Verdict.FORMATO_INVALIDO: "inválido",
    Verdict.DIVERGENTE: "divergente",
    Verdict.FONTE_INDISPONIVEL: "fonte indisponível",
    Verdict.FORA_DE_COBERTURA: "sem fonte",
}
# How many of each: one, and more.
COUNTED: dict[str, tuple[str, str]] = {
    Verdict.FORMATO_INVALIDO: ("inválida", "inválidas"),
    Verdict.DIVERGENTE: ("divergente", "divergentes"),
    Verdict.NAO_LOCALIZADO: ("não localizada", "não localizadas"),
    Verdict.CONFIRMADO: ("confirmada", "confirmadas"),
    Verdict.PLAUSIVEL: ("não verificada", "não verificadas"),
    Verdict.FONTE_INDISPONIVEL: ("com fonte indisponível", "com fonte indisponível"),
    Verdict.FORA_DE_COBERTURA: ("sem fonte", "sem fonte"),
}
# What cannot stay as it is: whoever wrote it is told.
FAULTS = frozenset({Verdict.FORMATO_INVALIDO, Verdict.DIVERGENTE, Verdict.NAO_LOCALIZADO})


def is_fault(one: Judged) -> bool:
    return one.verdict in FAULTS


def label_of(one: Judged) -> str:
    """For who does not see colours, and does not read the list."""
    return f"{one.text}: {CHIP[one.verdict]}"


def summary(items: Iterable[Judged]) -> str:
    """`1 não localizada, 3 confirmadas`: what asks for attention first."""
    counts = Counter(one.verdict for one in items)
    return ", ".join(f"{counts[kind]} {words[counts[kind] > 1]}" for kind, words in COUNTED.items() if counts[kind])


def source_of(one: Judged) -> str:
    """`STJ, 12/08/2025`: where it was found and the day of that table; "" when nothing was looked up."""
    return ", ".join(filter(None, [one.source, _day(one.date)]))


def in_one_line(one: Judged) -> str:
    source = source_of(one)
    found = f"{one.text}: {CHIP[one.verdict]}. {one.reason}" + (f" ({source})" if source else "")
    both = f" Citado: “{one.quoted}”. Na fonte: “{one.stored}”." if one.stored else ""
    return " ".join((found + both).split())


def _day(iso: str) -> str:
    return f"{date.fromisoformat(iso[:10]):%d/%m/%Y}" if iso else ""
