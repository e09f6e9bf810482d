"""What a lawyer has to check by herself: where courts differ, and what no table can know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from jurisprudence.deadlines.calendars import Calendar
from jurisprudence.deadlines.counting import Counted
from jurisprudence.deadlines.holidays_by_law import easter, is_recess
from jurisprudence.deadlines.questions import Question
from jurisprudence.deadlines.rules import OF_CIVIL_LAW
from jurisprudence.deadlines.table import PLACES

# Days that many courts close by acts of their own: from Easter, or fixed.
BY_EASTER = {
    -48: "segunda de Carnaval", -47: "terça de Carnaval", -46: "Quarta-feira de Cinzas", -3: "Quinta-feira Santa",
    60: "Corpus Christi",
}  # fmt: skip
FIXED = {
    (8, 11): "11 de agosto", (10, 28): "28 de outubro (Dia do Servidor)", (11, 1): "1º de novembro",
    (12, 24): "24 de dezembro", (12, 31): "31 de dezembro",
}  # fmt: skip


def cautions(question: Question, counted: Counted, calendar: Calendar) -> list[str]:
    """Sentences, the gravest first."""
    return [
        *(f"{words} O prazo pode terminar antes do que está aqui." for words in question.mistakes.values()),
        *_disputed(question, counted, calendar), *_open_days(question, counted, calendar),
        *_of_substance(question, counted, calendar), *_doubling(question),
    ]  # fmt: skip


def _disputed(question: Question, counted: Counted, calendar: Calendar) -> Iterator[str]:
    """Where the law is read in two ways the earlier end is given."""
    if counted.publication and is_recess(counted.publication) and not (question.urgent or question.is_material):
        yield (
            "A publicação caiu no recesso. Há decisões que a põem em 21 de janeiro, o que daria um dia a mais; "
            "aqui está a data mais próxima."
        )
    if question.event == "envio_portal" and not calendar.is_open(counted.begins):
        yield (
            "Os dez dias do portal terminaram em dia sem expediente. Há quem passe a intimação ao dia útil seguinte, "
            "o que daria um dia a mais; aqui está a data mais próxima."
        )
    if question.event in {"intimacao", "ciencia", "juntada"} and not calendar.is_open(question.date):
        yield (
            "O ato é de um dia sem expediente. Há decisões que o consideram feito no dia útil seguinte (Súmula 262, I, "
            "do TST), o que daria um dia a mais; aqui está a data mais próxima."
        )
    if question.event == "envio_portal":
        yield "Se a intimação foi lida no portal antes dos dez dias, conte a partir da leitura."


def _open_days(question: Question, counted: Counted, calendar: Calendar) -> Iterator[str]:
    """Days inside the deadline that many courts close, and that count here because no act says so."""
    stops = not (question.urgent or question.is_material)
    found = [
        f"{name} ({day:%d/%m/%Y})"
        for day, name in _often_closed(counted.begins, counted.end)
        if calendar.is_open(day) and day not in calendar.reduced and not (stops and is_recess(day))
        and (question.unit == "uteis" or day in (counted.start, counted.end))  # of others every day counts inside
    ]  # fmt: skip
    if found:
        yield (
            f"Contado como dia útil, por falta de ato na tabela: {', '.join(found)}. Se o tribunal fechou, informe "
            "o dia e guarde o ato (CPC, art. 1.003, § 6º)."
        )
    if question.court not in PLACES:
        yield "Nenhum tribunal foi escolhido: só entram os dias que a lei nacional fecha em todos."


def _often_closed(first: date, last: date) -> Iterator[tuple[date, str]]:
    for year in range(first.year, last.year + 1):
        days = {easter(year) + timedelta(after): name for after, name in BY_EASTER.items()}
        days |= {date(year, *fixed): name for fixed, name in FIXED.items()}
        yield from ((day, name) for day, name in sorted(days.items()) if first <= day <= last)


def _of_substance(question: Question, counted: Counted, calendar: Calendar) -> Iterator[str]:
    if not question.is_material:
        return
    if question.unit in OF_CIVIL_LAW:
        yield "Se o prazo é de direito penal (queixa, representação), ele termina ao menos um dia antes (CP, art. 10)."
    if any(counted.begins <= day <= counted.end for day in (*calendar.suspended, *calendar.reduced)):
        yield "Suspensões e expediente reduzido não entraram: não mudam prazos de direito material (CC, art. 207)."


def _doubling(question: Question) -> Iterator[str]:
    if question.not_doubled:
        yield f"Não foi dobrado: {question.not_doubled}."
    elif question.regime == "trabalho" and question.party == "fazenda_publica":
        yield "Na Justiça do Trabalho a dobra da Fazenda é para recorrer (Decreto-Lei 779/1969, art. 1º, III)."
    elif question.unit == "corridos" and question.party in {"fazenda_publica", "ministerio_publico"}:
        yield "No ECA não há prazo em dobro para a Fazenda e o Ministério Público (Lei 8.069/1990, art. 152, § 2º)."
    elif question.party == "litisconsortes" and not question.electronic:
        yield (
            "A dobra dos litisconsortes cessa se só um deles se defende (CPC, art. 229, § 1º), e não vale para "
            "recorrer quando só um perdeu (Súmula 641 do STF)."
        )
