"""The table of holidays: what national law puts there, and the calendar of one court made of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from audit.actions import record
from jurisprudence.deadlines.calendars import FEDERAL, STATE, Calendar
from jurisprudence.deadlines.holidays_by_law import GOOD_FRIDAY, JUSTICE_DAY, federal, national
from jurisprudence.deadlines.models import Holiday
from projects.courts import COURTS, STATES, Court

YEARS_BACK, YEARS_AHEAD = 2, 3  # of those that are shown to the staff; the count itself knows every year
# Branches of the Justice (J of a case number) that Lei 5.010 closes: federal courts and the higher courts. Labour and
# electoral courts follow it by acts of their own, which are rows of the table: without one a day counts (ends early).
FEDERAL_BRANCHES = {1, 2, 3, 4}
OF_ONE_STATE = {6, 8, 9}  # electoral, state and military courts of a state
HIGHER = {"TST", "CSJT", "TSE", "STM"}


@dataclass(frozen=True)
class Place:
    """A court to count for; its state when it has only one."""

    court: Court
    is_federal: bool
    uf: str = ""

    @property
    def kind(self) -> str:
        return FEDERAL if self.is_federal else STATE


def _place(branch: int, number: int, court: Court) -> Place:
    uf = STATES[number - 1][0] if branch in OF_ONE_STATE and number else ""
    return Place(court, branch in FEDERAL_BRANCHES or court.sigla in HIGHER, uf)


PLACES: dict[str, Place] = {court.sigla: _place(*codes, court) for codes, court in COURTS.items()}


def calendar_of(sigla: str, uf: str = "", city: str = "") -> Calendar:
    """The days of a court: what the law closes, and the rows for it, its state and its city.

    An unknown sigla is a state court about which nothing is known. One query, two for a city.
    """
    place = PLACES.get(sigla)
    is_federal = bool(place and place.is_federal)
    rows = Holiday.objects.of_court(sigla, (place and place.uf) or uf, city, is_federal=is_federal)
    days: dict[str, dict[date, str]] = {"closed": {}, "reduced": {}, "suspended": {}}
    opened = set()
    for row in rows.order_by("pk"):
        if row.removed_at is None:
            days[COLUMN[row.kind]][row.date] = row.reason
        elif row.kind == Holiday.Kind.HOLIDAY and row.scope in LAWS and row.date in LAWS[row.scope](row.date.year):
            opened.add(row.date)
    return Calendar(FEDERAL if is_federal else STATE, **days, opened=frozenset(opened))


LAWS = {"national": national, "forense": national, "federal": federal}  # what closes a day by itself, by scope
COLUMN = {"holiday": "closed", "suspension": "suspended", "downtime": "reduced", "reduced": "reduced"}


def last_change() -> Any:
    """When a row was last changed; None while there is none."""
    return Holiday.objects.aggregate(last=Max("updated_at"))["last"]


# What the law puts there ---------------------------------------------------------------------------


def by_law(year: int) -> Iterator[Holiday]:
    """The rows of one year: Leis 662/1949, 6.802/1980, 14.759/2023, 1.408/1951 and 5.010/1966, not kept yet."""
    for day, closure in national(year).items():
        scope = Holiday.Scope.FORENSE if closure in (GOOD_FRIDAY, JUSTICE_DAY) else Holiday.Scope.NATIONAL
        yield Holiday(date=day, scope=scope, name=closure.name, source=closure.source, by_rule=True)
    for day, closure in federal(year).items():
        yield Holiday(date=day, scope=Holiday.Scope.FEDERAL, name=closure.name, source=closure.source, by_rule=True)


@transaction.atomic
def seed(first: int, last: int) -> int:
    """Puts there what is missing of these years, and strikes out what the rule had put there and is law no more.

    What a person has struck out or changed stays. How many rows came or went.
    """
    law = {(row.date, row.scope): row for year in range(first, last + 1) for row in by_law(year)}
    rows = Holiday.objects.filter(date__year__range=(first, last), scope__in=list(LAWS), kind=Holiday.Kind.HOLIDAY)
    there = {(row.date, row.scope): row for row in rows}
    new = [row for key, row in law.items() if key not in there]
    gone = [row.pk for key, row in there.items() if row.by_rule and row.removed_at is None and key not in law]
    if new or gone:
        now = timezone.now()
        Holiday.objects.bulk_create(new, ignore_conflicts=True)
        Holiday.objects.filter(pk__in=gone).update(removed_at=now, updated_at=now)
        years = f"{first} a {last}"
        record("feriados.semear", new={"rows": len(new), "removed": len(gone), "years": years})
    return len(new) + len(gone)


def seed_around(year: int | None = None) -> int:
    """The years that people look at now."""
    now = year or timezone.localdate().year
    return seed(now - YEARS_BACK, now + YEARS_AHEAD)
