"""Ordering a document: first its kind, then what it needs."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.requests import SignedInRequest
from audit.budgets import standing
from conversations import replying
from conversations.actions import Refused
from documents.drafting import actions
from documents.drafting.ordering import OrderForm, areas
from documents.types import DocumentType, get
from projects.choosing import MoveForm, chosen_project
from projects.forms import first_error
from projects.models import Project
from projects.views import see
from romagent.base.ids import new_id
from romagent.base.limits import seconds_to_wait, when


@require_http_methods(["GET", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    """GET: the kinds; with `?tipo=` the form of one. POST: orders it, and it is being written from then on.

    With `trocar` it is only the same form for another project, with all that was written into it.
    """
    given = request.POST if request.method == "POST" else request.GET
    is_changed = "trocar" in request.POST
    project = chosen_project(request, given.get("outro" if is_changed else "projeto", ""))
    if not (slug := given.get("tipo", "")):
        return _kinds(request, project)
    kind = get(slug)
    if kind is None:
        raise Http404
    form = OrderForm(request.POST if request.method == "POST" else None, kind=kind, project=project, user=request.user)
    if request.method == "GET" or is_changed:
        return _form(request, form, kind, project)
    if wait := seconds_to_wait("mensagens", request.user.pk, settings.MESSAGES_PER_MINUTE):
        error = f"Muitas mensagens em um minuto. Tente de novo {when(wait)}."
        return _form(request, form, kind, project, error, 429)  # with all that was written into it
    if not form.is_valid():
        return _form(request, form, kind, project, first_error(form), 422)
    key = form.cleaned_data["submission_key"]
    if sentence := replying.out_of_budget(request, key):
        return _form(request, form, kind, project, sentence, 429)
    try:
        document = actions.begin(
            form.order(), user=request.user, model=form.model_id, project=project, files=form.cleaned_data["arquivo"],
            key=key, request=request,
        )  # fmt: skip
    except Refused as refused:
        return _form(request, form, kind, project, str(refused), 409)
    return see("documents:detail", document.pk)


def _kinds(request: SignedInRequest, project: Project | None) -> HttpResponse:
    words = request.GET.get("q", "")[:100]
    context = {"areas": areas(words), "words": words, "project": project}
    return render(request, "documents/new.html", context)


def _form(
    request: SignedInRequest, form: OrderForm, kind: DocumentType, project: Project | None, error: str = "",
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form,
        "kind": kind,
        "project": project,
        "offered": MoveForm(user=request.user).offered(),
        "known": [(fact.question, form.known[fact.key]) for fact in kind.facts if fact.key in form.known],
        "error": error,
        "budget": standing(request.user.pk).notice,
        "submission_key": new_id(),
        "back": f"{reverse('documents:new')}{f'?projeto={project.pk}' if project else ''}",
    }
    return render(request, "documents/order.html", context, status=status)
