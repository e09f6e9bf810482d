"""A summary's pen: taking it, giving it back, and writing what each call has brought. All its database work.

A summary is made by one process at a time. Taking the pen counts `attempts` up, and every write names the count it was
taken with. What a call has brought is kept in one transaction with what it cost, so nothing is paid for twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from audit import budgets
from audit.actions import record
from audit.calls.client import Call
from audit.calls.keeping import save_operations
from audit.catalogue import known_model
from audit.models import AIOperation
from uploads.models import UploadPage
from uploads.summaries import planning
from uploads.summaries.models import Summary, SummaryPart
from uploads.summaries.planning import Stretch
from uploads.summaries.prompts import Leaf, Model
from uploads.summaries.sections import SECTIONS

MOST_TAKEOVERS = 5  # a summary that kills every worker that touches it must end at some time
Status = Summary.Status


class Halted(Exception):
    """The summary cannot go on; `code` is what the person is told by."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Busy(Exception):
    """Another worker has the summary in hand, and was heard from a moment ago."""


class Lost(Exception):
    """Somebody has stopped or deleted the summary, or another worker has it."""


@dataclass(frozen=True)
class Work:
    """One turn at one summary."""

    summary_id: UUID
    person: UUID
    attempt: int
    model: Model


@dataclass(frozen=True)
class Part:
    """A part that is to be read now."""

    pk: int
    leaves: tuple[Leaf, ...]


def take(summary_id: UUID) -> Work | None:
    """Takes the pen of a summary that waits, or whose worker is silent; None when it is over. Raises Busy."""
    now = timezone.now()
    with transaction.atomic():
        summary = Summary.objects.select_for_update().filter(pk=summary_id, status__in=Summary.UNFINISHED).first()
        if summary is None or summary.deleted_at:
            return None
        if summary.status == Status.WORKING:
            if summary.heartbeat_at and summary.heartbeat_at > now - timedelta(seconds=settings.REPLY_LEASE_SECONDS):
                raise Busy
            summary.takeovers += 1
            _note_lost_calls(summary)
        summary.status, summary.attempts = Status.WORKING, summary.attempts + 1
        summary.heartbeat_at = now
        summary.save(update_fields=["status", "attempts", "takeovers", "heartbeat_at"])
    known = known_model(summary.model)
    window, longest = (known.context_tokens, known.max_output_tokens) if known else (200_000, 8_000)
    work = Work(summary.pk, summary.user_id, summary.attempts, Model(summary.model, window, longest))
    if summary.takeovers > MOST_TAKEOVERS:
        fail(work, "internal")
        return None
    return work


def _note_lost_calls(summary: Summary) -> None:
    """The calls of a writer that died: what they used is not known, and is kept as not known."""
    lost = summary.parts.filter(result="", error="").exclude(called_at=None)
    AIOperation.objects.bulk_create(
        AIOperation(
            user_id=summary.user_id,
            operation_type="summary",
            model=summary.model,
            status=AIOperation.Status.INTERRUPTED,
            error_message="writer_died",
            metadata={"summary": str(summary.pk)},
        )
        for _ in range(lost.count())
    )
    lost.update(called_at=None)


def beat(work: Work) -> bool:
    """A sign of life; False when the pen is lost."""
    return bool(_held(work).update(heartbeat_at=timezone.now()))


def _held(work: Work) -> Any:
    return Summary.objects.filter(pk=work.summary_id, attempts=work.attempt, status=Status.WORKING, deleted_at=None)


def hand_back(work: Work) -> None:
    """Puts the summary back into the queue for another worker (a redeploy)."""
    from uploads.summaries.tasks import enqueue

    with transaction.atomic():
        if _held(work).update(status=Status.QUEUED):
            SummaryPart.objects.filter(summary=work.summary_id, result="").update(called_at=None)
            enqueue(work.summary_id)


# Planning ----------------------------------------------------------------------------------------


def plan(work: Work) -> None:
    """Packs the pages into parts, unless that was done before. Raises Halted when there is nothing to read."""
    if SummaryPart.objects.filter(summary=work.summary_id).exists():
        return
    files, left_out, material = [], [], []
    for upload in planning.uploads_of(Summary.objects.get(pk=work.summary_id)):
        if upload.upload_status not in planning.READABLE:
            left_out.append({"upload": str(upload.pk), "status": upload.upload_status})
            continue
        file, rows = planning.look_at(upload, planning.rows_of(upload.pk))
        files.append(vars(file))
        material.append((file.upload, rows))
    parts = list(planning.packed(material))
    if not parts:
        raise Halted("nothing")
    with transaction.atomic():
        _lock(work)
        SummaryPart.objects.bulk_create(
            SummaryPart(summary_id=work.summary_id, number=number, covers=[one.as_json() for one in part])
            for number, part in enumerate(parts, start=1)
        )
        _held(work).update(
            parts_total=len(parts),
            page_count=sum(len(rows) for _, rows in material),
            coverage={"files": files, "left_out": left_out},
            updated_at=timezone.now(),
        )


def _lock(work: Work) -> Summary:
    summary: Summary | None = _held(work).select_for_update().first()
    if summary is None:
        raise Lost
    return summary


# Before and after each call ----------------------------------------------------------------------


def next_part(work: Work, in_hand: Iterable[int]) -> Part | None:
    """The first part that nobody has read and nobody is reading; None when there is none."""
    part = _reading(work).filter(result="", error="").exclude(pk__in=list(in_hand)).order_by("number").first()
    if part is None:
        return None
    numbers = {file["upload"]: place for place, file in enumerate(_files(work), start=1)}
    leaves = [leaf for one in map(Stretch.of, part.covers) for leaf in _leaves(one, numbers[one.upload])]
    return Part(part.pk, tuple(leaves))


def _reading(work: Work) -> Any:
    return SummaryPart.objects.filter(summary=work.summary_id, stage=SummaryPart.READING)


def _files(work: Work) -> list[dict[str, Any]]:
    coverage = Summary.objects.filter(pk=work.summary_id).values_list("coverage", flat=True).get()
    files: list[dict[str, Any]] = coverage["files"]
    return files


def _leaves(stretch: Stretch, file: int) -> Iterable[Leaf]:
    pages = UploadPage.objects.filter(upload=stretch.upload, number__range=(stretch.first, stretch.last))
    start, end = stretch.span or (0, None)
    for number, text in pages.order_by("number").values_list("number", "text"):
        if text[start:end].strip():
            yield Leaf(file, stretch.upload, number, text[start:end], start, stretch.span is None)


def check(work: Work, part: int | None = None) -> None:
    """Whether the model may be asked now: asked before every call. Raises Lost or Halted."""
    if not _held(work).exists():
        raise Lost
    person = User.objects.get(pk=work.person)
    if not person.is_active or not Summary.objects.for_editor(person).filter(pk=work.summary_id).exists():
        raise Halted("access")
    if budgets.refusal(work.person):
        raise Halted("budget")
    if part is not None:
        SummaryPart.objects.filter(pk=part).update(called_at=timezone.now())


def save_calls(work: Work, calls: Sequence[Call], part: int | None = None) -> None:
    """Calls that have brought nothing."""
    with transaction.atomic():
        save_operations(calls, user_id=work.person)
        if part is not None:
            SummaryPart.objects.filter(pk=part).update(called_at=None)


def save_part(work: Work, part: int, lines: dict[str, Any] | None, calls: Sequence[Call], error: str = "") -> None:
    """What a part says, or why it says nothing, with what that cost. Raises Lost.

    Kept also when somebody has pressed stop meanwhile: it is paid for, and the summary may go on later.
    """
    with transaction.atomic():
        save_operations(calls, user_id=work.person)
        mine = Summary.objects.select_for_update().filter(pk=work.summary_id, attempts=work.attempt)
        summary = mine.exclude(status=Status.COMPLETE).first()
        if summary is not None:
            result = json.dumps(lines, ensure_ascii=False) if lines is not None else ""
            SummaryPart.objects.filter(pk=part).update(result=result, error=error)
            done = _reading(work).exclude(result="", error="").count()
            mine.update(parts_done=done, updated_at=timezone.now())
    if summary is None or summary.status != Status.WORKING:
        raise Lost


def split_part(work: Work, part: int, halves: Sequence[Sequence[Stretch]], calls: Sequence[Call]) -> None:
    """Puts two parts in the place of one that was too much for a call. Raises Lost."""
    first, second = ([one.as_json() for one in half] for half in halves)
    with transaction.atomic():
        save_operations(calls, user_id=work.person)
        summary = _held(work).select_for_update().first()
        if summary is not None:
            number = _reading(work).values_list("number", flat=True).get(pk=part)
            _reading(work).filter(number__gt=number).update(number=F("number") + 1)
            _reading(work).filter(pk=part).update(covers=first, called_at=None)
            SummaryPart.objects.create(summary=summary, number=number + 1, covers=second)
            _held(work).update(parts_total=F("parts_total") + 1, updated_at=timezone.now())
    if summary is None:
        raise Lost


# Merging and the end -----------------------------------------------------------------------------


def lines_by_part(work: Work) -> dict[str, list[list[dict[str, Any]]]]:
    """What the parts have brought, by section and part. Raises Halted when none of them could be read."""
    parts = _reading(work).order_by("number").values_list("result", "error")
    if all(error for _, error in parts):
        raise Halted(parts[0][1])
    read = [json.loads(result) for result, error in parts if not error]
    return {section: [lines[section] for lines in read if lines[section]] for section in SECTIONS}


def begin_merge(work: Work, stage: int, section: str, number: int) -> tuple[int, list[list[int]] | None]:
    """The row of one merging call, and what it has brought already."""
    row, _ = SummaryPart.objects.get_or_create(summary_id=work.summary_id, stage=stage, section=section, number=number)
    return row.pk, json.loads(row.result) if row.result else None


def save_merge(work: Work, row: int, groups: list[list[int]], calls: Sequence[Call]) -> None:
    """Raises Lost."""
    with transaction.atomic():
        save_operations(calls, user_id=work.person)
        SummaryPart.objects.filter(pk=row, summary=work.summary_id).update(result=json.dumps(groups))
        held = bool(_held(work).update(updated_at=timezone.now()))
    if not held:
        raise Lost


def finish(work: Work, sections: dict[str, Any]) -> None:
    """The whole summary and what each part covered; the parts themselves go. Raises Lost."""
    with transaction.atomic():
        summary = _lock(work)
        parts = _reading(work).order_by("number").values("covers", "error")
        summary.coverage = summary.coverage | {"parts": list(parts)}
        summary.result = json.dumps(sections, ensure_ascii=False)
        summary.status, summary.updated_at, summary.error = Status.COMPLETE, timezone.now(), ""
        summary.save(update_fields=["coverage", "result", "status", "updated_at", "error"])
        SummaryPart.objects.filter(summary=summary).delete()
        lines = sum(len(found) for found in sections.values())
        record("resumo.concluir", user=User.objects.get(pk=work.person), entity=summary, new={"lines": lines})


def fail(work: Work, code: str) -> None:
    """Ends the summary with a reason; what was read stays, so that it can go on from there."""
    with transaction.atomic():
        if _held(work).update(status=Status.FAILED, error=code, updated_at=timezone.now()):
            summary = Summary.objects.only("pk").get(pk=work.summary_id)
            record("resumo.falhar", user=User.objects.get(pk=work.person), entity=summary, new={"reason": code})
