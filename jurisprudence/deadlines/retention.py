"""Which deadlines may go for good: deleted and past their undo, or of a project that is; of a held project, none."""

from __future__ import annotations

from typing import Any

from romagent.base.retention import Batch, Kind, Policy, change, counted, fetch

MAY_GO = """
    (deleted_at < %(limit)s OR project_id = ANY(ARRAY(SELECT id FROM projects WHERE projects.deleted_at < %(limit)s)))
    AND NOT EXISTS (SELECT 1 FROM projects WHERE projects.id = deadlines.project_id AND projects.preservar)
"""


def _count(policy: Policy, cap: int | None) -> dict[str, int]:
    values = {"limit": policy.before(policy.deleted_days)}
    return {"deadlines": counted(f"SELECT 1 FROM deadlines WHERE {MAY_GO}", values, cap)}


def _remove(policy: Policy, size: int, after: Any) -> Batch:
    values = {"limit": policy.before(policy.deleted_days), "size": size}
    found = fetch(f"SELECT id FROM deadlines WHERE {MAY_GO} LIMIT %(size)s FOR UPDATE SKIP LOCKED", values)
    if not found:
        return Batch({})
    ids = [row[0] for row in found]
    removed = change("DELETE FROM deadlines WHERE id = ANY(%(ids)s)", {"ids": ids})
    return Batch({"deadlines": removed}, after=True, named={"deadlines": [str(pk) for pk in ids]})


KINDS = (Kind("deadlines", "Prazos excluídos, sem volta", _count, _remove, lambda policy: policy.deleted_days),)
