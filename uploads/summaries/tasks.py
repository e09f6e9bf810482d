"""The job that makes a summary: on a queue of its own, awaiting the model beside the answers that are being written."""

from __future__ import annotations

from uuid import UUID

from procrastinate.contrib.django import app

from audit.calls import current


@app.task(name="uploads.make_summary", queue="summaries", priority=-10)
async def make_summary(*, summary_id: str) -> None:
    from uploads.summaries.making import make

    await make(current.client(), UUID(summary_id))


def enqueue(summary_id: UUID) -> None:
    """Owes somebody the summary, within the caller's transaction."""
    make_summary.defer(summary_id=str(summary_id))
