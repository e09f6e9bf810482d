"""The models on offer and their prices, remembered for a minute: every answer asks, and they change once in months."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from audit.models import AIModel, AIPrice

REMEMBER_SECONDS = 60.0


@dataclass(frozen=True)
class Known:
    """One model as it was at most a minute ago, with its prices: the latest first, of a moment the smallest tier."""

    until: float  # time.monotonic()
    model: AIModel | None
    prices: tuple[AIPrice, ...]


_remembered: dict[str, Known] = {}


def forget() -> None:
    """Looks everything up again; for whoever has just changed it."""
    _remembered.clear()


def _known(model_id: str) -> Known:
    known = _remembered.get(model_id)
    if known is None or time.monotonic() > known.until:
        model = AIModel.objects.filter(pk=model_id).first()
        tiers = F("tier_max_prompt_tokens").asc(nulls_last=True)
        prices = AIPrice.objects.filter(model=model_id).order_by("-effective_from", tiers) if model else ()
        known = Known(time.monotonic() + REMEMBER_SECONDS, model, tuple(prices))
        if model:
            _remembered[model_id] = known
    return known


def known_model(model_id: str) -> AIModel | None:
    """The model of that exact id; None when there is none."""
    return _known(model_id).model


def price_in_force(model_id: str, at: datetime, prompt_tokens: int) -> AIPrice | None:
    """The price of the model for a request that began at `at` with a prompt of that size; None when unknown."""
    for price in _known(model_id).prices:
        if price.effective_from <= at and price.covers(prompt_tokens):
            return price
    return None
