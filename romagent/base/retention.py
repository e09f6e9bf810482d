"""What may go for good, as each app says it: a kind of things, how many there are, and how to remove a batch of them.

The roof (`romagent/retention.py`) asks every app for its kinds and does the work; no app knows the others' kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone


@dataclass(frozen=True)
class Policy:
    """How old each thing has to be before it goes, in days; None keeps it for ever."""

    archived_days: int
    operations_days: int
    deleted_days: int
    jobs_days: int
    audit_days: int | None = None
    now: datetime = field(default_factory=timezone.now)

    @classmethod
    def from_settings(cls, **changes: Any) -> Policy:
        """The office's own, from the `CLEANUP_…` settings; `changes` that are None change nothing."""
        values: dict[str, Any] = {
            "archived_days": settings.CLEANUP_ARCHIVED_DAYS,
            "operations_days": settings.CLEANUP_OPERATIONS_DAYS,
            "deleted_days": settings.CLEANUP_DELETED_DAYS,
            "jobs_days": settings.CLEANUP_JOBS_DAYS,
            "audit_days": settings.CLEANUP_AUDIT_DAYS,
        }
        return cls(**values | {name: value for name, value in changes.items() if value is not None})

    def before(self, days: int) -> datetime:
        return self.now - timedelta(days=days)


@dataclass(frozen=True)
class Batch:
    """What one transaction has removed: rows by table, the ids for the audit row, and files to delete after it."""

    removed: Mapping[str, int]
    after: Any = None  # where the next batch goes on; None: nothing is left
    named: Mapping[str, Sequence[str]] = field(default_factory=dict)  # ids, by table
    files: Sequence[str] = ()  # names in the storage

    @property
    def rows(self) -> int:
        return sum(self.removed.values())


@dataclass(frozen=True)
class Kind:
    """`count(policy, cap)`: rows by table that would go, at most about `cap` of each when it is given.

    `remove(policy, size, after)`: removes about `size` rows within the caller's transaction.
    """

    key: str
    label: str
    count: Callable[[Policy, int | None], dict[str, int]]
    remove: Callable[[Policy, int, Any], Batch]
    days: Callable[[Policy], int | None] = lambda policy: None  # the age that counts, for people to read


class Refused(Exception):
    """A kind that must not be removed as things are; the message is for the staff, in Portuguese."""


def fetch(sql: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def change(sql: str, values: Mapping[str, Any]) -> int:
    """Runs a DELETE or UPDATE and returns the number of rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        count: int = cursor.rowcount
        return count


def counted(sql: str, values: Mapping[str, Any], cap: int | None) -> int:
    """How many rows `sql` (a SELECT without LIMIT) finds; stops at `cap`."""
    limit = f" LIMIT {int(cap)}" if cap else ""
    return int(fetch(f"SELECT count(*) FROM ({sql}{limit}) found", values)[0][0])  # both are ours
