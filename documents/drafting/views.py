"""The draft's progress, the questions beside a document, and the word on what is proposed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from conversations import replying
from conversations.access import message_to_change
from conversations.actions import BeingAnswered, Refused
from conversations.forms import AskForm, default_model
from conversations.models import Message
from conversations.views import BUSY
from documents.drafting import actions, proposal_actions
from documents.drafting.models import Proposal
from documents.drafting.showing import assistant_context, draft_context
from documents.html import TooLarge
from documents.models import Document
from documents.views import document_to_change, my_document
from projects.forms import first_error
from projects.views import see

TOO_LARGE = "O documento chegou ao tamanho máximo."


# The draft ---------------------------------------------------------------------------------------


@require_GET
def drafting(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How far the draft has come, as a part of the document's page."""
    document = my_document(request, pk)
    if not replying.wants_fragment(request):
        return redirect(_beside(document, "redacao"))
    return render(request, "documents/_draft.html", draft_context(request, document))


@require_POST
def stop(request: SignedInRequest, pk: UUID) -> HttpResponse:
    document = document_to_change(request, pk)
    actions.stop(document, user=request.user, request=request)
    return _draft_again(request, document)


@require_POST
def go_on(request: SignedInRequest, pk: UUID) -> HttpResponse:
    document = document_to_change(request, pk)
    if refused := replying.too_many_messages(request):
        return refused
    if sentence := replying.out_of_budget(request):
        return replying.refusal(request, sentence, 429)
    try:
        actions.go_on(document, user=request.user, request=request)
    except TooLarge:
        return replying.refusal(request, TOO_LARGE, 422)
    return _draft_again(request, document)


@require_POST
def finish(request: SignedInRequest, pk: UUID) -> HttpResponse:
    document = document_to_change(request, pk)
    actions.finish(document, user=request.user, request=request)
    return _draft_again(request, document)


def _draft_again(request: SignedInRequest, document: Document) -> HttpResponse:
    if replying.wants_fragment(request):
        document.refresh_from_db()
        return render(request, "documents/_draft.html", draft_context(request, document))
    return _see(document, "redacao")


@require_POST
def from_message(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """A reply becomes a document, in the project of its conversation, for who may write there."""
    message = message_to_change(request, pk, role=Message.Role.ASSISTANT)
    if message.is_unfinished or not message.content.strip():
        return replying.refusal(request, "Esta resposta ainda não tem texto para um documento.", 409)
    try:
        document = actions.from_message(message, user=request.user, request=request)
    except TooLarge:
        return replying.refusal(request, TOO_LARGE, 422)
    notes.success(request, "O documento foi criado com o texto da resposta.")
    return see("documents:detail", document.pk)


# Beside the document -----------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def assistant(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """GET: the panel. POST: a question about the document, answered in the panel."""
    if request.method == "GET":
        document = my_document(request, pk)
        return _panel(request, document) if replying.wants_fragment(request) else redirect(_beside(document))
    document = document_to_change(request, pk)
    if refused := replying.too_many_messages(request):
        return refused
    current = document.conversation.model if document.conversation else default_model()
    form = AskForm(request.POST, current_model=current, user=request.user)
    if not form.is_valid():
        return _not_asked(request, document, first_error(form), 422)
    values = form.values()
    if sentence := replying.out_of_budget(request, values["key"]):
        return _not_asked(request, document, sentence, 429)
    try:
        proposal_actions.ask(
            document, values["content"], user=request.user, model=values["model"] or current, key=values["key"],
            request=request,
        )  # fmt: skip
    except BeingAnswered:
        return _not_asked(request, document, BUSY, 409)
    except Refused as refused:
        return _not_asked(request, document, str(refused), 409)
    return _panel(request, document) if replying.wants_fragment(request) else _see(document)


def _not_asked(request: SignedInRequest, document: Document, sentence: str, status: int) -> HttpResponse:
    if replying.wants_fragment(request):
        return JsonResponse({"error": sentence}, status=status)
    context = assistant_context(request, document, content=request.POST.get("content", ""), error=sentence)
    return render(request, "documents/assistant.html", context, status=status)


@require_POST
def decide(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """`aceitar` or `rejeitar` name a proposal; `todas` (its value one of these words) means all that are named."""
    document = document_to_change(request, pk)
    word, wanted = _decided(request)
    told = ""
    ids = list(Proposal.objects.open().filter(document=document, pk__in=wanted).values_list("pk", flat=True))
    if word == "rejeitar":
        proposal_actions.reject(document, ids, user=request.user, request=request)
    elif word == "aceitar":
        try:
            _, left = proposal_actions.accept(document, ids, user=request.user, request=request)
        except TooLarge:
            return replying.refusal(request, TOO_LARGE, 422)
        told = _left(left) if left else ""
    if replying.wants_fragment(request):
        document.refresh_from_db()
        return _panel(request, document, told)
    if told:
        notes.warning(request, told)
    return _see(document)


def _decided(request: SignedInRequest) -> tuple[str, list[int]]:
    for word in ("aceitar", "rejeitar"):
        if request.POST.get("todas") == word:
            return word, _numbers(request.POST.getlist("proposta"))
        if word in request.POST:
            return word, _numbers([request.POST[word]])
    return "", []


def _numbers(given: list[str]) -> list[int]:
    return [int(one) for one in given[:1000] if one.isascii() and one.isdigit() and len(one) < 19]


def _left(count: int) -> str:
    if count == 1:
        return "Uma proposta não foi aplicada: o parágrafo mudou desde que ela foi feita."
    return f"{count} propostas não foram aplicadas: os parágrafos mudaram desde que foram feitas."


def _panel(request: SignedInRequest, document: Document, told: str = "") -> HttpResponse:
    return render(request, "documents/_assistant.html", assistant_context(request, document, told=told))


def _beside(document: Document, place: str = "assistente") -> str:
    return f"{reverse('documents:detail', args=[document.pk])}#{place}"


def _see(document: Document, place: str = "assistente") -> HttpResponse:
    response: Any = redirect(_beside(document, place))
    response.status_code = 303
    return response  # type: ignore[no-any-return]
