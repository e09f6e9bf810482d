"""Budgets of a month: what is spent, when to warn, when to refuse, and who may change them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from audit import budgets
from audit.budgets import Budget, Standing, change, own_budget, standing
from audit.models import AIBudget, AuditLog
from audit.tests.calls import at, spend

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
TODAY = date(2026, 11, 22)


@pytest.fixture(autouse=True)
def _defaults(settings: Settings) -> None:
    settings.MONTHLY_BUDGET_PERSON_USD = Decimal(50)
    settings.MONTHLY_BUDGET_OFFICE_USD = Decimal(1000)


def now(person: User) -> Standing:
    budgets.forget()
    return standing(person.pk, TODAY)


# What is spent -----------------------------------------------------------------------------------


def test_the_month_is_the_one_of_sao_paulo(owner: User) -> None:
    spend(owner, "1", created_at=at(1, 0, 0))
    spend(owner, "2", created_at=at(30, 23, 59))
    spend(owner, "4", created_at=at(31, 23, 59, month=10))
    spend(owner, "8", created_at=at(1, 0, 0, month=12))
    assert now(owner).own.spent == 3
    assert now(owner).office.spent == 3
    assert own_budget(owner.pk, date(2026, 12, 5)).spent == 8
    assert own_budget(owner.pk, date(2027, 1, 1)).spent == 0


def test_each_spends_her_own_and_all_spend_the_offices(owner: User, stranger: User) -> None:
    spend(owner, "10", created_at=at(3))
    spend(stranger, "20", created_at=at(4))
    spend(None, "5", created_at=at(4))  # type: ignore[arg-type]
    assert (now(owner).own.spent, now(stranger).own.spent, now(owner).office.spent) == (10, 20, 35)


def test_a_call_without_a_price_counts_when_it_has_one(owner: User) -> None:
    late = spend(owner, None, created_at=at(3))  # type: ignore[arg-type]
    assert (now(owner).own.spent, budgets.unpriced_calls(TODAY)) == (0, 1)
    late.cost_usd = Decimal(7)
    late.save(update_fields=["cost_usd"])
    assert (now(owner).own.spent, budgets.unpriced_calls(TODAY)) == (7, 0)


@pytest.mark.parametrize(
    ("limit", "spent", "percent", "near", "exhausted"),
    [
        ("50", "0", 0, False, False), ("50", "39.999999", 79, False, False), ("50", "40", 80, True, False),
        ("50", "49.999999", 99, True, False), ("50", "50", 100, True, True), ("50", "75", 150, True, True),
        (None, "9999", 0, False, False), ("0", "0", 100, True, True), ("0.01", "0.009999", 99, True, False),
    ],
)  # fmt: skip
def test_80_percent_is_near_and_100_is_the_end(
    limit: str | None, spent: str, percent: int, near: bool, exhausted: bool
) -> None:
    budget = Budget(None if limit is None else Decimal(limit), Decimal(spent))
    assert (budget.percent, budget.is_near, budget.is_exhausted) == (percent, near, exhausted)
    assert budget.bar <= 100


# Whose budget counts -----------------------------------------------------------------------------


def test_without_any_budget_nothing_is_refused_and_nothing_is_asked(owner: User, settings: Settings) -> None:
    settings.MONTHLY_BUDGET_PERSON_USD = settings.MONTHLY_BUDGET_OFFICE_USD = None
    spend(owner, "99999", created_at=at(3))
    found = now(owner)
    assert (found.exhausted, found.notice) == (None, "")
    with CaptureQueriesContext(connection) as queries:
        standing(owner.pk, TODAY)
    assert len(queries) == 0


def test_a_person_of_whom_nothing_else_is_set_has_the_budget_of_the_settings(owner: User) -> None:
    assert now(owner).own == Budget(Decimal(50), Decimal(0))


def test_a_budget_of_her_own_is_the_one_that_counts(owner: User, stranger: User, staff: User) -> None:
    change(person=owner, amount=Decimal("60.50"), by=staff)
    change(person=stranger, amount=None, by=staff)
    assert (now(owner).own.limit, now(stranger).own.limit, now(staff).own.limit) == (Decimal("60.5"), None, 50)


def test_a_person_can_have_a_budget_where_others_have_none(owner: User, stranger: User, settings: Settings) -> None:
    settings.MONTHLY_BUDGET_PERSON_USD = None
    change(person=owner, amount=Decimal(1), by=owner)
    spend(owner, "1", created_at=at(3))
    spend(stranger, "100", created_at=at(3))
    assert now(owner).exhausted
    assert not now(stranger).exhausted


def test_the_offices_budget_stops_everybody_and_hers_only_her(owner: User, stranger: User) -> None:
    spend(owner, "50", created_at=at(3))
    assert (now(owner).exhausted, now(stranger).exhausted) == (now(owner).own, None)
    AIBudget.objects.create(user=None, amount=50)
    exhausted = now(stranger).exhausted
    assert exhausted
    assert exhausted.is_offices


# Words -------------------------------------------------------------------------------------------


@pytest.fixture
def _in_november(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.budgets.timezone.localdate", lambda: TODAY)


@pytest.mark.usefixtures("_in_november")
def test_the_refusal_says_what_was_kept_when_it_is_over_and_whom_to_ask(owner: User, settings: Settings) -> None:
    spend(owner, "50", created_at=at(3))
    words = budgets.refusal(owner.pk)
    assert words == (
        "Seu orçamento de IA para este mês, de US$ 50,00, foi todo usado. Nada se perdeu: o que você escreveu e as "
        "respostas continuam guardados. Ele se renova em 1º de dezembro; para perguntar antes disso, peça à equipe do "
        "escritório que o aumente."
    )
    settings.USD_BRL_RATE = Decimal(5)
    assert "de US$ 50,00 (≈ R$ 250,00)," in budgets.refusal(owner.pk)


@pytest.mark.usefixtures("_in_november")
def test_the_refusal_of_the_office_says_that_it_is_the_offices(owner: User) -> None:
    AIBudget.objects.create(user=None, amount=0)
    assert budgets.refusal(owner.pk).startswith("O orçamento de IA do escritório para este mês, de US$ 0,00,")


@pytest.mark.usefixtures("_in_november")
@pytest.mark.parametrize(
    ("own", "office", "words"),
    [
        ("39", "0", ""),
        ("40", "0", "Você já usou 80% do orçamento de IA deste mês. Ele se renova em 1º de dezembro."),
        ("40", "900", "O escritório já usou 94% do orçamento de IA deste mês."),
        ("49", "900", "Você já usou 98% do orçamento"),
        (
            "50",
            "0",
            "Seu orçamento de IA deste mês foi todo usado. Perguntas novas serão aceitas a partir de 1º de dezembro.",
        ),
        ("0", "1000", "O orçamento de IA do escritório deste mês foi todo usado."),
    ],
)
def test_the_notice_is_about_the_budget_that_is_nearest_to_its_end(
    owner: User, stranger: User, own: str, office: str, words: str
) -> None:
    spend(owner, own, created_at=at(3))
    spend(stranger, office, created_at=at(3))
    assert standing(owner.pk).notice.startswith(words)
    assert bool(standing(owner.pk).notice) is bool(words)


@pytest.mark.parametrize(
    ("month", "after"),
    [
        (date(2026, 11, 1), date(2026, 12, 1)),
        (date(2026, 12, 1), date(2027, 1, 1)),
        (date(2027, 1, 1), date(2027, 2, 1)),
    ],
)
def test_a_month_is_followed_by_the_next(month: date, after: date) -> None:
    assert budgets.next_month(month) == after


@pytest.mark.parametrize(
    ("day", "words"),
    [(date(2026, 11, 22), "1º de dezembro"), (date(2026, 12, 31), "1º de janeiro"), (date(2027, 2, 1), "1º de março")],
)
def test_the_day_of_renewal_is_said_as_people_say_it(day: date, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("audit.budgets.timezone.localdate", lambda: day)
    assert budgets.renewal() == words


# What it takes -----------------------------------------------------------------------------------


def test_asking_is_one_query_while_the_office_is_remembered(owner: User) -> None:
    standing(owner.pk, TODAY)
    with CaptureQueriesContext(connection) as queries:
        standing(owner.pk, TODAY)
    assert len(queries) == 1


def test_that_query_reads_two_rows_by_their_indexes(owner: User) -> None:
    people = User.objects.bulk_create(User(email=f"p{n}@exemplo.adv.br") for n in range(2000))
    AIBudget.objects.bulk_create(AIBudget(user=person, amount=1) for person in people)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ai_usage_months (user_id, month, calls, unpriced, cost_usd) SELECT id, '2026-11-01', 1, 0, 1 FROM users"
        )
        cursor.execute("ANALYZE ai_budgets, ai_usage_months")
        cursor.execute(f"EXPLAIN {budgets.OWN}", {"person": people[7].pk, "month": TODAY.replace(day=1)})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "ai_budgets_once" in plan
    assert "ai_usage_months_once" in plan
    assert "Seq Scan" not in plan


def test_what_a_person_spends_counts_at_once_and_what_the_office_does_within_seconds(
    owner: User, stranger: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1000.0
    monkeypatch.setattr("audit.budgets.time.monotonic", lambda: clock)
    assert standing(owner.pk, TODAY).office.spent == 0
    spend(owner, "50", created_at=at(3))
    assert standing(owner.pk, TODAY).own.is_exhausted
    spend(stranger, "1000", created_at=at(3))
    assert standing(stranger.pk, TODAY).office.spent == 0
    clock += budgets.REMEMBER_SECONDS + 0.1
    assert standing(stranger.pk, TODAY).office.is_exhausted


def test_a_new_month_is_not_taken_for_the_remembered_one(owner: User) -> None:
    spend(owner, "1000", created_at=at(30))
    assert standing(owner.pk, date(2026, 11, 30)).office.is_exhausted
    assert standing(owner.pk, date(2026, 12, 1)).exhausted is None


# Changing ----------------------------------------------------------------------------------------


def test_each_change_is_one_row_with_old_and_new(owner: User, staff: User, rf: RequestFactory) -> None:
    request = rf.post("/")
    steps: list[tuple[dict[str, Any], str, str]] = [
        ({"amount": Decimal(60)}, "padrão", "60.00"),
        ({"amount": Decimal("75.5")}, "60.00", "75.50"),
        ({"amount": None}, "75.50", "sem limite"),
        ({"amount": None, "default": True}, "sem limite", "padrão"),
    ]
    for values, old, new in steps:
        assert change(person=owner, by=staff, request=request, **values)
        row = AuditLog.objects.latest("created_at")
        assert (row.action, row.user, row.entity_type, row.entity_id) == ("orcamento.alterar", staff, "users", owner.pk)
        assert (row.old_value, row.new_value) == ({"usd": old}, {"usd": new})
        assert row.ip_address == "127.0.0.1"
    assert AuditLog.objects.count() == len(steps)
    assert not AIBudget.objects.exists()


def test_the_same_again_changes_nothing_and_writes_nothing(owner: User, staff: User) -> None:
    assert not change(person=owner, amount=None, default=True, by=staff)
    assert change(person=owner, amount=Decimal(60), by=staff)
    assert not change(person=owner, amount=Decimal("60.00"), by=staff)
    assert AuditLog.objects.count() == 1


def test_the_offices_budget_is_changed_like_a_persons(owner: User, staff: User) -> None:
    change(amount=Decimal(2000), by=staff)
    assert now(owner).office.limit == 2000
    row = AuditLog.objects.get()
    assert (row.entity_type, row.entity_id) == ("ai_budgets:office", None)


def test_a_change_counts_at_once_here(owner: User, staff: User) -> None:
    spend(owner, "1000", created_at=at(3))
    assert standing(owner.pk, TODAY).exhausted
    change(amount=Decimal(5000), by=staff)
    change(person=owner, amount=Decimal(5000), by=staff)
    assert standing(owner.pk, TODAY).exhausted is None


def test_a_change_that_is_taken_back_leaves_no_row(owner: User, staff: User) -> None:
    with transaction.atomic():
        change(person=owner, amount=Decimal(1), by=staff)
        transaction.set_rollback(True)
    assert not AuditLog.objects.exists()
    assert not AIBudget.objects.exists()


def test_there_is_one_budget_for_each_and_none_below_nothing(owner: User) -> None:
    for user in (owner, None):
        AIBudget.objects.create(user=user, amount=1)
        with pytest.raises(IntegrityError), transaction.atomic():
            AIBudget.objects.create(user=user, amount=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        AIBudget.objects.filter(user=owner).update(amount=-1)


def test_a_persons_budget_goes_with_her(owner: User) -> None:
    AIBudget.objects.create(user=owner, amount=1)
    owner.delete()
    assert not AIBudget.objects.exists()


def test_days_before_this_month_do_not_matter(owner: User) -> None:
    for n in range(23, 60):
        spend(owner, "10", created_at=at(22) - timedelta(days=n))
    assert now(owner).own.spent == 0
