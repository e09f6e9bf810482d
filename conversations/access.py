"""What a request names, if this person may see it (else 404), and if she may change it (else 403)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from accounts.requests import SignedInRequest
from conversations.models import Conversation, Message
from projects.models import Project
from romagent.base.compiled import Compiled

MINE: Compiled[Conversation] = Compiled(
    lambda person, pk: Conversation.objects.for_user(User(pk=person)).filter(pk=pk), ids=2
)


def my_conversation(request: SignedInRequest, pk: UUID) -> Conversation:
    if (conversation := MINE.first(request.user.pk, pk)) is None:
        raise Http404
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


Pair = tuple[UUID, UUID]


def lost(pairs: set[Pair]) -> set[Pair]:
    """Those of the pairs (person, reply) in which the person may not see the reply any more.

    Three queries, and one more for each person who reads in a project: only there do others take it away from her.
    """
    people, replies = {person for person, _ in pairs}, {reply for _, reply in pairs}
    known = Message.objects.filter(pk__in=replies)
    own = known.filter(conversation__project=None, conversation__deleted_at=None)
    allowed: set[Pair] = set(own.values_list("conversation__user", "pk"))
    for person in {person for person, reply in pairs if (person, reply) not in allowed}:
        seen = Message.objects.for_user(User(pk=person)).filter(pk__in=replies)
        allowed |= {(person, reply) for reply in seen.values_list("pk", flat=True)}
    active = set(User.objects.filter(pk__in=people, is_active=True).values_list("pk", flat=True))
    there = set(known.values_list("pk", flat=True))
    return {pair for pair in pairs if pair[1] in there and not (pair in allowed and pair[0] in active)}
