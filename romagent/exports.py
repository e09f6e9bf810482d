"""A person's copy of her own data: asked for, made by a job, given to nobody else, gone after seven days."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from romagent import portability, runs
from romagent.copies import keep
from romagent.models import DataExport
from romagent.runs import Pen

PER_DAY = 3
State = DataExport.State


class TooMany(Exception):
    """She has had as many today as there may be."""


def request_export(*, user: User, request: HttpRequest | None = None) -> DataExport:
    """Queues a copy; the one under way is returned instead. Raises TooMany."""
    from romagent.tasks import export_my_data

    mine = DataExport.objects.for_user(user)
    try:
        with transaction.atomic():
            runs.bury_the_dead(mine)
            if active := mine.filter(state__in=DataExport.ACTIVE).first():
                return active
            since = timezone.now() - timedelta(days=1)
            if mine.filter(created_at__gt=since, state__in=[State.DONE, State.CANCELLED]).count() >= PER_DAY:
                raise TooMany
            export: DataExport = DataExport.objects.create(user=user)
            export_my_data.defer(export_id=str(export.pk))
            record("dados.preparar", user=user, request=request, entity=export)
    except IntegrityError:  # asked for twice at the same moment
        return mine.get(state__in=DataExport.ACTIVE)
    return export


def cancel(export: DataExport, *, user: User, request: HttpRequest | None = None) -> None:
    """Ends a copy that is being made; ending what has ended changes nothing."""
    with transaction.atomic():
        if runs.ask_to_cancel(export):
            record("dados.cancelar", user=user, request=request, entity=export)


def perform(export_id: UUID) -> None:
    """Makes the copy, in the worker's thread for long work."""
    from romagent.tasks import export_my_data

    runs.perform(
        DataExport, export_id, _make, failed=_record_failure,
        again=lambda export: export_my_data.defer(export_id=str(export.pk)),
    )  # fmt: skip


def _record_failure(export: DataExport) -> None:
    record("dados.falhar", user=User.objects.get(pk=export.user_id), entity=export)


def _make(pen: Pen) -> None:
    user = User.objects.get(pk=pen.run.user_id)
    totals = portability.totals(user)

    def note(done: Mapping[str, int]) -> None:
        pen.note(_progress(done, totals))

    pen.say(_progress({}, totals))
    with tempfile.TemporaryFile() as file:
        result = portability.write_archive(user, file, note, settings.CLEANUP_DELETED_DAYS)
        pen.say(_progress(result.written, totals))
        keep(pen, file, lambda: _record_end(pen, user, result), missing=len(result.missing))


def _progress(done: Mapping[str, int], totals: Mapping[str, int]) -> dict[str, list[int]]:
    """[done, of how many]; what was added meanwhile makes no `11 of 10`."""
    return {key: [done.get(key, 0), max(total, done.get(key, 0))] for key, total in totals.items()}


def _record_end(pen: Pen, user: User, result: portability.Result) -> None:
    new: dict[str, Any] = {**result.written, "missing": len(result.missing)}
    record("dados.concluir", user=user, entity=pen.run, new=new)


def record_download(export: DataExport, *, user: User, request: HttpRequest) -> None:
    record("dados.baixar", user=user, request=request, entity=export)


def note_missing(export_id: UUID) -> None:
    """The storage did not have the file: the page says so from now on."""
    reason = "O arquivo não está mais no servidor. Prepare outra cópia."
    DataExport.objects.filter(pk=export_id, state=State.DONE).update(state=State.FAILED, error=reason, file_path="")
