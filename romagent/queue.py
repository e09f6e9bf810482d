"""Jobs that have ended, and what the queue notes of its periodic ones."""

from __future__ import annotations

from typing import Any

from romagent.base.retention import Batch, Kind, Policy, change, counted

ENDED = """
    SELECT id FROM procrastinate_jobs
    WHERE status IN ('succeeded', 'failed', 'cancelled', 'aborted')
        AND NOT EXISTS (SELECT 1 FROM procrastinate_events WHERE job_id = procrastinate_jobs.id AND at >= %(limit)s)
"""
# Which periodic task was queued when, so that it is not queued twice; of no use some days later.
PERIODIC = """
    SELECT id FROM procrastinate_periodic_defers
    WHERE defer_timestamp < extract(epoch FROM %(limit)s::timestamptz)
        AND NOT EXISTS (
            SELECT 1 FROM procrastinate_jobs WHERE procrastinate_jobs.id = job_id AND status IN ('todo', 'doing'))
"""


def _values(policy: Policy, size: int = 0) -> dict[str, Any]:
    return {"limit": policy.before(policy.jobs_days), "size": size}


def _count(policy: Policy, cap: int | None) -> dict[str, int]:
    return {
        "procrastinate_jobs": counted(ENDED, _values(policy), cap),
        "procrastinate_periodic_defers": counted(PERIODIC, _values(policy), cap),
    }


def _remove(policy: Policy, size: int, after: Any) -> Batch:
    values = _values(policy, size)
    periodic = f"DELETE FROM procrastinate_periodic_defers WHERE id = ANY(ARRAY({PERIODIC} LIMIT %(size)s))"
    ended = f"DELETE FROM procrastinate_jobs WHERE id = ANY(ARRAY({ENDED} LIMIT %(size)s FOR UPDATE SKIP LOCKED))"
    removed = {
        "procrastinate_periodic_defers": change(periodic, values),
        "procrastinate_jobs": change(ended, values),
    }
    return Batch(removed, after=max(removed.values()) >= size or None)


KINDS = (Kind("jobs", "Trabalhos encerrados da fila", _count, _remove, lambda policy: policy.jobs_days),)
