"""A project that is named by a form or a link: where something new goes, or what exists is moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render

from accounts.models import User
from accounts.requests import SignedInRequest
from projects.forms import first_error
from projects.models import Project
from projects.views import project_to_change

OFFERED = 300  # last changed ones, in a list to choose from


def chosen_project(request: SignedInRequest, named: str) -> Project | None:
    """The project of that id, if she may change it (else 403, or 404 when she does not see it); None for ""."""
    if not named:
        return None
    try:
        return project_to_change(request, UUID(named))
    except ValueError as error:
        raise Http404 from error


class MoveForm(forms.Form):
    """Where to: one of the projects she may change, or none."""

    project = forms.UUIDField(required=False)

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.user = user

    def clean_project(self) -> Project | None:
        wanted: UUID | None = self.cleaned_data["project"]
        if wanted is None:
            return None
        found: Project | None = Project.objects.for_editor(self.user).filter(pk=wanted).first()
        if found is None:
            raise forms.ValidationError("Escolha um projeto em que você pode editar.")
        return found

    def offered(self) -> list[Project]:
        mine = Project.objects.for_editor(self.user).only("id", "name", "case_number")
        return list(mine.order_by("-updated_at", "-id")[:OFFERED])


def move_page(
    request: SignedInRequest, kind: str, thing: Any, *, move: Callable[..., None], refused: type[Exception],
    moved: Callable[[SignedInRequest, Any], HttpResponse],
) -> HttpResponse:  # fmt: skip
    """Asks where to, on the page of such things, and moves it; `move` raises `refused` with the reason in words."""
    form = MoveForm(request.POST if request.method == "POST" else None, user=request.user)
    error = ""
    if form.is_valid():
        try:
            move(thing, form.cleaned_data["project"], user=request.user, request=request)
        except refused as reason:
            error = str(reason)
        else:
            return moved(request, thing)
    context = {kind: thing, "offered": form.offered(), "error": error or first_error(form)}
    return render(request, f"{kind}s/move.html", context, status=422 if context["error"] else 200)
