"""What a call costs: the price of the exact model, on that day, for a prompt of that size; unknown stays unknown."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from audit.catalogue import price_in_force
from audit.models import AIModel, AIOperation, AIPrice, Usage

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
NOW = datetime(2026, 11, 22, tzinfo=UTC)
MILLION = 1_000_000


def cost(model: str, usage: Usage, at: datetime = NOW) -> Decimal | None:
    price = price_in_force(model, at, usage.prompt)
    return price.cost(usage) if price else None


@pytest.mark.parametrize(
    ("model", "usage", "dollars"),
    [
        ("claude-opus-5-5", Usage(input=MILLION), "4"),
        ("claude-opus-5-5", Usage(output=MILLION), "20"),
        ("claude-opus-5-5", Usage(cache_read=MILLION), "0.20"),
        ("claude-opus-5-5", Usage(cache_write_5m=MILLION), "5"),
        ("claude-opus-5-5", Usage(cache_write_1h=MILLION), "8"),
        ("claude-opus-5-5", Usage(1000, 500, 20_000, 300, 200), "0.0211"),
        ("claude-haiku-5-5", Usage(input=100_000), "0.01"),  # up to the small tier's limit
        ("claude-haiku-5-5", Usage(input=100_002), "0.050001"),
        ("claude-haiku-5-5", Usage(input=2, cache_read=100_000), "0.005001"),  # the whole prompt decides
        ("claude-opus-5-5", Usage(), "0"),
        ("claude-opus-5-5", Usage(input=1), "0.000004"),
    ],
)
def test_each_kind_of_token_has_its_rate(model: str, usage: Usage, dollars: str) -> None:
    assert cost(model, usage) == Decimal(dollars).quantize(Decimal("0.000001"))


@pytest.mark.parametrize(
    ("day", "dollars"),
    [
        (datetime(2026, 9, 27, 23, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 9, 28, tzinfo=UTC), "0.20"),
        (datetime(2026, 10, 6, 23, 59, 59, tzinfo=UTC), "0.20"),
        (datetime(2026, 10, 7, tzinfo=UTC), "0.10"),
        (NOW, "0.10"),
    ],
)
def test_the_price_of_the_day_counts(day: datetime, dollars: str | None) -> None:
    found = cost("claude-sonnet-5-5", Usage(cache_read=MILLION), day)
    assert found == (Decimal(dollars) if dollars else None)


def test_a_new_price_changes_nothing_of_what_was_before() -> None:
    AIPrice.objects.create(
        model_id="claude-opus-5-5", effective_from=datetime(2027, 1, 1, tzinfo=UTC),
        input=1, output=1, cache_write_5m=1, cache_write_1h=1, cache_read=1,
    )  # fmt: skip
    assert cost("claude-opus-5-5", Usage(input=MILLION)) == 4
    assert cost("claude-opus-5-5", Usage(input=MILLION), datetime(2027, 1, 2, tzinfo=UTC)) == 1


@pytest.mark.parametrize("model", ["claude-opus-5-5-20261001", "claude-opus", "CLAUDE-OPUS-5-5", "claude-opus-5-6", ""])
def test_a_model_that_is_not_exactly_known_has_no_price(model: str) -> None:
    assert cost(model, Usage(input=MILLION)) is None


def test_one_price_a_model_a_day_a_tier() -> None:
    rates = {"input": 1, "output": 1, "cache_write_5m": 1, "cache_write_1h": 1, "cache_read": 1}
    with pytest.raises(IntegrityError), transaction.atomic():
        AIPrice.objects.create(model_id="claude-opus-5-5", effective_from=datetime(2026, 9, 22, tzinfo=UTC), **rates)


def test_every_model_on_offer_has_a_price_today() -> None:
    offered = AIModel.objects.filter(offered=True)
    assert offered.count() >= 3
    for model in offered:
        assert price_in_force(model.pk, NOW, 1), model
        assert price_in_force(model.pk, NOW, model.context_tokens), model
        assert 0 < model.max_output_tokens < model.context_tokens


def test_models_are_offered_in_an_order_that_is_fixed() -> None:
    positions = list(AIModel.objects.filter(offered=True).values_list("position", flat=True))
    assert len(set(positions)) == len(positions)


def test_a_call_has_one_of_four_ends() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        AIOperation.objects.create(operation_type="answer", model="x", status="talvez")
