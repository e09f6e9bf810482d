"""The office's paper, kept by the staff."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from audit.staff import AuditedAdmin
from documents.logos import Unusable, cleaned
from documents.units import LARGEST_LOGO, OfficeUnit


class OfficeUnitForm(forms.ModelForm):  # type: ignore[type-arg]
    logo_file = forms.FileField(label="Logotipo", required=False, help_text="PNG ou JPEG, até 1 MB.")
    remove_logo = forms.BooleanField(label="Remover o logotipo", required=False)

    class Meta:
        model = OfficeUnit
        fields = (
            "name", "is_default", "city", "default_format", "logo_file", "remove_logo", "header_lines", "footer_lines",
            "signature_lines",
        )  # fmt: skip

    def clean_logo_file(self) -> bytes | None:
        sent = self.cleaned_data["logo_file"]
        if not sent:
            return None
        if sent.size > LARGEST_LOGO:
            raise forms.ValidationError("O logotipo pode ter no máximo 1 MB.")
        try:
            return cleaned(sent.read())
        except Unusable as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(OfficeUnit)
class OfficeUnitAdmin(AuditedAdmin):
    """Letterheads: who they are of, what is on them, and which is taken where nobody has chosen."""

    form = OfficeUnitForm
    fields = OfficeUnitForm.Meta.fields
    list_display = ("name", "city", "default_format", "has_logo", "is_default")
    ordering = ("name",)
    unlogged = ("logo_file",)

    def save_model(self, request: HttpRequest, obj: OfficeUnit, form: Any, change: bool) -> None:
        if form.cleaned_data["logo_file"]:
            obj.logo = form.cleaned_data["logo_file"]
        elif form.cleaned_data["remove_logo"]:
            obj.logo = None
        super().save_model(request, obj, form, change)

    @admin.display(description="logotipo", boolean=True)
    def has_logo(self, unit: OfficeUnit) -> bool:
        return bool(unit.logo)
