"""The staff's pages for the requests of data subjects."""

from __future__ import annotations

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.db.models import Case, Count, Max, Min, Q, Sum, When
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from audit.staff import render_staff, staff_page
from romagent import runs
from romagent.base.paging import CappedPaginator
from romagent.downloads import stored_file
from romagent.models import SubjectFinding, SubjectRequest, SubjectRun
from romagent.numbers import size, thousands
from romagent.subjects import actions
from romagent.subjects.forms import AnonymiseForm, AnswerForm, PersonForm, ReasonForm, SubjectForm
from romagent.subjects.places import PLACES
from romagent.subjects.terms import LABELS, patterns_of
from romagent.subjects.work import to_change

RIGHT = "audit.serve_subjects"
BUSY = "Já há um trabalho em andamento neste pedido. Espere que termine, ou pare-o."
STEPS = {key: place.label for key, place in PLACES.items()} | {"findings": "lugares"}
RUNS = 20  # of a request, on its page


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _back(subject_request: SubjectRequest) -> HttpResponse:
    response = redirect("admin:subject", subject_request.pk)
    response.status_code = 303
    return response


@staff_page(RIGHT)
@require_GET
def subjects(request: HttpRequest) -> HttpResponse:
    """All requests, open ones first, the most urgent at the top."""
    closed = Case(When(state=SubjectRequest.State.OPEN, then=0), default=1)
    found = SubjectRequest.objects.order_by(closed, "due_on", "pk").defer("notes", "answer")
    page = CappedPaginator(found, 50).get_page(request.GET.get("p"))
    context = {"title": "Pedidos de titulares", "page": page, "today": timezone.localdate()}
    return render_staff(request, "romagent/subjects.html", context)


@staff_page(RIGHT)
@require_http_methods(["GET", "POST"])
def new_subject(request: HttpRequest) -> HttpResponse:
    form = SubjectForm(request.POST or None, initial={"received_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        return _back(actions.register(form.save(commit=False), user=_user(request), request=request))
    context = {"title": "Novo pedido de titular", "form": form, "days": SubjectRequest.DAYS}
    return render_staff(request, "romagent/subject_new.html", context, status=422 if form.is_bound else 200)


@staff_page(RIGHT)
@require_GET
def subject(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One request: what identifies the subject, where she is named, what was done."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    actions.record_look(subject_request, user=_user(request), request=request)
    return _subject(request, subject_request)


def _subject(
    request: HttpRequest,
    subject_request: SubjectRequest,
    reason: ReasonForm | None = None,
    answer: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "title": str(subject_request),
        "request_of": subject_request,
        "terms": [(LABELS[key], getattr(subject_request, key)) for key in patterns_of(subject_request)],
        "today": timezone.localdate(),
        "reason_form": reason or ReasonForm(),
        "answer_form": answer or AnswerForm(initial={"text": subject_request.answer}),
        **_results(subject_request),
    }
    return render_staff(request, "romagent/subject.html", context, status=status)


@staff_page(RIGHT)
@require_GET
def subject_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the page that changes while something is done."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    return render(request, "romagent/_subject_work.html", {"request_of": subject_request, **_results(subject_request)})


def _results(subject_request: SubjectRequest) -> dict[str, Any]:
    mine = SubjectRun.objects.filter(subject_request=subject_request)
    runs.bury_the_dead(mine)
    latest = list(mine.order_by("-created_at")[:RUNS])
    now = timezone.now()
    return {
        "active": next((_shown(run) for run in latest if run.is_active), None),
        "runs": [_shown(run) | {"ready": run.can_be_downloaded(now)} for run in latest],
        "searched": next((run for run in latest if run.kind == "find" and run.state == "done"), None),
        "findings": _where(subject_request),
        "people": _people_found(subject_request),
    }


def _shown(run: SubjectRun) -> dict[str, Any]:
    steps = [
        {"key": key, "label": STEPS[key], "done": thousands(done), "value": done, "max": max(total, 1)}
        for key, (done, total) in run.progress.items()
        if total
    ]
    return {"run": run, "steps": steps, "size": size(run.file_size)}


def _where(subject_request: SubjectRequest) -> list[dict[str, Any]]:
    """Counts and dates by place and owner; never what is written there."""
    rows = (
        SubjectFinding.objects.filter(subject_request=subject_request)
        .values("place", "owner_id")
        .annotate(
            count=Count("pk"),
            hits=Sum("hits"),
            first=Min("at"),
            last=Max("at"),
            preserved=Count("pk", filter=Q(preserved=True)),
            gone=Count("pk", filter=Q(anonymised_at__isnull=False)),
        )
    )
    names = _names({row["owner_id"] for row in rows})
    order = list(PLACES)
    return sorted(
        ({**row, "label": PLACES[row["place"]].label, "owner": names.get(row["owner_id"], "")} for row in rows),
        key=lambda row: (order.index(row["place"]), row["owner"]),
    )


def _names(ids: set[Any]) -> dict[Any, str]:
    return {person.pk: str(person) for person in User.objects.filter(pk__in=ids - {None})}


def _people_found(subject_request: SubjectRequest) -> list[User]:
    ids = SubjectFinding.objects.filter(subject_request=subject_request, place="person").values_list("object_id")
    return list(User.objects.filter(pk__in=[pk for (pk,) in ids]).order_by("email"))


@staff_page(RIGHT)
@require_POST
def search_subject(request: HttpRequest, pk: UUID) -> HttpResponse:
    return _ask(request, get_object_or_404(SubjectRequest, pk=pk), SubjectRun.Kind.FIND)


@staff_page(RIGHT)
@require_POST
def export_subject(request: HttpRequest, pk: UUID) -> HttpResponse:
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _subject(request, subject_request, reason=form, status=422)
    return _ask(request, subject_request, SubjectRun.Kind.EXPORT, reason=form.cleaned_data["reason"])


def _ask(request: HttpRequest, subject_request: SubjectRequest, kind: str, **choices: Any) -> HttpResponse:
    try:
        actions.ask_for(subject_request, kind, user=_user(request), request=request, **choices)
    except actions.Busy:
        notes.error(request, BUSY)
    return _back(subject_request)


@staff_page(RIGHT)
@require_http_methods(["GET", "POST"])
def anonymise_subject(request: HttpRequest, pk: UUID) -> HttpResponse:
    """GET with choices: the preview. POST with the same choices and the typed confirmation: the job."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    found = SubjectFinding.objects.filter(subject_request=subject_request)
    owners = _names(set(found.values_list("owner_id", flat=True).distinct()))
    choices = sorted(((str(pk), name) for pk, name in owners.items()), key=lambda choice: choice[1])
    form = AnonymiseForm(
        request.POST or (request.GET if "owners" in request.GET else None),
        owners=choices, terms=list(patterns_of(subject_request)),
    )  # fmt: skip
    preview: dict[str, Any] | None = None
    if form.is_valid():
        preview = _preview(subject_request, form.cleaned_data["owners"])
        if request.method == "POST":
            if form.cleaned_data["confirmation"].strip() == preview["phrase"] and preview["total"]:
                chosen = {key: form.cleaned_data[key] for key in ("owners", "terms")}
                return _ask(request, subject_request, SubjectRun.Kind.ANONYMISE, **chosen)
            form.add_error("confirmation", f"Para confirmar, escreva exatamente: {preview['phrase']}")
    context = {"title": "Anonimizar", "request_of": subject_request, "form": form, "preview": preview}
    return render_staff(
        request, "romagent/subject_anonymise.html", context, status=422 if request.method == "POST" else 200
    )


def _preview(subject_request: SubjectRequest, owners: list[str]) -> dict[str, Any]:
    counts = dict(to_change(subject_request, owners).values_list("place").annotate(count=Count("pk")))
    held = SubjectFinding.objects.filter(subject_request=subject_request, owner_id__in=owners, preserved=True).count()
    total = sum(counts.values())
    rows = [(place.label, thousands(counts[key])) for key, place in PLACES.items() if key in counts]
    files = counts.get("page", 0)
    return {"rows": rows, "total": total, "held": held, "files": files, "phrase": f"ANONIMIZAR {total}"}


@staff_page(RIGHT)
@require_http_methods(["GET", "POST"])
def anonymise_person(request: HttpRequest, pk: UUID, person: UUID) -> HttpResponse:
    """A person of the system who was found by a search of this request."""
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    her = get_object_or_404(User, pk__in=[found.pk for found in _people_found(subject_request) if found.pk == person])
    form = PersonForm(request.POST or None, expected=her.email)
    if form.is_valid():
        delete = form.cleaned_data["conversations"] == "delete"
        try:
            actions.anonymise_person(
                subject_request, her, delete_conversations=delete, user=_user(request), request=request
            )
        except actions.NotHer as refusal:
            notes.error(request, str(refusal))
        else:
            notes.success(request, "A conta foi anonimizada e não entra mais.")
        return _back(subject_request)
    context = {"title": "Anonimizar uma pessoa do sistema", "request_of": subject_request, "person": her, "form": form}
    return render_staff(request, "romagent/subject_person.html", context, status=422 if form.is_bound else 200)


@staff_page(RIGHT)
@require_POST
def answer_subject(request: HttpRequest, pk: UUID) -> HttpResponse:
    subject_request = get_object_or_404(SubjectRequest, pk=pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _subject(request, subject_request, answer=form, status=422)
    actions.answer(subject_request, **form.cleaned_data, user=_user(request), request=request)
    return _back(subject_request)


@staff_page(RIGHT)
@require_POST
def stop_subject(request: HttpRequest, pk: UUID) -> HttpResponse:
    run = get_object_or_404(SubjectRun.objects.select_related("subject_request"), pk=pk)
    actions.cancel(run, user=_user(request), request=request)
    return _back(run.subject_request)


@staff_page(RIGHT)
@require_GET
def download_subject(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    run = get_object_or_404(SubjectRun.objects.select_related("subject_request"), pk=pk)
    if not run.can_be_downloaded(timezone.now()):
        notes.error(request, "Esta cópia não existe mais. Faça outra.")
        return _back(run.subject_request)
    actions.record_download(run, user=_user(request), request=request)
    called = f"titular, passagens, {timezone.localtime(run.finished_at):%Y-%m-%d}.zip"
    return stored_file(run.file_path, run.file_size, called=called, missing=partial(actions.note_missing, run.pk))
