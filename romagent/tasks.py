"""Jobs of the roof: the clean-up, when somebody asks for it and every night; copies of one's own data."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from procrastinate.contrib.django import app

from romagent import cleanup, exports
from romagent.base.chores import run_chore
from romagent.subjects import work


@app.task(name="romagent.clean_up", queue="chores")
async def clean_up(*, run_id: str) -> None:
    await run_chore(cleanup.perform, UUID(run_id))


@app.periodic(cron="30 6 * * *", periodic_id="nightly")  # UTC: half past three in Brasília
@app.task(name="romagent.nightly_cleanup", queue="chores", queueing_lock="nightly_cleanup")
async def nightly_cleanup(timestamp: int) -> None:
    """Queued once for that moment, however many workers there are."""
    if settings.CLEANUP_NIGHTLY:
        await run_chore(cleanup.request_run)


@app.task(name="romagent.export_my_data", queue="chores")
async def export_my_data(*, export_id: str) -> None:
    await run_chore(exports.perform, UUID(export_id))


@app.task(name="romagent.serve_subject", queue="chores")
async def serve_subject(*, run_id: str) -> None:
    await run_chore(work.perform, UUID(run_id))
