"""A conversation as a Markdown file: what was asked and answered, word for word."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from uuid import UUID

from django.core.exceptions import SuspiciousFileOperation
from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.text import get_valid_filename

from accounts.models import User
from conversations.citing import Citing
from conversations.models import Conversation, Message
from conversations.reading import Reading


def as_markdown(conversation: Conversation, reader: User) -> str:
    thread = conversation.messages.active().in_order()
    return "\n".join(markdown_lines(conversation, thread, names_of_others(conversation, reader)))


def names_of_others(conversation: Conversation, reader: User) -> dict[UUID, str]:
    """Who else than `reader` has asked in the conversation, by id: in a project, or before it left one."""
    asked = Message.objects.filter(conversation=conversation, role=Message.Role.USER).exclude(user=reader)
    return {person.pk: str(person) for person in User.objects.filter(pk__in=asked.values("user"))}


def markdown_lines(
    conversation: Conversation, messages: Iterable[Message], others: Mapping[UUID, str] = MappingProxyType({})
) -> Iterator[str]:
    created = timezone.localtime(conversation.created_at)
    yield f"# {conversation.title}\n"
    yield f"Conversa de {created:%d/%m/%Y %H:%M} · modo {conversation.get_mode_display()} · ROM Agent\n"
    for number, message in enumerate(messages, 1):
        when = timezone.localtime(message.created_at)
        label = Message.Role(message.role).label
        speaker = others.get(message.user_id, label) if message.role == Message.Role.USER else label
        yield f"## {speaker}, {when:%d/%m/%Y %H:%M}\n"
        yield f"{Reading.of(message.metadata).with_footnotes(message.content, f'{number}-')}\n"
        if citing := Citing.of(message.metadata):
            yield f"*Citações conferidas: {citing.summary}.*\n"
            yield "\n".join([*citing.lines(), ""])
        if message.role == Message.Role.ASSISTANT and message.status != Message.Status.COMPLETE:
            yield f"*({Message.Status(message.status).label})*\n"


def export_response(conversation: Conversation, text: str) -> HttpResponse:
    response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(True, f"{_file_name(conversation.title)}.md")
    return response


def _file_name(title: str) -> str:
    try:
        return get_valid_filename(title[:80].strip(". "))
    except SuspiciousFileOperation:  # nothing of it can stand in a name
        return "conversa"
