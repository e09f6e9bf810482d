"""The forms of the requests of data subjects."""

from __future__ import annotations

import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from romagent.models import SubjectRequest
from romagent.subjects.terms import LABELS

LEAST_LETTERS = 5  # of a name: with fewer, half of the office's texts would be found


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class SubjectForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = SubjectRequest
        fields = (
            "kind", "requester", "contact", "received_on", "name", "email", "document", "case_number", "notes",
        )  # fmt: skip
        widgets = {"received_on": _day(), "notes": forms.Textarea({"rows": 3})}

    def clean_received_on(self) -> Any:
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise ValidationError("A data está no futuro.")
        return day

    def clean_name(self) -> str:
        name = " ".join(unicodedata.normalize("NFC", self.cleaned_data["name"]).split())
        if name and sum(sign.isalpha() for sign in name) < LEAST_LETTERS:
            raise ValidationError(f"Escreva o nome completo: pelo menos {LEAST_LETTERS} letras.")
        return name

    def clean_document(self) -> str:
        return self._figures("document", {11, 14}, "Um CPF tem 11 algarismos; um CNPJ, 14 letras ou algarismos.")

    def clean_case_number(self) -> str:
        return self._figures("case_number", {20}, "O número único do processo tem 20 algarismos.")

    def _figures(self, field: str, lengths: set[int], words: str) -> str:
        text: str = self.cleaned_data[field].strip()
        if text and len([sign for sign in text if sign.isascii() and sign.isalnum()]) not in lengths:
            raise ValidationError(words)
        return text

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and not any(values.get(key) for key in LABELS):
            raise ValidationError("Informe ao menos uma identificação: nome, e-mail, CPF ou CNPJ, ou processo.")
        return values


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Motivo", min_length=10, max_length=500, widget=forms.Textarea({"rows": 2}),
        help_text="Fica no registro de auditoria, com o seu nome. Não escreva dados do titular.",
    )  # fmt: skip


class AnswerForm(forms.Form):
    state = forms.ChoiceField(
        label="Situação",
        choices=[choice for choice in SubjectRequest.State.choices if choice[0] != SubjectRequest.State.OPEN],
    )
    text = forms.CharField(label="O que foi respondido", max_length=5_000, widget=forms.Textarea({"rows": 4}))


class AnonymiseForm(forms.Form):
    """Which people's things and which terms; the typed confirmation names the number that the preview has shown."""

    owners = forms.MultipleChoiceField(label="Nos registros de", widget=forms.CheckboxSelectMultiple)
    terms = forms.MultipleChoiceField(label="O que é substituído", widget=forms.CheckboxSelectMultiple)
    confirmation = forms.CharField(label="Confirmação", required=False, max_length=50)

    def __init__(self, *args: Any, owners: list[tuple[str, str]], terms: list[str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["owners"].choices = owners  # type: ignore[attr-defined]
        self.fields["terms"].choices = [(key, LABELS[key]) for key in terms]  # type: ignore[attr-defined]


class PersonForm(forms.Form):
    conversations = forms.ChoiceField(
        label="As conversas da pessoa",
        choices=[("keep", "ficam com o escritório"), ("delete", "são excluídas, menos as de projetos a preservar")],
        widget=forms.RadioSelect,
    )
    email = forms.CharField(label="E-mail da pessoa, para confirmar", max_length=255)

    def __init__(self, *args: Any, expected: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self.expected = expected

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if email != self.expected:
            raise ValidationError("Não é o e-mail desta pessoa.")
        return email
