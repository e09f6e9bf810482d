"""What a person can do to summaries; each change is one transaction, with its audit row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from uploads.summaries.models import Summary
from uploads.summaries.tasks import enqueue

Status = Summary.Status


def begin(
    model: str, *, user: User, upload: UUID | None = None, project: UUID | None = None,
    request: HttpRequest | None = None,
) -> Summary:  # fmt: skip
    """Owes a summary of the file or of the project; the one that is being made already is returned instead."""
    with transaction.atomic():
        summary: Summary = Summary(user=user, upload_id=upload, project_id=project, model=model)
        if not _only_one(lambda: summary.save(force_insert=True)):
            same = Summary.objects.filter(upload=upload, project=project, deleted_at=None)
            return same.latest("created_at")  # type: ignore[no-any-return]  # it may have ended this moment
        enqueue(summary.pk)
        record("resumo.pedir", user=user, request=request, entity=summary, new={"model": model})
    return summary


def go_on(summary: Summary, *, user: User, request: HttpRequest | None = None) -> bool:
    """Has a stopped or failed summary go on from its last part; whoever asks for that pays for the rest.

    False when it cannot: it is not stopped any more, or another one of the same is being made.
    """
    with transaction.atomic():
        same = Summary.objects.filter(pk=summary.pk).resumable()
        fresh = {"status": Status.QUEUED, "error": "", "user": user, "updated_at": timezone.now(), "takeovers": 0}
        if not _only_one(lambda: same.update(**fresh)):
            return False
        enqueue(summary.pk)
        record("resumo.continuar", user=user, request=request, entity=summary)
    return True


def _only_one(change: Callable[[], Any]) -> bool:
    """Does it; False when it changed nothing, or the database refuses a second unfinished summary of the same."""
    try:
        with transaction.atomic():
            return change() != 0
    except IntegrityError:
        return False


def stop(summary: Summary, *, user: User, request: HttpRequest | None = None) -> bool:
    """Ends a summary that is waiting or being made; what was read is kept. False when it had ended."""
    with transaction.atomic():
        same = Summary.objects.filter(pk=summary.pk, status__in=Summary.UNFINISHED)
        if not same.update(status=Status.STOPPED, updated_at=timezone.now()):
            return False
        record("resumo.parar", user=user, request=request, entity=summary)
    return True


def delete(summary: Summary, *, user: User, request: HttpRequest | None = None) -> None:
    """Takes the summary out of sight, stopped; `undelete` brings it back until the clean-up removes it for good."""
    with transaction.atomic():
        same = Summary.objects.filter(pk=summary.pk)
        same.filter(status__in=Summary.UNFINISHED).update(status=Status.STOPPED)
        same.update(deleted_at=timezone.now())
        record("resumo.excluir", user=user, request=request, entity=summary)


def undelete(summary: Summary, *, user: User, request: HttpRequest | None = None) -> None:
    with transaction.atomic():
        Summary.objects.filter(pk=summary.pk).update(deleted_at=None)
        record("resumo.desfazer-exclusao", user=user, request=request, entity=summary)


def note_export(summary: Summary, kind: str, *, user: User, request: HttpRequest | None = None) -> None:
    record("resumo.exportar", user=user, request=request, entity=summary, new={"type": kind})
