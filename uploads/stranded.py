"""Files and summaries that wait for a job nobody has: found again every ten minutes, so that none waits for ever.

They come from before files were read, or their job ended otherwise: a worker of an older release that did not know it
took it, a disk was full, a fault was ours.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from uploads import joining, reading_job, transcribing
from uploads.models import Upload
from uploads.summaries import pen
from uploads.summaries.tasks import enqueue as enqueue_summary
from uploads.summaries.tasks import make_summary
from uploads.tasks import (
    enqueue_joining,
    enqueue_reading,
    enqueue_transcription,
    join_volumes,
    read_file,
    transcribe,
)

AT_ONCE = 200
TRIES = 3  # jobs that may fail before no other is owed; failed ones are cleaned up after some days
WAITING = """
SELECT waiting.id, (
    SELECT count(*) FROM procrastinate_jobs AS jobs WHERE jobs.task_name = %(task)s AND jobs.status = 'failed'
        AND jobs.args ->> %(argument)s = waiting.id::text
) FROM {table} AS waiting
WHERE waiting.deleted_at IS NULL AND {what} AND NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs AS jobs WHERE jobs.task_name = %(task)s AND jobs.status IN ('todo', 'doing')
        AND jobs.args ->> %(argument)s = waiting.id::text
)
LIMIT %(most)s
"""
STORED = "file_path <> '' AND NOT metadata ? 'multipart' AND "
SILENT = "(heartbeat_at IS NULL OR heartbeat_at < now() - make_interval(secs => %(lease)s))"


@dataclass(frozen=True)
class Kind:
    """One sort of work: which rows wait for it, how they get a job again, and how they are told that there is none."""

    task: str
    table: str
    what: str
    again: Callable[[UUID], None]
    give_up: Callable[[UUID, str], None]
    argument: str = "upload_id"  # of the job, which names the row

    def take_up(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                WAITING.format(table=self.table, what=self.what),
                {
                    "task": self.task,
                    "argument": self.argument,
                    "lease": settings.REPLY_LEASE_SECONDS,
                    "most": AT_ONCE,
                },
            )
            found = cursor.fetchall()
        for pk, failures in found:
            if failures < TRIES:
                with transaction.atomic():
                    self.again(pk)
            else:
                self.give_up(pk, "internal")
        return len(found)


def _give_up_summary(pk: UUID, code: str) -> None:
    with suppress(pen.Busy):  # somebody makes it after all
        if work := pen.take(pk):
            pen.fail(work, code)


KINDS = (
    Kind(
        read_file.name, "uploads", STORED + "upload_status IN ('pending', 'processing')",
        enqueue_reading, reading_job.give_up,
    ),
    Kind(
        transcribe.name, "uploads", STORED + "transcription = 'working'",
        enqueue_transcription, transcribing.give_up,
    ),
    Kind(
        join_volumes.name, "uploads",
        "file_path = '' AND metadata ? 'joining' AND upload_status IN ('pending', 'processing')",
        enqueue_joining, joining.fail,
    ),
    Kind(
        make_summary.name, "summaries", f"(status = 'queued' OR (status = 'working' AND {SILENT}))",
        enqueue_summary, _give_up_summary, argument="summary_id",
    ),
)  # fmt: skip


def take_up() -> int:
    """Owes each such row a job again, or says that it could not be done; how many there were."""
    return _enqueue_old() + sum(kind.take_up() for kind in KINDS)


def _enqueue_old() -> int:
    """Files that came before files were read."""
    unread = list(Upload.objects.unread().values_list("pk", flat=True)[:AT_ONCE])
    for pk in unread:
        with transaction.atomic():
            Upload.objects.filter(pk=pk).update(upload_status=Upload.Status.PENDING)
            enqueue_reading(pk)
    return len(unread)
