"""Pricing calls that were written when the price of their model was not known yet."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest

from audit import budgets, catalogue
from audit.actions import record
from audit.models import AIOperation, AIPrice

BATCH = 1_000
COUNTED = 10_000  # as many are said exactly


def unpriced() -> QuerySet[AIOperation]:
    """Calls whose tokens are known and whose cost is not."""
    return AIOperation.objects.filter(cost_usd__isnull=True, tokens_input__isnull=False)


def count_unpriced() -> int:
    """How many there are, up to `COUNTED`."""
    return unpriced()[:COUNTED].count()


def ask_for_pricing(*, user: Any, request: HttpRequest | None = None) -> None:
    """Has the worker price what can be priced by now."""
    from audit.tasks import price_calls

    with transaction.atomic():
        record("custos.recalcular", user=user, request=request)
        price_calls.defer(person=str(user.pk))


def price_all(person: UUID) -> int:
    """Prices all calls that can be, asked for by `person`; how many. Calls without a price stay without."""
    catalogue.forget()
    user = get_user_model()._default_manager.filter(pk=person).first()
    priced = 0
    for model in AIPrice.objects.order_by("model").values_list("model", flat=True).distinct():
        rows = unpriced().filter(model=model).order_by("id")
        last: UUID | None = None
        while (batch := _price_batch(rows.filter(id__gt=last) if last else rows, user)) is not None:
            last, count = batch
            priced += count
    budgets.forget()
    return priced


def _price_batch(rows: QuerySet[AIOperation], user: Any) -> tuple[UUID, int] | None:
    """Prices the next calls of one model, sums included (by trigger); the last one's id and how many it priced."""
    with transaction.atomic():
        found = list(rows.select_for_update(of=("self",))[:BATCH])
        if not found:
            return None
        priced = [call for call in found if _price(call)]
        if priced:
            AIOperation.objects.bulk_update(priced, ["cost_usd", "cache_saved_usd"])
            record("custos.recalculado", user=user, new={"model": priced[0].model, "calls": len(priced)})
    return found[-1].pk, len(priced)


def _price(call: AIOperation) -> bool:
    """Gives the call the cost it would have had then; false when that is still not known."""
    price = catalogue.price_in_force(call.model, call.created_at, call.usage.prompt)
    if price is None:
        return False
    call.cost_usd, call.cache_saved_usd = price.cost(call.usage), price.saved(call.usage)
    return True
