"""Processes that nobody follows any more: of no project, and of nobody's list. All of it can be asked for again.

That somebody asked for a number leaves her list after as many days as an archived conversation stays, unless one of
her office's projects has it.
"""

from __future__ import annotations

from typing import Any

from romagent.base.retention import Batch, Kind, Policy, change, counted, fetch

# A project that is about to go itself keeps nothing.
IN_A_PROJECT = """EXISTS (
    SELECT 1 FROM projects WHERE projects.case_number = cases.number
        AND (projects.deleted_at IS NULL OR projects.deleted_at >= %(limit)s OR projects.preservar))"""
OLD_REQUESTS = f"""
    SELECT requests.id FROM court_case_requests AS requests JOIN court_cases AS cases ON cases.id = requests.case_id
    WHERE requests.created_at < %(asked)s AND NOT {IN_A_PROJECT}
"""
NOBODYS = f"""
    SELECT cases.id FROM court_cases AS cases
    WHERE cases.created_at < %(limit)s AND cases.state = 'idle' AND NOT {IN_A_PROJECT}
        AND NOT EXISTS (
            SELECT 1 FROM court_case_requests AS requests
            WHERE requests.case_id = cases.id AND requests.created_at >= %(asked)s)
"""
PARTS = ("court_case_visits", "court_case_movements", "court_case_grades")
AT_ONCE = 200  # processes, each with its movements


def _values(policy: Policy, size: int = 0) -> dict[str, Any]:
    return {
        "asked": policy.before(policy.archived_days), "limit": policy.before(policy.deleted_days),
        "size": min(size, AT_ONCE),
    }  # fmt: skip


def _count(policy: Policy, cap: int | None) -> dict[str, int]:
    return {
        "court_case_requests": counted(OLD_REQUESTS, _values(policy), cap),
        "court_cases": counted(NOBODYS, _values(policy), cap),
    }


def _remove(policy: Policy, size: int, after: Any) -> Batch:
    values = _values(policy, size)
    requests = change(f"DELETE FROM court_case_requests WHERE id = ANY(ARRAY({OLD_REQUESTS} LIMIT %(size)s))", values)
    found = fetch(f"{NOBODYS} LIMIT %(size)s FOR UPDATE OF cases SKIP LOCKED", values)
    ids = {"ids": [row[0] for row in found]}
    if found:
        requests += change("DELETE FROM court_case_requests WHERE case_id = ANY(%(ids)s)", ids)
        for table in PARTS:
            change(f"DELETE FROM {table} WHERE case_id = ANY(%(ids)s)", ids)
        change("DELETE FROM court_cases WHERE id = ANY(%(ids)s)", ids)
    removed = {"court_case_requests": requests, "court_cases": len(found)}
    named = {"court_cases": [str(pk) for pk in ids["ids"]]} if found else {}
    return Batch(removed, after=True if requests or found else None, named=named)


KINDS = (
    Kind(
        "court-cases", "Processos que ninguém acompanha", _count, _remove, lambda policy: policy.archived_days
    ),
)  # fmt: skip
