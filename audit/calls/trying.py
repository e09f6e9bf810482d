"""When a call that failed is tried again, and what of its text can be kept."""

from __future__ import annotations

import random

from audit.calls.client import CallFailed

TRIES = 4  # calls for one thing, first one included
LONGEST_WAIT = 30.0  # seconds; a `retry-after` beyond it is not waited for, the person is told instead


def waiting_time(failure: CallFailed, failures: int) -> float | None:
    """Seconds before the next try: what the API asks for, or 0.5 s doubling, with jitter; None to give up."""
    if not failure.retryable or failures >= TRIES:
        return None
    if failure.retry_after is not None:
        return failure.retry_after if failure.retry_after <= LONGEST_WAIT else None
    return min(8.0, 0.5 * 2 ** (failures - 1)) * random.uniform(0.75, 1.0)  # noqa: S311 - spreads the tries


def storable(text: str) -> str:
    """Without what PostgreSQL cannot hold: U+0000 and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
