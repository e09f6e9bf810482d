"""The page of one project: what it is, what its court has done, and its deadlines, conversations, documents, files."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from conversations.models import Conversation
from documents.models import Document
from jurisprudence.datajud.showing import ON_A_PROJECT, shown
from jurisprudence.deadlines.kept import changed
from jurisprudence.deadlines.listing import by_end
from jurisprudence.models import Deadline
from projects.forms import MemberForm
from projects.models import Project, ProjectMember
from projects.views import my_project
from romagent.base.keyset import newest_first
from uploads.models import Upload
from uploads.states import with_states

SIZE = 20  # of each of the lists
DEADLINES = 10  # the most urgent ones; the others have a page
DOCUMENT = ("id", "title", "updated_at", "user_id", "user__name", "user__email")
CONVERSATION = ("id", "title", "updated_at", "mode", "user_id", "user__name", "user__email")


@require_GET
def page(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """With `?conversas=`, `?documentos=` and `?arquivos=` (cursors) further down one of the lists."""
    project = my_project(request, pk)
    role = project.role_of(request.user)
    may_change = role in {Project.OWNER, ProjectMember.Role.EDITOR}
    talks = Conversation.objects.for_user(request.user).filter(project=project).current()
    pieces = Document.objects.for_user(request.user).filter(project=project).select_related("user").only(*DOCUMENT)
    files = Upload.objects.for_user(request.user).filter(project=project)
    deadlines = _deadlines(request, project)
    shown_files = _part(request, files, "created_at", "arquivos")
    context = {
        "project": project,
        "court_case": shown(project.case_number, request.user, size=ON_A_PROJECT) if project.case_number else None,
        "role": role,
        "is_owner": role == Project.OWNER,
        "may_change": may_change,
        "conversations": _part(request, talks.select_related("user").only(*CONVERSATION), "updated_at", "conversas"),
        "deadlines": deadlines,
        "changed": deadlines["changed"],
        "documents": _part(request, pieces, "updated_at", "documentos"),
        "files": shown_files | {"items": with_states(shown_files["items"])},
        "editable": {upload.pk for upload in shown_files["items"]} if may_change else set(),
        "members": project.members.select_related("user").order_by("pk"),
        "roles": ProjectMember.Role.choices,
        "member_form": MemberForm(),
    }
    return render(request, "projects/detail.html", context)


def _deadlines(request: SignedInRequest, project: Project) -> dict[str, Any]:
    """What is owed in it, the most urgent first."""
    mine = Deadline.objects.for_user(request.user).filter(project=project)
    found = by_end(mine.open().select_related("user", "responsible").defer("counted", "note"), size=DEADLINES)
    more = bool(found.after) or mine.filter(done_at__isnull=False).exists()
    return {"items": found.items, "changed": set(changed(found.items)), "more": more, "any": more}


def _part(request: SignedInRequest, rows: QuerySet[Any], field: str, parameter: str) -> dict[str, Any]:
    """One part of a list, and where the next one is; the other list stays as it is."""
    found = newest_first(rows, field, request.GET.get(parameter, ""), SIZE)
    parameters = request.GET.dict() | {parameter: found.after}
    next_url = f"?{urlencode(parameters)}#{parameter}-titulo" if found.after else ""
    return {"items": found.items, "next_url": next_url, "is_later": bool(request.GET.get(parameter))}
