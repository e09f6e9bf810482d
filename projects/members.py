"""Who works on a project: added by e-mail, with a role, by who answers for it; and leaving by oneself."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages as notes
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_POST

from accounts.models import User
from accounts.requests import SignedInRequest
from projects import actions
from projects.forms import MemberForm, RoleForm, first_error
from projects.models import Project
from projects.views import my_project, own_project, see

PLACE = "#participantes"


def member_of(project: Project, person: UUID) -> User:
    found: User = get_object_or_404(User.objects.filter(memberships__project=project), pk=person)
    return found


def back_to(project: Project) -> HttpResponse:
    response = see("projects:detail", project.pk)
    response["Location"] += PLACE
    return response


@require_POST
def add(request: SignedInRequest, pk: UUID) -> HttpResponse:
    project = own_project(request, pk)
    form = MemberForm(request.POST)
    if not form.is_valid():
        notes.error(request, first_error(form))
        return back_to(project)
    person, role = form.cleaned_data["email"], form.cleaned_data["role"]
    try:
        actions.add_member(project, person, role, user=request.user, request=request)
        notes.success(request, f"{person} participa do projeto.")
    except actions.Refused as refused:
        notes.error(request, str(refused))
    return back_to(project)


@require_POST
def change_role(request: SignedInRequest, pk: UUID, person: UUID) -> HttpResponse:
    project = own_project(request, pk)
    member, form = member_of(project, person), RoleForm(request.POST)
    if form.is_valid():
        actions.change_role(project, member, form.cleaned_data["role"], user=request.user, request=request)
    else:
        notes.error(request, first_error(form))
    return back_to(project)


@require_POST
def remove(request: SignedInRequest, pk: UUID, person: UUID) -> HttpResponse:
    project = own_project(request, pk)
    member = member_of(project, person)
    actions.remove_member(project, member, user=request.user, request=request)
    notes.success(request, f"{member} não participa mais do projeto, e não vê mais nada dele.")
    return back_to(project)


@require_POST
def hand_over(request: SignedInRequest, pk: UUID, person: UUID) -> HttpResponse:
    project = own_project(request, pk)
    member = member_of(project, person)
    try:
        actions.hand_over(project, member, user=request.user, request=request)
        notes.success(request, f"{member} responde agora pelo projeto. Você continua nele e pode editá-lo.")
    except actions.Refused as refused:
        notes.error(request, str(refused))
    return back_to(project)


@require_POST
def leave(request: SignedInRequest, pk: UUID) -> HttpResponse:
    project = my_project(request, pk)
    if project.user_id == request.user.pk:
        notes.error(request, "Você responde por este projeto. Passe a responsabilidade a outra pessoa antes de sair.")
        return back_to(project)
    if not project.members.filter(user=request.user).exists():
        raise Http404
    actions.remove_member(project, request.user, user=request.user, request=request)
    notes.success(request, f"Você saiu do projeto “{project.name}” e não vê mais nada dele.")
    return see("projects:list")
