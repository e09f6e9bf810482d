"""The table of days without deadlines, kept by the staff: nothing is deleted, what is wrong is struck out."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from audit.staff import AuditedAdmin
from jurisprudence.deadlines.models import Holiday
from jurisprudence.deadlines.table import PLACES

OF_THE_RULE = ("date", "scope", "uf", "city", "court", "kind")  # a day of the law stays what it is


class HolidayForm(forms.ModelForm):  # type: ignore[type-arg]
    removed = forms.BooleanField(
        label="Riscado", required=False, help_text="Não vale: os prazos são contados como se não estivesse na tabela."
    )

    class Meta:
        model = Holiday
        fields = ("date", "scope", "uf", "city", "court", "kind", "name", "source", "removed")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["removed"] = self.instance.removed_at is not None

    def clean_court(self) -> str:
        court: str = self.cleaned_data["court"].strip().upper()
        if court and court not in {sigla.upper() for sigla in PLACES}:
            raise forms.ValidationError("Este tribunal não existe; escreva a sigla, como TJGO, TRF1 ou TRT18.")
        return next((sigla for sigla in PLACES if sigla.upper() == court), "")

    def clean_city(self) -> str:
        return " ".join(self.cleaned_data["city"].split())


@admin.register(Holiday)
class HolidayAdmin(AuditedAdmin):
    """Holidays, suspensions and downtimes, with the act that says so."""

    form = HolidayForm
    fields = HolidayForm.Meta.fields
    list_display = ("date", "name", "where", "kind", "source", "counts")
    list_filter = ("scope", "kind", "by_rule")
    ordering = ("-date", "-pk")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return OF_THE_RULE if obj and obj.by_rule else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """It is struck out instead: so deadlines that were counted with it are found."""
        return False

    def save_model(self, request: HttpRequest, obj: Holiday, form: Any, change: bool) -> None:
        obj.updated_at = timezone.now()
        if not form.cleaned_data["removed"]:
            obj.removed_at = None
        elif obj.removed_at is None:
            obj.removed_at = obj.updated_at
        super().save_model(request, obj, form, change)

    @admin.display(description="onde")
    def where(self, holiday: Holiday) -> str:
        return holiday.place

    @admin.display(description="vale", boolean=True)
    def counts(self, holiday: Holiday) -> bool:
        return holiday.removed_at is None
