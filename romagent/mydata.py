"""My data: what is kept about a person, in numbers, and a copy of all of it for herself (LGPD, art. 18, II and V)."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from romagent import exports, portability, runs
from romagent.downloads import stored_file
from romagent.models import DataExport
from romagent.numbers import size, thousands

LABELS = {"conversations": "conversas", "documents": "documentos", "files": "arquivos"}


def my_export(request: SignedInRequest, pk: UUID) -> DataExport:
    export: DataExport = get_object_or_404(DataExport.objects.for_user(request.user), pk=pk)
    return export


@require_GET
def page(request: SignedInRequest) -> HttpResponse:
    numbers = [
        {
            "label": number.label,
            "count": f"{'mais de ' if number.more else ''}{thousands(number.count)}",
            "size": size(number.size) if number.size is not None else "",
        }
        for number in portability.numbers(request.user)
    ]
    return render(request, "romagent/my_data.html", {"numbers": numbers, **_copy(request)})


@require_GET
def progress(request: SignedInRequest) -> HttpResponse:
    """The part of the page that changes while a copy is made."""
    return render(request, "romagent/_my_copy.html", _copy(request))


def _copy(request: SignedInRequest) -> dict[str, Any]:
    mine = DataExport.objects.for_user(request.user)
    runs.bury_the_dead(mine)
    export = mine.order_by("-created_at").first()
    if export is None:
        return {"export": None}
    steps = [
        {
            "key": key,
            "label": LABELS[key],
            "done": thousands(done),
            "total": thousands(total),
            "value": done,
            "max": total,
        }
        for key, (done, total) in export.progress.items()
        if total
    ]
    return {
        "export": export,
        "steps": steps,
        "size": size(export.file_size),
        "ready": export.can_be_downloaded(timezone.now()),
    }


@require_POST
def prepare(request: SignedInRequest) -> HttpResponse:
    try:
        exports.request_export(user=request.user, request=request)
    except exports.TooMany:
        limit = f"Você já preparou {exports.PER_DAY} cópias nas últimas 24 horas. Baixe uma delas, ou tente amanhã."
        notes.error(request, limit)
    return _back()


@require_POST
def cancel(request: SignedInRequest, pk: UUID) -> HttpResponse:
    exports.cancel(my_export(request, pk), user=request.user, request=request)
    return _back()


@require_GET
def download(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    export = my_export(request, pk)
    if not export.can_be_downloaded(timezone.now()):
        notes.error(request, "Esta cópia não existe mais. Prepare outra.")
        return _back()
    exports.record_download(export, user=request.user, request=request)
    called = f"ROM Agent, meus dados, {timezone.localtime(export.finished_at):%Y-%m-%d}.zip"
    return stored_file(
        export.file_path, export.file_size, called=called, missing=partial(exports.note_missing, export.pk)
    )


def _back() -> HttpResponse:
    response = redirect("my-data")
    response.status_code = 303
    return response
