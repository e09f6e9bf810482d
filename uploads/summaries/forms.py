"""The form that asks for a summary."""

from __future__ import annotations

from typing import Any

from django import forms

from audit.models import AIModel


class SummaryForm(forms.Form):
    """Which of the models on offer; the office's first when none is named."""

    model = forms.ChoiceField(label="Modelo", required=False)
    confirmed = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        offered = AIModel.objects.filter(offered=True).order_by("position")
        choices = [(model.pk, ": ".join(filter(None, (model.name, model.description)))) for model in offered]
        self.fields["model"].choices = choices  # type: ignore[attr-defined]
        self.default = choices[0][0] if choices else ""
        self.fields["model"].initial = self.default

    def clean_model(self) -> str:
        model: str = self.cleaned_data["model"] or self.default
        if not model:
            raise forms.ValidationError("Nenhum modelo está disponível.")
        return model
