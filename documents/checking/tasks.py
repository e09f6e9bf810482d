"""The job that checks what a document cites, after each save."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from romagent.base.chores import run_errand


@app.task(name="documents.check_citations", queue="chores", retry=RetryStrategy(max_attempts=5, exponential_wait=2))
async def check_citations(*, document_id: str) -> None:
    await run_errand(check_now, UUID(document_id))


def check_now(document_id: UUID) -> None:
    """Keeps what is found in the text as it is now; a document that is gone needs nothing."""
    from documents import citing
    from documents.models import Document

    if document := Document.objects.filter(pk=document_id).first():
        citing.keep(document)


def enqueue(document_id: UUID) -> None:
    """Has it checked, within the caller's transaction; one job that waits is enough for all saves until it begins."""
    try:
        with transaction.atomic():
            check_citations.configure(queueing_lock=f"citations:{document_id}").defer(document_id=str(document_id))
    except AlreadyEnqueued:
        return
