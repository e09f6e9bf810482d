"""The worker's jobs about costs run in its thread for long work, on a connection of their own."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal

import pytest
from procrastinate.contrib.django import app

from accounts.models import User
from audit import catalogue, costs
from audit.models import AIModel, AIPrice, AIUsageRank
from audit.tasks import price_calls, rank_people
from audit.tests.calls import at, make_call

pytestmark = pytest.mark.usefixtures("committed")
NEW = "claude-novo-6"


@pytest.fixture
def new_model() -> Iterator[AIModel]:
    """A model with a price, taken away again: models stay when other tables are emptied."""
    model = AIModel.objects.create(id=NEW, name="Novo", context_tokens=1, max_output_tokens=1)
    rates = dict.fromkeys(("input", "output", "cache_write_5m", "cache_write_1h", "cache_read"), Decimal(10))
    AIPrice.objects.create(model=model, effective_from=at(10), **rates)
    yield model
    model.delete()


def test_calls_are_priced(owner: User, new_model: AIModel) -> None:
    call = make_call(owner, None, model=NEW, created_at=at(11), tokens_input=100_000, cache_read_tokens=0)
    call_before = make_call(owner, None, model=NEW, created_at=at(9))
    asyncio.run(price_calls(person=str(owner.pk)))
    call.refresh_from_db()
    call_before.refresh_from_db()
    assert call.cost_usd
    assert call_before.cost_usd is None


def test_people_are_ranked(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(costs, "RANKED_AT_ONCE", 0)
    make_call(owner)
    asyncio.run(rank_people(timestamp=0))
    assert AIUsageRank.objects.get(period=7).user == owner


def test_people_are_ranked_again_and_again() -> None:
    (periodic,) = [
        task for task in app.periodic_registry.periodic_tasks.values() if task.task.name == "audit.rank_people"
    ]
    assert (periodic.cron, periodic.task.queue) == ("*/5 * * * *", "chores")


def test_prices_are_looked_up_again_before_calls_are_priced(owner: User) -> None:
    """The worker may have remembered that there was none."""
    AIModel.objects.create(id=NEW, name="Novo", context_tokens=1, max_output_tokens=1)
    try:
        assert catalogue.price_in_force(NEW, at(11), 1) is None
        rates = dict.fromkeys(("input", "output", "cache_write_5m", "cache_write_1h", "cache_read"), Decimal(10))
        AIPrice.objects.create(model_id=NEW, effective_from=at(10), **rates)
        call = make_call(owner, None, model=NEW, created_at=at(11))
        asyncio.run(price_calls(person=str(owner.pk)))
        call.refresh_from_db()
        assert call.cost_usd
    finally:
        AIModel.objects.filter(pk=NEW).delete()
