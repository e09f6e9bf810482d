"""The staff's pages about costs: what was spent, by whom and on what; and calls whose price came late."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from audit import costs, money, repricing
from audit.actions import record
from audit.charts import charts
from audit.costs import NAMES, PERIODS, Line, Report
from audit.staff import render_staff, staff_page
from romagent.base.sheets import csv_response

TABLES = {"pessoas": "Pessoa", "modelos": "Modelo", "operacoes": "Tipo de chamada", "dias": "Dia"}
COLUMNS = {
    "calls": "Chamadas",
    "failed": "Chamadas com erro",
    "unpriced": "Chamadas de preço desconhecido",
    "tokens_input": "Tokens de entrada",
    "tokens_output": "Tokens de saída",
    "cache_read_tokens": "Tokens lidos do cache",
    "cache_write_tokens": "Tokens gravados no cache",
    "cost_usd": "Custo conhecido (US$)",
    "cache_saved_usd": "Economia do cache (US$)",
    "ttft_calls": "Chamadas com tempo medido",
    "ttft_ms": "Soma dos tempos até o primeiro token (ms)",
    "ttft_slow": "Primeiro token depois de 3 s",
}


@require_GET
@staff_page("audit.view_costs")
def overview(request: HttpRequest) -> HttpResponse:
    """What the office, or with `?pessoa=<id>` one person, has used in the last 7, 30 or 90 days."""
    person = _person(request)
    if person is not None:
        record("custos.ver-pessoa", user=request.user, request=request, entity=person)
    found = costs.report(_period(request), person.pk if person else None)
    context = {
        "title": f"Custos de {person}" if person else "Custos",
        "person": person,
        "report": found,
        "charts": charts(found),
        "ranking": None if person else costs.ranking(found),
        "periods": [(days, _url(days, person)) for days in PERIODS],
        "exports": {table: _url(found.length, person, table) for table in TABLES},
        "rate": money.rate_words(),
        "unpriced": 0 if person else repricing.count_unpriced(),
        "counted": repricing.COUNTED,
    }
    return render_staff(request, "costs/overview.html", context)


@require_GET
@staff_page("audit.view_costs")
def export(request: HttpRequest) -> HttpResponse:
    """One of the page's tables as CSV (`?tabela=`); of people as many as are kept, and not only those shown."""
    table, person = request.GET.get("tabela", ""), _person(request)
    if table not in TABLES or (person and table == "pessoas"):
        raise Http404
    found = costs.report(_period(request), person.pk if person else None)
    said = {"table": table, "days": found.length}
    record("custos.exportar", user=request.user, request=request, entity=person, new=said)
    lines = _lines(found, table)
    head = [TABLES[table], *(COLUMNS[name] for name in NAMES)]
    return csv_response(f"custos-{table}-{found.first}-a-{found.last}.csv", head, [_row(line) for line in lines])


def _lines(found: Report, table: str) -> Any:
    if table == "pessoas":
        return costs.ranking(found, costs.KEPT_PEOPLE).people
    return {"modelos": found.models, "operacoes": found.kinds, "dias": found.days}[table]


def _row(line: Line) -> list[Any]:
    """Costs that are not known stay empty."""
    hidden = () if line.sums.is_priced else ("cost_usd", "cache_saved_usd")
    return [line.label, *(None if name in hidden else getattr(line.sums, name) for name in NAMES)]


@require_POST
@staff_page("audit.view_costs")
def recalculate(request: HttpRequest) -> HttpResponse:
    """Has the worker give a cost to calls whose price is known by now."""
    repricing.ask_for_pricing(user=request.user, request=request)
    messages.success(
        request,
        "As chamadas sem preço estão sendo recalculadas. Recarregue a página em instantes para ver o resultado.",
    )
    return redirect("admin:costs")


def _period(request: HttpRequest) -> int:
    """7, 30 or 90 days; 30 unless another is asked for."""
    asked = request.GET.get("periodo", "")
    return next((days for days in PERIODS if str(days) == asked), 30)


def _person(request: HttpRequest) -> Any:
    if not (asked := request.GET.get("pessoa")):
        return None
    try:
        return get_object_or_404(get_user_model(), pk=UUID(asked))
    except ValueError as error:
        raise Http404 from error


def _url(days: int, person: Any, table: str = "") -> str:
    parameters = {"periodo": days} | ({"pessoa": person.pk} if person else {}) | ({"tabela": table} if table else {})
    return f"{reverse('admin:costs-export' if table else 'admin:costs')}?{urlencode(parameters)}"
