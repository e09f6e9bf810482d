"""Which projects may go for good: deleted and past their undo, not held (`preservar`), without files or summaries."""

from __future__ import annotations

from typing import Any

from romagent.base.retention import Batch, Kind, Policy, change, counted, fetch

MAY_GO = """
    deleted_at < %(limit)s AND NOT preservar
    AND NOT EXISTS (SELECT 1 FROM uploads WHERE uploads.project_id = projects.id)
    AND NOT EXISTS (SELECT 1 FROM summaries WHERE summaries.project_id = projects.id)
"""


def _count(policy: Policy, cap: int | None) -> dict[str, int]:
    """Its files and summaries go before it, so they do not keep it here."""
    found = "SELECT 1 FROM projects WHERE deleted_at < %(limit)s AND NOT preservar"
    return {"projects": counted(found, {"limit": policy.before(policy.deleted_days)}, cap)}


def _remove(policy: Policy, size: int, after: Any) -> Batch:
    values = {"limit": policy.before(policy.deleted_days), "size": min(size, 200)}
    found = fetch(f"SELECT id FROM projects WHERE {MAY_GO} LIMIT %(size)s FOR UPDATE SKIP LOCKED", values)
    ids = {"ids": [row[0] for row in found]}
    if not found:
        return Batch({})
    change("UPDATE conversations SET project_id = NULL WHERE project_id = ANY(%(ids)s)", ids)
    change("DELETE FROM project_members WHERE project_id = ANY(%(ids)s)", ids)
    removed = change("DELETE FROM projects WHERE id = ANY(%(ids)s)", ids)
    return Batch({"projects": removed}, after=True, named={"projects": [str(pk) for pk in ids["ids"]]})


KINDS = (Kind("projects", "Projetos excluídos, sem volta", _count, _remove, lambda policy: policy.deleted_days),)
