"""The pages of summaries: ask for one, watch it being made, read it, take it along."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from audit import budgets
from audit.money import both
from projects.models import Project
from romagent.base.keyset import newest_first
from romagent.base.limits import seconds_to_wait, too_many
from uploads.models import Upload
from uploads.summaries import actions, export, planning
from uploads.summaries.forms import SummaryForm
from uploads.summaries.models import Summary
from uploads.summaries.showing import Shown, name_of

LIST_SIZE = 20
PER_HOUR = 30
HOUR = 3600  # seconds
NOTHING = "Ainda não há páginas com texto para resumir."


@dataclass(frozen=True)
class Subject:
    """What is summarised: a file or a project, and whether this person may ask for it."""

    name: str
    kind: str  # upload or project
    pk: UUID
    may_ask: bool

    @property
    def key(self) -> dict[str, Any]:
        return {self.kind: self.pk}

    @property
    def url(self) -> str:
        return reverse("uploads:summarize" if self.kind == "upload" else "uploads:summarize-project", args=[self.pk])


def _of_upload(request: SignedInRequest, pk: UUID) -> Subject:
    upload = get_object_or_404(Upload.objects.for_user(request.user).only("original_filename"), pk=pk)
    return Subject(upload.original_filename, "upload", pk, _may(request, Upload, pk))


def _of_project(request: SignedInRequest, pk: UUID) -> Subject:
    project = get_object_or_404(Project.objects.for_user(request.user).only("name"), pk=pk)
    return Subject(project.name, "project", pk, _may(request, Project, pk))


def _may(request: SignedInRequest, model: Any, pk: UUID) -> bool:
    return bool(model.objects.for_editor(request.user).filter(pk=pk).exists())


def _subject_of(request: SignedInRequest, summary: Summary) -> Subject:
    if summary.project_id:
        return _of_project(request, summary.project_id)
    assert summary.upload_id  # one of the two, as the database holds
    return _of_upload(request, summary.upload_id)


# Asking ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def of_file(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """GET: the summaries of a file, and the form for another. POST: asks for one."""
    return _summaries(request, _of_upload(request, pk))


@require_http_methods(["GET", "POST"])
def of_project(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The same of all files of a project together."""
    return _summaries(request, _of_project(request, pk))


def _summaries(request: SignedInRequest, subject: Subject) -> HttpResponse:
    if request.method == "GET":
        return _start(request, subject, SummaryForm())
    if not subject.may_ask:
        raise PermissionDenied
    form = SummaryForm(request.POST)
    if not form.is_valid():
        return _start(request, subject, form, "Este modelo não está disponível. Escolha outro.", 422)
    found = planning.material(**subject.key)
    if not found.pages:
        return _start(request, subject, form, NOTHING, 422)
    if refusal := budgets.refusal(request.user.pk):
        return _start(request, subject, form, refusal, 429)
    if found.pages > planning.CONFIRM_PAGES and not form.cleaned_data["confirmed"]:
        return _confirm(request, subject, form.cleaned_data["model"], found)
    if wait := seconds_to_wait("resumos", request.user.pk, PER_HOUR, HOUR):
        return too_many(request, wait, "Muitos resumos em uma hora.")
    model = form.cleaned_data["model"]
    return _see(actions.begin(model, user=request.user, request=request, **subject.key))


def _start(
    request: SignedInRequest, subject: Subject, form: SummaryForm, error: str = "", status: int = 200
) -> HttpResponse:
    rows = Summary.objects.for_user(request.user).filter(**subject.key).select_related("user").without_bodies()
    page = newest_first(rows, "created_at", request.GET.get("depois", ""), LIST_SIZE)
    context = {
        "subject": subject,
        "form": form,
        "error": error,
        "material": planning.material(**subject.key),
        "page": {"items": page.items, "next_url": f"{request.path}?depois={quote(page.after)}" if page.after else ""},
        "budget": budgets.standing(request.user.pk).notice if subject.may_ask else "",
        "confirm_pages": planning.CONFIRM_PAGES,
    }
    return render(request, "summaries/start.html", context, status=status)


def _confirm(request: SignedInRequest, subject: Subject, model: str, found: planning.Material) -> HttpResponse:
    cost = planning.estimate(found, model)
    context = {
        "subject": subject,
        "model": model,
        "model_name": name_of(model),
        "material": found,
        "cost": both(cost) if cost is not None else "",
    }
    return render(request, "summaries/confirm.html", context)


# One summary -------------------------------------------------------------------------------------


def _seen(request: SignedInRequest, pk: UUID) -> Summary:
    summary: Summary = get_object_or_404(Summary.objects.for_user(request.user).select_related("user"), pk=pk)
    return summary


def _changeable(request: SignedInRequest, pk: UUID) -> Summary:
    """404 for who may not see it, 403 for who may only read it."""
    seen = Summary.objects.for_user(request.user).without_bodies()
    summary: Summary = get_object_or_404(seen, pk=pk)
    if not Summary.objects.for_editor(request.user).filter(pk=pk).exists():
        raise PermissionDenied
    return summary


@require_GET
def detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The summary, or how far it is; of the part that changes alone when code asks for it."""
    summary = _seen(request, pk)
    subject = _subject_of(request, summary)
    context = {"summary": summary, "shown": Shown(summary, request.user), "subject": subject}
    is_fragment = bool(request.headers.get("HX-Request"))
    response = render(request, "summaries/_summary.html" if is_fragment else "summaries/detail.html", context)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_GET
def take_along(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The summary as a file: `?formato=md` or `txt`."""
    summary = _seen(request, pk)
    if summary.status != Summary.Status.COMPLETE:
        notes.error(request, "Este resumo ainda não está pronto.")
        return _see(summary)
    kind = request.GET.get("formato", "md")
    kind = kind if kind in export.KINDS else "md"
    name = _subject_of(request, summary).name
    text = export.as_text(Shown(summary, request.user), name, kind)
    actions.note_export(summary, kind, user=request.user, request=request)
    disposition = content_disposition_header(True, export.filename(name, kind)) or "attachment"
    headers = {"Content-Disposition": disposition, "Cache-Control": "no-store"}
    return HttpResponse(text, content_type=f"{export.KINDS[kind]}; charset=utf-8", headers=headers)


@require_POST
def stop(request: SignedInRequest, pk: UUID) -> HttpResponse:
    summary = _changeable(request, pk)
    actions.stop(summary, user=request.user, request=request)
    return _see(summary)


@require_POST
def go_on(request: SignedInRequest, pk: UUID) -> HttpResponse:
    summary = _changeable(request, pk)
    if refusal := budgets.refusal(request.user.pk):
        notes.error(request, refusal)
    elif not actions.go_on(summary, user=request.user, request=request):
        notes.error(request, "Este resumo não pode continuar agora: talvez outro do mesmo material esteja sendo feito.")
    return _see(summary)


@require_POST
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    summary = _changeable(request, pk)
    subject = _subject_of(request, summary)
    actions.delete(summary, user=request.user, request=request)
    undo = reverse("uploads:summary-undelete", args=[pk])
    notes.success(request, "O resumo foi excluído.", extra_tags=f"undo {undo}")
    return _to(subject.url)


@require_POST
def undelete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    summary: Summary = get_object_or_404(Summary.objects.deleted_by(request.user).without_bodies(), pk=pk)
    actions.undelete(summary, user=request.user, request=request)
    return _see(summary)


def _see(summary: Summary) -> HttpResponse:
    return _to(reverse("uploads:summary", args=[summary.pk]))


def _to(url: str) -> HttpResponse:
    response = redirect(url)
    response.status_code = 303
    return response
