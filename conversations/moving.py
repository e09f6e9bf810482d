"""A conversation moved into a project, into another one, or out of projects."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from conversations import actions
from conversations.access import conversation_to_change
from conversations.models import Conversation
from projects.choosing import move_page
from projects.views import see


@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, pk: UUID) -> HttpResponse:
    conversation = conversation_to_change(request, pk)
    return move_page(request, "conversation", conversation, move=actions.move, refused=actions.Refused, moved=_moved)


def _moved(request: SignedInRequest, conversation: Conversation) -> HttpResponse:
    notes.success(request, _said(conversation))
    return see("conversations:detail", conversation.pk)


def _said(conversation: Conversation) -> str:
    if conversation.project is None:
        return "A conversa está fora de projetos: só você a vê."
    return f"A conversa está no projeto “{conversation.project.name}”: quem participa dele a vê."
