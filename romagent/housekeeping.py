"""The staff's pages for the clean-up and the database's size."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from audit.staff import render_staff, staff_page
from romagent import cleanup, dbstats
from romagent.base.retention import Policy
from romagent.models import CleanupRun
from romagent.numbers import size, thousands
from romagent.retention import KINDS, preview
from romagent.words import counted

CAP = 10_000  # counted no further on a page


@staff_page("audit.run_cleanup")
@require_http_methods(["GET", "POST"])
def cleanup_page(request: HttpRequest) -> HttpResponse:
    """GET: what would go, the run under way and the last ones. POST: queues a run, of everything or of one kind."""
    if request.method == "POST":
        return _ask(request)
    policy = Policy.from_settings()
    report = preview(policy, cap=CAP)
    kinds = [
        {"key": kind.key, "label": kind.label, "days": kind.days(policy), "found": shown(report.by_kind[kind.key])}
        for kind in KINDS
    ]
    runs = list(CleanupRun.objects.order_by("-created_at")[:10])
    context = {
        "title": "Limpeza",
        "kinds": kinds,
        "active": next((run for run in runs if run.state in cleanup.ACTIVE), None),
        "runs": [{"run": run, "removed": shown(run.removed)} for run in runs],
    }
    return render_staff(request, "romagent/cleanup.html", context)


def _ask(request: HttpRequest) -> HttpResponse:
    only = request.POST.get("only", "")
    if only and only not in {kind.key for kind in KINDS}:
        messages.error(request, "Este tipo de limpeza não existe.")
    else:
        assert isinstance(request.user, User)
        cleanup.request_run(user=request.user, only=only, request=request)
        messages.success(request, "A limpeza foi posta na fila. Você pode sair desta página.")
    return redirect("admin:cleanup")


@staff_page("audit.run_cleanup")
@require_POST
def stop_cleanup(request: HttpRequest, pk: Any) -> HttpResponse:
    run = get_object_or_404(CleanupRun, pk=pk)
    assert isinstance(request.user, User)
    cleanup.request_stop(run, user=request.user, request=request)
    return redirect("admin:cleanup")


def shown(removed: dict[str, int]) -> list[str]:
    """`12 mensagens`, for each table with something; beyond the cap `mais de 10.000`."""
    return [f"{'mais de ' if count == CAP else ''}{counted(table, count)}" for table, count in removed.items() if count]


@staff_page("audit.view_database")
@require_GET
def database_page(request: HttpRequest) -> HttpResponse:
    stats = dbstats.read()
    context = {
        "title": "Banco de dados",
        "stats": stats,
        "database_size": size(stats.size),
        "disk_size": size(stats.disk),
        "warn_from": dbstats.WARN_FROM,
        "tables": [
            {
                "name": table.name,
                "rows": thousands(table.rows),
                "dead": thousands(table.dead),
                "sizes": [size(value) for value in (table.total, table.heap, table.indexes, table.toast)],
                "vacuumed": table.vacuumed,
            }
            for table in stats.tables
        ],
        "indexes": [
            {"index": index, "size": size(index.size), "uses": thousands(index.uses)} for index in stats.indexes
        ],
    }
    return render_staff(request, "romagent/database.html", context)
