"""The form with which a number is looked up; it is checked while it is typed, as that of a project is."""

from __future__ import annotations

from django import forms

from projects.cnj import CaseNumber, WrongNumber, parse


class LookUpForm(forms.Form):
    case_number = forms.CharField(
        label="Número do processo",
        max_length=60,
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "off", "placeholder": "0000000-00.0000.0.00.0000"}
        ),
        error_messages={"required": "Digite o número do processo."},
    )

    def clean_case_number(self) -> CaseNumber:
        try:
            return parse(self.cleaned_data["case_number"])
        except WrongNumber as error:
            raise forms.ValidationError(str(error)) from error
