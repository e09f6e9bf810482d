"""The page of one's files: send one through the server, download, delete, take back."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.datastructures import MultiValueDict
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.middleware import wants_page
from accounts.requests import SignedInRequest
from projects.forms import first_error
from projects.models import Project
from romagent.base.keyset import newest_first
from romagent.base.limits import seconds_to_wait, when
from uploads import actions, multipart
from uploads.forms import IN_PARTS_FROM, SUFFIXES, FileForm, largest, largest_at_once
from uploads.models import Upload
from uploads.multipart import StorageAway
from uploads.names import clean_name
from uploads.places import NOWHERE, Place, is_uuid, place_in
from uploads.serving import CLOSED
from uploads.states import with_states
from uploads.words import ACCEPTED

log = logging.getLogger(__name__)

LIST_SIZE = 30
MOST_ASKED = 60  # rows of a list at once
HOUR = 3600  # seconds
AWAY = "O armazenamento de arquivos não respondeu. Nada foi gravado; tente de novo em instantes."
GONE = "Este arquivo não foi encontrado no armazenamento. Avise a administração."


def list_url(place: Place = NOWHERE) -> str:
    query = f"?{urlencode(place.fields)}" if place.fields else ""
    return f"{reverse('uploads:list')}{query}"


def see_list(place: Place = NOWHERE) -> HttpResponse:
    response = HttpResponseRedirect(list_url(place))
    response.status_code = 303
    return response


def too_many_files(request: SignedInRequest) -> str:
    """Why this person may not send another file now; empty when she may."""
    wait = seconds_to_wait("arquivos", request.user.pk, settings.UPLOADS_PER_HOUR, HOUR)
    return f"Muitos arquivos em uma hora. Tente de novo {when(wait)}." if wait else ""


@require_http_methods(["GET", "POST"])
def files(request: SignedInRequest) -> HttpResponse:
    """GET: one's files, or a project's, newest first. POST: more of them, up to 100 MB in all; code sends one at a
    time and gets its answer as JSON."""
    if request.method == "GET":
        return _page(request)
    place = place_in(request.POST, request.user)
    sent: list[Any] = request.FILES.getlist("file") or [None]
    outcomes = [_receive(request, file, place) for file in sent]
    kept = [upload for upload, _, _ in outcomes if upload]
    refused = [(sentence, status) for upload, sentence, status in outcomes if not upload]
    if not kept:
        return _refused(request, " ".join(sentence for sentence, _ in refused), refused[0][1])
    if not wants_page(request):
        return JsonResponse(told(kept[0]))
    for upload in kept:
        notes.success(request, f"O arquivo “{upload.original_filename}” foi enviado.")
    for sentence, _ in refused:
        notes.error(request, sentence)
    return see_list(place)


def _receive(request: SignedInRequest, file: Any, place: Place) -> tuple[Upload | None, str, int]:
    """One file of a form: it is kept, or why it is not and the answer's status. None of them stops the others."""
    form = FileForm(files=MultiValueDict({"file": [file]} if file else {}))
    name = f"“{clean_name(file.name)}”: " if file and len(request.FILES.getlist("file")) > 1 else ""
    if not form.is_valid():
        return None, name + first_error(form), 422
    if refusal := too_many_files(request):
        return None, name + refusal, 429
    try:
        return actions.receive(file, user=request.user, place=place, request=request), "", 200
    except StorageAway:
        return None, name + AWAY, 503


def told(upload: Upload) -> dict[str, str]:
    """What code is told of a file that has come."""
    place = Place(upload.project_id, upload.conversation_id)
    return {
        "id": str(upload.pk),
        "name": upload.original_filename,
        "page": reverse("uploads:detail", args=[upload.pk]),
        "next": list_url(place),
    }


def _page(request: SignedInRequest, error: str = "", status: int = 200) -> HttpResponse:
    place, seen, may_send = _seen(request)
    page = newest_first(seen, "created_at", request.GET.get("depois", ""), LIST_SIZE)
    older = f"{reverse('uploads:list')}?{urlencode({**place.fields, 'depois': page.after})}" if page.after else ""
    context = {
        "page": {"items": with_states(page.items), "next_url": older},
        "place": place,
        "project": Project.objects.filter(pk=place.project).first() if place.project else None,
        "may_send": may_send,
        "editable": _editable(request, page.items),
        "error": error,
        "largest": largest(),
        "in_parts_from": min(IN_PARTS_FROM, largest_at_once()),
        "at_once": largest_at_once(),
        "straight": multipart.is_available(),
        "accepted": ACCEPTED,
        "suffixes": SUFFIXES,
    }
    return render(request, "uploads/list.html", context, status=status)


def _seen(request: SignedInRequest) -> tuple[Place, Any, bool]:
    """The files that the list is about, and whether more may be sent there."""
    fields = request.POST if request.method == "POST" else request.GET
    mine = Upload.objects.for_user(request.user)
    try:
        place, may_send = place_in(fields, request.user), True
    except PermissionDenied:
        place, may_send = place_in(fields, request.user, to_see=True), False
    if place.conversation:
        return place, mine.filter(conversation=place.conversation), may_send
    if place.project:
        return place, mine.filter(project=place.project), may_send
    return place, mine.filter(user=request.user), may_send


def _editable(request: SignedInRequest, uploads: Iterable[Upload]) -> set[UUID]:
    """Which of these the person may change."""
    keys = [upload.pk for upload in uploads]
    return set(Upload.objects.for_editor(request.user).filter(pk__in=keys).values_list("pk", flat=True))


def _refused(request: SignedInRequest, sentence: str, status: int) -> HttpResponse:
    if wants_page(request):
        return _page(request, sentence, status)
    return JsonResponse({"error": sentence}, status=status)


@require_GET
def progress(request: SignedInRequest) -> HttpResponse:
    """The rows of a list that are asked for, as they are now: those that were moving, those that have just come."""
    asked = [pk for pk in request.GET.getlist("arquivo")[:MOST_ASKED] if is_uuid(pk)]
    found = Upload.objects.for_user(request.user).filter(pk__in=asked).order_by("-created_at", "-pk")
    rows = with_states(list(found))
    return render(request, "uploads/_rows.html", {"rows": rows, "editable": _editable(request, found)})


def to_change(request: SignedInRequest, pk: UUID) -> Upload:
    """A file that this person may change: 404 for a stranger, 403 for who may only see it."""
    upload: Upload = get_object_or_404(Upload.objects.for_user(request.user), pk=pk)
    if not Upload.objects.for_editor(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    return upload


@require_GET
def download(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """The file as a download: from this machine through the product, from S3 by a link that is soon worth nothing."""
    upload: Upload = get_object_or_404(Upload.objects.for_user(request.user).exclude(file_path=""), pk=pk)
    if upload.being_sent:
        return _refused(request, "Este arquivo ainda não chegou inteiro.", 409)
    response: HttpResponseBase
    if multipart.is_available():
        disposition = content_disposition_header(True, upload.original_filename) or "attachment"
        link = actions.signed_link(upload, disposition, user=request.user, request=request)
        response = HttpResponseRedirect(link)
    else:
        try:
            file = actions.opened(upload, user=request.user, request=request)
        except FileNotFoundError:
            log.error("the file of upload %s is not in the storage", upload.pk)
            return _refused(request, GONE, 410)
        response = FileResponse(file, as_attachment=True, filename=upload.original_filename)
        response["Content-Type"] = "application/octet-stream"  # never shown by the browser as a page of ours
    for name, value in {"Cache-Control": "no-store", **CLOSED}.items():
        response[name] = value
    return response


@require_POST
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    upload = to_change(request, pk)
    place = Place(upload.project_id)
    if upload.being_sent and actions.cancel_sending(upload, user=request.user, request=request):
        notes.success(request, f"O envio de “{upload.original_filename}” foi cancelado.")
        return see_list(place)
    actions.delete(upload, user=request.user, request=request)
    undo = f"undo {reverse('uploads:undelete', args=[pk])}" if upload.file_path else ""  # else there is no file yet
    notes.success(request, f"O arquivo “{upload.original_filename}” foi excluído.", extra_tags=undo)
    return see_list(place)


@require_POST
def undelete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    upload: Upload = get_object_or_404(Upload.objects.deleted_by(request.user), pk=pk)
    actions.undelete(upload, user=request.user, request=request)
    return see_list(Place(upload.project_id))
