"""Files that wait for a job nobody has: found again every ten minutes, so that none waits for ever.

They come from before files were read, or their job ended otherwise: a worker of an older release that did not know it
took it, a disk was full, a fault was ours.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction

from uploads.models import Upload
from uploads.tasks import (
    enqueue_joining,
    enqueue_reading,
    enqueue_transcription,
    join_volumes,
    read_file,
    transcribe,
)

AT_ONCE = 200
TRIES = 3  # jobs that may fail before the file is said to be unreadable; failed ones are cleaned up after some days
NO_JOB = """NOT EXISTS (
    SELECT 1 FROM procrastinate_jobs AS jobs WHERE jobs.task_name = %(task)s AND jobs.status IN ('todo', 'doing')
        AND jobs.args ->> 'upload_id' = uploads.id::text
)"""
WAITING = f"""
SELECT id, (
    SELECT count(*) FROM procrastinate_jobs AS jobs WHERE jobs.task_name = %(task)s AND jobs.status = 'failed'
        AND jobs.args ->> 'upload_id' = uploads.id::text
) FROM uploads
WHERE deleted_at IS NULL AND NOT metadata ? 'multipart' AND {{what}} AND {NO_JOB}
LIMIT {AT_ONCE}
"""  # noqa: S608 - constants only
WAITS = "upload_status IN ('pending', 'processing')"
UNREAD = WAITING.format(what=f"file_path <> '' AND {WAITS}")
UNJOINED = WAITING.format(what=f"file_path = '' AND metadata ? 'joining' AND {WAITS}")
UNTRANSCRIBED = WAITING.format(what="file_path <> '' AND transcription = 'working'")


def take_up() -> int:
    """Owes each such file a job again, or says that it could not be read; how many there were."""
    found = _enqueue_old()
    for pk, failures in _stranded(UNREAD, read_file.name):
        found += 1
        _read_again(pk) if failures < TRIES else _give_up(pk)
    for pk, failures in _stranded(UNJOINED, join_volumes.name):
        found += 1
        _join_again(pk) if failures < TRIES else _give_up_joining(pk)
    for pk, failures in _stranded(UNTRANSCRIBED, transcribe.name):
        found += 1
        _transcribe_again(pk) if failures < TRIES else _give_up_images(pk)
    return found


def _enqueue_old() -> int:
    """Files that came before files were read."""
    unread = list(Upload.objects.unread().values_list("pk", flat=True)[:AT_ONCE])
    for pk in unread:
        with transaction.atomic():
            Upload.objects.filter(pk=pk).update(upload_status=Upload.Status.PENDING)
            enqueue_reading(pk)
    return len(unread)


def _stranded(query: str, task: str) -> list[tuple[UUID, int]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"task": task})
        return cursor.fetchall()


def _read_again(pk: UUID) -> None:
    with transaction.atomic():
        enqueue_reading(pk)


def _join_again(pk: UUID) -> None:
    with transaction.atomic():
        enqueue_joining(pk)


def _transcribe_again(pk: UUID) -> None:
    with transaction.atomic():
        enqueue_transcription(pk)


def _give_up(pk: UUID) -> None:
    from uploads import reading_job

    reading_job.give_up(pk, "internal")


def _give_up_joining(pk: UUID) -> None:
    from uploads import joining

    joining.give_up(pk, "internal")


def _give_up_images(pk: UUID) -> None:
    from uploads import transcribing

    if work := transcribing.take(pk):
        transcribing.finish(work, "internal")
