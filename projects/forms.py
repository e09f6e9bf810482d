"""The forms of projects: the case itself, and who works on it."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from accounts.models import User
from projects.cnj import WrongNumber, masked, parse
from projects.models import Project, ProjectMember

LONGEST = 20_000  # characters of a text that goes along with every question
KINDS = (
    "Ação cível", "Ação trabalhista", "Ação penal", "Família e sucessões", "Execução", "Mandado de segurança",
    "Previdenciário", "Recurso", "Tributário", "Consultoria", "Contrato",
)  # fmt: skip


class ProjectForm(forms.ModelForm):  # type: ignore[type-arg]
    case_number = forms.CharField(
        label="Número do processo (CNJ)",
        max_length=60,
        required=False,
        help_text="Com ou sem pontos; vazio se ainda não há processo. Números anteriores a 2010 vão na descrição.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}),
    )
    description = forms.CharField(
        label="Descrição", max_length=LONGEST, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    instructions = forms.CharField(
        label="Instruções ao assistente",
        max_length=LONGEST,
        required=False,
        help_text="O que o assistente deve saber e seguir em todas as conversas deste projeto.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    class Meta:
        model = Project
        fields = (
            "name", "case_number", "client", "opposing_party", "court", "project_type", "description", "instructions",
        )  # fmt: skip
        help_texts = {"court": "A vara, a câmara ou o órgão, como “2ª Vara Cível de Goiânia”."}
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "client": forms.TextInput(attrs={"autocomplete": "off"}),
            "opposing_party": forms.TextInput(attrs={"autocomplete": "off"}),
            "court": forms.TextInput(attrs={"autocomplete": "off"}),
            "project_type": forms.TextInput(attrs={"autocomplete": "off", "list": "tipos"}),
        }
        error_messages = {"name": {"required": "Dê um nome ao projeto."}}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.initial["case_number"] = masked(self.initial.get("case_number") or "")
        for field in self.fields.values() if self.instance.pk and not self.instance._state.adding else ():
            field.show_hidden_initial = True

    @cached_property
    def changed_data(self) -> list[str]:
        """What she has changed: not what a colleague has changed since this form was shown to her."""
        return [name for name in self.fields if self._is_touched(self[name])]

    def _is_touched(self, field: BoundField) -> bool:
        if field.field.widget.value_omitted_from_data(self.data, self.files, field.html_name):
            return False  # of a page that was open when the field was new
        shown = self.data.get(field.html_initial_name)
        is_other = field.field.has_changed(field.initial, field.data)
        return is_other and (shown is None or field.field.has_changed(shown, field.data))

    def clean_case_number(self) -> str:
        typed: str = self.cleaned_data["case_number"]
        try:
            return parse(typed).digits if typed else ""
        except WrongNumber as error:
            raise forms.ValidationError(str(error)) from error

    @property
    def kinds(self) -> tuple[str, ...]:
        return KINDS


class RoleForm(forms.Form):
    role = forms.ChoiceField(label="Papel", choices=ProjectMember.Role.choices)


class MemberForm(RoleForm):
    """Somebody with an account, by e-mail."""

    email = forms.EmailField(label="E-mail", error_messages={"required": "Escreva o e-mail de quem vai participar."})
    field_order = ("email", "role")

    def clean_email(self) -> User:
        email = self.cleaned_data["email"].strip()
        found = User.objects.filter(email__iexact=email, is_active=True).first()
        if found is None:
            raise forms.ValidationError("Não há conta ativa com este e-mail. Peça à administração que a convide.")
        return found


def first_error(form: forms.Form) -> str:
    """The first thing that is wrong with the form, in words; "" when nothing is."""
    return next((str(message) for messages in form.errors.values() for message in messages), "")
