"""Look-ups whose job is gone: its worker was killed, or one of an older release took it that did not know it."""

from __future__ import annotations

from django.db import connection

from jurisprudence.datajud.tasks import enqueue, look_up

AT_ONCE = 200
LOST = """
SELECT id FROM court_cases AS waiting
WHERE state IN ('waiting', 'looking')
    AND CASE state WHEN 'looking' THEN lease_until < now() ELSE asked_at < now() - interval '1 minute' END
    AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs AS jobs WHERE jobs.task_name = %s AND jobs.status IN ('todo', 'doing')
            AND jobs.args ->> 'case_id' = waiting.id::text
    )
ORDER BY asked_at NULLS FIRST LIMIT %s
"""


def take_up() -> int:
    """Gives each of them a job again; how many. After some deaths in a row the job says that it could not be done."""
    with connection.cursor() as cursor:
        cursor.execute(LOST, [look_up.name, AT_ONCE])
        found = [row[0] for row in cursor.fetchall()]
    for pk in found:
        enqueue(pk)
    return len(found)
