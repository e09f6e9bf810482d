"""Jobs about files, in a queue of their own: however many files wait, no answer waits behind them."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.jobs import Job
from procrastinate.tasks import Task

from romagent.base.chores import run_beside
from uploads.multipart import StorageAway
from uploads.summaries.tasks import make_summary  # noqa: F401 - a worker looks for jobs here

log = logging.getLogger("romagent.reading")

PAUSES = (5, 30, 120, 600)  # seconds before each further try, while the storage does not answer


class WhileStorageIsAway(BaseRetryStrategy):
    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if job.attempts >= len(PAUSES) or not isinstance(exception, StorageAway):
            return None
        return RetryDecision(retry_in={"seconds": PAUSES[job.attempts]})


@app.task(name="uploads.read", queue="files", pass_context=True, retry=WhileStorageIsAway())
async def read_file(context: JobContext, *, upload_id: str) -> None:
    from uploads import reading_job

    await _until_given_up(context, upload_id, reading_job.perform, reading_job.give_up)


@app.task(name="uploads.transcribe", queue="files", pass_context=True, retry=WhileStorageIsAway())
async def transcribe(context: JobContext, *, upload_id: str) -> None:
    from uploads import transcribing

    await _until_given_up(context, upload_id, transcribing.perform, transcribing.give_up)


@app.task(name="uploads.join", queue="files", pass_context=True, retry=WhileStorageIsAway())
async def join_volumes(context: JobContext, *, upload_id: str) -> None:
    from uploads import joining

    await _until_given_up(context, upload_id, joining.perform, joining.fail)


async def _until_given_up(
    context: JobContext,
    upload_id: str,
    perform: Callable[[UUID], Awaitable[None]],
    give_up: Callable[[UUID, str], None],
) -> None:
    """Does it, and at the last try says that the storage did not answer. Raises `StorageAway` at the others."""
    try:
        await perform(UUID(upload_id))
    except StorageAway:
        if context.job is None or context.job.attempts < len(PAUSES):
            raise
        await run_beside(give_up, UUID(upload_id), "storage")
        await run_beside(connections.close_all)


@app.periodic(cron="*/10 * * * *", periodic_id="unread")
@app.task(name="uploads.read_unread", queue="files", queueing_lock="uploads.read_unread")
async def read_unread(timestamp: int) -> None:
    """Files and summaries that wait and have no job."""
    from uploads import stranded

    try:
        await run_beside(stranded.take_up)
    finally:
        await run_beside(connections.close_all)


def enqueue_reading(upload_id: UUID) -> None:
    """Has the file read, within the caller's transaction."""
    _once(read_file, upload_id)


def enqueue_joining(upload_id: UUID) -> None:
    """Has volumes put together, within the caller's transaction."""
    _once(join_volumes, upload_id)


def enqueue_transcription(upload_id: UUID, seconds: int = 0) -> None:
    """Has the pages that are images transcribed, `seconds` from now, within the caller's transaction."""
    _once(transcribe, upload_id, **({"schedule_in": {"seconds": seconds}} if seconds else {}))


def _once(task: Task[Any, Any, Any], upload_id: UUID, **when: Any) -> None:
    """One that waits already is enough."""
    try:
        with transaction.atomic():
            task.configure(queueing_lock=f"{task.name}:{upload_id}", **when).defer(upload_id=str(upload_id))
    except AlreadyEnqueued:
        return
