"""What a lawyer has to check by herself: where courts differ, and what no table can know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from jurisprudence.deadlines.calendars import Calendar
from jurisprudence.deadlines.counting import Counted
from jurisprudence.deadlines.holidays_by_law import easter, is_recess
from jurisprudence.deadlines.questions import Question
from jurisprudence.deadlines.table import PLACES

# Days that many courts close by acts of their own: from Easter, or fixed.
BY_EASTER = {-48: "segunda de Carnaval", -47: "terça de Carnaval", -46: "Quarta-feira de Cinzas", 60: "Corpus Christi"}
FIXED = {(8, 11): "11 de agosto", (10, 28): "28 de outubro (Dia do Servidor)", (11, 1): "1º de novembro"}


def cautions(question: Question, counted: Counted, calendar: Calendar) -> list[str]:
    """Sentences, the gravest first."""
    return [*_disputed(question, counted, calendar), *_open_days(question, counted, calendar), *_doubling(question)]


def _disputed(question: Question, counted: Counted, calendar: Calendar) -> Iterator[str]:
    """Where the law is read in two ways the earlier end is given."""
    if counted.publication and is_recess(counted.publication):
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
    if question.unit != "uteis":
        return
    found = [
        f"{name} ({day:%d/%m/%Y})"
        for day, name in _often_closed(counted.begins, counted.end)
        if calendar.is_open(day) and day not in calendar.reduced and not is_recess(day)
    ]
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


def _doubling(question: Question) -> Iterator[str]:
    if question.not_doubled:
        yield f"Não foi dobrado: {question.not_doubled}."
    elif question.regime == "trabalho" and question.party == "fazenda_publica":
        yield "Na Justiça do Trabalho a dobra da Fazenda é para recorrer (Decreto-Lei 779/1969, art. 1º, III)."
    elif question.unit == "corridos" and question.party in {"fazenda_publica", "ministerio_publico"}:
        yield "No ECA não há prazo em dobro para a Fazenda e o Ministério Público (Lei 8.069/1990, art. 152, § 2º)."
