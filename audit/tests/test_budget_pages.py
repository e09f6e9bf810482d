"""The staff's page about budgets: who has used how much, and setting another amount."""

import re
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit import budget_pages
from audit.budget_pages import AmountField
from audit.models import AIBudget, AIUsageMonth, AuditLog
from audit.tests.calls import spend
from audit.tests.making import text

pytestmark = pytest.mark.django_db
PAGE = "/admin/orcamento/"


def people(response: Any) -> list[str]:
    return [str(row.person) for row in response.context["rows"]]


# Who ---------------------------------------------------------------------------------------------


def test_the_staff_find_the_page_in_the_administration(as_clerk: Client) -> None:
    assert f'href="{PAGE}"' in as_clerk.get("/admin/").content.decode()
    assert as_clerk.get(PAGE).status_code == 200


def test_a_lawyer_changes_no_budget(as_owner: Client, owner: User) -> None:
    form = {"person": str(owner.pk), "kind": "sem-limite"}
    assert as_owner.get(PAGE).status_code in {302, 403}
    assert as_owner.post(PAGE, form).status_code in {302, 403}
    assert not AIBudget.objects.exists()


def test_staff_without_the_right_neither(as_clerk: Client, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.roles.STAFF", frozenset({"audit.view_costs"}))
    assert as_clerk.get(PAGE).status_code == 403
    assert as_clerk.post(PAGE, {"person": str(owner.pk), "kind": "sem-limite"}).status_code == 403
    assert not AIBudget.objects.exists()
    assert PAGE not in as_clerk.get("/admin/custos/", {"pessoa": str(owner.pk)}).content.decode()


def test_a_change_needs_the_forms_token(clerk: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk)
    assert client.post(PAGE, {"kind": "sem-limite"}).status_code == 403


# What it says ------------------------------------------------------------------------------------


def test_it_says_what_is_spent_of_what(as_clerk: Client, owner: User, stranger: User, settings: Settings) -> None:
    settings.MONTHLY_BUDGET_PERSON_USD, settings.MONTHLY_BUDGET_OFFICE_USD = Decimal(50), Decimal(1000)
    spend(owner, "12.5")
    spend(stranger, "60")
    response = as_clerk.get(PAGE)
    words = text(response)
    assert "US$ 72,50 de US$ 1.000,00 (7%)" in words
    assert "US$ 12,50 de US$ 50,00 (25%)" in words
    assert "US$ 60,00 de US$ 50,00 (120%)" in words
    assert people(response) == ["Rui Matos", "Dra. Helena Prado"]
    html = response.content.decode()
    assert '<progress class="share full" max="100" value="100"' in html
    assert '<progress class="share" max="100" value="25"' in html


def test_without_limits_it_says_so(as_clerk: Client, owner: User) -> None:
    spend(owner, "12.5")
    words = text(as_clerk.get(PAGE))
    assert "US$ 12,50 , sem limite" in words or "US$ 12,50, sem limite" in words
    assert "padrão do sistema: sem limite por mês" in words


def test_calls_that_no_budget_counts_are_said(as_clerk: Client, owner: User) -> None:
    assert "preço desconhecido" not in text(as_clerk.get(PAGE))
    spend(owner, None)  # type: ignore[arg-type]
    assert "1 chamada deste mês é de preço desconhecido e não entra na conta" in text(as_clerk.get(PAGE))
    spend(owner, None)  # type: ignore[arg-type]
    assert "2 chamadas deste mês são de preço desconhecido e não entram na conta" in text(as_clerk.get(PAGE))


def test_people_are_sorted_by_the_share_they_have_used(as_clerk: Client, settings: Settings) -> None:
    settings.MONTHLY_BUDGET_PERSON_USD = Decimal(100)
    for name, spent, own in [
        ("a", 90, None),
        ("b", 95, Decimal(1000)),
        ("c", 8, Decimal(8)),
        ("d", 91, None),
        ("e", 0, 0),
    ]:
        person = User.objects.create_user(f"{name}@exemplo.adv.br", name=name)
        if spent:
            spend(person, str(spent))
        if own is not None:
            AIBudget.objects.create(user=person, amount=own)
    assert people(as_clerk.get(PAGE)) == ["c", "e", "d", "a", "b"]


def test_who_is_nearest_to_the_end_is_there_though_others_spend_more(
    as_clerk: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget_pages, "SHOWN", 3)
    settings.MONTHLY_BUDGET_PERSON_USD = Decimal(1000)
    for n in range(6):
        spend(User.objects.create_user(f"g{n}@exemplo.adv.br", name=f"g{n}"), f"{500 + n}")
    for n in range(4):
        person = User.objects.create_user(f"o{n}@exemplo.adv.br", name=f"o{n}")
        AIBudget.objects.create(user=person, amount=10)
        spend(person, f"{6 + n}")
    assert people(as_clerk.get(PAGE)) == ["o3", "o2", "o1"]


@pytest.mark.parametrize(
    ("asked", "found"), [("helena", 1), ("HELENA@", 1), ("h", 1), ("%", 0), ("prado", 0), ("ninguem", 0)]
)
def test_a_person_is_found_by_the_beginning_of_her_email(
    as_clerk: Client, owner: User, stranger: User, asked: str, found: int
) -> None:
    response = as_clerk.get(PAGE, {"email": asked})
    assert len(people(response)) == found
    if not found:
        assert "Ninguém com um e-mail que comece assim." in text(response)


def test_the_costs_page_leads_to_one_persons_budget(as_clerk: Client, owner: User, stranger: User) -> None:
    html = as_clerk.get("/admin/custos/", {"pessoa": str(owner.pk)}).content.decode()
    assert f'href="{PAGE}?pessoa={owner.pk}"' in html
    assert people(as_clerk.get(PAGE, {"pessoa": str(owner.pk)})) == ["Dra. Helena Prado"]


@pytest.mark.parametrize("person", ["x", pytest.param(str(uuid4()), id="unknown")])
def test_nobodys_budget_is_not_found(as_clerk: Client, person: str) -> None:
    assert as_clerk.get(PAGE, {"pessoa": person}).status_code == 404
    assert as_clerk.post(PAGE, {"person": str(uuid4()), "kind": "sem-limite"}).status_code == 404


def test_the_page_asks_the_same_number_of_questions_whatever_there_is(as_clerk: Client) -> None:
    as_clerk.get(PAGE)
    counts = []
    for rows in (10, 20):
        some = User.objects.bulk_create(User(email=f"{rows}.{n}@exemplo.adv.br") for n in range(rows))
        AIUsageMonth.objects.bulk_create(
            AIUsageMonth(month=timezone.localdate().replace(day=1), user=person, cost_usd=1, calls=1) for person in some
        )
        AIBudget.objects.bulk_create(AIBudget(user=person, amount=5) for person in some[::2])
        with CaptureQueriesContext(connection) as queries:
            as_clerk.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14


# Changing ----------------------------------------------------------------------------------------


def test_a_budget_is_raised_by_a_plain_form(as_clerk: Client, clerk: User, owner: User) -> None:
    response = as_clerk.post(PAGE, {"person": str(owner.pk), "kind": "valor", "amount": "1.234,56"})
    assert (response.status_code, response["Location"]) == (303, f"{PAGE}?pessoa={owner.pk}")
    assert AIBudget.objects.get(user=owner).amount == Decimal("1234.56")
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.entity_id) == ("orcamento.alterar", clerk, owner.pk)
    page = as_clerk.get(response["Location"])
    assert "O orçamento de Dra. Helena Prado foi alterado." in text(page)
    assert 'value="1234,56"' in page.content.decode()


def test_the_offices_budget_is_raised_by_the_same_form(as_clerk: Client) -> None:
    response = as_clerk.post(PAGE, {"person": "", "kind": "valor", "amount": "2000"})
    assert (response.status_code, response["Location"]) == (303, PAGE)
    assert AIBudget.objects.get(user=None).amount == 2000
    assert "O orçamento do escritório foi alterado." in text(as_clerk.get(PAGE))


def test_there_are_no_limit_and_the_default_too(as_clerk: Client, owner: User) -> None:
    as_clerk.post(PAGE, {"person": str(owner.pk), "kind": "sem-limite", "amount": "50"})
    assert AIBudget.objects.get(user=owner).amount is None
    as_clerk.post(PAGE, {"person": str(owner.pk), "kind": "padrao", "amount": ""})
    assert not AIBudget.objects.exists()


def test_what_the_form_shows_sent_back_changes_nothing(as_clerk: Client, owner: User, stranger: User) -> None:
    """Whoever presses the button without having written anything."""
    spend(owner, "1")
    AIBudget.objects.create(user=stranger, amount=Decimal("1234.50"))
    html = as_clerk.get(PAGE).content.decode()
    forms = [form for form in re.findall(r"<form.*?</form>", html, re.DOTALL) if 'name="kind"' in form]
    assert len(forms) == 3
    for form in forms:
        options = re.findall(r'<option value="([a-z-]+)"( selected)?', form)
        fields = {
            "person": re.search(r'name="person" value="([^"]*)"', form)[1],  # type: ignore[index]
            "amount": re.search(r'name="amount" value="([^"]*)"', form)[1],  # type: ignore[index]
            "kind": next((value for value, chosen in options if chosen), options[0][0]),
        }
        assert as_clerk.post(PAGE, fields).status_code == 303
    assert not AuditLog.objects.exists()
    assert AIBudget.objects.get().amount == Decimal("1234.50")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"kind": "valor", "amount": "muito"}, "Escreva o valor assim: 1.234,56."),
        ({"kind": "valor", "amount": "-5"}, "Escreva o valor assim"),
        ({"kind": "valor", "amount": "1,234.56"}, "Escreva o valor assim"),
        ({"kind": "valor", "amount": "1" * 12}, "Escreva o valor assim"),
        ({"kind": "valor", "amount": ""}, "Escreva o valor do orçamento."),
        ({"kind": "valor"}, "Escreva o valor do orçamento."),
        ({"kind": "outro", "amount": "5"}, "Nada foi alterado."),
        ({"person": "x", "kind": "valor", "amount": "5"}, "Nada foi alterado."),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(as_clerk: Client, form: dict[str, str], words: str) -> None:
    response = as_clerk.post(PAGE, form)
    assert response.status_code == 422
    assert words in text(response)
    assert not AIBudget.objects.exists()
    assert not AuditLog.objects.exists()


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("50", "50"), ("50,5", "50.5"), ("50.50", "50.50"), ("1.000", "1000"), ("1.000,25", "1000.25"),
        ("1.234.567", "1234567"), ("US$ 50,00", "50"), ("us$50", "50"), (" 1 000 ", "1000"), ("0", "0"), ("1.00", "1"),
    ],
)  # fmt: skip
def test_an_amount_is_read_as_brazilians_write_it(written: str, amount: str) -> None:
    assert AmountField(required=False).clean(written) == Decimal(amount)


@pytest.mark.parametrize("written", ["1.00.000", "1e3", "٣", "1,2,3", "5,555", "Infinity", "1_000", "9.999.999.999"])
def test_what_is_no_amount_is_not_taken_for_one(written: str) -> None:
    with pytest.raises(ValidationError):
        AmountField(required=False).clean(written)
