"""Which files may go for good: deleted and past their undo, or of a project that is; never those of a held project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from romagent.base.retention import Batch, Kind, Policy, change, counted, fetch
from uploads.summaries.retention import KINDS as SUMMARIES
from uploads.summaries.retention import remove_summaries

# The projects are looked up once, before the files: with EXISTS in their place every file would be looked at.
MAY_GO = """
    (deleted_at < %(limit)s OR project_id = ANY(ARRAY(SELECT id FROM projects WHERE projects.deleted_at < %(limit)s)))
    AND NOT EXISTS (SELECT 1 FROM projects WHERE projects.id = uploads.project_id AND projects.preservar)
"""


def remove_uploads(condition: str, values: Mapping[str, Any]) -> tuple[list[str], int]:
    """Removes the rows and their pages; how many rows went, and the files to be deleted after the commit: those that no
    other row shares. Whoever shares one has locked its row (`sharing.py`), so none can be shared from now on.
    """
    rows = fetch(f"SELECT id, file_path FROM uploads WHERE {condition} FOR UPDATE", values)
    ids = {"ids": [row[0] for row in rows]}
    if rows:
        remove_summaries("upload_id = ANY(%(ids)s)", ids)
        change("DELETE FROM upload_pages WHERE upload_id = ANY(%(ids)s)", ids)
        change("DELETE FROM uploads WHERE id = ANY(%(ids)s)", ids)
    names = {row[1] for row in rows if row[1]}
    return sorted(names - referred_to(sorted(names))), len(rows)


def referred_to(names: Sequence[str]) -> set[str]:
    """Which of these files in the storage belong to an upload."""
    return {
        row[0]
        for row in fetch("SELECT file_path FROM uploads WHERE file_path = ANY(%(names)s)", {"names": list(names)})
    }


def _count(policy: Policy, cap: int | None) -> dict[str, int]:
    found = f"SELECT 1 FROM uploads WHERE {MAY_GO}"
    return {"uploads": counted(found, {"limit": policy.before(policy.deleted_days)}, cap)}


def _remove(policy: Policy, size: int, after: Any) -> Batch:
    values = {"limit": policy.before(policy.deleted_days), "size": min(size, 200)}  # each has a file and its pages
    ids = [
        row[0] for row in fetch(f"SELECT id FROM uploads WHERE {MAY_GO} LIMIT %(size)s FOR UPDATE SKIP LOCKED", values)
    ]
    if not ids:
        return Batch({})
    files, removed = remove_uploads("id = ANY(%(ids)s)", {"ids": ids})
    return Batch({"uploads": removed}, after=True, named={"uploads": [str(pk) for pk in ids]}, files=files)


KINDS = (
    *SUMMARIES,
    Kind("uploads", "Arquivos excluídos, sem volta", _count, _remove, lambda policy: policy.deleted_days),
)
