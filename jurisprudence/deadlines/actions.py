"""What a person can do to deadlines; each change is one transaction, with its audit row, which says no contents.

Who acts holds the project while she does: a member who leaves it, or loses her role, in that instant has either done it
before, or does it no more. What is done already is not done again, and leaves no row.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from jurisprudence.deadlines.counting import VERSION
from jurisprudence.deadlines.kept import Answer, as_json
from jurisprudence.deadlines.models import Deadline
from jurisprudence.deadlines.questions import Question
from projects.actions import touch
from projects.models import Project

COUNTED = ["asked", "counted", "version", "starts_on", "ends_on", "counted_at"]
Asking = HttpRequest | None


class Refused(Exception):
    """Not done; the message says why, to the person who asked."""


class Conflict(Exception):
    """The deadline was changed since it was seen: `deadline` as it is now."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        super().__init__(str(deadline.pk))


@transaction.atomic
def create(
    answer: Answer, title: str, *, project: Project, user: User, note: str = "", request: Asking = None
) -> Deadline:
    """Keeps what was counted in a project; who does so answers for it at first. Raises `Refused`."""
    touch(project)  # which holds it: who leaves it waits
    if not Project.objects.for_editor(user).filter(pk=project.pk).exists():
        raise Refused("Você já não pode guardar prazos neste projeto.")
    deadline = Deadline(project=project, user=user, responsible=user, title=_title(title), note=note)
    _count(deadline, answer)
    deadline.save(force_insert=True)
    record("prazo.criar", user=user, request=request, entity=deadline, new=_days(deadline))
    return deadline


@transaction.atomic
def change(
    deadline: Deadline, *, seen: datetime, title: str, note: str, responsible: User | None, answer: Answer | None,
    user: User, request: Asking = None,
) -> None:  # fmt: skip
    """Corrects what was kept, as it was `seen` (its `updated_at`); `answer` when something else is asked, else None.

    The row names what was changed, with both ends and both questions, but not what was written. Raises `Refused`, and
    `Conflict` when somebody has changed it since.
    """
    found = _held(deadline, user)
    if found.updated_at != seen:
        raise Conflict(found)
    old = {"title": found.title, "note": found.note, "responsible": found.responsible_id} | _asked(found)
    before = _days(found)
    found.title, found.note, found.responsible = _title(title), note, responsible
    if answer:
        _count(found, answer)
    new = {"title": found.title, "note": found.note, "responsible": found.responsible_id} | _asked(found)
    fields = [name for name, value in new.items() if old.get(name) != value]
    if not fields:
        return
    _save(found, ["title", "note", "responsible", *(COUNTED if answer else [])])
    said: list[dict[str, Any]] = [
        {name: _said(values.get(name)) for name in fields if name not in ("title", "note")} for values in (old, new)
    ]
    record(
        "prazo.corrigir", user=user, request=request, entity=found, old=before | said[0],
        new=_days(found) | said[1] | {"fields": fields},
    )  # fmt: skip


@transaction.atomic
def recount(deadline: Deadline, answer: Answer, *, user: User, request: Asking = None) -> date:
    """Takes the new count in place of the old one; the row keeps both ends. The new end. Raises `Refused`."""
    found = _held(deadline, user)
    if _asked(found) != answer.question.as_json():
        raise Refused("Este prazo foi corrigido há pouco. Veja-o antes de contá-lo de novo.")
    old = _days(found)
    _count(found, answer)
    _save(found, COUNTED)
    record("prazo.recontar", user=user, request=request, entity=found, old=old, new=_days(found))
    return found.ends_on


@transaction.atomic
def finish(deadline: Deadline, *, user: User, request: Asking = None) -> None:
    """It was met: out of the list of what is owed. Raises `Refused`."""
    found = _held(deadline, user)
    if found.done_at:
        return
    found.done_at, found.done_by = timezone.now(), user
    _save(found, ["done_at", "done_by"])
    record("prazo.cumprir", user=user, request=request, entity=found)


@transaction.atomic
def reopen(deadline: Deadline, *, user: User, request: Asking = None) -> None:
    """Owed again. Raises `Refused`."""
    found = _held(deadline, user)
    if not found.done_at:
        return
    found.done_at = found.done_by = None
    _save(found, ["done_at", "done_by"])
    record("prazo.reabrir", user=user, request=request, entity=found)


@transaction.atomic
def delete(deadline: Deadline, *, user: User, request: Asking = None) -> None:
    """Out of sight; `undelete` brings it back until the clean-up removes it for good. Raises `Refused`."""
    found = _held(deadline, user)
    found.deleted_at = timezone.now()
    _save(found, ["deleted_at"])
    record("prazo.excluir", user=user, request=request, entity=found)


@transaction.atomic
def undelete(deadline: Deadline, *, user: User, request: Asking = None) -> None:
    """In sight again. Raises `Refused`."""
    found = _held(deadline, user, is_deleted=True)
    found.deleted_at = None
    _save(found, ["deleted_at"])
    record("prazo.desfazer-exclusao", user=user, request=request, entity=found)


def note_export(deadlines: Sequence[Deadline], *, user: User, request: Asking = None) -> None:
    """One of them, or so many at once, went into a calendar."""
    one = deadlines[0] if len(deadlines) == 1 else None
    record("prazo.exportar", user=user, request=request, entity=one, new=None if one else {"rows": len(deadlines)})


def _held(deadline: Deadline, user: User, *, is_deleted: bool = False) -> Deadline:
    """The deadline as it is now, if this person may still change it; who else would waits until this is done.

    The project is locked first and looked at in a statement of its own: `projects.actions` takes the same lock before
    it takes anybody's access.
    """
    list(Project.objects.select_for_update(no_key=True).filter(pk=deadline.project_id).values_list("pk"))
    mine = Deadline.objects.deleted_by(user) if is_deleted else Deadline.objects.for_editor(user)
    found: Deadline | None = mine.select_for_update(of=("self",)).filter(pk=deadline.pk).first()
    if found is None:
        raise Refused("Este prazo foi excluído há pouco, ou você já não pode alterá-lo.")
    return found


def _title(title: str) -> str:
    return " ".join(title.split())[:300]


def _asked(deadline: Deadline) -> dict[str, Any]:
    """With the defaults of what an older version did not ask."""
    return Question.from_json(deadline.asked).as_json()


def _count(deadline: Deadline, answer: Answer) -> None:
    deadline.asked, deadline.counted = answer.question.as_json(), as_json(answer.counted)
    deadline.version, deadline.counted_at = VERSION, answer.as_of
    deadline.starts_on, deadline.ends_on = answer.counted.start, answer.counted.end


def _save(deadline: Deadline, fields: list[str]) -> None:
    deadline.updated_at = timezone.now()
    deadline.save(update_fields=[*fields, "updated_at"])


def _days(deadline: Deadline) -> dict[str, str]:
    return {"starts_on": str(deadline.starts_on), "ends_on": str(deadline.ends_on)}


def _said(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
