"""Which conversations may go for good: long archived, or deleted and past their undo; never those of a held project.

A conversation and all its messages go in one transaction, so that nobody ever opens half of one.
"""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from romagent.base.retention import Batch, Kind, Policy, change, counted, fetch
from uploads.retention import remove_uploads

CANDIDATES = 500  # conversations looked at for one batch

MAY_GO = """
    NOT EXISTS (SELECT 1 FROM projects WHERE projects.id = conversations.project_id AND projects.preservar)
    AND NOT EXISTS (
        SELECT 1 FROM messages WHERE messages.conversation_id = conversations.id AND status IN ('queued', 'streaming')
    )
"""
# `since` is the column that says how long; a conversation that is archived and deleted is the deleted ones'.
ARCHIVED = f"archived_at < %(limit)s AND deleted_at IS NULL AND {MAY_GO}"
DELETED = f"deleted_at < %(limit)s AND {MAY_GO}"

FIND = """
WITH candidates AS (
    SELECT id FROM conversations WHERE {condition} AND ({since}, id) > (%(after)s, %(after_id)s)
    ORDER BY {since}, id LIMIT %(candidates)s FOR UPDATE SKIP LOCKED
)
SELECT conversations.id, {since},
    (SELECT count(*) FROM messages WHERE messages.conversation_id = conversations.id)
FROM candidates JOIN conversations USING (id) ORDER BY {since}, id
"""
BEGINNING = ("-infinity", UUID(int=0))


def _count(since: str, condition: str, days: str, policy: Policy, cap: int | None) -> dict[str, int]:
    values = {"limit": policy.before(getattr(policy, days))}
    these = f"SELECT id FROM conversations WHERE {condition}"
    messages = f"SELECT 1 FROM messages WHERE conversation_id IN ({these})"
    uploads = f"SELECT 1 FROM uploads WHERE project_id IS NULL AND conversation_id IN ({these})"
    return {
        "conversations": counted(these, values, cap),
        "messages": counted(messages, values, cap),
        "uploads": counted(uploads, values, cap),
    }


def _remove(since: str, condition: str, days: str, policy: Policy, size: int, after: Any) -> Batch:
    moment, pk = after or BEGINNING
    values = {"limit": policy.before(getattr(policy, days)), "after": moment, "after_id": pk, "candidates": CANDIDATES}
    rows = fetch(FIND.format(since=since, condition=condition), values)
    chosen = _within(rows, size)
    if not chosen:
        return Batch({})
    ids = [row[0] for row in chosen]
    files, removed = remove_uploads("conversation_id = ANY(%(ids)s) AND project_id IS NULL", {"ids": ids})
    change("UPDATE uploads SET conversation_id = NULL WHERE conversation_id = ANY(%(ids)s)", {"ids": ids})
    change("UPDATE documents SET conversation_id = NULL WHERE conversation_id = ANY(%(ids)s)", {"ids": ids})
    messages = change("DELETE FROM messages WHERE conversation_id = ANY(%(ids)s)", {"ids": ids})
    change("DELETE FROM conversations WHERE id = ANY(%(ids)s)", {"ids": ids})
    counts = {"conversations": len(ids), "messages": messages, "uploads": removed}
    more = (chosen[-1][1], chosen[-1][0]) if len(chosen) < len(rows) or len(rows) == CANDIDATES else None
    return Batch(counts, after=more, named={"conversations": [str(pk) for pk in ids]}, files=files)


def _within(rows: list[tuple[Any, ...]], size: int) -> list[tuple[Any, ...]]:
    """As many conversations as have about `size` messages together, and one in any case."""
    total = 0
    chosen: list[tuple[Any, ...]] = []
    for row in rows:
        if chosen and total + row[2] > size:
            break
        total += row[2]
        chosen.append(row)
    return chosen


def _kind(key: str, label: str, since: str, condition: str, days: str) -> Kind:
    return Kind(
        key,
        label,
        partial(_count, since, condition, days),
        partial(_remove, since, condition, days),
        lambda policy: int(getattr(policy, days)),
    )


KINDS = (
    _kind("archived", "Conversas arquivadas há muito tempo", "archived_at", ARCHIVED, "archived_days"),
    _kind("deleted", "Conversas excluídas, sem volta", "deleted_at", DELETED, "deleted_days"),
)
