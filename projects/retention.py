"""Which projects may go for good: deleted and past their undo, not held (`preservar`), with nothing left in them.

A conversation of theirs goes back to who began it, if she was still in the project and nobody else has written in it;
otherwise it would show her what is not hers, and it goes with the project.
"""

from __future__ import annotations

from typing import Any

from romagent.base.retention import Batch, Kind, Policy, change, counted, fetch

MAY_GO = """
    deleted_at < %(limit)s AND NOT preservar
    AND NOT EXISTS (SELECT 1 FROM uploads WHERE uploads.project_id = projects.id)
    AND NOT EXISTS (SELECT 1 FROM documents WHERE documents.project_id = projects.id)
    AND NOT EXISTS (SELECT 1 FROM summaries WHERE summaries.project_id = projects.id)
    AND NOT EXISTS (SELECT 1 FROM deadlines WHERE deadlines.project_id = projects.id)
"""

NOBODYS = """
    SELECT id FROM conversations WHERE project_id = ANY(%(ids)s) AND (
        NOT EXISTS (
            SELECT 1 FROM projects WHERE projects.id = project_id AND projects.user_id = conversations.user_id
            UNION ALL SELECT 1 FROM project_members AS member
            WHERE member.project_id = conversations.project_id AND member.user_id = conversations.user_id
        ) OR EXISTS (
            SELECT 1 FROM messages
            WHERE messages.conversation_id = conversations.id AND messages.user_id <> conversations.user_id
        )
    )
"""
AT_ONCE = 20  # projects, each with its conversations


def _count(policy: Policy, cap: int | None) -> dict[str, int]:
    """Its files and summaries go before it, so they do not keep it here."""
    found = "SELECT id FROM projects WHERE deleted_at < %(limit)s AND NOT preservar"
    values = {"limit": policy.before(policy.deleted_days)}
    ids = {"ids": [row[0] for row in fetch(found, values)]}
    messages = f"SELECT 1 FROM messages WHERE conversation_id IN ({NOBODYS})"
    return {
        "projects": counted(found, values, cap),
        "conversations": counted(NOBODYS, ids, cap),
        "messages": counted(messages, ids, cap),
    }


def _remove(policy: Policy, size: int, after: Any) -> Batch:
    values = {"limit": policy.before(policy.deleted_days), "size": min(size, AT_ONCE)}
    found = fetch(f"SELECT id FROM projects WHERE {MAY_GO} LIMIT %(size)s FOR UPDATE SKIP LOCKED", values)
    ids = {"ids": [row[0] for row in found]}
    if not found:
        return Batch({})
    gone = _remove_conversations([row[0] for row in fetch(NOBODYS, ids)])
    change("UPDATE conversations SET project_id = NULL WHERE project_id = ANY(%(ids)s)", ids)
    change("DELETE FROM project_members WHERE project_id = ANY(%(ids)s)", ids)
    removed = change("DELETE FROM projects WHERE id = ANY(%(ids)s)", ids)
    return Batch({"projects": removed, **gone}, after=True, named={"projects": [str(pk) for pk in ids["ids"]]})


def _remove_conversations(chosen: list[Any]) -> dict[str, int]:
    """With all their messages; files that were given in them are gone already, or lie elsewhere and stay there."""
    if not chosen:
        return {}
    ids = {"ids": chosen}
    change("UPDATE documents SET conversation_id = NULL WHERE conversation_id = ANY(%(ids)s)", ids)
    change("UPDATE uploads SET conversation_id = NULL WHERE conversation_id = ANY(%(ids)s)", ids)
    messages = change("DELETE FROM messages WHERE conversation_id = ANY(%(ids)s)", ids)
    conversations = change("DELETE FROM conversations WHERE id = ANY(%(ids)s)", ids)
    return {"conversations": conversations, "messages": messages}


KINDS = (Kind("projects", "Projetos excluídos, sem volta", _count, _remove, lambda policy: policy.deleted_days),)
