"""A conversation moved into a project, into another one, or out of projects."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from conversations import actions
from conversations.access import conversation_to_change
from conversations.models import Conversation
from projects.choosing import MoveForm
from projects.forms import first_error
from projects.views import see


@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, pk: UUID) -> HttpResponse:
    conversation = conversation_to_change(request, pk)
    form = MoveForm(request.POST if request.method == "POST" else None, user=request.user)
    error = ""
    if form.is_valid():
        try:
            actions.move(conversation, form.cleaned_data["project"], user=request.user, request=request)
        except actions.Refused as refused:
            error = str(refused)
        else:
            notes.success(request, _said(conversation))
            return see("conversations:detail", pk)
    context = {"conversation": conversation, "offered": form.offered(), "error": error or first_error(form)}
    return render(request, "conversations/move.html", context, status=422 if context["error"] else 200)


def _said(conversation: Conversation) -> str:
    if conversation.project is None:
        return "A conversa está fora de projetos: só você a vê."
    return f"A conversa está no projeto “{conversation.project.name}”: quem participa dele a vê."
