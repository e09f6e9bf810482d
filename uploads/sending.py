"""The conversation of `static/js/multipart.js` with the server while a large file is sent in parts.

With S3 it is only words: the bytes go straight there. Without, each part is a request of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from projects.forms import first_error
from uploads import actions, multipart, parts
from uploads.actions import NotWhole, sending_of
from uploads.forms import BeginForm, PartForm, in_words
from uploads.models import Upload
from uploads.multipart import SendingGone, StorageAway
from uploads.parts import NoRoom
from uploads.places import place_in
from uploads.views import AWAY, told, too_many_files
from uploads.ways import way

log = logging.getLogger(__name__)

NO_PART = "Esta parte do arquivo não existe."
LOST = "O que já tinha chegado deste arquivo não está mais no armazenamento. Envie-o de novo, do começo."
NOT_WHOLE = "O arquivo não chegou inteiro. Envie-o de novo: o que já chegou não se perde."
NO_ROOM = "Não há espaço no disco do servidor para este arquivo, de {}. Nada foi enviado. Avise a administração."
View = Callable[..., HttpResponse]


def my_sending(request: SignedInRequest, pk: UUID) -> Upload:
    """One's own file that is on its way; a colleague of the same project has no part in that."""
    mine = Upload.objects.for_editor(request.user).filter(user=request.user, metadata__has_key="multipart")
    upload: Upload = get_object_or_404(mine, pk=pk)
    return upload


def refusal(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


def in_words_when_away(view: View) -> View:
    """Says it when the storage does not answer, or its disk takes nothing more."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: UUID, **kwargs: UUID) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except SendingGone:
            return refusal(LOST, 410)
        except StorageAway:
            return refusal(AWAY, 503)

    return guarded


@require_POST
@in_words_when_away
def begin(request: SignedInRequest) -> HttpResponse:
    """Takes a name and a size; says how the file is to be cut."""
    place = place_in(request.POST, request.user)
    form = BeginForm(request.POST)
    if not form.is_valid():
        return refusal(first_error(form), 422)
    if sentence := too_many_files(request):
        return refusal(sentence, 429)
    values = form.cleaned_data
    try:
        upload = actions.begin_sending(values["name"], values["size"], user=request.user, place=place, request=request)
    except NoRoom:
        log.error("the disk has no room for a file of %d bytes", values["size"])
        return refusal(NO_ROOM.format(in_words(values["size"])), 507)
    return JsonResponse(_described(upload, []), status=201)


@require_GET
@in_words_when_away
def state(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How the file is cut, and which parts have arrived: for who goes on after a reload."""
    upload = my_sending(request, pk)
    return JsonResponse(_described(upload, sorted(way().arrived(sending_of(upload)))))


@require_POST
@in_words_when_away
def part(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Where to put one part: a signed link to S3, or here."""
    sending = sending_of(my_sending(request, pk))
    form = PartForm(request.POST, parts=sending.parts)
    if not form.is_valid():
        return refusal(NO_PART, 422)
    number = form.cleaned_data["part"]
    if multipart.is_available():
        return JsonResponse({"url": multipart.link_for(sending, number)})
    return JsonResponse({"url": reverse("uploads:chunk", args=[pk, number]), "method": "POST"})


@require_POST
@in_words_when_away
def chunk(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    """One part of a file, to this machine's disk. The request's body is nothing but its bytes."""
    sending = sending_of(my_sending(request, pk))
    if multipart.is_available() or not 1 <= number <= sending.parts:
        return refusal(NO_PART, 422)
    if not parts.take(sending, number, request):
        return refusal("Esta parte do arquivo não chegou inteira.", 422)
    return HttpResponse(status=204)


@require_POST
@in_words_when_away
def finish(request: SignedInRequest, pk: UUID) -> HttpResponse:
    mine = Upload.objects.for_editor(request.user).filter(user=request.user)
    upload: Upload = get_object_or_404(mine, pk=pk)
    try:
        if upload.being_sent:  # else it is asked again, after its answer was lost
            actions.finish_sending(upload, user=request.user, request=request)
    except NotWhole:
        return refusal(NOT_WHOLE, 409)
    return JsonResponse(told(upload))


@require_POST
def cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    actions.cancel_sending(my_sending(request, pk), user=request.user, request=request)
    return HttpResponse(status=204)


def _described(upload: Upload, arrived: list[int]) -> dict[str, object]:
    def address(name: str) -> str:
        return reverse(f"uploads:{name}", args=[upload.pk])

    sending = sending_of(upload)
    return {
        "partSize": sending.part_size,
        "parts": sending.parts,
        "arrived": arrived,
        "state": address("sending"),
        "part": address("part"),
        "finish": address("finish"),
        "cancel": address("cancel"),
    }
