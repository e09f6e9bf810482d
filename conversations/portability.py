"""What is a person's own here: her conversations, each as a text to read and as JSON with every version."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils import timezone

from accounts.models import User
from conversations.export import markdown_lines, names_of_others
from conversations.models import Conversation, Message
from romagent.base.portability import Number, Part, as_json_with, counted, safe_name

AT_ONCE = 100  # conversations
MESSAGES_AT_ONCE = 50
INTERNAL = {"job", "stop"}  # in a message's metadata: about the queue, and of no meaning outside


def parts(user: User) -> Iterator[Part]:
    mine = Conversation.objects.begun_by(user).select_related("project").order_by("created_at", "pk")
    for conversation in mine.iterator(AT_ONCE):
        day = timezone.localtime(conversation.created_at).date()
        name = f"conversas/{safe_name(f'{day:%Y-%m-%d} {conversation.title}')}"
        at = conversation.updated_at
        beginning = beginning_of(conversation)
        yield Part(f"{name}.md", _as_markdown(conversation, beginning, user), at=at)
        yield Part(f"{name}.json", _as_json(conversation, beginning), at=at, counts="conversations")


def beginning_of(conversation: Conversation) -> list[Message]:
    """The first messages, which mostly are all: read once for both files."""
    return list(Message.objects.filter(conversation=conversation).in_order()[:MESSAGES_AT_ONCE])


def messages_of(conversation: Conversation, beginning: list[Message]) -> Iterator[Message]:
    """All messages in order, some at a time: a conversation may be longer than memory likes."""
    messages, batch = Message.objects.filter(conversation=conversation).in_order(), beginning
    yield from batch
    while len(batch) == MESSAGES_AT_ONCE:
        batch = list(messages.after(batch[-1])[:MESSAGES_AT_ONCE])
        yield from batch


def _as_markdown(conversation: Conversation, beginning: list[Message], user: User) -> Iterator[bytes]:
    present = (message for message in messages_of(conversation, beginning) if message.superseded_at is None)
    for line in markdown_lines(conversation, present, names_of_others(conversation, user)):
        yield f"{line}\n".encode()


def _as_json(conversation: Conversation, beginning: list[Message]) -> Iterator[bytes]:
    return as_json_with(_described(conversation), "mensagens", map(_said, messages_of(conversation, beginning)))


def _described(conversation: Conversation) -> dict[str, Any]:
    project = conversation.project
    return {
        "formato": "romagent.conversa/1",
        "id": conversation.pk,
        "titulo": conversation.title,
        "modo": conversation.mode,
        "modelo": conversation.model,
        "projeto": {"id": project.pk, "nome": project.name} if project else None,
        "criada_em": conversation.created_at,
        "alterada_em": conversation.updated_at,
        "fixada_em": conversation.pinned_at,
        "arquivada_em": conversation.archived_at,
        "metadados": conversation.metadata,
    }


def _said(message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "papel": message.role,
        "conteudo": message.content,
        "modelo": message.model,
        "situacao": message.status,
        "motivo_do_fim": message.stop_reason,
        "responde_a": message.reply_to_id,
        "fora_do_fio_desde": message.superseded_at,
        "tokens_de_entrada": message.tokens_input,
        "tokens_de_saida": message.tokens_output,
        "milissegundos": message.latency_ms,
        "criada_em": message.created_at,
        "metadados": {key: value for key, value in message.metadata.items() if key not in INTERNAL},
    }


def total(user: User) -> int:
    """How many parts will count as `conversations`."""
    return int(Conversation.objects.begun_by(user).count())


def numbers(user: User) -> Iterator[Number]:
    yield Number("conversas", counted(Conversation.objects.begun_by(user)))
    yield Number("mensagens", counted(Message.objects.for_user(user).filter(conversation__user=user)))
