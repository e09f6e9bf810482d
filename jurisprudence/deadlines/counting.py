"""Counts one deadline. Pure: dates in, dates out; what is asked of the calendar says which court it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from jurisprudence.deadlines import rules
from jurisprudence.deadlines.asking import Asked, Wrong
from jurisprudence.deadlines.calendars import DAY

VERSION = "1"  # of the rules: what another one has counted is counted again
MOVES = "CPC, art. 224, § 1º"
UNIT_BASIS = {
    "uteis": "CPC, art. 219; CLT, art. 775; Lei 9.099/1995, art. 12-A",
    "corridos": "dias corridos: CPP, art. 798, ou a lei própria do prazo",
    "meses": "CC, art. 132, § 3º",
    "anos": "CC, art. 132, § 3º",
}
RECESS_BASIS = "CPC, art. 220; CPP, art. 798-A; CLT, art. 775-A"
SUSPENSION_BASIS = "CPC, art. 221"
NO_END = "Com estes dias fechados o prazo não termina."


@dataclass(frozen=True)
class Skipped:
    """A day that was passed over, and why."""

    date: date
    reason: str

    @property
    def is_weekend(self) -> bool:
        return self.date.weekday() > 4


@dataclass(frozen=True)
class Counted:
    """The answer. `begins` is the day that is excluded; `start` the first that counts; `end` the last, a *dia útil*."""

    publication: date | None
    begins: date
    start: date
    amount: int
    end: date
    skipped: tuple[Skipped, ...]
    basis: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """As `manage.py deadline --json` prints it."""
        return {
            "publication": self.publication.isoformat() if self.publication else None,
            "start": self.start.isoformat(),
            "amount": self.amount,
            "end": self.end.isoformat(),
            "skipped": [{"date": one.date.isoformat(), "reason": one.reason} for one in self.skipped],
            "basis": " · ".join(self.basis),
        }


def count(asked: Asked) -> Counted:
    """The deadline that was asked for. Raises `Wrong` when so many days are closed that it has no end."""
    try:
        return _count(asked)
    except OverflowError as error:  # past the last year that a date can have
        raise Wrong(NO_END) from error


def _count(asked: Asked) -> Counted:
    beginning = rules.BEGINNINGS[asked.event](asked)
    amount = asked.amount * (2 if rules.doubling(asked) else 1)
    start = beginning.day + DAY
    while not rules.may_begin(asked, start):
        start += DAY
    last = _last(asked, beginning.day, start, amount)
    end = last
    while not rules.may_end(asked, end):
        end += DAY
    skipped = tuple(_skipped(asked, beginning, start, last, end))
    basis = tuple(dict.fromkeys(_basis(asked, beginning, end > last, skipped)))
    return Counted(beginning.publication, beginning.day, start, amount, end, skipped, basis)


def _last(asked: Asked, begins: date, start: date, amount: int) -> date:
    """The last day by number alone, before it moves off a day on which no deadline may end."""
    if asked.unit in rules.OF_CIVIL_LAW:
        return rules.months_after(begins, amount * (12 if asked.unit == "anos" else 1))
    day = start
    for _ in range(amount - 1):
        day += DAY
        while not rules.counts(asked, day):
            day += DAY
    return day


def _skipped(asked: Asked, beginning: rules.Beginning, start: date, last: date, end: date) -> Iterator[Skipped]:
    """Every day from the event to the end that was passed over, weekends too."""
    for after in range((end - beginning.looked_from).days):
        day = beginning.looked_from + timedelta(after)
        why = _why_before(asked, beginning, day) if day <= beginning.day else _why_after(asked, day, start, last)
        if why:
            yield Skipped(day, why)


def _why_before(asked: Asked, beginning: rules.Beginning, day: date) -> str:
    """Why the deadline could not begin on the day: the recess is no reason, reduced hours are one for a gazette."""
    late = beginning.publication is not None and beginning.publication <= day < beginning.day
    return asked.calendar.closure(day) or (_reduced(asked, day) if late else "")


def _why_after(asked: Asked, day: date, start: date, last: date) -> str:
    """Why the day does not count; "" when it does. Reduced hours move a first or last day and no other."""
    suspended = rules.suspended(asked, day)
    if start <= day < last:
        return "" if rules.runs(asked, day) else suspended or asked.calendar.closure(day)
    return suspended or asked.calendar.closure(day) or _reduced(asked, day)


def _reduced(asked: Asked, day: date) -> str:
    reason = asked.calendar.reduced.get(day, "")
    return f"{reason} ({MOVES})" if reason else ""


def _basis(asked: Asked, beginning: rules.Beginning, moved: bool, skipped: tuple[Skipped, ...]) -> Iterator[str]:
    """The laws that decided, in the order in which they did."""
    yield beginning.basis
    yield UNIT_BASIS[asked.unit]
    yield rules.doubling(asked) or rules.why_not_doubled(asked) or "CPC, art. 224 (exclui-se o começo, inclui-se o fim)"
    if asked.unit == "corridos" and asked.start_on_open_day and not asked.calendar.is_open(beginning.day + DAY):
        yield "Súmula 310 do STF"
    reasons = {one.reason for one in skipped}
    if rules.RECESS in reasons:
        yield RECESS_BASIS
    if reasons & set(asked.calendar.suspended.values()):
        yield SUSPENSION_BASIS
    if moved or any(MOVES in reason for reason in reasons):
        yield f"{MOVES}; CC, art. 132, § 1º" if asked.unit in rules.OF_CIVIL_LAW else MOVES
