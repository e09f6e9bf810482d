"""Files that runs have made to be downloaded: put into the storage, given out for seven days, then removed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from romagent import runs
from romagent.base.chores import let_go
from romagent.base.retention import Batch, Kind, Policy
from romagent.models import DataExport, Run, SubjectRun
from romagent.runs import Pen

FOLDER = "copias"  # in the storage
AT_ONCE = 200
MODELS: tuple[Any, ...] = (DataExport, SubjectRun)


def keep(pen: Pen, file: Any, also: Callable[[], Any], **fields: Any) -> None:
    """Puts what a run has made into the storage and ends the run; `also` is done in the same transaction."""
    size = file.seek(0, 2)
    file.seek(0)
    let_go()
    name = default_storage.save(f"{FOLDER}/{pen.run.pk}.zip", File(file))
    try:
        with transaction.atomic():
            expires = timezone.now() + runs.KEPT
            pen.end(Run.State.DONE, file_path=name, file_size=size, expires_at=expires, **fields)
            also()
    except BaseException:
        let_go()
        default_storage.delete(name)
        raise


def referred_to(names: Sequence[str]) -> set[str]:
    """Which of these files in the storage belong to a run."""
    return {
        name
        for model in MODELS
        for name in model.objects.filter(file_path__in=names).values_list("file_path", flat=True)
    }


def _over(now: datetime) -> dict[Any, Any]:
    """What is past its seven days, by model. A copy of one's own data that came to nothing goes with its row."""
    ended = Q(expires_at=None, finished_at__lt=now - runs.KEPT)
    return {
        DataExport: DataExport.objects.filter(Q(expires_at__lt=now) | ended),
        SubjectRun: SubjectRun.objects.filter(expires_at__lt=now).exclude(file_path=""),
    }


def _count(policy: Policy, cap: int | None) -> dict[str, int]:
    return {model._meta.db_table: rows[:cap].count() for model, rows in _over(policy.now).items()}


def _remove(policy: Policy, size: int, after: Any) -> Batch:
    removed, named, files = {}, {}, []
    for model, over in _over(policy.now).items():
        locked = over.select_for_update(skip_locked=True).values_list("pk", "file_path")
        rows = list(locked[: min(size, AT_ONCE)])
        _end(model, [pk for pk, _ in rows])
        removed[model._meta.db_table] = len(rows)
        named[model._meta.db_table] = [str(pk) for pk, _ in rows]
        files += [name for _, name in rows if name]
    return Batch(removed, after=True if any(removed.values()) else None, named=named, files=files)


def _end(model: Any, ids: list[Any]) -> None:
    """What was done for a request of a data subject stays on record; only its file goes."""
    rows = model.objects.filter(pk__in=ids)
    if model is SubjectRun:
        rows.update(state=Run.State.EXPIRED, file_path="")
    else:
        rows.delete()


KINDS = (Kind("copies", "Cópias de dados vencidas", _count, _remove, lambda policy: runs.KEPT.days),)
