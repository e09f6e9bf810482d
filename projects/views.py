"""Projects: the list, the form, and what is done to one. The page of one is on the roof, where all apps meet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from accounts.requests import SignedInRequest
from projects import actions
from projects.cnj import CaseNumber, WrongNumber, masked, parse
from projects.forms import ProjectForm
from projects.models import Project, ProjectMember
from romagent.base.compiled import Compiled
from romagent.base.keyset import newest_first

LIST_SIZE = 30
LISTED = ("id", "name", "case_number", "client", "opposing_party", "status", "preservar", "updated_at", "user_id")


MINE: Compiled[Project] = Compiled(lambda person, pk: Project.objects.for_user(User(pk=person)).filter(pk=pk), ids=2)


def my_project(request: SignedInRequest, pk: UUID) -> Project:
    """One that she may see; 404 otherwise."""
    if (project := MINE.first(request.user.pk, pk)) is None:
        raise Http404
    return project


def named_project(request: SignedInRequest) -> Project | None:
    """The one that `?projeto=` names, if it is one that she may see (else 404); None without one."""
    named = request.GET.get("projeto", "")
    try:
        return my_project(request, UUID(named)) if named else None
    except ValueError:
        return None


def project_to_change(request: SignedInRequest, pk: UUID) -> Project:
    """One that she may see (else 404) and change (else 403)."""
    project = my_project(request, pk)
    if project.role_of(request.user) not in {Project.OWNER, ProjectMember.Role.EDITOR}:
        raise PermissionDenied
    return project


def own_project(request: SignedInRequest, pk: UUID) -> Project:
    """One that she may see (else 404) and answers for (else 403)."""
    project = my_project(request, pk)
    if project.user_id != request.user.pk:
        raise PermissionDenied
    return project


def see(to: str, *args: Any) -> HttpResponse:
    response = redirect(to, *args)
    response.status_code = 303
    return response


def see_deleted(request: SignedInRequest, words: str, undo: str, pk: UUID, to: str) -> HttpResponse:
    """Says what was deleted, with the way back (the name of its URL) beside it, and goes on to the list."""
    notes.success(request, words, extra_tags=f"undo {reverse(undo, args=[pk])}")
    return see(to)


@require_GET
def projects(request: SignedInRequest) -> HttpResponse:
    """The projects she takes part in, last changed first: active, or with `?situacao=encerrados` closed ones."""
    closed = request.GET.get("situacao") == "encerrados"
    status = Project.Status.CLOSED if closed else Project.Status.ACTIVE
    mine = Project.objects.for_user(request.user).filter(status=status).only(*LISTED)
    page = newest_first(mine, "updated_at", request.GET.get("depois", ""), LIST_SIZE)
    parameters = ({"situacao": "encerrados"} if closed else {}) | {"depois": page.after}
    next_url = f"?{urlencode(parameters)}" if page.after else ""
    return render(
        request, "projects/list.html", {"page": {"items": page.items, "next_url": next_url}, "closed": closed}
    )


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """The form; with `?numero=`, for that number."""
    form = ProjectForm(request.POST or None, initial={"case_number": masked(request.GET.get("numero", "")[:60])})
    if form.is_valid():
        project = actions.create(form.save(commit=False), user=request.user, request=request)
        return see("projects:detail", project.pk)
    return _form(request, form)


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    project = project_to_change(request, pk)
    form = ProjectForm(request.POST or None, instance=project)
    if form.is_valid():
        if form.changed_data:
            actions.change(form.instance, form.changed_data, user=request.user, request=request)
        return see("projects:detail", pk)
    return _form(request, form)


def _form(request: SignedInRequest, form: ProjectForm) -> HttpResponse:
    context = {"form": form, "project": form.instance if not form.instance._state.adding else None}
    if context["project"]:
        context["project"] = Project.objects.only("id", "name").get(pk=form.instance.pk)  # not as it was typed
    return render(request, "projects/form.html", context, status=422 if form.is_bound else 200)


@require_GET
def number(request: SignedInRequest) -> HttpResponse:
    """What there is to say of `?numero=` while it is typed: its mask and its court, or what is wrong."""
    typed = request.GET.get("numero", "")[:200]
    found: CaseNumber | None = None
    wrong, others = "", []
    try:
        found = parse(typed)
    except WrongNumber as error:
        wrong = str(error)
    if found:
        mine = Project.objects.for_user(request.user).filter(case_number=found.digits)
        others = [one for one in mine.only("id", "name")[:3] if str(one.pk) != request.GET.get("projeto")]
    return render(request, "projects/_number.html", {"number": found, "wrong": wrong, "others": others})


# What is done to one -----------------------------------------------------------------------------


def _simple(
    guard: Callable[[SignedInRequest, UUID], Project], action: Callable[..., None], words: str
) -> Callable[..., HttpResponse]:
    """A view that does one thing to a project, says so, and goes on to its page."""

    @require_POST
    def view(request: SignedInRequest, pk: UUID) -> HttpResponse:
        action(guard(request, pk), user=request.user, request=request)
        notes.success(request, words)
        return see("projects:detail", pk)

    return view


close = _simple(
    project_to_change, actions.close, "O projeto foi encerrado. Nada foi apagado; ele está em “Encerrados”."
)
reopen = _simple(project_to_change, actions.reopen, "O projeto está ativo outra vez.")


@require_POST
def hold(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Legal hold, on or off by `preservar`."""
    project = own_project(request, pk)
    if request.POST.get("preservar"):
        actions.hold(project, user=request.user, request=request)
        notes.success(
            request, "O projeto está preservado: a limpeza não remove nada dele, e ele não pode ser excluído."
        )
    else:
        actions.release(project, user=request.user, request=request)
        notes.success(request, "O projeto não está mais preservado.")
    return see("projects:detail", pk)


@require_POST
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    project = own_project(request, pk)
    try:
        actions.delete(project, user=request.user, request=request)
    except actions.Refused as refused:
        notes.error(request, str(refused))
        return see("projects:detail", pk)
    words = f"O projeto “{project.name}” foi excluído, com o que há nele."
    return see_deleted(request, words, "projects:undelete", pk, "projects:list")


@require_POST
def undelete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    project: Project = get_object_or_404(Project.objects.deleted_by(request.user), pk=pk)
    actions.undelete(project, user=request.user, request=request)
    return see("projects:detail", pk)
