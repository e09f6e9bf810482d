"""Which summaries may go for good: deleted and past their undo, or of a project that is; none of a held project."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from romagent.base.retention import Batch, Kind, Policy, change, counted, fetch

MAY_GO = """
    (deleted_at < %(limit)s OR project_id = ANY(ARRAY(SELECT id FROM projects WHERE projects.deleted_at < %(limit)s)))
    AND NOT EXISTS (
        SELECT 1 FROM projects WHERE projects.preservar AND projects.id IN (
            summaries.project_id, (SELECT uploads.project_id FROM uploads WHERE uploads.id = summaries.upload_id)))
"""


def remove_summaries(condition: str, values: Mapping[str, Any]) -> int:
    """Removes the rows with their parts; how many summaries went."""
    change(f"DELETE FROM summary_parts WHERE summary_id IN (SELECT id FROM summaries WHERE {condition})", values)
    return change(f"DELETE FROM summaries WHERE {condition}", values)


def _values(policy: Policy) -> dict[str, Any]:
    return {"limit": policy.before(policy.deleted_days)}


def _count(policy: Policy, cap: int | None) -> dict[str, int]:
    return {"summaries": counted(f"SELECT 1 FROM summaries WHERE {MAY_GO}", _values(policy), cap)}


def _remove(policy: Policy, size: int, after: Any) -> Batch:
    values = _values(policy) | {"size": min(size, 200)}
    found = fetch(f"SELECT id FROM summaries WHERE {MAY_GO} LIMIT %(size)s FOR UPDATE SKIP LOCKED", values)
    ids = [row[0] for row in found]
    if not ids:
        return Batch({})
    removed = remove_summaries("id = ANY(%(ids)s)", {"ids": ids})
    return Batch({"summaries": removed}, after=True, named={"summaries": [str(pk) for pk in ids]})


KINDS = (Kind("summaries", "Resumos excluídos, sem volta", _count, _remove, lambda policy: policy.deleted_days),)
