"""How a precedent stands, in words and in colour; and whether its source still has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Max

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
    newest = series.aggregate(newest=Max("as_of"))["newest"]
    return Standing(words, tone_of(precedent.status), newest if newest and newest > precedent.as_of else None)
