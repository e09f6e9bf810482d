"""The versions of a conversation: messages form a tree, and a thread is one path through it.

`reply_to` is the edge: a reply follows its question, a question what stood before it. Redoing an answer or
editing a question grows a new branch; the messages of the present one are those without `superseded_at`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from conversations.models import Conversation, Message


@dataclass(frozen=True)
class Link:
    """One message's place: what it follows, and whether it belongs to the present thread."""

    id: UUID
    parent: UUID | None
    is_present: bool


def links_of(conversation: Conversation) -> list[Link]:
    """All messages of the conversation, oldest first, without their texts; one query."""
    rows = Message.objects.filter(conversation=conversation).in_order()
    columns = rows.values_list("id", "reply_to", "superseded_at")
    return [Link(pk, parent, superseded_at is None) for pk, parent, superseded_at in columns]


def thread_with(version: UUID, links: Iterable[Link]) -> list[UUID]:
    """The thread that `version` belongs to: what it follows, and what followed it, presently or last."""
    parents: dict[UUID, UUID | None] = {}
    followers: dict[UUID | None, list[Link]] = {}
    for link in links:
        parents[link.id] = link.parent
        followers.setdefault(link.parent, []).append(link)
    before: list[UUID] = []
    place: Any = version
    while place is not None:
        before.append(place)
        place = parents[place]
    after: list[UUID] = []
    while following := followers.get(after[-1] if after else version):
        after.append(next((link.id for link in following if link.is_present), following[-1].id))
    return before[::-1] + after


def versions_of(messages: Iterable[Message]) -> dict[UUID, list[UUID]]:
    """For each of the messages of one conversation, the ids of all versions of it, oldest first; one query."""
    messages = list(messages)
    if not messages:
        return {}
    places = {m.reply_to_id for m in messages}
    found: dict[tuple[UUID | None, str], list[UUID]] = {}
    rows = Message.objects.filter(conversation=messages[0].conversation_id).in_order()
    rows = rows.filter(reply_to__in=places - {None}) | (rows.filter(reply_to=None) if None in places else rows.none())
    for pk, parent, role in rows.values_list("id", "reply_to", "role"):
        found.setdefault((parent, role), []).append(pk)
    return {m.pk: found.get((m.reply_to_id, m.role), [m.pk]) for m in messages}
