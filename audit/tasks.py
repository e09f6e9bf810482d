"""Long work on costs, in the worker's thread for chores."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from audit import costs, repricing
from romagent.base.chores import run_chore


@app.periodic(cron="*/5 * * * *")
@app.task(name="audit.rank_people", queue="chores", lock="audit.rank_people", queueing_lock="audit.rank_people")
async def rank_people(timestamp: int) -> None:
    """Keeps who has cost most in each period, for offices too large to add that up for each page."""
    await run_chore(costs.rank_people)


@app.task(name="audit.price_calls", queue="chores", lock="audit.price_calls")
async def price_calls(*, person: str) -> None:
    await run_chore(repricing.price_all, UUID(person))
