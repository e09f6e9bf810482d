"""Old calls to the model, whose sums by day stay, and old audit rows where the office wants them gone."""

from __future__ import annotations

from typing import Any

from romagent.base.retention import Batch, Kind, Policy, Refused, change, counted, fetch

# Days with calls that are to go and no sum by day; looks at one call a day, through the index.
NOT_ADDED_UP = """
WITH days AS (
    SELECT generate_series(
        (SELECT min(created_at) AT TIME ZONE 'America/Sao_Paulo' FROM ai_operations)::date,
        (%(limit)s::timestamptz AT TIME ZONE 'America/Sao_Paulo')::date, '1 day')::date AS day
)
SELECT day FROM days
WHERE EXISTS (
        SELECT 1 FROM ai_operations
        WHERE created_at >= day::timestamp AT TIME ZONE 'America/Sao_Paulo'
            AND created_at < (day + 1)::timestamp AT TIME ZONE 'America/Sao_Paulo' AND created_at < %(limit)s)
    AND NOT EXISTS (SELECT 1 FROM ai_usage_days WHERE ai_usage_days.day = days.day)
LIMIT 1
"""
# ARRAY: with IN the planner may look for them anew for every row, and each time they are others.
DELETE = """
WITH gone AS (
    DELETE FROM {table} WHERE id = ANY(ARRAY(
        SELECT id FROM {table} WHERE created_at < %(limit)s AND created_at >= %(after)s
        ORDER BY created_at LIMIT %(size)s FOR UPDATE SKIP LOCKED
    )) RETURNING created_at
)
SELECT count(*), max(created_at) FROM gone
"""


def _delete(table: str, values: dict[str, Any]) -> Batch:
    """The oldest first; the next batch begins where this one ended and so meets no row that is dead already."""
    count, last = fetch(DELETE.format(table=table), values)[0]
    return Batch({table: count}, after=last if count == values["size"] else None)


def _old(table: str, limit: Any, cap: int | None) -> dict[str, int]:
    return {table: counted(f"SELECT 1 FROM {table} WHERE created_at < %(limit)s", {"limit": limit}, cap)}


def _count_operations(policy: Policy, cap: int | None) -> dict[str, int]:
    return _old("ai_operations", policy.before(policy.operations_days), cap)


def _remove_operations(policy: Policy, size: int, after: Any) -> Batch:
    limit = policy.before(policy.operations_days)
    if after is None and (missing := fetch(NOT_ADDED_UP, {"limit": limit})):
        raise Refused(f"as chamadas de {missing[0][0]:%d/%m/%Y} não estão somadas por dia; nada foi removido")
    return _delete("ai_operations", {"limit": limit, "after": after or "-infinity", "size": size})


def _count_audit(policy: Policy, cap: int | None) -> dict[str, int]:
    if policy.audit_days is None:
        return {"audit_log": 0}
    return _old("audit_log", policy.before(policy.audit_days), cap)


def _remove_audit(policy: Policy, size: int, after: Any) -> Batch:
    if policy.audit_days is None:
        return Batch({})
    change("SET LOCAL romagent.audit_retention = 'on'", {})
    limit = policy.before(policy.audit_days)
    batch = _delete("audit_log", {"limit": limit, "after": after or "-infinity", "size": size})
    change("SET LOCAL romagent.audit_retention = 'off'", {})
    return batch


KINDS = (
    Kind(
        "operations",
        "Chamadas ao modelo (as somas por dia ficam)",
        _count_operations,
        _remove_operations,
        lambda policy: policy.operations_days,
    ),
    Kind("audit", "Registro de auditoria antigo", _count_audit, _remove_audit, lambda policy: policy.audit_days),
)
