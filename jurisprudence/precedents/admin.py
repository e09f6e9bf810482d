"""What was imported, to be looked at: precedents change by files only, each of which leaves its row in the log."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from audit.staff import ReadOnlyAdmin
from jurisprudence.precedents.models import Precedent, PrecedentImport
from jurisprudence.precedents.naming import COURTS, name_of


class CourtFilter(admin.SimpleListFilter):
    """The courts that have rules of their own; to list all there are, a million rows would be read."""

    title = "tribunal"
    parameter_name = "tribunal"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(court, court) for court in COURTS]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(court=self.value()) if self.value() in COURTS else queryset


@admin.register(Precedent)
class PrecedentAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "court", "status", "as_of", "source")
    list_filter = ("kind", CourtFilter, "status")
    list_select_related = False
    ordering = ("-pk",)
    exclude = ("details", "year")
    readonly_fields = ("page",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return Precedent.objects.without_bodies()

    @admin.display(description="precedente")
    def name(self, precedent: Precedent) -> str:
        return name_of(precedent)

    @admin.display(description="página")
    def page(self, precedent: Precedent) -> str:
        return format_html(
            '<a href="{}">Ver como todos veem</a>', reverse("jurisprudence:precedent", args=[precedent.pk])
        )


@admin.register(PrecedentImport)
class PrecedentImportAdmin(ReadOnlyAdmin):
    list_display = (
        "file_name",
        "state",
        "as_of",
        "position",
        "added",
        "changed",
        "refused",
        "started_at",
        "finished_at",
    )
    list_filter = ("state", "file_format")
    ordering = ("-started_at",)
    exclude = ("sha256",)
