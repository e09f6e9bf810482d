"""When a court is open: national law, Lei 5.010 for federal courts, and the days that were named besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from jurisprudence.deadlines.holidays_by_law import federal, national

STATE = "estadual"
FEDERAL = "federal"
DAY = timedelta(1)
WEEKEND = {5: "sábado", 6: "domingo"}


@dataclass(frozen=True)
class Calendar:
    """The days of one court. The reasons are shown to people; `closed`, `reduced` and `suspended` say them by day.

    `closed`: no court hours (CPC, art. 216). `reduced`: opened late, closed early, or the system was down (CPC,
    art. 224, § 1º). `suspended`: an act of the court stopped the course of deadlines, which is no holiday. `opened`:
    the staff has struck out what the law by itself would close.
    """

    kind: str = STATE
    closed: Mapping[date, str] = field(default_factory=dict)
    reduced: Mapping[date, str] = field(default_factory=dict)
    suspended: Mapping[date, str] = field(default_factory=dict)
    opened: frozenset[date] = frozenset()

    def closure(self, day: date) -> str:
        """Why the court is closed on the day; "" when it is open. What has a name goes before the weekend."""
        by_law = national(day.year).get(day)
        if by_law is None and self.kind == FEDERAL:
            by_law = federal(day.year).get(day)
        if by_law is not None and day not in self.opened:
            return str(by_law)
        return self.closed.get(day) or WEEKEND.get(day.weekday(), "")

    def is_open(self, day: date) -> bool:
        """A *dia útil*: no Saturday, Sunday or day without court hours (CPC, art. 216)."""
        return not self.closure(day)

    def open_after(self, day: date) -> date:
        """The first *dia útil* after the day."""
        day += DAY
        while not self.is_open(day):
            day += DAY
        return day

    def open_from(self, day: date) -> date:
        """The day itself when it is a *dia útil*, else the first one after it."""
        return day if self.is_open(day) else self.open_after(day)
