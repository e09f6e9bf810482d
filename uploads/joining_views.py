"""Choosing volumes and their order, and having them put together."""

from __future__ import annotations

from typing import Any

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
from uploads.places import Place, place_in

OFFERED = 200  # newest files
MOST_PAGES = 20_000
JOINED = ("application/pdf", "image/jpeg", "image/png", "image/tiff", "image/webp")
PREFIX = "ordem-"


@require_http_methods(["GET", "POST"])
def volumes(request: SignedInRequest) -> HttpResponse:
    """GET: what can be put together, each with its place in the order. POST: puts what has a place together."""
    place = place_in(request.POST if request.method == "POST" else request.GET, request.user)
    offered = list(_of(place, request.user)[:OFFERED])
    if request.method == "GET":
        return _page(request, place, offered)
    chosen, sentence = _chosen(request, offered)
    if sentence:
        return _page(request, place, offered, sentence)
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


def _chosen(request: SignedInRequest, offered: list[Upload]) -> tuple[list[Upload], str]:
    """The files in their order, or why they cannot be put together."""
    placed = []
    for upload in offered:
        number = request.POST.get(f"{PREFIX}{upload.pk}", "").strip()
        if number and not (number.isascii() and number.isdecimal() and len(number) < 6):
            return [], "A ordem é um número: 1, 2, 3…"
        if number:
            placed.append((int(number), upload))
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


def _page(request: SignedInRequest, place: Place, offered: list[Upload], error: str = "") -> HttpResponse:
    asked = request.POST if error else {}
    context = {
        "rows": [(upload, asked.get(f"{PREFIX}{upload.pk}", "")) for upload in offered],
        "name": asked.get("nome", ""),
        "place": place,
        "project": Project.objects.filter(pk=place.project).first() if place.project else None,
        "error": error,
    }
    return render(request, "uploads/join.html", context, status=422 if error else 200)
