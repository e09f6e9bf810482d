"""Every night the days that national law closes are in the table for the years that people look at."""

from __future__ import annotations

from procrastinate.contrib.django import app

from jurisprudence.deadlines.table import seed_around
from romagent.base.chores import run_chore


@app.periodic(cron="10 6 * * *", periodic_id="holidays")  # UTC: ten past three in Brasília
@app.task(name="jurisprudence.seed_holidays", queue="chores", queueing_lock="seed_holidays")
async def seed_holidays(timestamp: int) -> None:
    await run_chore(seed_around)
