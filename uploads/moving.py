"""A file moved into a project, into another one, or out of projects."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from projects.choosing import move_page
from projects.views import see
from uploads import actions
from uploads.models import Upload
from uploads.views import to_change


@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, pk: UUID) -> HttpResponse:
    upload = to_change(request, pk)
    return move_page(request, "upload", upload, move=actions.move, refused=actions.Refused, moved=_moved)


def _moved(request: SignedInRequest, upload: Upload) -> HttpResponse:
    notes.success(request, _said(upload))
    return see("projects:detail", upload.project_id) if upload.project_id else see("uploads:list")


def _said(upload: Upload) -> str:
    if upload.project is None:
        return f"O arquivo “{upload.original_filename}” está fora de projetos: só você o vê."
    return f"O arquivo “{upload.original_filename}” está no projeto “{upload.project.name}”: quem participa dele o vê."
