"""The staff's pages of the audit log: the list with its filters, one row, and the list as a file for a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast, Left
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from audit.actions import record
from audit.filters import LogFilter
from audit.models import AuditLog
from audit.staff import render_staff, staff_page
from audit.vocabulary import action_name, entity_name, value_name
from romagent.base.keyset import newest_first

PAGE_ROWS = 50
LIST_COLUMNS = ("id", "created_at", "user_email", "action", "entity_type", "entity_id", "ip_address")

CHUNK_ROWS = 1_000  # read at a time for a file: a few milliseconds of one of the threads that answer everybody
CELL_CHARACTERS = 30_000  # a spreadsheet's cell holds 32,767
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
BOM = "\ufeff"  # by which Excel knows UTF-8
HEADINGS = (
    "Quando", "Pessoa", "Ação", "Código da ação", "Objeto", "Tabela", "Identificação", "Endereço IP", "Navegador",
    "Antes", "Depois", "Registro",
)  # fmt: skip


@staff_page("audit.view_auditlog")
def log(request: HttpRequest) -> HttpResponse:
    """The newest rows that the filters let through; `?depois=` goes on where a page ended."""
    _only_to_be_read(request)
    form = LogFilter(request.GET)
    valid = form.is_valid()
    context: dict[str, Any] = {"title": "Auditoria", "form": form, "rows": [], "query": "", "next_url": ""}
    if valid:
        found = form.rows().only(*LIST_COLUMNS)
        page = newest_first(found, "created_at", request.GET.get("depois", ""), PAGE_ROWS)
        given = form.given()
        context |= {
            "rows": [_shown(row) for row in page.items],
            "query": urlencode(given),
            "understood": form.understood(),
            "narrowed": bool(given.keys() - {"q"}),
            "next_url": f"?{urlencode(given | {'depois': page.after})}" if page.after else "",
        }
    return render_staff(request, "audit/log.html", context, status=200 if valid else 422)


@staff_page("audit.view_auditlog")
def entry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One row: who, what, from where, and what changed."""
    _only_to_be_read(request)
    row = get_object_or_404(AuditLog, pk=pk)
    context = {
        "title": action_name(row.action),
        "row": row,
        "shown": _shown(row),
        "changes": changes(row),
        "entity_url": _page_of(row),
        "history": urlencode(_as_filter(row)),
    }
    return render_staff(request, "audit/entry.html", context)


@staff_page("audit.view_auditlog")
def export(request: HttpRequest) -> HttpResponseBase:
    """The filtered log as CSV, made while it is being sent; itself a row of the log, written first."""
    _only_to_be_read(request)
    form = LogFilter(request.GET)
    if not form.is_valid():
        return log(request)
    record("auditoria.exportar", user=request.user, request=request, new=form.given())
    response = StreamingHttpResponse(as_csv(form.rows()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="auditoria-{timezone.localdate():%Y-%m-%d}.csv"'
    response["X-Accel-Buffering"] = "no"
    return response


def _only_to_be_read(request: HttpRequest) -> None:
    if request.method not in {"GET", "HEAD"}:
        raise PermissionDenied


# One row -----------------------------------------------------------------------------------------


def _shown(row: AuditLog) -> dict[str, Any]:
    """A row in words."""
    return {
        "row": row,
        "action": action_name(row.action),
        "entity": entity_name(row.entity_type),
        "entity_key": row.entity_id or row.entity_type.partition(":")[2],
        "history": urlencode(_as_filter(row)),
    }


def changes(row: AuditLog) -> list[dict[str, str]]:
    """What the row says of each value: before and after."""
    old, new = row.old_value or {}, row.new_value or {}
    kind = row.entity_type
    return [
        {"name": value_name(kind, name), "old": _worded(old, name), "new": _worded(new, name)}
        for name in {**old, **new}
    ]


def _worded(values: dict[str, Any], name: str) -> str:
    if name not in values or values[name] is None:
        return ""
    value = values[name]
    if isinstance(value, bool):
        return "sim" if value else "não"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _as_filter(row: AuditLog) -> dict[str, str]:
    """The filter that finds everything that happened to the row's object."""
    table, _, key = row.entity_type.partition(":")
    found = {"entity_type": table, "entity_id": str(row.entity_id or key)}
    return {name: value for name, value in found.items() if value}


def _page_of(row: AuditLog) -> str:
    """The object's own page in the administration, where it has one."""
    table, _, key = row.entity_type.partition(":")
    for model in admin.site._registry:
        if model._meta.db_table == table:
            try:
                name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
                return reverse(name, args=[row.entity_id or key])
            except NoReverseMatch:
                return ""
    return ""


# The file ----------------------------------------------------------------------------------------


def as_csv(found: QuerySet[AuditLog]) -> Iterator[str]:
    """The rows as CSV for Excel in Portuguese, newest first, a chunk at a time; nothing is held in between."""
    rows = found.annotate(old=_text("old_value"), new=_text("new_value")).values_list(
        "pk", "created_at", "user_email", "action", "entity_type", "entity_id", "ip_address", "user_agent",
        "old", "new", named=True,
    )  # fmt: skip
    yield BOM + _lines([HEADINGS])
    after = ""
    while True:
        page = newest_first(rows, "created_at", after, CHUNK_ROWS)
        yield _lines(_cells(row) for row in page.items)
        if not page.after:
            return
        after = page.after


def _text(column: str) -> Any:
    return Left(Cast(column, TextField()), CELL_CHARACTERS + 1)


def _lines(rows: Any) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=";", lineterminator="\r\n").writerows(rows)
    return text.getvalue()


def _cells(row: Any) -> list[str]:
    table, _, key = row.entity_type.partition(":")
    return [
        f"{timezone.localtime(row.created_at):%d/%m/%Y %H:%M:%S}",
        safe(row.user_email),
        safe(action_name(row.action)),
        safe(row.action),
        safe(entity_name(table)),
        safe(table),
        safe(str(row.entity_id or key)),
        row.ip_address or "",
        safe(row.user_agent),
        safe(_cut(row.old)),
        safe(_cut(row.new)),
        str(row.pk),
    ]


def safe(text: str) -> str:
    """The text, which no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _cut(text: str | None) -> str:
    text = text or ""
    return f"{text[:CELL_CHARACTERS]}… (cortado)" if len(text) > CELL_CHARACTERS else text
