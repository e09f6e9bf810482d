"""How an answer to a request looks by what was asked for: a page, a fragment, or a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.requests import SignedInRequest
from audit import budgets
from conversations.actions import Asked
from conversations.frames import event, parse_position
from conversations.hub import hub
from conversations.models import Message
from conversations.rendering import render_message, shown
from romagent.base import slots
from romagent.base.limits import seconds_to_wait, too_many

EVENT_STREAM = "text/event-stream"


def wants_stream(request: SignedInRequest) -> bool:
    return EVENT_STREAM in request.headers.get("Accept", "")


def wants_fragment(request: SignedInRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


def refusal(request: SignedInRequest, sentence: str, status: int) -> HttpResponse:
    """An error in words, for code that asked (JSON) or for a person (a page)."""
    if wants_stream(request) or wants_fragment(request):
        return JsonResponse({"error": sentence}, status=status)
    messages.error(request, sentence)
    return HttpResponse(
        status=303, headers={"Location": request.headers.get("Referer") or reverse("conversations:list")}
    )


def too_many_messages(request: SignedInRequest) -> HttpResponse | None:
    """The 429 answer when this person has sent more in the last minute than is allowed."""
    wait = seconds_to_wait("mensagens", request.user.pk, settings.MESSAGES_PER_MINUTE)
    if not wait:
        return None
    return too_many(request, wait, "Muitas mensagens em um minuto.", kept="O que você escreveu foi mantido.")


def free_stream(request: SignedInRequest) -> slots.Slot | None:
    """A slot for one more stream of this person's, of those that she has in all processes together."""
    return slots.take("leituras", request.user.pk, settings.STREAMS_PER_PERSON)


def out_of_budget(request: SignedInRequest, key: UUID | None = None) -> str:
    """Why this person may not ask now, in words; "" when she may, or when the form `key` was accepted before.

    Of a conversation that was deleted the form would be accepted anew, as another question.
    """
    sentence = budgets.refusal(request.user.pk)
    if sentence and key:
        before = Message.objects.filter(user=request.user, submission_key=key, conversation__deleted_at=None)
        return "" if before.exists() else sentence
    return sentence


def refused_by_budget(request: SignedInRequest, message: Message) -> HttpResponse | None:
    """The 429 answer to a request for another answer, when a budget is used up."""
    sentence = out_of_budget(request)
    if not sentence or wants_stream(request) or wants_fragment(request):
        return refusal(request, sentence, 429) if sentence else None
    return render(request, "conversations/refused.html", {"sentence": sentence, "message": message}, status=429)


def answer_to(request: SignedInRequest, asked: Asked) -> HttpResponseBase:
    """What follows an accepted question: the stream itself, the two messages, or the conversation's page."""
    if wants_stream(request):
        first, slot = event("messages", _two(asked)), free_stream(request)
        return _streaming(_then_follow(first, asked.reply.pk, request.user.pk, slot) if slot else _once(first))
    if wants_fragment(request):
        return HttpResponse(_two(asked))
    return to_message(asked.reply)


def to_message(message: Message) -> HttpResponse:
    page = reverse("conversations:detail", args=[message.conversation_id])
    response = redirect(f"{page}#mensagem-{message.pk}")
    response.status_code = 303
    return response


def stream_of(request: SignedInRequest, reply: Message) -> HttpResponseBase:
    """The reply's events from where the reader left off; of one that has ended, just its end."""
    if not reply.is_unfinished:
        return _streaming(_once(event("end", render_message(reply))))
    if not (slot := free_stream(request)):
        return too_many(request, 5, "Há respostas demais abertas ao mesmo tempo. Feche algumas abas.")
    seen = parse_position(request.headers.get("Last-Event-ID", ""))
    return _streaming(hub().follow(reply.pk, request.user.pk, slot, seen))


def _two(asked: Asked) -> str:
    thread = shown([asked.question, asked.reply], fresh=True)  # her own words: no name beside them
    return render_to_string("conversations/_messages.html", {"thread": thread})


async def _then_follow(first: bytes, reply_id: UUID, person: UUID, slot: slots.Slot) -> AsyncIterator[bytes]:
    yield first
    async for data in hub().follow(reply_id, person, slot):
        yield data


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def _streaming(events: AsyncIterator[bytes]) -> StreamingHttpResponse:
    return StreamingHttpResponse(
        events,
        content_type=f"{EVENT_STREAM}; charset=utf-8",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
