"""What the checks look up: the tables of precedents, and the courts when somebody offers to ask them."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from jurisprudence.citations.model import Citation, Kind
from jurisprudence.precedents import known
from jurisprudence.precedents.known import Entry, Key
from projects.cnj import WrongNumber, parse


@dataclass(frozen=True)
class CaseAnswer:
    """What a court's index has answered about a case number.

    `verdict` is one of `confirmado`, `nao_localizado` (properly looked up, absent), `fonte_indisponivel`,
    `fora_de_cobertura` (that court has no index).
    """

    verdict: str
    reason: str
    source: str = ""
    url: str = ""
    as_of: datetime.date | None = None


AskCourts = Callable[[list[str]], Mapping[str, CaseAnswer]]


@dataclass(frozen=True)
class Looked:
    """What was found. `asked`: the tables were consulted; without them an absence means nothing."""

    entries: Mapping[Key, Entry] = field(default_factory=dict)
    highest: Mapping[tuple[str, str, str], tuple[int, datetime.date]] = field(default_factory=dict)
    cases: Mapping[str, CaseAnswer] = field(default_factory=dict)
    asked: bool = False


NOTHING = Looked()
# By number, where the text does not say the court: the ones whose class it may be.
_EITHER = ("STF", "STJ")
_courts: list[AskCourts] = []


def offer_courts(ask: AskCourts) -> None:
    """From an app that can ask courts by case number (twenty digits each). It is asked for those that check only.

    It may answer for fewer than it was asked; those remain `plausivel`. Called once, when the apps are made ready.
    """
    _courts[:] = [ask]


def keys_of(citation: Citation) -> list[Key]:
    """The entries that a citation may be; none if the text does not say enough."""
    number = citation.number or 0
    match citation.kind:
        case Kind.SUMULA_VINCULANTE:
            return [Key(citation.kind, "STF", "", number)]
        case Kind.SUMULA | Kind.TEMA | Kind.PRECEDENTE_NORMATIVO:
            return [Key(citation.kind, citation.court, "", number)] if citation.court else []
        case Kind.ORIENTACAO:
            return [Key(citation.kind, "TST", citation.series, number)] if citation.series in known.SERIES else []
        case Kind.DECISAO if number:
            courts = (citation.court,) if citation.court else _EITHER
            return [Key(citation.kind, court, citation.category, number) for court in courts]
    return []


def look_up(citations: Iterable[Citation]) -> Looked:
    """Two queries for all citations together. Raises what the database raises."""
    keys = list(dict.fromkeys(key for citation in citations for key in keys_of(citation)))
    groups = list(dict.fromkeys(key[:3] for key in keys if key.kind != Kind.DECISAO))
    entries = known.entries(keys) if keys else {}
    highest = known.highest(groups) if groups else {}
    return Looked(entries, highest, asked=True)


def with_courts(looked: Looked, citations: Iterable[Citation]) -> Looked:
    """And what the courts answer about case numbers, if somebody offers to ask them.

    That may take a minute: hold no database connection meanwhile.
    """
    if not _courts:
        return looked
    numbers = case_numbers(citations)
    return replace(looked, cases=_courts[0](numbers)) if numbers else looked


def case_numbers(citations: Iterable[Citation]) -> list[str]:
    """The case numbers among them that can be ones, twenty digits each."""
    cited = (_valid(citation.digits) for citation in citations if citation.kind is Kind.PROCESSO)
    return list(dict.fromkeys(filter(None, cited)))


def _valid(digits: str) -> str:
    try:
        return parse(digits).digits
    except WrongNumber:
        return ""
