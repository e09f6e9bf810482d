"""Every night: the processes of active projects are asked for anew, one after the other, so that movements are found.

A part ends after some minutes, when the source needs a rest, or when the worker is told to stop; the next one goes on
with those that were asked for longest ago, so what a night has no time for is the first of the next.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import timedelta
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from jurisprudence.datajud import breaker, keeping
from jurisprudence.datajud.client import BATCH
from jurisprudence.datajud.looking import Database, look_up
from jurisprudence.datajud.models import CourtCase
from projects.cnj import WrongNumber, parse
from projects.models import Project
from romagent.base.chores import run_errand, stopping

log = logging.getLogger("romagent.datajud")

EVERY = timedelta(hours=18)  # one that was asked for since then is left alone
PART_SECONDS = 12 * 60.0
PAUSE_SECONDS = 2.0
NEW_ROWS = 500  # numbers of projects that nobody has looked up yet, in one part


async def refresh(pause: float = PAUSE_SECONDS, database: Database = run_errand) -> int:
    """One part of the night's work; how many processes were asked for."""
    if not settings.DATAJUD_API_KEY:
        return 0
    deadline, count = time.monotonic() + PART_SECONDS, 0
    await database(make_missing)
    while time.monotonic() < deadline and not stopping.is_set():
        if await asyncio.to_thread(breaker.is_open):
            log.warning("DataJud is resting: the nightly refresh goes on later, after %d", count)
            break
        case_id = await database(next_due)
        if case_id is None:
            break
        count += await look_up(case_id, BATCH, database)
        await asyncio.sleep(pause)
    return count


def next_due() -> UUID | None:
    """The process whose turn it is, waited for from now on; None when all are done."""
    for case in CourtCase.objects.due(timezone.now() - EVERY)[:5]:
        if keeping.wait_for(case, fresh=True):
            return case.pk  # type: ignore[no-any-return]
    return None


def make_missing() -> int:
    """Rows for the numbers of active projects that have none yet."""
    active = Project.objects.filter(status=Project.Status.ACTIVE, deleted_at=None).exclude(case_number="")
    unknown = active.exclude(case_number__in=CourtCase.objects.values("number")).order_by("pk")
    valid = filter(_is_one, unknown.values_list("case_number", flat=True).iterator())
    numbers = list(islice(valid, NEW_ROWS))
    keeping.make_rows(numbers)
    return len(numbers)


def _is_one(digits: str) -> bool:
    """Old rows may hold what no form would take today."""
    try:
        return parse(digits).digits == digits
    except WrongNumber:
        return False
