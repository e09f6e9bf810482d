"""The pages of processes: look a number up, watch it being looked up, read what is known."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.requests import SignedInRequest
from jurisprudence.datajud import actions
from jurisprudence.datajud.forms import LookUpForm
from jurisprudence.datajud.models import CaseRequest, CourtCase
from jurisprudence.datajud.showing import ON_A_PROJECT, ON_ITS_PAGE, shown
from projects.cnj import CaseNumber
from projects.models import Project
from romagent.base.keyset import newest_first
from romagent.base.limits import too_many

LIST_SIZE = 30
TOO_MANY = "Muitas consultas a processos em um minuto."


@require_http_methods(["GET", "POST"])
def cases(request: SignedInRequest) -> HttpResponse:
    """GET: the form, and the processes she asked for. POST: has a number looked up, hers or a project's of hers."""
    if request.method == "GET":
        return _list(request, LookUpForm(initial={"case_number": request.GET.get("numero", "")[:60]}))
    form = LookUpForm(request.POST)
    if not form.is_valid():
        return _list(request, form, 422)
    number: CaseNumber = form.cleaned_data["case_number"]
    if wait := actions.PER_MINUTE.hit(request.user.pk):
        return too_many(request, wait, TOO_MANY)
    project = _project(request, number.digits)
    found = actions.ask(number, user=request.user, mine=project is None, request=request)
    return _see(found, project)


def _list(request: SignedInRequest, form: LookUpForm, status: int = 200) -> HttpResponse:
    mine = CaseRequest.objects.for_user(request.user).select_related("case")
    page = newest_first(mine, "created_at", request.GET.get("depois", ""), LIST_SIZE)
    next_url = f"?depois={quote(page.after)}" if page.after else ""
    context = {
        "form": form,
        "page": {"items": page.items, "next_url": next_url},
        "simulated": settings.SIMULATED_DATAJUD,
    }
    return render(request, "jurisprudence/cases.html", context, status=status)


def _project(request: SignedInRequest, digits: str) -> Project | None:
    """The project of hers from whose page she comes (`projeto`); None when it is not that, or has another number."""
    try:
        named = UUID(request.POST.get("projeto", "") or request.GET.get("projeto", ""))
    except ValueError:
        return None
    mine = Project.objects.for_user(request.user).filter(pk=named, case_number=digits)
    return mine.first()  # type: ignore[no-any-return]


def _seen(request: SignedInRequest, pk: UUID) -> CourtCase:
    case: CourtCase = get_object_or_404(CourtCase.objects.for_user(request.user), pk=pk)
    return case


@require_GET
def case(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What is known of it; only the part that changes when code asks; with `?projeto=` as on that project's page."""
    found = _seen(request, pk)
    is_fragment = bool(request.headers.get("HX-Request"))
    project = _project(request, found.number)
    is_brief = is_fragment and project is not None
    context: dict[str, Any] = {
        "shown": shown(
            found.number,
            request.user,
            after=request.GET.get("depois", ""),
            size=ON_A_PROJECT if is_brief else ON_ITS_PAGE,
        ),
        "project": project if is_brief else None,
        "is_brief": is_brief,
    }
    if not is_fragment:
        mine = Project.objects.for_user(request.user).filter(case_number=found.number)
        context["projects"] = list(mine.only("id", "name").order_by("-updated_at")[:5])
    response = render(request, "jurisprudence/_case.html" if is_fragment else "jurisprudence/case.html", context)
    response["Cache-Control"] = "no-store"
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
def refresh(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Asks the source anew, whatever it said a while ago; whoever sees a process may."""
    found = _seen(request, pk)
    number = found.parsed
    if number and not found.is_unfinished:
        if wait := actions.PER_MINUTE.hit(request.user.pk):
            return too_many(request, wait, TOO_MANY)
        actions.ask(number, user=request.user, fresh=True, mine=False, request=request)
    return _see(found, _project(request, found.number))


def _see(found: CourtCase, project: Project | None) -> HttpResponse:
    response = redirect("projects:detail", project.pk) if project else redirect("jurisprudence:case", found.pk)
    response.status_code = 303
    if project:
        response["Location"] += "#andamento"
    return response
