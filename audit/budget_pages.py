"""The staff's page about budgets: what is left to whom, and raising it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db.models import DecimalField, F, OuterRef, Subquery, Value
from django.db.models.functions import Greatest
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from audit import budgets, money
from audit.budgets import Budget
from audit.models import AIBudget, AIUsageMonth
from audit.staff import render_staff, staff_page

SHOWN = 50
GROUPED = re.compile(r"\d{1,3}(\.\d{3})+(,\d{1,2})?", re.ASCII)  # 1.234 or 1.234,56
PLAIN = re.compile(r"\d{1,9}([.,]\d{1,2})?", re.ASCII)


class AmountField(forms.CharField):
    """An amount as Brazilians write it, `1.234,56`; `1234.56` too."""

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value).replace(" ", "").upper().removeprefix("US$")
        if GROUPED.fullmatch(text):
            text = text.replace(".", "")
        elif text and not PLAIN.fullmatch(text):
            raise forms.ValidationError("Escreva o valor assim: 1.234,56.")
        amount = Decimal(text.replace(",", ".")) if text else None
        if amount is not None and amount >= 10**9:
            raise forms.ValidationError("O valor é alto demais.")
        return amount


class BudgetForm(forms.Form):
    """A budget: an amount, none at all, or back to the one of the settings."""

    AMOUNT, UNLIMITED, DEFAULT = "valor", "sem-limite", "padrao"

    person = forms.UUIDField(required=False)
    kind = forms.ChoiceField(choices=[(kind, kind) for kind in (AMOUNT, UNLIMITED, DEFAULT)])
    amount = AmountField(required=False, max_length=30)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("kind") == self.AMOUNT and data.get("amount") is None and "amount" not in self.errors:
            self.add_error("amount", "Escreva o valor do orçamento.")
        return data


@dataclass(frozen=True)
class Row:
    """A person and her budget of this month."""

    person: Any
    budget: Budget
    is_own: bool  # not the one of the settings


@require_http_methods(["GET", "POST"])
@staff_page("audit.change_budget")
def overview(request: HttpRequest) -> HttpResponse:
    """The office's and people's budgets; with `?pessoa=<id>` or `?email=<beginning>` those. POST changes one."""
    form = BudgetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _change(request, form.cleaned_data)
    wanted = request.GET.get("pessoa", "")
    email = request.GET.get("email", "").replace("\x00", "").strip().lower()[:255]
    budgets.forget()  # who sets budgets sees them as they are
    context = {
        "title": "Orçamento de IA",
        "office": budgets.office_budget(),
        "office_is_own": AIBudget.objects.filter(user=None).exists(),
        "rows": _rows_of(_found(wanted, email)) if wanted or email else dearest(),
        "searched": bool(wanted or email),
        "email": email,
        "unpriced": budgets.unpriced_calls(),
        "defaults": {
            "person": budgets.describe(settings.MONTHLY_BUDGET_PERSON_USD),
            "office": budgets.describe(settings.MONTHLY_BUDGET_OFFICE_USD),
        },
        "renewal": budgets.renewal(),
        "rate": money.rate_words(),
        "errors": [str(error) for errors in form.errors.values() for error in errors],
    }
    return render_staff(request, "costs/budgets.html", context, status=422 if form.errors else 200)


def _change(request: HttpRequest, data: dict[str, Any]) -> HttpResponse:
    person = get_object_or_404(get_user_model(), pk=data["person"]) if data["person"] else None
    changed = budgets.change(
        amount=data["amount"] if data["kind"] == BudgetForm.AMOUNT else None,
        default=data["kind"] == BudgetForm.DEFAULT,
        person=person,
        by=request.user,
        request=request,
    )
    whose = f"de {person}" if person else "do escritório"
    messages.success(request, f"O orçamento {whose} foi alterado." if changed else f"O orçamento {whose} já era este.")
    back = f"?{urlencode({'pessoa': str(person.pk)})}" if person else ""
    response = redirect(f"{reverse('admin:budgets')}{back}")
    response.status_code = 303
    return response


# The rows ----------------------------------------------------------------------------------------


def _found(wanted: str, email: str) -> Sequence[Any]:
    people = get_user_model()._default_manager.order_by("email")
    if not wanted:
        return list(people.filter(email__startswith=email)[:SHOWN])
    try:
        return [get_object_or_404(people, pk=UUID(wanted))]
    except ValueError as error:
        raise Http404 from error


def dearest() -> list[Row]:
    """Those who have used most of their budgets: of the people with one of their own, and of the rest."""
    used = AIUsageMonth.objects.filter(month=budgets.month_of(), user__isnull=False)
    own = AIBudget.objects.filter(user__isnull=False)
    rest = used.exclude(user__in=own.values("user")).order_by("-cost_usd").values_list("user", flat=True)[:SHOWN]
    spent = Subquery(used.filter(user=OuterRef("user")).values("cost_usd")[:1])
    share = F("spent") / Greatest("amount", Value(Decimal("0.01")), output_field=DecimalField())
    nearest = own.annotate(spent=spent).order_by(share.desc(nulls_last=True)).values_list("user", flat=True)[:SHOWN]
    people = get_user_model()._default_manager.in_bulk({*rest, *nearest})
    return _rows_of(list(people.values()))[:SHOWN]


def _rows_of(people: Sequence[Any]) -> list[Row]:
    """Their budgets, the most used first; two queries."""
    own = dict(AIBudget.objects.filter(user__in=people).values_list("user", "amount"))
    used = AIUsageMonth.objects.filter(user__in=people, month=budgets.month_of())
    spent = dict(used.values_list("user", "cost_usd"))
    rows = [
        Row(
            person,
            Budget(own.get(person.pk, settings.MONTHLY_BUDGET_PERSON_USD), spent.get(person.pk, Decimal(0))),
            person.pk in own,
        )
        for person in people
    ]
    return sorted(rows, key=lambda row: (-row.budget.percent, -row.budget.spent, row.person.email))
