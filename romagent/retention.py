"""The clean-up: removes what each app says may go, a batch a transaction, each with its audit row.

Safe to stop anywhere and to run again: what a batch has removed is gone, the rest is as it was. Two runs never
overlap (an advisory lock of the database connection, so not through a transaction-pooling PgBouncer).
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection, transaction

from accounts import retention as accounts
from audit import retention as audit
from audit.actions import record
from conversations import retention as conversations
from documents import retention as documents
from jurisprudence import retention as jurisprudence
from projects import retention as projects
from romagent import copies, orphans, queue
from romagent.base.retention import Batch, Kind, Policy, Refused, fetch
from uploads import retention as uploads

log = logging.getLogger("romagent.cleanup")

# In this order: files and documents go before the project they belong to, and what has no row any more comes last.
KINDS: tuple[Kind, ...] = (
    *conversations.KINDS,
    *uploads.KINDS,
    *documents.KINDS,
    *jurisprudence.KINDS,
    *projects.KINDS,
    *audit.KINDS,
    *accounts.KINDS,
    *queue.KINDS,
    *copies.KINDS,
    *orphans.KINDS,
)
BATCH_ROWS = 5_000
REST_SHARE = 0.1  # of the time a batch has taken, left to everybody else after it
LOCK = 0x524F4D01  # any number that nothing else locks


class AlreadyRunning(Exception):
    """Another clean-up holds the lock."""


@dataclass
class Report:
    """What a run has removed, or would remove: rows by table."""

    dry_run: bool = False
    stopped: bool = False
    removed: Counter[str] = field(default_factory=Counter)
    by_kind: dict[str, Counter[str]] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0

    @property
    def rows(self) -> int:
        return sum(self.removed.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "dry_run": self.dry_run,
            "stopped": self.stopped,
            "removed": dict(+self.removed),  # `+` leaves out what is zero
            "kinds": {key: dict(+found) for key, found in self.by_kind.items()},
            "refused": self.refused,
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
            "rows_per_second": round(self.rows / self.seconds) if self.seconds else 0,
        }


def chosen(only: str = "") -> tuple[Kind, ...]:
    """All kinds, or the one of that key; KeyError when there is none."""
    if not only:
        return KINDS
    return ({kind.key: kind for kind in KINDS}[only],)


def preview(policy: Policy, only: str = "", cap: int | None = None) -> Report:
    """What a run would remove now; with `cap`, no table is counted much beyond it."""
    report, started = Report(dry_run=True), time.perf_counter()
    for kind in chosen(only):
        report.by_kind[kind.key] = Counter(kind.count(policy, cap))
        report.removed.update(report.by_kind[kind.key])
    report.seconds = time.perf_counter() - started
    return report


def clean(
    policy: Policy,
    only: str = "",
    *,
    user: Any = None,
    should_stop: Callable[[], bool] = lambda: False,
    progress: Callable[[Kind, Report], None] = lambda kind, report: None,
) -> Report:
    """Removes what may go. `should_stop` is asked after every batch; raises AlreadyRunning."""
    report, started = Report(), time.perf_counter()
    with only_one():
        for kind in chosen(only):
            report.by_kind[kind.key] = Counter()
            try:
                for batch in _batches(kind, policy, user):
                    report.by_kind[kind.key].update(batch.removed)
                    report.removed.update(batch.removed)
                    report.seconds = time.perf_counter() - started
                    progress(kind, report)
                    report.stopped = should_stop()
                    if report.stopped:
                        return report
            except Refused as refusal:
                report.refused[kind.key] = str(refusal)
    report.seconds = time.perf_counter() - started
    return report


def _batches(kind: Kind, policy: Policy, user: Any) -> Iterator[Batch]:
    after: Any = None
    while True:
        began = time.perf_counter()
        with transaction.atomic():
            batch = kind.remove(policy, BATCH_ROWS, after)
            if batch.rows:
                removed = {table: count for table, count in batch.removed.items() if count}
                record(f"limpeza.{kind.key}", user=user, new={"removed": removed, **batch.named})
        _delete_files(batch)
        yield batch
        if batch.after is None:
            return
        after = batch.after
        time.sleep((time.perf_counter() - began) * REST_SHARE)


def _delete_files(batch: Batch) -> None:
    """After the commit: a file without a row is found again as an orphan, a row without its file would be a lie."""
    for name in batch.files:
        try:
            default_storage.delete(name)
        except Exception as error:  # whatever the storage raises, the file is looked for again as an orphan
            log.warning("a file was not deleted and stays as an orphan: %s", type(error).__name__)


@contextmanager
def only_one() -> Iterator[None]:
    """Holds the lock of the clean-up; it goes with the connection when this process dies."""
    if not fetch("SELECT pg_try_advisory_lock(%(lock)s)", {"lock": LOCK})[0][0]:
        raise AlreadyRunning
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            fetch("SELECT pg_advisory_unlock(%(lock)s)", {"lock": LOCK})
