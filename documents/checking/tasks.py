"""The job that checks what a document cites, after each save."""

from __future__ import annotations

from contextlib import suppress
from uuid import UUID

from django.conf import settings
from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from jurisprudence.datajud.tasks import ByTheNext
from romagent.base.chores import run_errand


@app.task(name="documents.check_citations", queue="chores", retry=RetryStrategy(max_attempts=5, exponential_wait=2))
async def check_citations(*, document_id: str) -> None:
    await run_errand(check_now, UUID(document_id))


@app.task(name="documents.look_up_cited", queue="courts", retry=ByTheNext())
async def look_up_cited(*, document_id: str) -> None:
    """Asks the courts' index for the case numbers that a document cites, and keeps what is known then."""
    from jurisprudence.datajud import lookups

    if numbers := await run_errand(keep, UUID(document_id)):
        await lookups.ask_new(numbers)
        await run_errand(keep, UUID(document_id))


def keep(document_id: UUID) -> list[str]:
    """Keeps what is found in the text as it is now; the case numbers in it that nobody has asked for."""
    from documents import citing
    from documents.models import Document

    document = Document.objects.filter(pk=document_id).first()
    return citing.keep(document).unasked if document else []


def check_now(document_id: UUID) -> None:
    """Keeps what is found, and has the courts asked for what is not known."""
    if keep(document_id) and settings.DATAJUD_API_KEY:
        with suppress(AlreadyEnqueued), transaction.atomic():
            look_up_cited.configure(queueing_lock=f"cited:{document_id}").defer(document_id=str(document_id))


def enqueue(document_id: UUID) -> None:
    """Has it checked, within the caller's transaction; one job that waits is enough for all saves until it begins."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        check_citations.configure(queueing_lock=f"citations:{document_id}").defer(document_id=str(document_id))
