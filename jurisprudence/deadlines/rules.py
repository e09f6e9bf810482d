"""The rules of counting, each a small function with the law it comes from.

Where courts differ the earlier end is kept: a deadline counted here may err early, never late.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from jurisprudence.deadlines.asking import Asked
from jurisprudence.deadlines.calendars import DAY, Calendar
from jurisprudence.deadlines.holidays_by_law import is_recess

OF_CIVIL_LAW = frozenset({"meses", "anos"})  # counted from number to number, which nothing interrupts
PORTAL_DAYS = 10
CONFIRMATION_DAYS = 5
RECESS = "recesso: prazos suspensos de 20/12 a 20/1 (CPC, art. 220)"


@dataclass(frozen=True)
class Beginning:
    """The day that is excluded (*dia do começo*, CPC, art. 231), how it was found, and by which law.

    `looked_from` is the first day at which it was looked for: from there on a closed day was passed over.
    """

    day: date
    basis: str
    looked_from: date
    publication: date | None = None


# The day of the beginning, by event ---------------------------------------------------------------


def gazette(asked: Asked) -> Beginning:
    """Made available in the electronic gazette: published on the first *dia útil* after that.

    Lei 11.419/2006, art. 4º, § 3º; CPC, art. 224, § 2º. The recess is no holiday for a state court, so what is made
    available on its eve is published inside it; some decisions say 21 January, which would be a day later.
    """
    published = asked.calendar.open_after(asked.date)
    basis = "Lei 11.419/2006, art. 4º, §§ 3º e 4º; CPC, art. 224, §§ 2º e 3º"
    return Beginning(_of_publication(published, asked.calendar), basis, asked.date + DAY, published)


def publication(asked: Asked) -> Beginning:
    """Published on the day given; a gazette is published on a *dia útil* only, so another day means the next one.

    CPC, art. 224, §§ 2º and 3º.
    """
    published = asked.calendar.open_from(asked.date)
    return Beginning(
        _of_publication(published, asked.calendar), "CPC, art. 224, §§ 2º e 3º; art. 231, VII", asked.date, published
    )


def _of_publication(day: date, calendar: Calendar) -> date:
    """The day of the publication begins the deadline, unless the court opened late or closed early on it.

    CPC, art. 231, VII, with art. 224, § 1º.
    """
    while not calendar.is_open(day) or day in calendar.reduced:
        day += DAY
    return day


def as_it_happened(basis: str) -> Callable[[Asked], Beginning]:
    """Told, or attached to the case: the day of the fact is excluded, whatever day it is (CPC, arts. 224 and 231).

    For a Saturday or a holiday there are decisions that count from the next *dia útil* (Súmula TST 262, I): a day
    later than here.
    """
    return lambda asked: Beginning(asked.date, basis, asked.date + DAY)


def read_in_portal(asked: Asked) -> Beginning:
    """Read in the portal: made on the day of reading, or on the next *dia útil* when that is none.

    Lei 11.419/2006, art. 5º, §§ 1º and 2º.
    """
    day = asked.calendar.open_from(asked.date)
    return Beginning(day, "Lei 11.419/2006, art. 5º, §§ 1º e 2º; CPC, art. 231, V", asked.date)


def sent_to_portal(asked: Asked) -> Beginning:
    """Sent and not read: deemed made when ten running days are over, the day of sending not counted.

    Lei 11.419/2006, art. 5º, § 3º; Resolução CNJ 455/2022, as changed by 569/2024. Whether that tenth day itself
    moves when it is no *dia útil* is disputed: it does not here, which is the earlier end.
    """
    day = asked.date + timedelta(PORTAL_DAYS)
    basis = "Lei 11.419/2006, art. 5º, § 3º; Resolução CNJ 455/2022, com a 569/2024"
    return Beginning(day, basis, day + DAY)


def confirmed_citation(asked: Asked) -> Beginning:
    """A citation confirmed in the Domicílio Judicial begins on the fifth *dia útil* after that, which is excluded.

    CPC, art. 231, IX; Resolução CNJ 455/2022, as changed by 569/2024.
    """
    day = asked.date
    for _ in range(CONFIRMATION_DAYS):
        day = asked.calendar.open_after(day)
    return Beginning(day, "CPC, art. 231, IX; Resolução CNJ 455/2022, com a 569/2024", asked.date + DAY)


BEGINNINGS: dict[str, Callable[[Asked], Beginning]] = {
    "disponibilizacao": gazette,
    "publicacao": publication,
    "intimacao": as_it_happened("CPC, art. 224; art. 230"),
    "ciencia": as_it_happened("CPC, art. 224; art. 230"),
    "juntada": as_it_happened("CPC, art. 224; art. 231, I, II e VI"),
    "leitura_portal": read_in_portal,
    "envio_portal": sent_to_portal,
    "citacao_domicilio": confirmed_citation,
}


# How much ------------------------------------------------------------------------------------------

DOUBLED = {
    "ministerio_publico": "CPC, art. 180",
    "fazenda_publica": "CPC, art. 183",
    "defensoria": "CPC, art. 186; LC 80/1994, arts. 44, I, 89, I, e 128, I",
    "litisconsortes": "CPC, art. 229",
}


def doubling(asked: Asked) -> str:
    """The law that doubles the term; "" when nothing does.

    CPC, arts. 180, 183, 186 and 229: for what is done in a case, so never terms of months or years, which are not of
    procedure. Not for a term that the law sets for that party itself (arts. 180, § 2º, 183, § 2º, 186, § 4º); not for
    co-parties in electronic cases (art. 229, § 2º).
    """
    if asked.party is None or asked.own_term or asked.unit in OF_CIVIL_LAW:
        return ""
    if asked.party == "litisconsortes" and asked.electronic:
        return ""
    return DOUBLED[asked.party]


def why_not_doubled(asked: Asked) -> str:
    """The law by which a party that has double terms has none here; "" where that is not so."""
    if asked.party is None or doubling(asked):
        return ""
    if asked.party == "litisconsortes" and asked.electronic:
        return "CPC, art. 229, § 2º (autos eletrônicos: sem dobra)"
    if asked.own_term:
        return "CPC, arts. 180, § 2º, 183, § 2º, e 186, § 4º (prazo próprio: sem dobra)"
    return "prazo em meses ou anos: sem dobra"


# Which days count ----------------------------------------------------------------------------------


def suspended(asked: Asked, day: date) -> str:
    """Why the course of the deadline stands still on the day; "" when it runs.

    CPC, art. 220; CPP, art. 798-A; CLT, art. 775-A; and acts of the court (CPC, art. 221).
    """
    if asked.suspended_in_recess and is_recess(day):
        return RECESS
    return asked.calendar.suspended.get(day, "")


def counts(asked: Asked, day: date) -> bool:
    """Whether the day is one of the deadline: *dias úteis* (CPC, art. 219), or every day (CPP, art. 798)."""
    if suspended(asked, day):
        return False
    return asked.unit != "uteis" or asked.calendar.is_open(day)


def runs(asked: Asked, day: date) -> bool:
    """Whether the deadline goes on over the day: every day for months and years (CC, art. 132, § 3º)."""
    return asked.unit in OF_CIVIL_LAW or counts(asked, day)


def may_begin(asked: Asked, day: date) -> bool:
    """Whether the count may begin on the day: CPC, art. 224, §§ 1º and 3º; for running days Súmula STF 310.

    A term of substantive law (`start_on_open_day` false) begins on the day after, whatever day that is.
    """
    if not counts(asked, day):
        return False
    if asked.unit != "uteis" and not asked.start_on_open_day:
        return True
    return asked.calendar.is_open(day) and day not in asked.calendar.reduced


def may_end(asked: Asked, day: date) -> bool:
    """Whether the deadline may end on the day: CPC, art. 224, § 1º; CPP, art. 798, § 3º; CC, art. 132, § 1º."""
    return not suspended(asked, day) and asked.calendar.is_open(day) and day not in asked.calendar.reduced


def months_after(day: date, months: int) -> date:
    """The day of the same number so many months later, or the day after the month's last one: CC, art. 132, § 3º.

    31 January and one month: 1 March. 29 February and one year: 1 March.
    """
    year, month = divmod(day.month - 1 + months, 12)
    try:
        return date(day.year + year, month + 1, day.day)
    except ValueError:
        return months_after(day.replace(day=1), months + 1)
