"""Clean-ups that are asked for: by a person on the staff's page, or by the night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from romagent import retention
from romagent.base import chores
from romagent.base.retention import Kind, Policy
from romagent.models import CleanupRun

SILENT = timedelta(minutes=2)  # a run that says nothing for longer has died with its worker
ACTIVE = (CleanupRun.State.QUEUED, CleanupRun.State.RUNNING)


def request_run(*, user: User | None = None, only: str = "", request: HttpRequest | None = None) -> CleanupRun:
    """Queues a clean-up, with its audit row when a person asked; what is under way already is returned instead."""
    from romagent.tasks import clean_up

    with transaction.atomic():
        bury_the_dead()
        if active := CleanupRun.objects.select_for_update().filter(state__in=ACTIVE).first():
            return active
        run = CleanupRun.objects.create(user=user, only=only)
        clean_up.defer(run_id=str(run.pk))
        if user is not None:
            record("limpeza.pedir", user=user, request=request, entity=run, new={"only": only or "tudo"})
    return run


def request_stop(run: CleanupRun, *, user: User, request: HttpRequest | None = None) -> None:
    """Has a run end after its present batch; one that waits does not begin."""
    with transaction.atomic():
        waiting = CleanupRun.objects.filter(pk=run.pk, state=CleanupRun.State.QUEUED)
        stopped = waiting.update(state=CleanupRun.State.STOPPED, finished_at=timezone.now())
        running = CleanupRun.objects.filter(pk=run.pk, state=CleanupRun.State.RUNNING, stop_requested=False)
        if stopped or running.update(stop_requested=True):
            record("limpeza.parar", user=user, request=request, entity=run)


def bury_the_dead() -> None:
    """Runs whose worker died are failed, so that a new one can be asked for."""
    silent = CleanupRun.objects.filter(state=CleanupRun.State.RUNNING, heartbeat_at__lt=timezone.now() - SILENT)
    silent.update(state=CleanupRun.State.FAILED, finished_at=timezone.now(), error="o processo terminou no meio")


def perform(run_id: UUID) -> None:
    """Does a queued run, in the worker's thread for long work."""
    now = timezone.now()
    queued = CleanupRun.objects.filter(pk=run_id, state=CleanupRun.State.QUEUED)
    if not queued.update(state=CleanupRun.State.RUNNING, started_at=now, heartbeat_at=now):
        return
    run = CleanupRun.objects.get(pk=run_id)
    user = User.objects.filter(pk=run.user_id).first() if run.user_id else None
    try:
        report = retention.clean(
            Policy.from_settings(), run.only, user=user, should_stop=lambda: _is_to_stop(run), progress=_noting(run)
        )
    except retention.AlreadyRunning:
        _end(run, CleanupRun.State.FAILED, error="outra limpeza já está em andamento")
    except Exception as error:
        _end(run, CleanupRun.State.FAILED, error=type(error).__name__)
        raise
    else:
        state = CleanupRun.State.STOPPED if report.stopped else CleanupRun.State.DONE
        _end(run, state, removed=dict(+report.removed), error="; ".join(report.refused.values()))


def _is_to_stop(run: CleanupRun) -> bool:
    return chores.stopping.is_set() or CleanupRun.objects.filter(pk=run.pk, stop_requested=True).exists()


def _noting(run: CleanupRun) -> Any:
    def note(kind: Kind, report: retention.Report) -> None:
        CleanupRun.objects.filter(pk=run.pk).update(removed=dict(report.removed), heartbeat_at=timezone.now())

    return note


def _end(run: CleanupRun, state: CleanupRun.State, **fields: Any) -> None:
    CleanupRun.objects.filter(pk=run.pk).update(state=state, finished_at=timezone.now(), **fields)
