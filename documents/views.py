"""Documents: the list, and what is done to a whole one."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.requests import SignedInRequest
from documents import actions
from documents.models import Document
from projects.choosing import move_page
from projects.models import Project
from projects.views import named_project, project_to_change, see, see_deleted
from romagent.base.compiled import Compiled
from romagent.base.keyset import newest_first

LIST_SIZE = 30
LISTED = ("id", "title", "document_type", "updated_at", "user_id", "user__name", "user__email", "project__name")


def my_document(request: SignedInRequest, pk: UUID) -> Document:
    """One that she may see; 404 otherwise."""
    found = Document.objects.for_user(request.user).select_related("project")
    document: Document = get_object_or_404(found, pk=pk)
    return document


EDITED: Compiled[Document] = Compiled(
    lambda person, pk: Document.objects.for_editor(User(pk=person)).filter(pk=pk).values_list("pk"), ids=2
)


def may_change(request: SignedInRequest, document: Document) -> bool:
    return bool(EDITED.rows(request.user.pk, document.pk))


def document_to_change(request: SignedInRequest, pk: UUID) -> Document:
    """One that she may see (else 404) and change (else 403)."""
    document = my_document(request, pk)
    if not may_change(request, document):
        raise PermissionDenied
    return document


@require_http_methods(["GET", "POST"])
def documents(request: SignedInRequest) -> HttpResponse:
    """All that she may see, last changed first; with `?projeto=` those of one project. POST: a blank one."""
    if request.method == "POST":
        return _create(request)
    mine = Document.objects.for_user(request.user)
    project = named_project(request)
    if project:
        mine = mine.filter(project=project)
    rows = mine.select_related("user", "project").only(*LISTED)
    page = newest_first(rows, "updated_at", request.GET.get("depois", ""), LIST_SIZE)
    parameters: dict[str, Any] = {"projeto": project.pk} if project else {}
    context = {
        "page": {
            "items": page.items,
            "next_url": f"?{urlencode(parameters | {'depois': page.after})}" if page.after else "",
        },
        "project": project,
        "may_add": project is None or project.role_of(request.user) in {Project.OWNER, "editor"},
    }
    return render(request, "documents/list.html", context)


def _create(request: SignedInRequest) -> HttpResponse:
    """A document with nothing in it yet, where the form says."""
    made = actions.create(
        request.POST.get("title", "")[:10_000], "", user=request.user,
        project=project_to_add_to(request, request.POST.get("project", "")), request=request,
    )  # fmt: skip
    return see("documents:detail", made.pk)


def project_to_add_to(request: SignedInRequest, named: str) -> Project | None:
    """The project of this id, which this person may see (else 404) and change (else 403); None for none."""
    try:
        return project_to_change(request, UUID(named)) if named else None
    except ValueError:
        raise Http404 from None


@require_http_methods(["GET", "POST"])
def move(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Into a project, into another one, or out of projects."""
    document = document_to_change(request, pk)
    return move_page(request, "document", document, move=actions.move, refused=actions.Refused, moved=_moved)


def _moved(request: SignedInRequest, document: Document) -> HttpResponse:
    project = document.project
    place = f"no projeto “{project.name}”: quem participa dele o vê" if project else "fora de projetos: só você o vê"
    notes.success(request, f"O documento “{document.title}” está {place}.")
    return see("documents:detail", document.pk)


@require_POST
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    document = document_to_change(request, pk)
    actions.delete(document, user=request.user, request=request)
    words = f"O documento “{document.title}” foi excluído."
    return see_deleted(request, words, "documents:undelete", pk, "documents:list")


@require_POST
def undelete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    document: Document = get_object_or_404(Document.objects.deleted_by(request.user), pk=pk)
    actions.undelete(document, user=request.user, request=request)
    return see("documents:detail", pk)
