from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import path
from django.utils import timezone

from audit import catalogue, money, pages
from audit.costs import KINDS, cost_words
from audit.filters import as_uuid
from audit.models import AIModel, AIOperation, AIPrice, AuditLog
from audit.staff import AuditedAdmin, NamedInline, ReadOnlyAdmin


class AIPriceInline(NamedInline):
    model = AIPrice


@admin.register(AIModel)
class AIModelAdmin(AuditedAdmin):
    """The models a lawyer can choose, in their order, and what each costs since when."""

    list_display = ("name", "id", "offered", "position", "context_tokens", "max_output_tokens")
    list_editable = ("offered", "position")
    ordering = ("position",)
    inlines = [AIPriceInline]

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """A new price counts here at once, and in the other processes within a minute."""
        super().save_related(request, form, formsets, change)
        catalogue.forget()


class ModelFilter(admin.SimpleListFilter):
    title, parameter_name = "modelo", "model"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(AIModel.objects.order_by("position").values_list("id", "name"))

    def queryset(self, request: HttpRequest, queryset: QuerySet[AIOperation]) -> QuerySet[AIOperation]:
        return queryset.filter(model=self.value()) if self.value() else queryset


class KindFilter(admin.SimpleListFilter):
    title, parameter_name = "tipo de chamada", "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(KINDS.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[AIOperation]) -> QuerySet[AIOperation]:
        return queryset.filter(operation_type=self.value()) if self.value() else queryset


@admin.register(AIOperation)
class AIOperationAdmin(ReadOnlyAdmin):
    """Calls to the model, newest first, to be read only. Each filter and the order are one index.

    Searching takes a whole e-mail, and looks for the person before her calls.
    """

    list_display = ("when", "person", "kind", "model", "status", "error_code", "tokens", "cost", "ttft_ms")
    list_filter = ("status", KindFilter, ModelFilter)
    list_select_related = ("user",)
    search_fields = ("user__email",)
    search_help_text = "O e-mail inteiro da pessoa."
    ordering = ("-created_at", "-id")
    sortable_by = ()
    fields = (
        "when", "user", "kind", "model", "status", "error_message", "conversation_id", "message_id", "document_id",
        "tokens_input", "tokens_output", "cache_read_tokens", "cache_write_tokens", "cost_usd", "cache_saved_usd",
        "latency_ms", "ttft_ms", "metadata",
    )  # fmt: skip
    readonly_fields = ("when", "kind")

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        return lookup == "user" or super().lookup_allowed(lookup, value, request)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AIOperation], search_term: str
    ) -> tuple[QuerySet[AIOperation], bool]:
        email = search_term.replace("\x00", "").strip().lower()
        if not email:
            return queryset, False
        person = get_user_model()._default_manager.filter(email=email).values_list("pk", flat=True).first()
        return (queryset.filter(user=person) if person else queryset.none()), False

    @admin.display(description="quando")
    def when(self, call: AIOperation) -> str:
        return f"{timezone.localtime(call.created_at):%d/%m/%Y %H:%M:%S}"

    @admin.display(description="pessoa")
    def person(self, call: AIOperation) -> str:
        return str(call.user or "–")

    @admin.display(description="tipo")
    def kind(self, call: AIOperation) -> str:
        return KINDS.get(call.operation_type, call.operation_type)

    @admin.display(description="erro")
    def error_code(self, call: AIOperation) -> str:
        return call.error_code or "–"

    @admin.display(description="tokens (entrada / saída)")
    def tokens(self, call: AIOperation) -> str:
        if call.tokens_input is None:
            return "desconhecidos"
        return f"{money.number(call.usage.prompt)} / {money.number(call.usage.output)}"

    @admin.display(description="custo")
    def cost(self, call: AIOperation) -> str:
        return cost_words(call)


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyAdmin):
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
