"""Long work that somebody waits for, whoever does it: taken once, heard from while it goes on, ended with a reason.

A run has one pen. Who takes it counts `attempts` up, and what an earlier holder still wants to write finds no row. A
worker that is told to stop gives the run back to the queue; one that died is replaced by the queue's own sweep, which
gives its job to another; where there is no other, the page says so after a while.
"""

from __future__ import annotations

import errno
import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from romagent.base import chores
from romagent.models import Run

log = logging.getLogger("romagent.runs")

EVERY = 1.0  # seconds between two signs of life
SILENT = timedelta(minutes=3)  # the queue replaces a dead worker sooner than this, if there is another
MOST_ATTEMPTS = 3
KEPT = timedelta(days=7)  # a file that was made is given out for so long
DIED = "O processo terminou no meio."
State = Run.State


class Cancelled(Exception):
    """Somebody has asked for the end."""


class Stopping(Exception):
    """This worker is told to stop."""


class Lost(Exception):
    """Another worker has the pen, or the run has ended."""


class Failed(Exception):
    """The work cannot be done; the message is for the person who waits."""


class Pen:
    """The right to write on a run, which is checked each time."""

    def __init__(self, run: Any) -> None:
        self.run = run
        self.said_at = time.monotonic()

    def note(self, progress: Mapping[str, Any]) -> None:
        """Says how far it is, at most once a second. Raises Cancelled, Stopping or Lost."""
        if time.monotonic() - self.said_at < EVERY:
            return
        self.say(progress)

    def say(self, progress: Mapping[str, Any]) -> None:
        if chores.stopping.is_set():
            raise Stopping
        self.said_at = time.monotonic()
        alive = self._held().update(heartbeat_at=timezone.now(), progress=progress)
        if not alive:
            raise Lost
        if self._held().filter(cancel_requested=True).exists():
            raise Cancelled

    def end(self, state: State, **fields: Any) -> None:
        """The run's last word; call it in the transaction of its audit row. Raises Lost."""
        if not self._held().update(state=state, finished_at=timezone.now(), **fields):
            raise Lost

    def give_back(self) -> None:
        if not self._held().update(state=State.QUEUED, attempts=self.run.attempts - 1, progress={}):
            raise Lost

    def _held(self) -> Any:
        return type(self.run).objects.filter(pk=self.run.pk, state=State.RUNNING, attempts=self.run.attempts)


def take(model: Any, pk: UUID, failed: Callable[[Any], Any]) -> Pen | None:
    """The pen of a run that waits, or whose worker is gone; None when it has ended, or was tried too often."""
    with transaction.atomic():
        run = model.objects.select_for_update().filter(pk=pk, state__in=Run.ACTIVE).first()
        if run is None:
            return None
        now = timezone.now()
        if run.attempts >= MOST_ATTEMPTS:
            run.state, run.error, run.finished_at = State.FAILED, f"{DIED} Foi tentado {MOST_ATTEMPTS} vezes.", now
            run.save(update_fields=["state", "error", "finished_at"])
            failed(run)
            return None
        run.state, run.attempts, run.heartbeat_at = State.RUNNING, run.attempts + 1, now
        run.started_at = run.started_at or now
        run.save(update_fields=["state", "attempts", "heartbeat_at", "started_at"])
    return Pen(run)


def perform(
    model: Any, pk: UUID, work: Callable[[Pen], None], *, again: Callable[[Any], Any], failed: Callable[[Any], Any]
) -> None:
    """Does a run, in the worker's thread for long work; `again` queues it for another worker, `failed` records why."""
    pen = take(model, pk, failed)
    if pen is None:
        return
    try:
        work(pen)
    except Cancelled:
        _end(pen, State.CANCELLED, lambda run: None)
    except Lost:
        log.warning("a run was taken over by another worker")
    except Stopping:
        with transaction.atomic():
            pen.give_back()
            again(pen.run)
    except Failed as error:
        _end(pen, State.FAILED, failed, error=str(error))
    except Exception as error:
        _end(pen, State.FAILED, failed, error=_reason(error))
        raise


def _end(pen: Pen, state: State, also: Callable[[Any], Any], **fields: Any) -> None:
    try:
        with transaction.atomic():
            pen.end(state, **fields)
            also(pen.run)
    except Lost:
        log.warning("a run ended after another worker had taken it over")


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}:
        return "Faltou espaço em disco no servidor."
    return "Algo falhou do nosso lado. Nada do que está guardado mudou."


def bury_the_dead(runs: Any) -> None:
    """Of these, the ones whose worker died without another to go on are failed, so that one can ask again."""
    silent = runs.filter(state=State.RUNNING, heartbeat_at__lt=timezone.now() - SILENT)
    silent.update(state=State.FAILED, finished_at=timezone.now(), error=DIED)


def ask_to_cancel(run: Any) -> bool:
    """Within the caller's transaction: has a run end soon, one that waits at once. False when it has ended already."""
    same = type(run).objects.filter(pk=run.pk)
    now = timezone.now()
    if same.filter(state=State.QUEUED).update(state=State.CANCELLED, finished_at=now):
        return True
    return bool(same.filter(state=State.RUNNING, cancel_requested=False).update(cancel_requested=True))
