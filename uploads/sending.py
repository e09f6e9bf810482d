"""The conversation of `static/js/multipart.js` with the server while a large file goes to S3: only words, no bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from uploads import actions, multipart
from uploads.actions import NotWhole, sending_of
from uploads.forms import BeginForm, PartForm, first_error, in_words, largest
from uploads.models import Upload
from uploads.multipart import StorageAway
from uploads.views import AWAY, too_many_files

NOT_WHOLE = "O arquivo não chegou inteiro. Envie-o de novo: o que já chegou não se perde."
View = Callable[..., HttpResponse]


def my_sending(request: SignedInRequest, pk: UUID) -> Upload:
    """One's own file that is on its way; a colleague of the same project has no part in that."""
    mine = Upload.objects.for_user(request.user).filter(user=request.user, metadata__has_key="multipart")
    upload: Upload = get_object_or_404(mine, pk=pk)
    return upload


def refusal(sentence: str, status: int) -> JsonResponse:
    return JsonResponse({"error": sentence}, status=status)


def in_words_when_away(view: View) -> View:
    """Says it when there is no S3 at all, or when it does not answer."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: UUID, **kwargs: UUID) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except StorageAway:
            return refusal(AWAY, 503)

    return guarded


def without_storage() -> JsonResponse | None:
    if multipart.is_available():
        return None
    return refusal(f"Aqui só se enviam arquivos de até {in_words(largest())}. Nada foi enviado.", 409)


@require_POST
@in_words_when_away
def begin(request: SignedInRequest) -> HttpResponse:
    """Takes a name and a size; says how the file is to be cut."""
    if refused := without_storage():
        return refused
    form = BeginForm(request.POST)
    if not form.is_valid():
        return refusal(first_error(form), 422)
    if sentence := too_many_files(request):
        return refusal(sentence, 429)
    values = form.cleaned_data
    upload = actions.begin_sending(values["name"], values["size"], user=request.user, request=request)
    return JsonResponse(_described(upload, []), status=201)


@require_GET
@in_words_when_away
def state(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """How the file is cut, and which parts have arrived: for who goes on after a reload."""
    upload = my_sending(request, pk)
    return without_storage() or JsonResponse(_described(upload, sorted(multipart.arrived(sending_of(upload)))))


@require_POST
@in_words_when_away
def part(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Where to put one part."""
    sending = sending_of(my_sending(request, pk))
    form = PartForm(request.POST, parts=sending.parts)
    if not form.is_valid():
        return without_storage() or refusal("Esta parte do arquivo não existe.", 422)
    return without_storage() or JsonResponse({"url": multipart.link_for(sending, form.cleaned_data["part"])})


@require_POST
@in_words_when_away
def finish(request: SignedInRequest, pk: UUID) -> HttpResponse:
    mine = Upload.objects.for_user(request.user).filter(user=request.user)
    upload: Upload = get_object_or_404(mine, pk=pk)
    if refused := without_storage():
        return refused
    try:
        if upload.being_sent:  # else it is asked again, after its answer was lost
            actions.finish_sending(upload, user=request.user, request=request)
    except NotWhole:
        return refusal(NOT_WHOLE, 409)
    return JsonResponse({"next": reverse("uploads:list")})


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
