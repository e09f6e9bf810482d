"""Which documents may go for good: deleted and past their undo, or of a project that is; of a held project, none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from romagent.base.retention import Batch, Kind, Policy, change, counted, fetch

MAY_GO = """
    (deleted_at < %(limit)s OR project_id = ANY(ARRAY(SELECT id FROM projects WHERE projects.deleted_at < %(limit)s)))
    AND NOT EXISTS (SELECT 1 FROM projects WHERE projects.id = documents.project_id AND projects.preservar)
"""
AT_ONCE = 100  # documents, each with its versions


def referred_to(names: Sequence[str]) -> set[str]:
    """Which of these files in the storage belong to a document."""
    found = fetch("SELECT file_path FROM documents WHERE file_path = ANY(%(names)s)", {"names": list(names)})
    return {row[0] for row in found}


def _count(policy: Policy, cap: int | None) -> dict[str, int]:
    found = f"SELECT id FROM documents WHERE {MAY_GO}"
    values = {"limit": policy.before(policy.deleted_days)}
    versions = f"SELECT 1 FROM document_versions WHERE document_id IN ({found})"
    return {"documents": counted(found, values, cap), "document_versions": counted(versions, values, cap)}


def _remove(policy: Policy, size: int, after: Any) -> Batch:
    values = {"limit": policy.before(policy.deleted_days), "size": min(size, AT_ONCE)}
    found = f"SELECT id, file_path FROM documents WHERE {MAY_GO} LIMIT %(size)s FOR UPDATE SKIP LOCKED"
    rows = fetch(found, values)
    if not rows:
        return Batch({})
    ids = {"ids": [row[0] for row in rows]}
    change("DELETE FROM document_drafts WHERE document_id = ANY(%(ids)s)", ids)
    change("DELETE FROM document_proposals WHERE document_id = ANY(%(ids)s)", ids)
    versions = change("DELETE FROM document_versions WHERE document_id = ANY(%(ids)s)", ids)
    removed = change("DELETE FROM documents WHERE id = ANY(%(ids)s)", ids)
    counts = {"documents": removed, "document_versions": versions}
    named = {"documents": [str(pk) for pk in ids["ids"]]}
    return Batch(counts, after=True, named=named, files=sorted({row[1] for row in rows if row[1]}))


KINDS = (Kind("documents", "Documentos excluídos, sem volta", _count, _remove, lambda policy: policy.deleted_days),)
