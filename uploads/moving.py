"""A file moved into a project, into another one, or out of projects."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from projects.choosing import MoveForm
from projects.forms import first_error
from projects.views import see
from uploads import actions
from uploads.models import Upload
from uploads.views import to_change


@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, pk: UUID) -> HttpResponse:
    upload = to_change(request, pk)
    form = MoveForm(request.POST if request.method == "POST" else None, user=request.user)
    error = ""
    if form.is_valid():
        try:
            actions.move(upload, form.cleaned_data["project"], user=request.user, request=request)
        except actions.Refused as refused:
            error = str(refused)
        else:
            notes.success(request, _said(upload))
            return see("projects:detail", upload.project_id) if upload.project_id else see("uploads:list")
    context = {"upload": upload, "offered": form.offered(), "error": error or first_error(form)}
    return render(request, "uploads/move.html", context, status=422 if context["error"] else 200)


def _said(upload: Upload) -> str:
    if upload.project is None:
        return f"O arquivo “{upload.original_filename}” está fora de projetos: só você o vê."
    return f"O arquivo “{upload.original_filename}” está no projeto “{upload.project.name}”: quem participa dele o vê."
