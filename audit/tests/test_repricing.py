"""Calls written before their price was known get it later, as they would have had it then; the sums follow."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit import catalogue, repricing
from audit.catalogue import price_in_force
from audit.models import AIModel, AIOperation, AIPrice, AIUsageDay, AIUsageMonth, AIUsageOffice, AuditLog
from audit.tests.calls import at, make_call

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
NEW = "claude-novo-6"


@pytest.fixture
def new_model() -> AIModel:
    return AIModel.objects.create(id=NEW, name="Claude Novo 6", context_tokens=1_000_000, max_output_tokens=64_000)


def price(since: datetime, rate: str = "10", tier: int | None = None) -> AIPrice:
    rates = dict.fromkeys(("input", "output", "cache_write_5m", "cache_write_1h", "cache_read"), Decimal(rate))
    return AIPrice.objects.create(model_id=NEW, effective_from=since, tier_max_prompt_tokens=tier, **rates)


def unpriced(owner: User, moment: datetime, **fields: Any) -> AIOperation:
    tokens = {"tokens_input": 100_000, "tokens_output": 0, "cache_read_tokens": 0, "cache_write_tokens": 0}
    return make_call(owner, None, model=NEW, created_at=moment, **(tokens | fields))


def test_a_price_from_a_past_day_prices_the_calls_from_that_day_on(
    owner: User, staff: User, new_model: AIModel
) -> None:
    before, after = unpriced(owner, at(9)), unpriced(owner, at(11))
    price(at(10))
    assert repricing.price_all(staff.pk) == 1
    before.refresh_from_db()
    after.refresh_from_db()
    assert (before.cost_usd, after.cost_usd) == (None, Decimal(1))


def test_the_cost_is_the_one_that_a_call_of_then_would_have_had(owner: User, staff: User, new_model: AIModel) -> None:
    """Price of the day, tier of the whole prompt, hours of the cache."""
    price(at(1), "1")
    price(at(5), "2")
    price(at(5), "4", tier=100_000)
    AIPrice.objects.filter(tier_max_prompt_tokens=None).update(cache_write_1h=100)
    calls = [
        unpriced(owner, at(2)),
        unpriced(owner, at(6)),
        unpriced(owner, at(6), tokens_input=100_001),
        unpriced(owner, at(6), tokens_input=1, cache_read_tokens=100_000),
        unpriced(owner, at(2), cache_write_tokens=1000),
        unpriced(owner, at(2), cache_write_tokens=1000, metadata={"cache_write_1h": 400}),
    ]
    assert repricing.price_all(staff.pk) == len(calls)
    for call in calls:
        call.refresh_from_db()
        expected = price_in_force(NEW, call.created_at, call.usage.prompt)
        assert expected
        assert (call.cost_usd, call.cache_saved_usd) == (expected.cost(call.usage), expected.saved(call.usage))
    assert [call.cost_usd for call in calls] == [
        Decimal(cost) for cost in ("0.1", "0.4", "0.200002", "0.200002", "0.101", "0.1406")
    ]


def test_the_sums_have_the_new_cost_and_nothing_unpriced(owner: User, staff: User, new_model: AIModel) -> None:
    for _ in range(3):
        unpriced(owner, at(11))
    assert AIUsageMonth.objects.get().unpriced == 3
    price(at(10))
    repricing.price_all(staff.pk)
    for table in (AIUsageDay, AIUsageOffice, AIUsageMonth):
        sums = table.objects.get()  # type: ignore[attr-defined]
        assert (sums.calls, sums.unpriced, sums.cost_usd) == (3, 0, 3), table


def test_calls_are_priced_in_batches_all_of_them_once(
    owner: User, staff: User, new_model: AIModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repricing, "BATCH", 4)
    AIOperation.objects.bulk_create(
        AIOperation(
            user=owner, model=NEW, operation_type="answer", status="complete", tokens_input=n, created_at=moment
        )
        for n, moment in enumerate([at(9)] * 5 + [at(11)] * 5)
    )
    price(at(10))
    assert repricing.price_all(staff.pk) == 5
    assert repricing.unpriced().count() == 5
    assert repricing.price_all(staff.pk) == 0
    rows = AuditLog.objects.filter(action="custos.recalculado")
    assert sum(row.new_value["calls"] for row in rows if row.new_value) == 5
    assert {row.user_id for row in rows} == {staff.pk}


def test_what_has_a_cost_and_what_used_nothing_known_is_left_alone(
    owner: User, staff: User, new_model: AIModel
) -> None:
    priced = make_call(owner, "7", model=NEW, created_at=at(11))
    lost = unpriced(owner, at(11), tokens_input=None)
    price(at(10))
    assert repricing.price_all(staff.pk) == 0
    priced.refresh_from_db()
    lost.refresh_from_db()
    assert (priced.cost_usd, lost.cost_usd) == (7, None)
    assert not AuditLog.objects.exists()


def test_calls_to_a_model_that_nobody_knows_stay_without_a_price(owner: User, staff: User) -> None:
    make_call(owner, None, model="gpt-9")
    assert repricing.price_all(staff.pk) == 0
    assert repricing.count_unpriced() == 1


def test_they_are_counted_up_to_a_limit(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repricing, "COUNTED", 2)
    for _ in range(3):
        make_call(owner, None)
    assert repricing.count_unpriced() == 2


def test_it_is_done_also_when_who_asked_is_no_longer_there(owner: User, new_model: AIModel) -> None:
    unpriced(owner, at(11))
    price(at(10))
    gone = User.objects.create_user("foi@exemplo.adv.br")
    pk = gone.pk
    gone.delete()
    assert repricing.price_all(pk) == 1


def test_a_price_is_added_in_the_administration_with_a_past_day_and_counts_at_once(
    as_staff: Client, staff: User, owner: User, new_model: AIModel
) -> None:
    call = unpriced(owner, datetime(2026, 11, 11, 12, tzinfo=UTC))
    assert price_in_force(NEW, timezone.now(), 1) is None  # remembered
    prefix = "prices-"
    form = {
        "id": NEW, "name": "Claude Novo 6", "context_tokens": "1000000", "max_output_tokens": "64000", "position": "100",
        f"{prefix}TOTAL_FORMS": "1", f"{prefix}INITIAL_FORMS": "0", f"{prefix}0-model": NEW,
        f"{prefix}0-effective_from_0": "10/11/2026", f"{prefix}0-effective_from_1": "00:00:00",
        f"{prefix}0-input": "10", f"{prefix}0-output": "50", f"{prefix}0-cache_write_5m": "12.5",
        f"{prefix}0-cache_write_1h": "20", f"{prefix}0-cache_read": "1",
    }  # fmt: skip
    response = as_staff.post(f"/admin/audit/aimodel/{NEW}/change/", form)
    assert response.status_code == 302, response.context["errors"]
    assert AIPrice.objects.get(model=NEW).effective_from == datetime(2026, 11, 10, 3, tzinfo=UTC)
    assert price_in_force(NEW, timezone.now(), 1)
    assert AuditLog.objects.filter(action="aimodel.alterar").count() == 1
    assert repricing.price_all(staff.pk) == 1
    call.refresh_from_db()
    assert call.cost_usd == 1


def test_other_processes_forget_old_prices_within_a_minute(new_model: AIModel, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 1000.0
    monkeypatch.setattr("audit.catalogue.time.monotonic", lambda: clock)
    assert price_in_force(NEW, at(11), 1) is None
    price(at(10))
    clock += catalogue.REMEMBER_SECONDS - 1
    assert price_in_force(NEW, at(11), 1) is None
    clock += 2
    assert price_in_force(NEW, at(11), 1)
