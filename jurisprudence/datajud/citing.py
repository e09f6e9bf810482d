"""What the courts' index says of case numbers, in the words of the checks of citations."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from jurisprudence.citations.looking_up import CaseAnswer
from jurisprudence.datajud import lookups

WORDS = {
    "found": ("confirmado", "O processo está no índice do {source}."),
    "absent": (
        "nao_localizado",
        "O índice do {source} não tem este processo; o índice fica dias ou semanas atrás dos tribunais.",
    ),
    "unavailable": ("fonte_indisponivel", "O {source} não respondeu; nada se sabe deste processo."),
    "uncovered": ("fora_de_cobertura", "O {source} não cobre este tribunal."),
}


def kept(numbers: Iterable[str]) -> dict[str, CaseAnswer]:
    """What is known without asking anybody, and whom the source has left without an answer; one query."""
    return _answers(lookups.verdicts(numbers, offline=True, failures=True))


def asked(numbers: Iterable[str]) -> dict[str, CaseAnswer]:
    """Asks for what is not known; some seconds each, at the pace of a batch, and not where an event loop runs."""
    return _answers(lookups.verdicts(numbers, offline=False))


def _answers(known: dict[str, lookups.Verdict]) -> dict[str, CaseAnswer]:
    found = {}
    for digits, said in known.items():
        verdict, words = WORDS[said.verdict]
        day = timezone.localdate(said.date) if said.date else None
        found[digits] = CaseAnswer(verdict, words.format(source=said.source), said.source, as_of=day)
    return found
