"""What is kept of a count, and whether it still holds: the table of holidays and the rules may have changed since."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from jurisprudence.deadlines.asking import Wrong
from jurisprudence.deadlines.calendars import Calendar
from jurisprudence.deadlines.cautions import cautions
from jurisprudence.deadlines.counting import VERSION, Counted, Skipped, count
from jurisprudence.deadlines.models import Deadline
from jurisprudence.deadlines.questions import Question
from jurisprudence.deadlines.table import calendar_of, last_change

# A row of the table has its time before others see it; a count in between was made without it.
SETTLING = timedelta(minutes=10)


@dataclass(frozen=True)
class Answer:
    """A question with what was counted, and what has to be checked by a person."""

    question: Question
    counted: Counted
    cautions: list[str]
    as_of: datetime = field(default_factory=timezone.now)  # no later than the table was read


def answer(question: Question, calendar: Calendar | None = None) -> Answer:
    """Counts it with the table as it is now. Raises `asking.Wrong`."""
    as_of = timezone.now()
    days = calendar or question.calendar()
    counted = count(question.asked(days))
    return Answer(question, counted, cautions(question, counted, days), as_of)


def as_json(counted: Counted) -> dict[str, Any]:
    """As a deadline keeps it."""
    return counted.as_json() | {"basis": list(counted.basis), "begins": counted.begins.isoformat()}


def from_json(kept: Mapping[str, Any]) -> Counted:
    skipped = tuple(Skipped(date.fromisoformat(one["date"]), one["reason"]) for one in kept["skipped"])
    published = kept["publication"]
    return Counted(
        date.fromisoformat(published) if published else None,
        date.fromisoformat(kept["begins"]), date.fromisoformat(kept["start"]), kept["amount"],
        date.fromisoformat(kept["end"]), skipped, tuple(kept["basis"]),
    )  # fmt: skip


def changed(deadlines: Iterable[Deadline]) -> dict[UUID, date]:
    """Those whose end would be another one today, with that end. Counts only what the table or the rules have outrun.

    Never more than a page of them: one query for the table, and one for each court and place among the outrun.
    """
    newest = last_change()
    since = newest and newest + SETTLING
    calendars: dict[Any, Calendar] = {}
    found = {}
    for deadline in deadlines:
        if deadline.version == VERSION and (since is None or since <= deadline.counted_at):
            continue
        question = Question.from_json(deadline.asked)
        key = (question.court, question.uf, question.city)
        if key not in calendars:
            calendars[key] = calendar_of(*key)
        try:
            end = count(question.asked(question.on(calendars[key]))).end
        except Wrong:  # the rules of another version: it stays as it was counted
            continue
        if end != deadline.ends_on:
            found[deadline.pk] = end
    return found
