"""What can be said of a citation: `judge(citations, looked)`.

The rule above all: nothing is `confirmado` but by an entry that was found, with its source and its date. What code
cannot decide (a holding that is told the other way round) is not claimed.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils import timezone

from jurisprudence.citations import courts, laws, naming
from jurisprudence.citations.comparing import says
from jurisprudence.citations.looking_up import NOTHING, Looked, keys_of
from jurisprudence.citations.model import Citation, Dated, Kind
from jurisprudence.citations.naming import of
from jurisprudence.citations.pieces import pointed
from jurisprudence.citations.rules import of_court
from jurisprudence.precedents.known import Entry
from projects.cnj import WrongNumber, parse

VERSION = 3  # of the rules below and of the recogniser; kept with every verdict
OWN_RULE = "verificação de formato"


class Verdict(StrEnum):
    CONFIRMED = "confirmado"
    PLAUSIBLE = "plausivel"
    NOT_FOUND = "nao_localizado"
    INVALID = "formato_invalido"
    DIVERGENT = "divergente"
    UNAVAILABLE = "fonte_indisponivel"
    UNCOVERED = "fora_de_cobertura"


@dataclass(frozen=True)
class Judged:
    """A citation and what is known of it. `reason` is a sentence in Portuguese for the reader.

    `source`, `url`, `as_of`: where it was found and as of when; `warning`: it exists, but is no longer in force, or
    something about it deserves a look. `quoted` and `stored` are both texts of a quotation that differs.
    """

    citation: Citation
    verdict: Verdict
    reason: str
    source: str = ""
    url: str = ""
    as_of: datetime.date | None = None
    warning: bool = False
    quoted: str = ""
    stored: str = ""
    entry: Entry | None = None
    version: int = VERSION


def judge(
    citations: Iterable[Citation], looked: Looked = NOTHING, *, today: datetime.date | None = None
) -> list[Judged]:
    """A verdict for each, in the order of the text; dates come out too, but only those that fault what they belong to.

    `looked` is what `looking_up.look_up` has found; without it nothing is confirmed.
    """
    today = today or timezone.localdate()
    judged = []
    for citation in citations:
        judged.append(_JUDGES[citation.kind](citation, looked, today))
        judged.extend(_dates(citation, today))
    return sorted(judged, key=lambda one: one.citation.start)


# Case numbers -------------------------------------------------------------------------------------


def _process(citation: Citation, looked: Looked, today: datetime.date) -> Judged:
    try:
        number = parse(citation.digits)
    except WrongNumber as error:
        return Judged(citation, Verdict.INVALID, str(error), OWN_RULE)
    court = number.court.sigla
    if answer := looked.cases.get(number.digits):
        verdict = Verdict(answer.verdict)
        return Judged(citation, verdict, answer.reason, answer.source, answer.url, answer.as_of)
    return _plausible(
        citation, f"O número confere (dígito verificador, ano e tribunal: {court}); nenhum tribunal foi consultado."
    )


# What is in the tables of precedents ----------------------------------------------------------------


def _rule(citation: Citation, looked: Looked, today: datetime.date) -> Judged:
    if not citation.number:
        return Judged(citation, Verdict.INVALID, f"Não existe o número zero: {citation.normalized}.", OWN_RULE)
    if citation.court and citation.court not in courts.KNOWN:
        return Judged(citation, Verdict.INVALID, f"Não existe o tribunal {citation.court}.", OWN_RULE)
    keys = keys_of(citation)
    if len(keys) != 1:
        return _plausible(citation, _unsaid(citation))
    if entry := looked.entries.get(keys[0]):
        return _found(citation, entry)
    kind, court, series, number = keys[0]
    known = looked.highest.get((kind, court, series))
    if known is None:
        return _plausible(citation, _unlooked(looked, f"{_THESE[citation.kind]}{of_court(court)}"))
    highest, as_of = known
    if number > highest:
        reason = f"Acima do último conhecido em {_day(as_of)}: {pointed(highest)}."
    else:
        reason = f"Não está entre os números conhecidos em {_day(as_of)}, que vão até {pointed(highest)}."
    return Judged(citation, Verdict.NOT_FOUND, reason, "base de precedentes", as_of=as_of)


_THESE = {
    Kind.SUMULA: "as súmulas", Kind.SUMULA_VINCULANTE: "as súmulas vinculantes", Kind.TEMA: "os temas",
    Kind.ORIENTACAO: "as orientações jurisprudenciais", Kind.PRECEDENTE_NORMATIVO: "os precedentes normativos",
}  # fmt: skip


def _unlooked(looked: Looked, what: str) -> str:
    if not looked.asked:
        return "O formato está certo; a base de precedentes não foi consultada."
    return f"O formato está certo; {what} não estão na base de precedentes."


def _unsaid(citation: Citation) -> str:
    if citation.kind is Kind.ORIENTACAO:
        return "O texto não diz de que seção do TST é a orientação; nada foi conferido."
    return "O texto não diz de que tribunal; nada foi conferido."


def _found(citation: Citation, entry: Entry) -> Judged:
    reason = f"Está na base de precedentes, conferida em {_day(entry.as_of)}."
    gone = bool(entry.status) and entry.status != "em vigor"
    if gone:
        reason = f"Existe, mas a situação é: {entry.status} (base de precedentes, conferida em {_day(entry.as_of)})."
    if entry.note and gone:
        reason += f" {entry.note}"
    evidence = {"source": entry.source, "url": entry.url, "as_of": entry.as_of, "warning": gone, "entry": entry}
    quotation = citation.quotation
    if quotation and entry.text and not says(entry.text, quotation.text, title=entry.title, negated=quotation.negated):
        reason = f"Existe, mas o texto entre aspas não é o da base de precedentes, conferida em {_day(entry.as_of)}."
        return Judged(
            citation,
            Verdict.DIVERGENT,
            reason,
            quoted=quotation.text,
            stored=entry.text,
            **(evidence | {"warning": True}),  # type: ignore[arg-type]
        )
    return Judged(citation, Verdict.CONFIRMED, reason, **evidence)  # type: ignore[arg-type]


# Decisions by class and number ----------------------------------------------------------------------

# No number of these classes can have come near to twice as many (as of 2025: REsp some 2,2 million, RE and ARE 1,6
# million, HC of the STJ 1 million, ADI 8 thousand): far above, it is made up.
CEILING = {
    "REsp": 4_500_000, "AREsp": 6_000_000, "EREsp": 4_500_000, "EAREsp": 6_000_000, "RE": 3_500_000,
    "ARE": 3_500_000, "HC": 2_500_000,
    "RHC": 600_000, "RMS": 200_000, "ADI": 20_000, "ADPF": 5_000, "ADC": 500, "ADO": 500, "MI": 20_000, "Rcl": 300_000,
}  # fmt: skip


def _decision(citation: Citation, looked: Looked, today: datetime.date) -> Judged:
    if citation.digits:
        return Judged(citation, Verdict.UNCOVERED, "Números anteriores a 2010 não têm dígito que se possa conferir.")
    if not citation.number:
        return Judged(citation, Verdict.INVALID, "O número zero não existe.", OWN_RULE)
    if citation.state and citation.state not in courts.UFS:
        return Judged(citation, Verdict.INVALID, f"Não existe o estado {citation.state}.", OWN_RULE)
    own = citation.category.split(" ")[-1]
    if citation.number > CEILING.get(own, citation.number):
        none = "Nenhuma" if own in ("ADI", "ADPF", "ADC", "ADO", "Rcl") else "Nenhum"
        return Judged(
            citation, Verdict.INVALID, f"{none} {own} tem número tão alto: {pointed(citation.number)}.", OWN_RULE
        )
    found = [entry for key in keys_of(citation) if (entry := looked.entries.get(key))]
    if len(found) == 1:
        return _found_decision(citation, found[0])
    reason = "O formato está certo; "
    reason += (
        "não está na base de precedentes, que não tem todas as decisões."
        if looked.asked
        else "a base de precedentes não foi consultada."
    )
    return _plausible(citation, reason)


def _found_decision(citation: Citation, entry: Entry) -> Judged:
    """A quotation of a decision is not compared: the table has its ementa, and one may quote its reasons.

    Where the text does not say the court, both may have a case of that class and number, and our table only one.
    """
    reason = f"Está na base de precedentes ({entry.key.court}), conferida em {_day(entry.as_of)}."
    unsaid = not citation.court
    if unsaid:
        reason += f" O texto não diz de que tribunal; veja se é mesmo do {entry.key.court}."
    evidence = (entry.source, entry.url, entry.as_of, unsaid)
    return Judged(citation, Verdict.CONFIRMED, reason, *evidence, entry=entry)


def _statement(citation: Citation, looked: Looked, today: datetime.date) -> Judged:
    return Judged(citation, Verdict.UNCOVERED, "Enunciados de fóruns e jornadas não são conferidos.")


# Laws and articles ----------------------------------------------------------------------------------


def _law(citation: Citation, looked: Looked, today: datetime.date) -> Judged:
    if citation.law is None or (citation.guessed and citation.law.local):
        return _plausible(citation, "O texto não diz de que lei; nada foi conferido.")
    if fault := _impossible_law(citation, today):
        return fault
    if citation.law.kind == "interna":
        return Judged(citation, Verdict.UNCOVERED, "Regimentos, contratos e regulamentos não são conferidos.")
    if citation.law.local:
        return Judged(citation, Verdict.UNCOVERED, "Leis estaduais, municipais e atos normativos não são conferidos.")
    if other := _other_year(citation):
        return Judged(citation, Verdict.PLAUSIBLE, other, warning=True)
    known = naming.facts(citation.law)
    if known is None:
        return _plausible(citation, "O formato está certo; esta lei não está na tabela de leis.")
    return _plausible(citation, f"{_begin(known)} está na tabela de leis; o que a lei diz não foi conferido.")


def _article(citation: Citation, looked: Looked, today: datetime.date) -> Judged:
    if not citation.number or citation.until == 0:
        return Judged(citation, Verdict.INVALID, "Não existe artigo de número zero.", OWN_RULE)
    known = naming.facts(citation.law) if citation.law else None
    if known is None or not known.last or (citation.law and citation.law.year and citation.law.year > today.year):
        return _law(citation, looked, today)
    last, asked = known.last, max(citation.number, citation.until or 0)
    if asked <= last:
        return _plausible(
            citation, f"{_begin(known)} vai até o artigo {pointed(last)}; o que o artigo diz não foi conferido."
        )
    if citation.guessed:
        return _plausible(
            citation, f"O texto não diz claramente de que lei; {_titled(known)} vai até o artigo {pointed(last)}."
        )
    reason = f"Não há artigo {pointed(asked)}: {_titled(known)} vai até o artigo {pointed(last)}"
    reason += f" ({laws.SOURCE}, {_day(laws.AS_OF)})."
    verdict = Verdict.NOT_FOUND if known.grows else Verdict.INVALID
    return Judged(citation, verdict, reason, laws.SOURCE, as_of=laws.AS_OF)


def _titled(known: laws.Known) -> str:
    """With its article: `o CPC`, `a Lei Maria da Penha`."""
    return of(known.key).removeprefix("d")


def _begin(known: laws.Known) -> str:
    return _titled(known)[0].upper() + _titled(known)[1:]


def _impossible_law(citation: Citation, today: datetime.date) -> Judged | None:
    law = citation.law
    if law is None or not law.number:
        return None
    if int(law.number) == 0:
        return Judged(citation, Verdict.INVALID, "Não existe lei de número zero.", OWN_RULE)
    if law.year and law.year > today.year:
        return Judged(citation, Verdict.INVALID, f"O ano da lei, {law.year}, está no futuro.", OWN_RULE)
    return None


def _other_year(citation: Citation) -> str:
    """A federal law of that number is of another year; but it may be a law of a state, so this is a warning only."""
    law = citation.law
    found = laws.BY_NUMBER.get((law.kind, int(law.number))) if law and law.number else None
    if found is None or law is None or law.year in (None, found.year):
        return ""
    right = f"{_the(found)} de número {pointed(found.number)} é de {found.year} ({found.name})"
    return f"{right}, e não de {law.year}; pode ser lei estadual ou municipal."


def _the(found: laws.Known) -> str:
    return (
        "O decreto-lei federal"
        if found.kind == laws.DL
        else "A lei complementar federal"
        if found.kind == laws.LC
        else "A lei federal"
    )


# Dates ----------------------------------------------------------------------------------------------

# The gazette of today is published tomorrow, and that of 18 December after the recess, on 21 January.
NO_WAIT, LONGEST_WAIT = datetime.timedelta(0), datetime.timedelta(days=35)


def _dates(citation: Citation, today: datetime.date) -> list[Judged]:
    return [
        Judged(_dated(citation, date), Verdict.INVALID, fault, OWN_RULE)
        for date in citation.dates
        if (fault := _fault(citation, date, today))
    ]


def _dated(citation: Citation, date: Dated) -> Citation:
    return Citation(date.start, date.end, date.text, Kind.DATA, normalized=citation.normalized, court=citation.court)


def _fault(citation: Citation, date: Dated, today: datetime.date) -> str:
    if date.day is None:
        return f"Não existe o dia {date.text}."
    if date.day > today + (LONGEST_WAIT if date.published else NO_WAIT):
        return f"A data da decisão ({citation.normalized}) está no futuro."
    court = citation.court
    if citation.kind is Kind.PROCESSO:
        return _before_filing(citation, date.day)
    since = courts.SINCE.get(court)
    if since and date.day < since:
        return f"Em {_day(date.day)} o {court} ainda não existia; existe desde {_day(since)}."
    return ""


def _before_filing(citation: Citation, day: datetime.date) -> str:
    try:
        filed = parse(citation.digits).year
    except WrongNumber:
        return ""
    return f"Data anterior ao ano do processo, {filed}." if day.year < filed else ""


def _plausible(citation: Citation, reason: str) -> Judged:
    return Judged(citation, Verdict.PLAUSIBLE, reason)


def _day(day: datetime.date) -> str:
    return f"{day:%d/%m/%Y}"


_JUDGES = {
    Kind.PROCESSO: _process, Kind.SUMULA: _rule, Kind.SUMULA_VINCULANTE: _rule, Kind.TEMA: _rule,
    Kind.ORIENTACAO: _rule, Kind.PRECEDENTE_NORMATIVO: _rule, Kind.ENUNCIADO: _statement, Kind.DECISAO: _decision,
    Kind.ARTIGO: _article, Kind.LEI: _law,
}  # fmt: skip
