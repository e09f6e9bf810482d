"""The days that national law closes, year by year: what every court has, and what only the federal ones have.

Nothing here is state, city or court law: those days are rows of the table of holidays, or come with the question.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType


@dataclass(frozen=True)
class Closure:
    """Why a court is closed on a day: what the day is, and the law or act that says so."""

    name: str
    source: str

    def __str__(self) -> str:
        return f"{self.name} ({self.source})" if self.source else self.name


FIXED = (
    (1, 1, "Confraternização Universal", "Lei 662/1949, art. 1º"),
    (4, 21, "Tiradentes", "Lei 662/1949, art. 1º"),
    (5, 1, "Dia do Trabalho", "Lei 662/1949, art. 1º"),
    (9, 7, "Independência do Brasil", "Lei 662/1949, art. 1º"),
    (10, 12, "Nossa Senhora Aparecida", "Lei 6.802/1980, art. 1º"),
    (11, 2, "Finados", "Lei 662/1949, art. 1º, pela Lei 10.607/2002"),
    (11, 15, "Proclamação da República", "Lei 662/1949, art. 1º"),
    (12, 25, "Natal", "Lei 662/1949, art. 1º"),
)
BLACK_CONSCIOUSNESS = Closure("Dia Nacional de Zumbi e da Consciência Negra", "Lei 14.759/2023, art. 1º")
BLACK_CONSCIOUSNESS_SINCE = 2024  # the law is of 21 December 2023
GOOD_FRIDAY = Closure("Sexta-feira da Paixão", "Lei 1.408/1951, art. 5º; Lei 9.093/1995, art. 2º")
JUSTICE_DAY = Closure("Dia da Justiça", "Decreto-Lei 8.292/1945; Lei 1.408/1951, art. 5º")
FEDERAL = "Lei 5.010/1966, art. 62"


def easter(year: int) -> date:
    """Easter Sunday of a Gregorian year: the paschal full moon by golden number and epact, then the Sunday after it."""
    century = year // 100 + 1
    left_out = 3 * century // 4 - 12  # leap days that the Gregorian calendar leaves out
    moon = (8 * century + 5) // 25 - 5
    golden = year % 19 + 1
    epact = (11 * golden + 20 + moon - left_out) % 30
    if epact == 24 or (epact == 25 and golden > 11):
        epact += 1
    full_moon = 44 - epact  # as a day of March
    if full_moon < 21:
        full_moon += 30
    to_sunday = (5 * year // 4 - left_out - 10 + full_moon) % 7
    return date(year, 3, 1) + timedelta(full_moon + 7 - to_sunday - 1)


@functools.lru_cache(maxsize=512)
def national(year: int) -> Mapping[date, Closure]:
    """Closed in every court: national holidays, Good Friday and 8 December.

    Leis 662/1949, 6.802/1980, 10.607/2002 and 14.759/2023; Lei 1.408/1951, art. 5º; Decreto-Lei 8.292/1945.
    """
    days = {date(year, month, day): Closure(name, source) for month, day, name, source in FIXED}
    if year >= BLACK_CONSCIOUSNESS_SINCE:
        days[date(year, 11, 20)] = BLACK_CONSCIOUSNESS
    days[easter(year) - timedelta(2)] = GOOD_FRIDAY
    days[date(year, 12, 8)] = JUSTICE_DAY
    return MappingProxyType(dict(sorted(days.items())))


@functools.lru_cache(maxsize=512)
def federal(year: int) -> Mapping[date, Closure]:
    """Closed in federal and higher courts besides: Lei 5.010/1966, art. 62.

    20 December to 6 January; Holy Week from Wednesday to Easter Sunday; Carnival Monday and Tuesday; 11 August;
    1 and 2 November; 8 December. What `national` closes by a name of its own keeps that name.
    """
    sunday = easter(year)
    recess = [date(year, 1, day) for day in range(1, 7)] + [date(year, 12, day) for day in range(20, 32)]
    days = {day: Closure("Recesso da Justiça Federal", f"{FEDERAL}, I") for day in recess}
    days |= {sunday - timedelta(before): Closure("Semana Santa", f"{FEDERAL}, II") for before in range(5)}
    days |= {sunday - timedelta(before): Closure("Carnaval", f"{FEDERAL}, III") for before in (48, 47)}
    days[date(year, 8, 11)] = Closure("Criação dos cursos jurídicos", f"{FEDERAL}, IV")
    days[date(year, 11, 1)] = Closure("Todos os Santos", f"{FEDERAL}, IV")
    return MappingProxyType({day: days[day] for day in sorted(days) if day not in national(year)})


def is_recess(day: date) -> bool:
    """Whether the course of procedural deadlines is suspended for everybody: 20 December to 20 January, both included.

    CPC, art. 220; CPP, art. 798-A; CLT, art. 775-A.
    """
    return (day.month == 12 and day.day >= 20) or (day.month == 1 and day.day <= 20)
