"""One's files: the list, sending one, fetching one, taking one away and back."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from audit.actions import record
from romagent.base.keyset import newest_first
from romagent.base.limits import seconds_to_wait, too_many, when
from uploads import actions, multipart
from uploads.forms import BeginForm, FileForm, largest, parts_of
from uploads.models import Upload

LIST_SIZE = 30
HOUR = 3600  # seconds


def my_upload(request: SignedInRequest, pk: UUID, **conditions: Any) -> Upload:
    upload: Upload = get_object_or_404(Upload.objects.for_user(request.user), pk=pk, **conditions)
    return upload


def _see_other(to: str) -> HttpResponse:
    response = redirect(to)
    response.status_code = 303
    return response


@require_http_methods(["GET", "POST"])
def uploads(request: SignedInRequest) -> HttpResponse:
    """GET: one's files, newest first. POST: keeps the file that was sent."""
    if request.method == "GET":
        return _list(request, FileForm())
    if refused := _too_many(request):
        return refused
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _list(request, form, 422)
    upload = actions.receive(user=request.user, file=form.cleaned_data["file"], request=request)
    messages.success(request, f"“{upload.original_filename}” foi guardado.")
    return _see_other("uploads:list")


def _list(request: SignedInRequest, form: FileForm, status: int = 200) -> HttpResponse:
    mine = Upload.objects.for_user(request.user).filter(user=request.user).exclude(metadata__has_key="multipart")
    page = newest_first(mine.only(*COLUMNS), "created_at", request.GET.get("depois", ""), LIST_SIZE)
    context = {
        "form": form,
        "uploads": page.items,
        "next_url": f"{request.path}?depois={quote(page.after)}" if page.after else "",
        "limit": largest(),
        "through_server": settings.SERVER_UPLOAD_MAX_BYTES,
        "multipart": multipart.is_available(),
    }
    return render(request, "uploads/list.html", context, status=status)


COLUMNS = ("id", "original_filename", "file_size", "upload_status", "error", "file_path", "created_at")


def _too_many(request: SignedInRequest) -> HttpResponse | None:
    wait = seconds_to_wait("upload", request.user.pk, settings.UPLOADS_PER_HOUR, HOUR)
    if not wait:
        return None
    sentence = "Você enviou muitos arquivos na última hora."
    if request.content_type == "application/json":
        words = f"{sentence} Tente de novo {when(wait)}."
        return JsonResponse({"error": words}, status=429, headers={"Retry-After": str(wait)})
    return too_many(request, wait, sentence)


@require_GET
def download(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """The file: from this server's disk, or by a link to S3 that is good for some minutes."""
    upload = my_upload(request, pk, file_path__gt="")
    if multipart.is_available():
        record("arquivo.baixar", user=request.user, request=request, entity=upload)
        name = content_disposition_header(True, upload.original_filename)
        return redirect(default_storage.url(upload.file_path, parameters={"ResponseContentDisposition": name}))  # type: ignore[call-arg]
    try:
        file = default_storage.open(upload.file_path)
    except FileNotFoundError:
        messages.error(request, f"O arquivo “{upload.original_filename}” não está mais no armazenamento.")
        return _see_other("uploads:list")
    record("arquivo.baixar", user=request.user, request=request, entity=upload)
    return FileResponse(
        file, as_attachment=True, filename=upload.original_filename, content_type="application/octet-stream"
    )


@require_POST
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    upload = my_upload(request, pk, user=request.user)
    actions.delete(upload, user=request.user, request=request)
    undo = reverse("uploads:undelete", args=[pk])
    messages.success(request, f"“{upload.original_filename}” foi excluído.", extra_tags=f"undo {undo}")
    return _see_other("uploads:list")


@require_POST
def undelete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    gone = Upload.objects.filter(user=request.user).exclude(deleted_at=None)
    actions.undelete(get_object_or_404(gone, pk=pk), user=request.user, request=request)
    return _see_other("uploads:list")


# Straight to S3 ----------------------------------------------------------------------------------


def _json(request: HttpRequest) -> dict[str, Any]:
    try:
        found = json.loads(request.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@require_POST
def begin(request: SignedInRequest) -> HttpResponse:
    """Announces a file (name, size, type); says in how many parts of which size it is to be sent."""
    if not multipart.is_available():
        return JsonResponse({"error": "Este servidor não recebe arquivos tão grandes."}, status=422)
    if refused := _too_many(request):
        return refused
    form = BeginForm(_json(request))
    if not form.is_valid():
        return JsonResponse({"error": next(iter(form.errors.values()))[0]}, status=422)
    values = form.cleaned_data
    upload = actions.begin(
        user=request.user, name=values["name"], size=values["size"], mime_type=values["type"], request=request
    )
    return JsonResponse(
        {"id": str(upload.pk), "part_size": multipart.PART_BYTES, "parts": multipart.part_count(upload.file_size)},
        status=201,
    )


def _under_way(request: SignedInRequest, pk: UUID) -> Upload:
    return my_upload(request, pk, user=request.user, metadata__has_key="multipart")


@require_POST
def sign_parts(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Links for the parts that are named (`numbers`), at most 100 at once."""
    upload = _under_way(request, pk)
    wanted = _json(request).get("numbers")
    most = multipart.part_count(upload.file_size)
    numbers = [n for n in wanted if isinstance(n, int) and 1 <= n <= most] if isinstance(wanted, list) else []
    if not numbers or len(numbers) > 100:
        return JsonResponse({"error": "Partes desconhecidas."}, status=422)
    return JsonResponse({"urls": multipart.sign(upload.file_path, upload.metadata["multipart"], numbers)})


@require_POST
def complete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    upload = _under_way(request, pk)
    parts = parts_of(_json(request).get("parts"), multipart.part_count(upload.file_size))
    if parts is None:
        return JsonResponse({"error": "Faltam partes do arquivo."}, status=422)
    try:
        actions.complete(upload, parts, user=request.user, request=request)
    except multipart.Refused as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)
    return JsonResponse({"url": reverse("uploads:list")})


@require_POST
def cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    actions.cancel(_under_way(request, pk), user=request.user, request=request)
    return HttpResponse(status=204)
