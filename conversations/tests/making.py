"""Rows that the tests need, made the short way."""

import contextlib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import User
from conversations import actions
from conversations.actions import Asked
from conversations.models import Conversation, Message

MODEL = "claude-opus-5-5"
QUESTION = "Qual o prazo para contestar?"
ANSWER = "O prazo é de **quinze dias** úteis."


def make_conversation(user: User, title: str = "Ação de cobrança", **fields: Any) -> Conversation:
    return Conversation.objects.create(user=user, title=title, **{"model": MODEL, **fields})


def make_conversations(user: User, count: int, **fields: Any) -> list[Conversation]:
    """Newest first, a minute apart."""
    now = timezone.now()
    return [
        make_conversation(user, f"Conversa {number:02}", updated_at=now - timedelta(minutes=number), **fields)
        for number in range(count)
    ]


def make_exchange(
    conversation: Conversation, question: str = QUESTION, answer: str = ANSWER, **fields: Any
) -> tuple[Message, Message]:
    """A question and its reply, which has ended; `fields` are the reply's."""
    whose: dict[str, Any] = {"conversation": conversation, "user_id": conversation.user_id}
    last = Message.objects.filter(conversation=conversation).active().order_by("-id").first()
    asked = Message.objects.create(role=Message.Role.USER, content=question, reply_to=last, **whose)
    reply = {"model": conversation.model, "reply_to": asked, "content": answer, **fields}
    return asked, Message.objects.create(role=Message.Role.ASSISTANT, **whose, **reply)


def ask(conversation: Conversation, content: str = QUESTION, **options: Any) -> Asked:
    """A question that waits for its answer."""
    return actions.ask(conversation, content=content, user=conversation.user, **options)


def ask_something(user: User, content: str = QUESTION, **options: Any) -> Message:
    """The reply that is owed to the first question of a new conversation."""
    return ask(make_conversation(user, Conversation.UNTITLED), content, **options).reply


@contextlib.contextmanager
def refusing(table: str) -> Iterator[None]:
    """PostgreSQL takes no new row and no change of a row in this table."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT refused CHECK (false) NOT VALID")
    try:
        yield
    finally:
        with connection.cursor() as cursor:  # another one: what was tried may have let the connection go
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS refused")
