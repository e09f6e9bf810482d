"""What a look-up writes: it takes the pen of a process, keeps what it came to, and puts the pen down. Database work.

Between the two the source is asked, without a connection (`looking.py`). Whoever was silent for longer than its lease
has lost the pen: another look-up has it, and what the first one brings is not written.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.actions import record
from jurisprudence.datajud import source
from jurisprudence.datajud.models import NO_DATE, CaseGrade, CaseMovement, CourtCase
from jurisprudence.datajud.outcomes import End, Outcome, Why, unavailable
from jurisprudence.datajud.records import Record
from projects.cnj import CaseNumber

log = logging.getLogger("romagent.datajud")

State = CourtCase.State
MOST_TAKEOVERS = 3
ROWS = 1_000  # in one INSERT


@dataclass(frozen=True)
class Pen:
    """The right to write what a look-up of this process comes to."""

    case: UUID
    number: CaseNumber
    attempt: int
    fresh: bool


def take(case_id: UUID, lease: float) -> Pen | None:
    """The pen of a process that is waited for, or whose look-up is silent; None when there is nothing to be done.

    `lease`: seconds until the look-up is taken for dead.
    """
    now = timezone.now()
    with transaction.atomic():
        free = Q(state=State.WAITING) | Q(state=State.LOOKING, lease_until__lt=now)
        case = CourtCase.objects.select_for_update().filter(free, pk=case_id).first()
        if case is None:
            return None
        case.takeovers = case.takeovers + 1 if case.state == State.LOOKING else 0
        number = case.parsed
        if number is None or case.takeovers > MOST_TAKEOVERS:
            _put_down(case, unavailable(Why.INTERNAL), now)
            return None
        case.state, case.attempts, case.lease_until = State.LOOKING, case.attempts + 1, now + timedelta(seconds=lease)
        case.save(update_fields=["state", "attempts", "lease_until", "takeovers"])
    return Pen(case.pk, number, case.attempts, case.fresh)


def keep(pen: Pen, outcome: Outcome) -> bool:
    """Writes what the look-up came to; False when another one has the pen by now."""
    now = timezone.now()
    with transaction.atomic():
        held = CourtCase.objects.select_for_update()
        case = held.filter(pk=pen.case, state=State.LOOKING, attempts=pen.attempt).first()
        if case is None:
            log.warning("a look-up was taken over by another one")
            return False
        _put_down(case, outcome, now)
    return True


def give_back(pen: Pen) -> None:
    """The look-up has to end without an outcome: the process waits again."""
    held = CourtCase.objects.filter(pk=pen.case, state=State.LOOKING, attempts=pen.attempt)
    held.update(state=State.WAITING, lease_until=None)


def _put_down(case: CourtCase, outcome: Outcome, now: datetime) -> None:
    """Keeps it; one row in the audit log when it says anything that was not known."""
    before, is_answer = case.outcome, outcome.end in (End.FOUND, End.ABSENT)
    at = outcome.at or now
    case.state, case.lease_until, case.takeovers, case.fresh = State.IDLE, None, 0, False
    case.outcome, case.why, case.tried_at = outcome.end, outcome.why or "", now
    if is_answer:
        _forget_the_other_source(case)
        case.looked_at = at
    if outcome.end == End.FOUND:
        case.found_at = at
    case.save()
    new = sum(_keep_record(case, one, at) for one in outcome.records)
    if outcome.at is None:
        source.note(outcome, now)
    if new or case.outcome != before:
        said: dict[str, Any] = {"outcome": case.outcome} | ({"why": case.why} if case.why else {})
        record("processo.resultado", entity=case, old={"outcome": before}, new=said | {"movements": new})


def _forget_the_other_source(case: CourtCase) -> None:
    """What the simulated source made up goes when the real one answers, and the other way round."""
    if case.simulated != settings.SIMULATED_DATAJUD:
        CaseMovement.objects.filter(case=case).delete()
        CaseGrade.objects.filter(case=case).delete()
        case.found_at, case.simulated = None, settings.SIMULATED_DATAJUD


def _keep_record(case: CourtCase, found: Record, at: datetime) -> int:
    """The grade as it is now, and its movements that were not known; how many these are.

    The source's id of a record has the class and the court body in it: a process that is given another of either has a
    new record, with all its movements. Those that are known from the same grade are neither new nor there twice.
    """
    values = {
        "grade": found.grade, "class_code": found.class_code, "class_name": found.class_name, "unit": found.unit,
        "city_code": found.city_code, "system": found.system, "filed_at": found.filed_at,
        "updated_at": found.updated_at, "secrecy": found.secrecy, "subjects": list(found.subjects), "seen_at": at,
    }  # fmt: skip
    grade, _ = CaseGrade.objects.update_or_create(case=case, key=found.key, defaults=values)
    same = Q(grade=grade) | (Q(grade__grade=found.grade) if found.grade else Q(pk__in=[]))
    known = set(CaseMovement.objects.filter(same, case=case).values_list("key", flat=True))
    fresh = [one for one in found.movements if one.key not in known]
    rows = (
        CaseMovement(
            grade=grade, case=case, key=one.key, code=one.code, name=one.name, detail=one.detail, at=one.at,
            sorted_at=one.at or NO_DATE, seen_at=at,
        )
        for one in fresh
    )  # fmt: skip
    CaseMovement.objects.bulk_create(rows, batch_size=ROWS)
    return len(fresh)


# Waiting ----------------------------------------------------------------------------------------


def wait_for(case: CourtCase, *, fresh: bool) -> bool:
    """Has the process waited for, within the caller's transaction; False when it is already."""
    now = timezone.now()
    idle = CourtCase.objects.filter(pk=case.pk, state=State.IDLE)
    return bool(idle.update(state=State.WAITING, asked_at=now, fresh=fresh, takeovers=0))


def row_of(number: CaseNumber) -> CourtCase:
    """The process of this number, made when nobody has asked for it yet."""
    case, _ = CourtCase.objects.get_or_create(number=number.digits)
    return case  # type: ignore[no-any-return]


def held_row_of(number: CaseNumber) -> CourtCase:
    """The same, held until the caller's transaction ends: the clean-up must not take it away meanwhile."""
    case = row_of(number)
    return CourtCase.objects.select_for_update(no_key=True).filter(pk=case.pk).first() or row_of(number)


def make_rows(numbers: Iterable[str]) -> None:
    """Rows for numbers that have none."""
    CourtCase.objects.bulk_create([CourtCase(number=number) for number in numbers], ignore_conflicts=True)
