"""Search in conversations: their titles and messages, one's own and those of the projects one is in."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.db import connection
from django.urls import reverse

from accounts.models import User
from conversations.models import Conversation
from projects.models import scopes_of
from romagent.base import search as base
from romagent.base.search import Asked, Filters, Found, Hit, looking

MARKDOWN_SIGNS = re.compile(
    r"\*\*|(?<!\w)\*(?=\S)|(?<=\S)\*(?!\w)|`|^\s*(?:#{1,6}|>)\s+|\|?(?:\s*:?-{3,}:?\s*\|)+|\|", re.MULTILINE
)

# One's own, those of projects, and what colleagues have asked in a conversation that has left its project: each by
# their own index. Whether the conversation is still there and hers is asked row by row: who has asked in a project must
# not find it once the conversation belongs to a colleague alone.
MESSAGES = """
SELECT messages.id, messages.conversation_id, ts_rank(messages.search, %(shown)s::tsquery) AS rank FROM messages
WHERE {whose} AND messages.search @@ %(query)s::tsquery AND messages.superseded_at IS NULL
    AND (%(since)s::timestamptz IS NULL OR messages.created_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR messages.created_at < %(until)s)
    AND (SELECT deleted_at IS NULL AND {still} FROM conversations WHERE conversations.id = messages.conversation_id)
LIMIT %(candidates)s
"""
TITLES = """
SELECT id, ts_rank(search, %(names)s::tsquery) AS rank FROM conversations
WHERE {whose} AND search @@ %(names)s::tsquery AND deleted_at IS NULL
    AND (%(since)s::timestamptz IS NULL OR updated_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR updated_at < %(until)s)
LIMIT %(candidates)s
"""
OWN = "%(with_own)s AND user_id = %(user)s AND project_id IS NULL"
SHARED = "project_id = ANY(%(projects)s)"
OWN_MESSAGES = MESSAGES.format(whose="messages.user_id = %(user)s AND messages.project_id IS NULL", still=OWN)
OTHERS_MESSAGES = MESSAGES.format(whose="messages.owner_id = %(user)s", still=OWN)
SHARED_MESSAGES = MESSAGES.format(whose="messages.project_id = ANY(%(projects)s)", still=SHARED)
# A conversation counts as much as its best message; one whose title matches comes before all others.
BEST = f"""
WITH own AS MATERIALIZED ({OWN_MESSAGES}),
shared AS MATERIALIZED ({SHARED_MESSAGES}),
asked_by_others AS MATERIALIZED ({OTHERS_MESSAGES}),
own_titles AS MATERIALIZED ({TITLES.format(whose=OWN)}),
shared_titles AS MATERIALIZED ({TITLES.format(whose=SHARED)}),
matches AS (
    SELECT conversation_id, id AS message_id, rank FROM own
    UNION ALL SELECT conversation_id, id, rank FROM shared
    UNION ALL SELECT conversation_id, id, rank FROM asked_by_others
    UNION ALL SELECT id, NULL, 1 + rank FROM own_titles
    UNION ALL SELECT id, NULL, 1 + rank FROM shared_titles
),
best AS (
    SELECT conversation_id, max(rank)::float4 AS rank,
        (array_agg(message_id ORDER BY rank DESC, message_id DESC)
            FILTER (WHERE message_id IS NOT NULL))[1] AS message_id
    FROM matches GROUP BY conversation_id
)
SELECT conversation_id, message_id, rank, (SELECT greatest(count(*), (SELECT count(*) FROM shared)) FROM own)
FROM best WHERE %(rank)s::float4 IS NULL OR (rank, conversation_id) < (%(rank)s::float4, %(id)s::uuid)
ORDER BY rank DESC, conversation_id DESC LIMIT %(limit)s
"""  # noqa: S608 (put together from constants)
HEADLINES = f"SELECT id, {base.headline('content', 'search')} FROM messages WHERE id = ANY(%(ids)s)"  # noqa: S608


def search(user: User, asked: Asked, filters: Filters, limit: int) -> Found:
    """Conversations, best first, each with its best message. Raises `romagent.base.search.TooSlow`."""
    if not asked or filters.upload:
        return Found()
    with looking():
        found = _best(user, asked, filters, limit + 1)
        rows = found[:limit]
        headlines = _headlines(asked, [message for _, message, *_ in rows if message])
    columns = ("title", "mode", "updated_at", "archived_at", "project__name")
    mine = Conversation.objects.for_user(user).select_related("project").only(*columns)
    there = mine.in_bulk([row[0] for row in rows])
    hits = [_hit(there[pk], message, headlines.get(message, "")) for pk, message, *_ in rows if pk in there]
    after = base.cursor_of(rows[-1][2], rows[-1][0]) if len(found) > limit else ""
    return Found(hits, after, _note(rows))


def _best(user: User, asked: Asked, filters: Filters, limit: int) -> list[tuple[Any, ...]]:
    rank, pk = base.position(filters.after) or (None, None)
    projects = [scope for scope in (filters.scopes or scopes_of(user))[1:] if filters.project in (None, scope)]
    with connection.cursor() as cursor:
        cursor.execute(BEST, {
            "user": user.pk, "projects": projects, "with_own": filters.project is None, "query": asked.query,
            "shown": base.shown(asked.query), "names": asked.beginning, "since": filters.since, "until": filters.until,
            "rank": rank, "id": pk, "candidates": base.CANDIDATES + 1, "limit": limit,
        })  # fmt: skip
        return cursor.fetchall()


def _headlines(asked: Asked, ids: list[UUID]) -> dict[UUID, str]:
    with connection.cursor() as cursor:
        cursor.execute(HEADLINES, {"query": asked.query, "shown": base.shown(asked.query), "ids": ids})
        return dict(cursor.fetchall())


def _note(rows: list[tuple[Any, ...]]) -> str:
    if not rows or rows[0][3] <= base.CANDIDATES:
        return ""
    most = base.thousands(base.CANDIDATES)
    return f"Mais de {most} mensagens têm o que você procura: estas são as melhores entre as primeiras {most}."


def _hit(conversation: Conversation, message: UUID | None, headline: str) -> Hit:
    url = reverse("conversations:detail", args=[conversation.pk]) + (f"#mensagem-{message}" if message else "")
    project = conversation.project.name if conversation.project else ""
    meta = (conversation.get_mode_display(), project, "arquivada" if conversation.archived_at else "")
    snippet = base.marked(MARKDOWN_SIGNS.sub("", headline))  # signs of Markdown mean nothing out of their place
    return Hit("conversation", conversation.title, url, meta, snippet, conversation.updated_at)
