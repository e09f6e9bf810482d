"""Search in one person's conversations, by title and content: Portuguese words, accents optional.

PostgreSQL's `websearch` syntax: words, "a phrase", -without, or.
"""

from __future__ import annotations

import re
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db.models import F
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from conversations.models import Conversation, Message

CONFIGURATION = "portuguese_plain"
MATCHES = 200  # messages considered, best first
CONVERSATIONS = 30  # shown
MARKDOWN_SIGNS = re.compile(r"\*\*|`|^\s*(?:#{1,6}|>)\s+|\|?(?:\s*:?-{3,}:?\s*\|)+|\|", re.MULTILINE)
START, STOP = "\ue000", "\ue001"  # private characters: the text is escaped before they become <mark>


class PortugueseQuery(SearchQuery):
    """`search_query(text)`: words in either number (made by a migration)."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.function = "search_query"


def search_conversations(user: User, text: str) -> list[dict[str, Any]]:
    """Conversations that match, best first: `{"conversation", "snippets", "url"}`; three queries at most."""
    query = PortugueseQuery(text)
    best = _best_messages(user, query)
    order = dict.fromkeys([*_titles(user, query), *best])
    wanted = list(order)[:CONVERSATIONS]
    found = Conversation.objects.for_user(user).in_bulk(wanted)
    snippets = _snippets([best[pk] for pk in wanted if pk in best], query)
    return [_result(found[pk], best.get(pk), snippets) for pk in wanted if pk in found]


def _titles(user: User, query: SearchQuery) -> list[Any]:
    matching = Conversation.objects.for_user(user).filter(search=query).order_by("-updated_at")
    return list(matching.values_list("pk", flat=True)[:CONVERSATIONS])


def _best_messages(user: User, query: SearchQuery) -> dict[Any, Any]:
    """For each conversation its best message. Ordered by rank, which the index on ids cannot tempt the planner with."""
    rank = SearchRank(F("search"), query)
    matching = (
        Message.objects.for_user(user)
        .filter(user=user)
        .active()
        .filter(search=query)
        .annotate(rank=rank)
        .order_by("-rank", "-pk")
    )
    best: dict[Any, Any] = {}
    for conversation, message in matching.values_list("conversation_id", "pk")[:MATCHES]:
        best.setdefault(conversation, message)
    return best


def _snippets(message_ids: list[Any], query: SearchQuery) -> dict[Any, SafeString]:
    headline = SearchHeadline(
        "content", query, config=CONFIGURATION, start_sel=START, stop_sel=STOP, max_words=35, min_words=15,
        max_fragments=2, fragment_delimiter=" … ",
    )  # fmt: skip
    rows = Message.objects.filter(pk__in=message_ids).annotate(headline=headline).values_list("pk", "headline")
    return {pk: _marked(text) for pk, text in rows}


def _marked(text: str) -> SafeString:
    """The snippet with its matches marked and without Markdown's signs, which mean nothing out of their place."""
    return mark_safe(escape(MARKDOWN_SIGNS.sub("", text)).replace(START, "<mark>").replace(STOP, "</mark>"))


def _result(conversation: Conversation, message: Any, snippets: dict[Any, SafeString]) -> dict[str, Any]:
    url = reverse("conversations:detail", args=[conversation.pk])
    if message is None:
        return {"conversation": conversation, "snippets": [], "url": url}
    return {"conversation": conversation, "snippets": [snippets[message]], "url": f"{url}#mensagem-{message}"}
