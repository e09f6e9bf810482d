"""The job that carries a draft on when a part of it has ended, and the look for drafts that nobody carries on."""

from __future__ import annotations

import logging
from typing import Any
from uuid import UUID

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from romagent.base.chores import run_errand

log = logging.getLogger("romagent.documents")


@app.task(name="documents.carry_on", queue="chores", retry=RetryStrategy(max_attempts=5, exponential_wait=2))
async def carry_on(*, document_id: str) -> None:
    from documents.drafting import actions

    await run_errand(actions.carry_on, UUID(document_id))


@app.periodic(cron="*/2 * * * *", periodic_id="drafts")
@app.task(name="documents.take_up", queue="chores", queueing_lock="documents.take_up")
async def take_up(timestamp: int) -> None:
    """Drafts that should be going on, whose job is gone."""
    from documents.drafting import stranded

    if count := await run_errand(stranded.take_up):
        log.warning("%d redações sem quem as levasse adiante voltaram à fila", count)


def enqueue(document_id: UUID | str) -> None:
    """Has the draft carried on, within the caller's transaction; one job that waits is enough."""
    try:
        with transaction.atomic():
            carry_on.configure(queueing_lock=f"draft:{document_id}").defer(document_id=str(document_id))
    except AlreadyEnqueued:
        return


def when_a_reply_has_ended(sender: Any, *, about: dict[str, Any], **said: Any) -> None:
    """Hears of every reply; the conversation itself says whether a draft is written in it."""
    if draft := about.get("draft"):
        enqueue(str(draft))
