"""What a request names, if this person may see it (else 404), and if she may change it (else 403)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.requests import SignedInRequest
from conversations.models import Conversation, Message
from projects.models import Project


def my_conversation(request: SignedInRequest, pk: UUID) -> Conversation:
    conversation: Conversation = get_object_or_404(Conversation.objects.for_user(request.user), pk=pk)
    return conversation


def conversation_to_change(request: SignedInRequest, pk: UUID) -> Conversation:
    conversation = my_conversation(request, pk)
    if not may_change(request.user, conversation):
        raise PermissionDenied
    return conversation


def my_message(request: SignedInRequest, pk: UUID, **conditions: Any) -> Message:
    mine = Message.objects.for_user(request.user).select_related("conversation")
    message: Message = get_object_or_404(mine, pk=pk, **conditions)
    return message


def message_to_change(request: SignedInRequest, pk: UUID, **conditions: Any) -> Message:
    message = my_message(request, pk, **conditions)
    if not may_change(request.user, message.conversation):
        raise PermissionDenied
    return message


def may_change(user: User, conversation: Conversation) -> bool:
    """Of a conversation that she sees: one outside of projects is her own; in a project it takes an editor."""
    if conversation.project_id is None:
        return True
    return Project.objects.for_editor(user).filter(pk=conversation.project_id).exists()
