"""What a person can do to deadlines; each change is one transaction, with its audit row, which says no contents."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from jurisprudence.deadlines.counting import VERSION
from jurisprudence.deadlines.kept import Answer, as_json
from jurisprudence.deadlines.models import Deadline
from projects.actions import touch
from projects.models import Project

Asking = HttpRequest | None


@transaction.atomic
def create(
    answer: Answer, title: str, *, project: Project, user: User, note: str = "", request: Asking = None
) -> Deadline:
    """Keeps what was counted in a project."""
    deadline = Deadline(project=project, user=user, title=" ".join(title.split())[:300], note=note)
    _count(deadline, answer)
    deadline.save(force_insert=True)
    touch(project)
    record("prazo.criar", user=user, request=request, entity=deadline, new=_days(deadline))
    return deadline


@transaction.atomic
def recount(deadline: Deadline, answer: Answer, *, user: User, request: Asking = None) -> None:
    """Takes the new count in place of the old one; the row keeps both ends."""
    old = _days(deadline)
    _count(deadline, answer)
    _save(deadline, ["asked", "counted", "version", "starts_on", "ends_on", "counted_at"])
    record("prazo.recontar", user=user, request=request, entity=deadline, old=old, new=_days(deadline))


@transaction.atomic
def finish(deadline: Deadline, *, user: User, request: Asking = None) -> None:
    """It was met: out of the list of what is owed."""
    deadline.done_at, deadline.done_by = timezone.now(), user
    _save(deadline, ["done_at", "done_by"])
    record("prazo.cumprir", user=user, request=request, entity=deadline)


@transaction.atomic
def reopen(deadline: Deadline, *, user: User, request: Asking = None) -> None:
    deadline.done_at = deadline.done_by = None
    _save(deadline, ["done_at", "done_by"])
    record("prazo.reabrir", user=user, request=request, entity=deadline)


@transaction.atomic
def delete(deadline: Deadline, *, user: User, request: Asking = None) -> None:
    """Out of sight; `undelete` brings it back until the clean-up removes it for good."""
    deadline.deleted_at = timezone.now()
    _save(deadline, ["deleted_at"])
    record("prazo.excluir", user=user, request=request, entity=deadline)


@transaction.atomic
def undelete(deadline: Deadline, *, user: User, request: Asking = None) -> None:
    deadline.deleted_at = None
    _save(deadline, ["deleted_at"])
    record("prazo.desfazer-exclusao", user=user, request=request, entity=deadline)


def note_export(deadlines: Sequence[Deadline], *, user: User, request: Asking = None) -> None:
    """One of them, or so many at once, went into a calendar."""
    one = deadlines[0] if len(deadlines) == 1 else None
    record("prazo.exportar", user=user, request=request, entity=one, new=None if one else {"rows": len(deadlines)})


def _count(deadline: Deadline, answer: Answer) -> None:
    deadline.asked, deadline.counted = answer.question.as_json(), as_json(answer.counted)
    deadline.version, deadline.counted_at = VERSION, timezone.now()
    deadline.starts_on, deadline.ends_on = answer.counted.start, answer.counted.end


def _save(deadline: Deadline, fields: list[str]) -> None:
    deadline.updated_at = timezone.now()
    deadline.save(update_fields=[*fields, "updated_at"])


def _days(deadline: Deadline) -> dict[str, str]:
    return {"starts_on": str(deadline.starts_on), "ends_on": str(deadline.ends_on)}
