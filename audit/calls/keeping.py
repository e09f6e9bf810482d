"""One `ai_operations` row a call to the model: what it used and what that cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from audit.calls.client import Call
from audit.calls.provider import provenance
from audit.catalogue import price_in_force
from audit.models import AIOperation


def save_operations(calls: Iterable[Call], **whose: Any) -> None:
    """Keeps the calls, within the caller's transaction; `whose` are the columns that say what they were for.

    Those that are kept already stay as they are: a commit may have been done although its answer was lost.
    """
    AIOperation.objects.bulk_create([_operation(call, whose) for call in calls], ignore_conflicts=True)


def _operation(call: Call, whose: dict[str, Any]) -> AIOperation:
    usage = call.usage
    price = price_in_force(call.model, call.started_at, usage.prompt) if usage else None
    return AIOperation(
        id=call.id,
        **whose,
        operation_type=call.operation,
        model=call.model,
        tokens_input=usage.input if usage else None,
        tokens_output=usage.output if usage else None,
        cache_read_tokens=usage.cache_read if usage else None,
        cache_write_tokens=usage.cache_write_5m + usage.cache_write_1h if usage else None,
        latency_ms=call.latency_ms,
        ttft_ms=call.ttft_ms,
        cost_usd=price.cost(usage) if price and usage else None,
        cache_saved_usd=price.saved(usage) if price and usage else None,
        status=call.status,
        error_message=f"{call.error} {call.detail}".strip(),
        created_at=call.started_at,
        metadata=_details(call) | provenance(),
    )


def _details(call: Call) -> dict[str, Any]:
    """What has no column; of cache writes those of an hour, which have a price of their own."""
    details: dict[str, Any] = {"request_id": call.request_id, "stop_reason": call.stop_reason}
    if call.usage and call.usage.cache_write_1h:
        details["cache_write_1h"] = call.usage.cache_write_1h
    return details
