"""Sessions that have run out, and what was noted of the browsers they were of."""

from __future__ import annotations

from typing import Any

from romagent.base.retention import Batch, Kind, Policy, change, counted

EXPIRED = "SELECT sid FROM sessions WHERE expire < %(now)s"
# What allauth notes of a browser is of no use once its session is gone.
NOTED = """
    SELECT id FROM usersessions_usersession
    WHERE NOT EXISTS (SELECT 1 FROM sessions WHERE sid = session_key AND expire >= %(now)s)
"""


def _count(policy: Policy, cap: int | None) -> dict[str, int]:
    values = {"now": policy.now}
    return {"sessions": counted(EXPIRED, values, cap), "usersessions": counted(NOTED, values, cap)}


def _remove(policy: Policy, size: int, after: Any) -> Batch:
    values = {"now": policy.now, "size": size}
    noted = f"DELETE FROM usersessions_usersession WHERE id = ANY(ARRAY({NOTED} LIMIT %(size)s FOR UPDATE SKIP LOCKED))"
    expired = f"DELETE FROM sessions WHERE sid = ANY(ARRAY({EXPIRED} LIMIT %(size)s FOR UPDATE SKIP LOCKED))"
    removed = {"usersessions": change(noted, values), "sessions": change(expired, values)}
    return Batch(removed, after=max(removed.values()) >= size or None)


KINDS = (Kind("sessions", "Sessões vencidas", _count, _remove),)
