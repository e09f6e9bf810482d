"""Deadlines: the list by urgency, the page that counts, and what is done to one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages as notes
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from jurisprudence.deadlines import actions, ics, kept
from jurisprudence.deadlines.asking import CALENDARS, EVENTS, PARTIES, UNITS, Wrong
from jurisprudence.deadlines.calendars import WEEKEND
from jurisprudence.deadlines.cautions import cautions
from jurisprudence.deadlines.forms import CountForm, EditForm, KeepForm, as_query
from jurisprudence.deadlines.listing import by_end
from jurisprudence.deadlines.models import Deadline
from jurisprudence.deadlines.questions import REGIMES, Question
from jurisprudence.deadlines.table import PLACES
from projects.views import named_project, see, see_deleted
from romagent.base.search import thousands

LIST_SIZE = 30
MOST_EVENTS = 1_000  # in one file for a calendar
KEEPING = ("titulo", "projeto", "observacao")


def my_deadline(request: SignedInRequest, pk: UUID) -> Deadline:
    """One that she may see; 404 otherwise."""
    found = Deadline.objects.for_user(request.user).select_related("project", "user", "responsible", "done_by")
    deadline: Deadline = get_object_or_404(found, pk=pk)
    return deadline


def deadline_to_change(request: SignedInRequest, pk: UUID) -> Deadline:
    """One that she may see (else 404) and change (else 403)."""
    deadline = my_deadline(request, pk)
    if not may_change(request, deadline):
        raise PermissionDenied
    return deadline


def may_change(request: SignedInRequest, deadline: Deadline) -> bool:
    return bool(Deadline.objects.for_editor(request.user).filter(pk=deadline.pk).exists())


# The list ------------------------------------------------------------------------------------------


@require_GET
def deadlines(request: SignedInRequest) -> HttpResponse:
    """What is owed, the most urgent first: `?meus=1`, `?projeto=`, `?situacao=cumpridos`, `?depois=` (a cursor)."""
    done = request.GET.get("situacao") == "cumpridos"
    mine = bool(request.GET.get("meus"))
    project = named_project(request)
    rows = Deadline.objects.for_user(request.user).filter(done_at__isnull=not done)
    rows = rows.answered_by(request.user) if mine else rows
    rows = rows.filter(project=project) if project else rows
    rows = rows.select_related("project", "user", "responsible").defer("counted", "note")
    page = by_end(rows, request.GET.get("depois", ""), LIST_SIZE, latest_first=done)
    chosen = {"situacao": "cumpridos" if done else "", "meus": "1" if mine else "", "projeto": project and project.pk}
    named = {name: value for name, value in chosen.items() if value}
    next_url = f"?{urlencode(named | {'depois': page.after})}" if page.after else ""
    context = {
        "page": {"items": page.items, "next_url": next_url}, "most_events": thousands(MOST_EVENTS),
        "changed": set() if done else set(kept.changed(page.items)), "done": done, "mine": mine, "project": project,
        "links": {
            "open": _address(named, situacao=""), "done": _address(named, situacao="cumpridos"),
            "all": _address(named, meus=""), "mine": _address(named, meus="1"),
        },
    }  # fmt: skip
    return render(request, "jurisprudence/deadlines.html", context)


def _address(named: dict[str, Any], **changes: str) -> str:
    values = {name: value for name, value in (named | changes).items() if value}
    return reverse("jurisprudence:deadlines") + (f"?{urlencode(values)}" if values else "")


# Counting ------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
def count(request: SignedInRequest) -> HttpResponse:
    """GET: the form, and with its values in the address the count. POST: keeps the count in a project."""
    if request.method == "POST":
        return _keep(request)
    asked = "evento" in request.GET
    form = CountForm(request.GET if asked else None, initial=_started(request))
    answer = _answer(form) if asked else None
    keep = KeepForm(initial={name: request.GET.get(name, "") for name in KEEPING}, user=request.user)
    return _counting(request, form, keep, answer, 422 if asked and answer is None else 200)


def _started(request: SignedInRequest) -> dict[str, str]:
    """What a link brings along: a date, the court of a project, and what the deadline is to be called."""
    found = {name: request.GET[name] for name in ("dia", "tribunal") if request.GET.get(name)}
    project = named_project(request)
    if project and project.tribunal and project.tribunal.sigla in PLACES:
        found.setdefault("tribunal", project.tribunal.sigla)
    return found


def _answer(form: CountForm) -> kept.Answer | None:
    """The count; None when the form is wrong, which it says."""
    if not form.is_valid():
        return None
    try:
        return kept.answer(form.question())
    except Wrong as wrong:
        form.add_error(None, str(wrong))
        return None


def _keep(request: SignedInRequest) -> HttpResponse:
    form, keep = CountForm(request.POST), KeepForm(request.POST, user=request.user)
    answer = _answer(form)
    if answer is None or not keep.is_valid():
        return _counting(request, form, keep, answer, 422)
    values = keep.cleaned_data
    try:
        deadline = actions.create(
            answer, values["titulo"], project=values["projeto"], note=values["observacao"], user=request.user,
            request=request,
        )  # fmt: skip
    except actions.Refused as refused:
        keep.add_error("projeto", str(refused))
        return _counting(request, form, keep, answer, 422)
    words = f"O prazo está guardado no projeto “{deadline.project.name}” e termina em {deadline.ends_on:%d/%m/%Y}."
    notes.success(request, words)
    return see("jurisprudence:deadline", deadline.pk)


def _counting(
    request: SignedInRequest, form: CountForm, keep: KeepForm, answer: kept.Answer | None, status: int
) -> HttpResponse:
    source = request.GET if request.method == "GET" else request.POST
    context = {
        "form": form, "keep": keep, "answer": answer and shown(answer),
        "kept": as_query(answer.question) if answer else {},
        "carried": {name: source[name] for name in KEEPING if source.get(name)},
    }  # fmt: skip
    return render(request, "jurisprudence/count.html", context, status=status)


def shown(answer: kept.Answer) -> dict[str, Any]:
    """A count as the templates show it: in words, the weekends counted together."""
    question, counted = answer.question, answer.counted
    place = PLACES.get(question.court)
    return {
        "question": question, "counted": counted, "cautions": answer.cautions, "event": EVENTS[question.event],
        "unit": UNITS[question.unit], "regime": REGIMES[question.regime], "party": PARTIES.get(question.party, ""),
        "court": place.court if place else "", "calendar": CALENDARS[place.kind] if place else "só a lei nacional",
        "doubled": counted.amount != question.amount, "skipped": [one for one in counted.skipped if not one.is_weekend],
        "weekend": _weekend_in_words([one.date for one in counted.skipped if one.is_weekend]),
        "left": Deadline(ends_on=counted.end, starts_on=counted.start),
    }  # fmt: skip


def _weekend_in_words(days: list[date]) -> str:
    """`6 sábados e domingos`, `1 domingo`; "" without any."""
    kinds = {day.weekday() for day in days}
    names = [f"{WEEKEND[kind]}{'s' if len(days) > 1 else ''}" for kind in sorted(kinds)]
    return f"{len(days)} {' e '.join(names)}" if days else ""


# One -----------------------------------------------------------------------------------------------


@require_GET
def detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """As it was counted; and whether it would be counted otherwise today."""
    deadline = my_deadline(request, pk)
    question = Question.from_json(deadline.asked)
    calendar = question.calendar()
    counted = kept.from_json(deadline.counted)
    answer = kept.Answer(question, counted, cautions(question, counted, calendar))
    context = {
        "deadline": deadline, "answer": shown(answer), "may_change": may_change(request, deadline),
        "new_end": None if deadline.is_done else kept.changed([deadline]).get(deadline.pk),
        "again": f"{reverse('jurisprudence:count')}?{urlencode(as_query(question) | {'projeto': deadline.project_id})}",
    }  # fmt: skip
    return render(request, "jurisprudence/deadline.html", context)


@require_http_methods(["GET", "POST"])
def edit(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What was kept, to be corrected. It is counted again where something else is asked, and only there."""
    deadline = deadline_to_change(request, pk)
    question = Question.from_json(deadline.asked)
    if request.method == "GET":
        return _editing(request, deadline, CountForm(initial=as_query(question)), EditForm(deadline))
    form, kept_form = CountForm(request.POST), EditForm(deadline, request.POST)
    answer = _answer(form)
    if answer is None or not kept_form.is_valid():
        return _editing(request, deadline, form, kept_form, 422)
    values = kept_form.cleaned_data
    try:
        actions.change(
            deadline, seen=values["visto"], title=values["titulo"], note=values["observacao"],
            responsible=values["responsavel"], answer=None if answer.question == question else answer,
            user=request.user, request=request,
        )  # fmt: skip
    except actions.Refused as refused:
        notes.error(request, str(refused))
    except actions.Conflict as conflict:
        return _editing(request, conflict.deadline, form, kept_form.seen_now(conflict.deadline), 409)
    return see("jurisprudence:deadline", pk)


def _editing(
    request: SignedInRequest, deadline: Deadline, form: CountForm, keep: EditForm, status: int = 200
) -> HttpResponse:
    """The page; with 409 it says what the deadline is by now, beside what was typed."""
    context = {"deadline": deadline, "form": form, "keep": keep, "conflict": status == 409}
    return render(request, "jurisprudence/deadline_form.html", context, status=status)


def _simple(action: Callable[..., None], words: str) -> Callable[..., HttpResponse]:
    """A view that does one thing to a deadline, says so, and goes on to its page."""

    @require_POST
    def view(request: SignedInRequest, pk: UUID) -> HttpResponse:
        try:
            action(deadline_to_change(request, pk), user=request.user, request=request)
        except actions.Refused as refused:
            notes.error(request, str(refused))
        else:
            notes.success(request, words)
        return see("jurisprudence:deadline", pk)

    return view


finish = _simple(actions.finish, "O prazo está cumprido.")
reopen = _simple(actions.reopen, "O prazo está em aberto outra vez.")


@require_POST
def recount(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Counts it again with the table and the rules of today."""
    deadline = deadline_to_change(request, pk)
    try:
        answer = kept.answer(Question.from_json(deadline.asked))
        end = actions.recount(deadline, answer, user=request.user, request=request)
    except (Wrong, actions.Refused) as reason:
        notes.error(request, str(reason))
    else:
        notes.success(request, f"O prazo foi contado de novo: termina em {end:%d/%m/%Y}.")
    return see("jurisprudence:deadline", pk)


@require_POST
def delete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    deadline = deadline_to_change(request, pk)
    try:
        actions.delete(deadline, user=request.user, request=request)
    except actions.Refused as refused:
        notes.error(request, str(refused))
        return see("jurisprudence:deadlines")
    words = f"O prazo “{deadline.title}” foi excluído."
    return see_deleted(request, words, "jurisprudence:undelete-deadline", pk, "jurisprudence:deadlines")


@require_POST
def undelete(request: SignedInRequest, pk: UUID) -> HttpResponse:
    deadline: Deadline = get_object_or_404(Deadline.objects.deleted_by(request.user), pk=pk)
    try:
        actions.undelete(deadline, user=request.user, request=request)
    except actions.Refused as refused:
        notes.error(request, str(refused))
        return see("jurisprudence:deadlines")
    return see("jurisprudence:deadline", pk)


# For other programs --------------------------------------------------------------------------------


@require_GET
def one_as_ics(request: SignedInRequest, pk: UUID) -> HttpResponse:
    deadline = my_deadline(request, pk)
    return _file(request, [deadline], ics.filename(deadline))


@require_GET
def all_as_ics(request: SignedInRequest) -> HttpResponse:
    """All that is owed, the first thousand by their ends; with `?projeto=` those of one project."""
    project = named_project(request)
    rows = Deadline.objects.for_user(request.user).open().select_related("project").defer("counted", "asked", "note")
    rows = rows.filter(project=project) if project else rows
    return _file(request, list(rows.order_by("ends_on", "pk")[:MOST_EVENTS]), ics.filename())


def _file(request: SignedInRequest, rows: list[Deadline], name: str) -> HttpResponse:
    actions.note_export(rows, user=request.user, request=request)
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(ics.calendar(rows), content_type="text/calendar; charset=utf-8", headers=headers)
