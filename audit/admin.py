from django.contrib import admin

from audit.models import AIModel, AIPrice
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
