"""The page of one's files: send one through the server, download, delete, take back."""

from __future__ import annotations

import logging
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib import messages as notes
from django.http import FileResponse, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.middleware import wants_page
from accounts.requests import SignedInRequest
from projects.views import see
from romagent.base.keyset import newest_first
from romagent.base.limits import seconds_to_wait, when
from uploads import actions, multipart
from uploads.forms import FileForm, first_error, in_words, largest
from uploads.models import Upload
from uploads.moving import upload_to_change
from uploads.multipart import StorageAway

log = logging.getLogger(__name__)

LIST_SIZE = 30
HOUR = 3600  # seconds
AWAY = "O armazenamento de arquivos não respondeu. Nada foi gravado; tente de novo em instantes."
GONE = "Este arquivo não foi encontrado no armazenamento. Avise a administração."


def see_list() -> HttpResponse:
    response = redirect("uploads:list")
    response.status_code = 303
    return response


def too_many_files(request: SignedInRequest) -> str:
    """Why this person may not send another file now; empty when she may."""
    wait = seconds_to_wait("arquivos", request.user.pk, settings.UPLOADS_PER_HOUR, HOUR)
    return f"Muitos arquivos em uma hora. Tente de novo {when(wait)}." if wait else ""


@require_http_methods(["GET", "POST"])
def files(request: SignedInRequest) -> HttpResponse:
    """GET: one's files, newest first. POST: one more, of up to 100 MB; code gets its answer as JSON."""
    if request.method == "GET":
        return _page(request)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _refused(request, first_error(form), 422)
    if refusal := too_many_files(request):
        return _refused(request, refusal, 429)
    file = form.cleaned_data["file"]
    try:
        upload = actions.receive(file, user=request.user, request=request)
    except StorageAway:
        return _refused(request, AWAY, 503)
    notes.success(request, f"O arquivo “{upload.original_filename}” foi enviado.")
    return see_list() if wants_page(request) else JsonResponse({"next": reverse("uploads:list")})


def _page(request: SignedInRequest, error: str = "", status: int = 200) -> HttpResponse:
    mine = Upload.objects.for_user(request.user).filter(user=request.user)
    page = newest_first(mine, "created_at", request.GET.get("depois", ""), LIST_SIZE)
    context = {
        "page": {"items": page.items, "next_url": f"{request.path}?depois={quote(page.after)}" if page.after else ""},
        "error": error,
        "largest": largest(),
        "largest_in_words": in_words(largest()),
        "through_the_server": min(largest(), settings.SERVER_UPLOAD_MAX_BYTES),
        "through_the_server_in_words": in_words(min(largest(), settings.SERVER_UPLOAD_MAX_BYTES)),
        "straight": multipart.is_available(),
    }
    return render(request, "uploads/list.html", context, status=status)


def _refused(request: SignedInRequest, sentence: str, status: int) -> HttpResponse:
    if wants_page(request):
        return _page(request, sentence, status)
    return JsonResponse({"error": sentence}, status=status)


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
    response["Cache-Control"] = "no-store"
    return response


@require_POST
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    upload = upload_to_change(request, pk)
    if upload.being_sent:
        actions.cancel_sending(upload, user=request.user, request=request)
        notes.success(request, f"O envio de “{upload.original_filename}” foi cancelado.")
        return see_list()
    actions.delete(upload, user=request.user, request=request)
    undo = reverse("uploads:undelete", args=[pk])
    notes.success(request, f"O arquivo “{upload.original_filename}” foi excluído.", extra_tags=f"undo {undo}")
    return see("projects:detail", upload.project_id) if upload.project_id else see_list()


@require_POST
def undelete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    upload: Upload = get_object_or_404(Upload.objects.deleted_by(request.user), pk=pk)
    actions.undelete(upload, user=request.user, request=request)
    return see("projects:detail", upload.project_id) if upload.project_id else see_list()
