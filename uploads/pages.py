"""A file page by page: its text, with a quoted passage marked in it, as a page of its own or beside a conversation."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from accounts.middleware import wants_page
from accounts.requests import SignedInRequest
from uploads.models import Upload, UploadPage
from uploads.passages import find
from uploads.pricing import expected_cost
from uploads.serving import has_pictures, whole
from uploads.states import state_of
from uploads.volumes import place_of
from uploads.words import pages_said, what_is_missing

LONGEST_QUOTED = 4_000  # characters of a passage that is looked for


def address(upload: Upload, number: int, quoted: str = "") -> str:
    """Where this page is seen, at the passage when there is one."""
    path = reverse("uploads:page", args=[upload.pk, number])
    return f"{path}?{urlencode({'trecho': quoted})}#trecho" if quoted else path


@require_GET
def detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What the file is, how far it was read and what could not be, and the way to its pages. Code gets what moves."""
    upload: Upload = get_object_or_404(Upload.objects.for_user(request.user), pk=pk)
    asked = request.GET.get("pagina", "")
    if asked.isdecimal() and 1 <= int(asked[:9]) <= (upload.page_count or 0):
        return redirect("uploads:page", pk, int(asked))
    missing = _unread(upload)
    context = {
        "upload": upload,
        "state": state_of(upload, sum(map(len, missing.values()))),
        "editable": Upload.objects.for_editor(request.user).filter(pk=pk).exists(),
        "missing": what_is_missing(missing),
        "from_images": pages_said(_numbers(upload, source=UploadPage.Source.VISION)),
        "images": len(missing.get("no_text", ())),
        "cost": expected_cost(len(missing.get("no_text", ()))),
        "volumes": upload.metadata.get("volumes", ()),
    }
    response = render(request, "uploads/detail.html" if wants_page(request) else "uploads/_reading.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _unread(upload: Upload) -> dict[str, list[int]]:
    """The pages that have no text, or not all of it, by the reason."""
    found: dict[str, list[int]] = {}
    for error, number in UploadPage.objects.filter(~Q(error=""), upload=upload).values_list("error", "number"):
        found.setdefault(error, []).append(number)
    return found


def _numbers(upload: Upload, **condition: Any) -> Any:
    return UploadPage.objects.filter(upload=upload, **condition).values_list("number", flat=True)


@require_GET
def page(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    """One page's text. Without the frame when code asks for it, to stand beside a conversation."""
    upload = whole(request, pk)
    last = upload.page_count or 1
    if not 1 <= number <= last:
        raise Http404
    context = {
        "upload": upload,
        "number": number,
        "last": last,
        "previous": address(upload, number - 1) if number > 1 else "",
        "next": address(upload, number + 1) if number < last else "",
        "place": place_of(upload, number),
        "pictured": has_pictures(upload),
        **_text(upload, number, request.GET.get("trecho", "")[:LONGEST_QUOTED].strip()),
    }
    response = render(request, "uploads/page.html" if wants_page(request) else "uploads/_page.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _text(upload: Upload, number: int, quoted: str) -> dict[str, Any]:
    """The page as it was read, in three parts when the passage stands in it."""
    read = UploadPage.objects.filter(upload=upload, number=number).first()
    text = read.text if read else ""
    span = find(text, quoted) if quoted else None
    start, end = span or (len(text), len(text))
    return {
        "read": read,
        "quoted": quoted,
        "before": text[:start],
        "passage": text[start:end],
        "after": text[end:],
        "missing": bool(quoted) and span is None,
    }
