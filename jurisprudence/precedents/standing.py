"""How a precedent stands, in words and in colour; and whether its source still has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q

from jurisprudence.precedents.models import Precedent

Status = Precedent.Status
TONES = {Status.IN_FORCE: "ok", Status.UNPUBLISHED: "warn", Status.UNDECIDED: "warn", Status.NONE: ""}


@dataclass(frozen=True)
class Standing:
    words: str  # "Em vigor"; "" for decisions
    tone: str  # "ok", "warn", "bad" or ""
    missing_since: date | None = None  # the day of a newer list of the same series, in which it is not


def tone_of(status: str) -> str:
    return TONES.get(Status(status), "bad")


def standing_of(precedent: Precedent) -> Standing:
    """One query, but for decisions, of which no list is complete."""
    words = precedent.status.capitalize()
    if precedent.kind == Precedent.Kind.DECISAO:
        return Standing(words, tone_of(precedent.status))
    series = Precedent.objects.filter(court=precedent.court, kind=precedent.kind, series=precedent.series)
    newer = Count("pk", filter=Q(as_of__gt=precedent.as_of))
    found = series.aggregate(newest=Max("as_of"), newer=newer, all=Count("pk"))
    # A newer file that has most of the series is a list of it; one that has a few says nothing of the others.
    is_missing = found["newer"] * 2 > found["all"]
    return Standing(words, tone_of(precedent.status), found["newest"] if is_missing else None)
