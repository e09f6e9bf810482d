"""Choosing volumes and their order, and having them put together."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from projects.models import Project
from uploads.forms import in_words
from uploads.joining_actions import join
from uploads.models import Upload
from uploads.places import Place, is_uuid, place_in

OFFERED = 200  # newest files; that there are older ones is said
MOST_PAGES = 20_000
JOINED = ("application/pdf", "image/jpeg", "image/png", "image/tiff", "image/webp")
PREFIX = "ordem-"


@require_http_methods(["GET", "POST"])
def volumes(request: SignedInRequest) -> HttpResponse:
    """GET: what can be put together, each with its place in the order. POST: puts what has a place together."""
    place = place_in(request.POST if request.method == "POST" else request.GET, request.user)
    there = _of(place, request.user)
    if request.method == "GET":
        return _page(request, place, there)
    chosen, sentence = _chosen(request, there)
    if sentence:
        return _page(request, place, there, sentence)
    whole = join(chosen, request.POST.get("nome", "").strip() or "Volumes juntados", user=request.user, request=request)
    notes.success(request, f"“{whole.original_filename}” está sendo preparado.")
    response = redirect("uploads:detail", whole.pk)
    response.status_code = 303
    return response


def _of(place: Place, user: Any) -> Any:
    """What is read and can be put together there; in a conversation: what it has been given."""
    ready = Upload.objects.for_user(user).filter(upload_status=Upload.Status.READY, mime_type__in=JOINED)
    ready = ready.exclude(file_path="").exclude(page_count=None).filter(project=place.project)
    return (ready.filter(conversation=place.conversation) if place.conversation else ready).order_by(
        "-created_at", "-pk"
    )


def _chosen(request: SignedInRequest, there: Any) -> tuple[list[Upload], str]:
    """The files in their order, or why they cannot be put together; none of them is passed over."""
    asked = {name.removeprefix(PREFIX): request.POST[name].strip() for name in request.POST if name.startswith(PREFIX)}
    numbers = {pk: number for pk, number in asked.items() if number}
    if not all(number.isascii() and number.isdecimal() and len(number) < 6 for number in numbers.values()):
        return [], "A ordem é um número: 1, 2, 3…"
    by_pk = {UUID(pk): int(number) for pk, number in numbers.items() if is_uuid(pk)}
    placed = [(by_pk[upload.pk], upload) for upload in there.filter(pk__in=by_pk)]
    if len(placed) < len(numbers):
        return [], "Um dos arquivos escolhidos não está mais aqui, ou está sendo lido de novo. Confira a lista."
    chosen = [upload for _, upload in sorted(placed, key=lambda one: one[0])]
    if len(chosen) < 2:
        return [], "Dê um número a pelo menos dois arquivos, na ordem em que devem ficar."
    if len({number for number, _ in placed}) < len(placed):
        return [], "Dois arquivos têm o mesmo número. Dê a cada um o seu."
    if sum(upload.page_count or 0 for upload in chosen) > MOST_PAGES:
        return [], "São páginas demais para um arquivo só: o limite é 20.000."
    if sum(upload.file_size for upload in chosen) > settings.UPLOAD_MAX_BYTES:
        return [], f"Juntos, os arquivos passam do limite de {in_words(settings.UPLOAD_MAX_BYTES)}."
    return chosen, ""


def _page(request: SignedInRequest, place: Place, there: Any, error: str = "") -> HttpResponse:
    asked = request.POST if error else {}
    offered = list(there[: OFFERED + 1])
    context = {
        "rows": [(upload, asked.get(f"{PREFIX}{upload.pk}", "")) for upload in offered[:OFFERED]],
        "older": len(offered) > OFFERED,
        "most": OFFERED,
        "name": asked.get("nome", ""),
        "place": place,
        "project": Project.objects.filter(pk=place.project).first() if place.project else None,
        "error": error,
    }
    return render(request, "uploads/join.html", context, status=422 if error else 200)
