"""Jobs about processes: the look-up of one, the nightly one of all that the office works on, and the lost ones."""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

from django.conf import settings
from django.db import transaction
from procrastinate import BaseRetryStrategy, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job

from romagent.base.chores import run_errand

log = logging.getLogger("romagent.datajud")


class ByTheNext(BaseRetryStrategy):
    """The worker is told to stop: the look-up is the next one's, at once. Everything else is found by `take_up`."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        return RetryDecision(retry_in={"seconds": 0}) if isinstance(exception, asyncio.CancelledError) else None


@app.task(name="jurisprudence.look_up", queue="courts", retry=ByTheNext())
async def look_up(*, case_id: str) -> None:
    from jurisprudence.datajud import looking

    await looking.look_up(UUID(case_id))


@app.periodic(cron="*/15 4-8 * * *", periodic_id="court_cases")  # UTC: from one to six in the morning in Brasília
@app.task(
    name="jurisprudence.refresh", queue="courts", priority=-10,
    lock="jurisprudence.refresh", queueing_lock="jurisprudence.refresh",
)  # fmt: skip
async def refresh(timestamp: int) -> None:
    """A part of the night's work; the next one goes on with what was asked for longest ago."""
    from jurisprudence.datajud import nightly

    if settings.DATAJUD_NIGHTLY:
        await nightly.refresh()


@app.periodic(cron="*/2 * * * *", periodic_id="court_cases_stranded")
@app.task(name="jurisprudence.take_up", queue="courts", queueing_lock="jurisprudence.take_up")
async def take_up(timestamp: int) -> None:
    """Look-ups that somebody waits for, whose job is gone."""
    from jurisprudence.datajud import stranded

    if count := await run_errand(stranded.take_up):
        log.warning("%d consultas a processos sem quem as fizesse voltaram à fila", count)


def enqueue(case_id: UUID) -> None:
    """Has the process looked up, within the caller's transaction; one job that waits is enough."""
    try:
        with transaction.atomic():
            look_up.configure(queueing_lock=f"court_case:{case_id}").defer(case_id=str(case_id))
    except AlreadyEnqueued:
        return
