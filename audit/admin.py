from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest
from django.urls import path

from audit import pages
from audit.filters import as_uuid
from audit.models import AIModel, AIPrice, AuditLog
from audit.staff import AuditedAdmin


class AIPriceInline(admin.TabularInline):
    model = AIPrice
    extra = 0


@admin.register(AIModel)
class AIModelAdmin(AuditedAdmin):
    """The models a lawyer can choose, in their order, and what each costs since when."""

    list_display = ("name", "id", "offered", "position", "context_tokens", "max_output_tokens")
    list_editable = ("offered", "position")
    ordering = ("position",)
    inlines = [AIPriceInline]


@admin.register(AuditLog)
class AuditLogAdmin(AuditedAdmin):
    """The log, on pages of its own (`audit/pages.py`); nobody adds, changes or deletes anything there."""

    def get_urls(self) -> list[Any]:
        export = self.admin_site.admin_view(pages.export)
        return [path("exportar/", export, name="audit_auditlog_export"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return pages.log(request)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        pk = as_uuid(object_id)
        if pk is None:
            raise Http404
        return pages.entry(request, pk)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
