"""Calls that the tests of costs and budgets need, made the short way."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from audit.models import AIOperation

BRASILIA = ZoneInfo("America/Sao_Paulo")
MODEL = "claude-opus-5-5"


def call(user: User | None = None, cost: str | None = "1", **fields: Any) -> AIOperation:
    """A call that is not saved; `cost` None is a price that is not known."""
    values: dict[str, Any] = {
        "operation_type": "answer", "model": MODEL, "status": "complete", "tokens_input": 100, "tokens_output": 50,
        "cache_read_tokens": 400, "cache_write_tokens": 30, "ttft_ms": 500, "latency_ms": 2000,
        "cost_usd": None if cost is None else Decimal(cost),
        "cache_saved_usd": None if cost is None else Decimal("0.25"),
    }  # fmt: skip
    return AIOperation(**{"user": user, **values, **fields})


def make_call(user: User | None = None, cost: str | None = "1", **fields: Any) -> AIOperation:
    made = call(user, cost, **fields)
    made.save()
    return made


def spend(user: User, cost: str, **fields: Any) -> AIOperation:
    return make_call(user, cost, **fields)


def at(day: int, hour: int = 12, minute: int = 0, *, month: int = 11, year: int = 2026) -> datetime:
    """A moment by the office's clock."""
    return datetime(year, month, day, hour, minute, tzinfo=BRASILIA)
