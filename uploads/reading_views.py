"""The buttons of a file's reading: its password, stopping it, trying again, and the transcription of its images."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from accounts.requests import SignedInRequest
from audit.budgets import refusal
from romagent.base.limits import seconds_to_wait, when
from uploads import reading_actions
from uploads.models import Upload
from uploads.views import to_change

LONGEST_PASSWORD = 1000  # characters
GUESSES, GUESS_SECONDS = 20, 600
NOT_NOW = "O arquivo já estava em outra situação: nada mudou."


def _done(request: SignedInRequest, upload: Upload, done: bool) -> HttpResponse:
    if not done:
        notes.info(request, NOT_NOW)
    response = redirect("uploads:detail", upload.pk)
    response.status_code = 303
    return response


@require_POST
@sensitive_post_parameters("password")
def give_password(request: SignedInRequest, pk: UUID) -> HttpResponse:
    upload = to_change(request, pk)
    password = request.POST.get("password", "")
    if not 0 < len(password) <= LONGEST_PASSWORD:
        notes.error(request, "Informe a senha do arquivo.")
        return _done(request, upload, True)
    if wait := seconds_to_wait("senha-de-arquivo", request.user.pk, GUESSES, GUESS_SECONDS):
        notes.error(request, f"Muitas tentativas. Tente de novo {when(wait)}.")
        return _done(request, upload, True)
    done = reading_actions.give_password(upload, password, user=request.user, request=request)
    return _done(request, upload, done)


@require_POST
def transcribe(request: SignedInRequest, pk: UUID) -> HttpResponse:
    upload = to_change(request, pk)
    if sentence := refusal(upload.user_id):
        notes.error(request, sentence)
        return _done(request, upload, True)
    return _done(request, upload, reading_actions.transcribe(upload, user=request.user, request=request))


def _button(action: Callable[..., bool]) -> Callable[..., HttpResponse]:
    @require_POST
    def view(request: SignedInRequest, pk: UUID) -> HttpResponse:
        upload = to_change(request, pk)
        return _done(request, upload, action(upload, user=request.user, request=request))

    return view


stop_reading = _button(reading_actions.stop_reading)
read_again = _button(reading_actions.read_again)
leave_images = _button(reading_actions.leave_images)
