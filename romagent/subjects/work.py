"""What the worker does for a request: find, copy the passages, replace the terms. Safe to stop and to run again."""

from __future__ import annotations

import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby, islice
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from conversations import citing
from conversations.models import Message
from documents.models import Document, Proposal
from romagent import runs
from romagent.base.portability import as_csv, moment
from romagent.copies import keep
from romagent.models import SubjectFinding, SubjectRun
from romagent.runs import Pen
from romagent.subjects import papers
from romagent.subjects.places import PLACES, Place, Row
from romagent.subjects.terms import LABELS, anonymised, anonymised_in, matching, passages, patterns_of

AT_ONCE = 50  # places that are copied or changed in one go
REST_SHARE = 0.2  # of the time a step has taken, left to everybody else after it

README = """\
PASSAGENS QUE CITAM O TITULAR
Cópia de {when} (horário de Brasília), para a resposta ao pedido recebido em {received}.

ocorrencias.csv  onde: em que tipo de registro, de quem, desde quando, quantas vezes e por qual identificação
passagens.txt    as passagens, com o que está em volta

O conteúdo pode estar sob sigilo profissional e citar outras pessoas: leia antes de entregar (LGPD, art. 9º e 18;
Lei 8.906/1994, art. 7º, II). O que está só dentro de arquivos que não puderam ser lidos não está aqui.
"""


def perform(run_id: UUID) -> None:
    """Does a run, in the worker's thread for long work."""
    from romagent.tasks import serve_subject

    runs.perform(
        SubjectRun, run_id, lambda pen: WORK[pen.run.kind](pen),
        again=lambda run: serve_subject.defer(run_id=str(run.pk)), failed=lambda run: log_step(run, "titular.falhar"),
    )  # fmt: skip


def log_step(run: SubjectRun, action: str, **new: Any) -> None:
    """An audit row about the request: which run, and counts or ids; never the terms."""
    user = User.objects.filter(pk=run.user_id).first() if run.user_id else None
    record(action, user=user, entity=run.subject_request, new={"run": str(run.pk), **new})


def _rest(since: float) -> None:
    time.sleep(min(0.5, (time.perf_counter() - since) * REST_SHARE))


# Find ----------------------------------------------------------------------------------------------


def find(pen: Pen) -> None:
    """Looks through every place; what an earlier search has found is forgotten."""
    request = pen.run.subject_request
    patterns = patterns_of(request)
    SubjectFinding.objects.filter(subject_request=request).delete()
    progress = {key: [0, place.estimate()] for key, place in PLACES.items()}
    found: Counter[str] = Counter()
    for key, place in PLACES.items():
        for window, size in place.windows():
            began = time.perf_counter()
            rows = place.naming(window, patterns)
            found[key] += _keep_found(request, key, rows, patterns)
            done = progress[key][0] + size
            progress[key] = [done, max(done, progress[key][1])]
            pen.note(progress)
            _rest(began)
        progress[key][1] = progress[key][0]
    with transaction.atomic():
        pen.end(SubjectRun.State.DONE, counts=dict(found), progress=progress)
        log_step(pen.run, "titular.encontrar", found=dict(found))


def _keep_found(request: Any, key: str, rows: Iterable[Row], patterns: Mapping[str, str]) -> int:
    findings = [
        SubjectFinding(
            subject_request=request, place=key, object_id=row.pk, owner_id=row.owner, preserved=row.preserved,
            at=row.at, terms=sorted(hits), hits=sum(hits.values()),
        )
        for row in rows
        if (hits := matching(patterns, row.texts))
    ]  # fmt: skip
    SubjectFinding.objects.bulk_create(findings)
    return len(findings)


def found_by(request: Any, **conditions: Any) -> Iterator[SubjectFinding]:
    """What was found, some at a time, in the order it was found in."""
    rows, last = SubjectFinding.objects.filter(subject_request=request, **conditions).order_by("pk"), 0
    while batch := list(rows.filter(pk__gt=last)[:AT_ONCE]):
        yield from batch
        last = batch[-1].pk


def _batches(findings: Iterator[SubjectFinding]) -> Iterator[tuple[Place, list[SubjectFinding]]]:
    """Some of one place each, as what was found is in the order of the places."""
    for key, group in groupby(findings, lambda finding: finding.place):
        while batch := list(islice(group, AT_ONCE)):
            yield PLACES[key], batch


# Copy ----------------------------------------------------------------------------------------------


def export(pen: Pen) -> None:
    """A ZIP with the passages that name the subject."""
    request = pen.run.subject_request
    patterns = patterns_of(request)
    total = SubjectFinding.objects.filter(subject_request=request).count()
    done = 0

    def parts() -> Iterator[bytes]:
        nonlocal done
        for place, batch in _batches(found_by(request)):
            yield from _told(place, batch, patterns)
            done += len(batch)
            pen.note({"findings": [done, total]})

    about = README.format(
        when=timezone.localtime().strftime("%d/%m/%Y às %H:%M"), received=f"{request.received_on:%d/%m/%Y}"
    )
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            _put(archive, "LEIA-ME.txt", [about.encode()])
            _put(archive, "ocorrencias.csv", as_csv(OCCURRENCES, _occurrences(request)))
            _put(archive, "passagens.txt", parts())
        keep(pen, file, lambda: log_step(pen.run, "titular.copia-pronta", places=total), counts={"findings": total})


def _put(archive: zipfile.ZipFile, name: str, chunks: Iterable[bytes]) -> None:
    with archive.open(name, "w") as member:
        for chunk in chunks:
            member.write(chunk)


OCCURRENCES = ("onde", "de quem", "desde", "vezes", "identificado por", "em projeto a preservar", "anonimizado em")


def _occurrences(request: Any) -> Iterator[tuple[Any, ...]]:
    names: dict[Any, str] = {}
    for finding in found_by(request):
        owner = finding.owner_id
        if owner not in names:
            names[owner] = str(User.objects.filter(pk=owner).first() or "") if owner else ""
        known_by = ", ".join(LABELS[key] for key in finding.terms)
        preserved = "sim" if finding.preserved else "não"
        since, gone = moment(finding.at), moment(finding.anonymised_at)
        yield PLACES[finding.place].label, names[owner], since, finding.hits, known_by, preserved, gone


def _told(place: Place, batch: list[SubjectFinding], patterns: Mapping[str, str]) -> Iterator[bytes]:
    for row in place.read(Q(pk__in=[finding.object_id for finding in batch])):
        when = timezone.localtime(row.at).strftime("%d/%m/%Y") if row.at else ""
        for text in row.texts:
            for passage in passages(text, patterns):
                yield f"[{place.label}, {when}]\n{passage}\n\n".encode()


# Replace -------------------------------------------------------------------------------------------


def anonymise(pen: Pen) -> None:
    """Replaces the chosen terms in the things of the chosen people; a batch a transaction, each with its audit row."""
    run = pen.run
    patterns = {key: pattern for key, pattern in patterns_of(run.subject_request).items() if key in run.terms}
    wanted = to_change(run.subject_request, run.owners)
    total, done = wanted.count(), 0
    counts: Counter[str] = Counter()
    findings = found_by(
        run.subject_request, anonymised_at=None, owner_id__in=run.owners, place__in=CHANGED, preserved=False
    )
    for place, batch in _batches(findings):
        began = time.perf_counter()
        with transaction.atomic():
            changed = _change(place, batch, patterns, counts)
            if changed:
                log_step(run, "titular.anonimizar", **{place.table: changed})
        done += len(batch)
        pen.note({"findings": [done, max(done, total)]})
        _rest(began)
    pen.end(SubjectRun.State.DONE, counts=dict(counts))


CHANGED = [key for key, place in PLACES.items() if place.changes]


def to_change(request: Any, owners: Iterable[Any]) -> Any:
    """What an anonymisation would change: found, of these people, not held and not changed yet."""
    return SubjectFinding.objects.filter(
        subject_request=request, anonymised_at=None, owner_id__in=list(owners), place__in=CHANGED, preserved=False
    )


def _change(place: Place, batch: list[SubjectFinding], patterns: Mapping[str, str], counts: Counter[str]) -> list[str]:
    """The ids of the rows that were changed; held ones and answers still being written are left as they are."""
    ids = [finding.object_id for finding in batch]
    held = {row.pk for row in place.read(Q(pk__in=ids)) if row.preserved}
    columns = (*place.columns, *place.beside, *(("status",) if place.model is Message else ()))
    locked = place.rows().select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk").only(*columns)
    rows = {str(row.pk): row for row in locked}
    changed, settled = [], []
    for finding in batch:
        row = rows.get(finding.object_id)
        if finding.object_id in held:
            counts["preserved"] += 1
        elif isinstance(row, Message) and row.is_unfinished:
            counts["being_written"] += 1
        else:
            settled.append(finding.pk)
            if row is not None and _replace(place, row, patterns):
                changed.append(finding.object_id)
    SubjectFinding.objects.filter(pk__in=settled).update(anonymised_at=timezone.now())
    SubjectFinding.objects.filter(pk__in=[finding.pk for finding in batch if finding.object_id in held]).update(
        preserved=True
    )
    counts[place.key] += len(changed)
    return changed


def _replace(place: Place, row: Any, patterns: Mapping[str, str]) -> bool:
    if isinstance(row, Document):
        return papers.anonymise(row, patterns)
    replaced = papers.anonymised_html if isinstance(row, Proposal) else anonymised
    fresh: dict[str, Any] = {}
    for column in place.columns:
        text = replaced(getattr(row, column), patterns)[: row._meta.get_field(column).max_length]
        if text != getattr(row, column):
            fresh[column] = text
    for column in place.beside:
        value = anonymised_in(getattr(row, column), patterns)
        if value != getattr(row, column):
            fresh[column] = value
    if isinstance(row, Message) and "content" in fresh and citing.KEY in row.metadata:  # where in the text they stand
        fresh["metadata"] = fresh.get("metadata", row.metadata) | {citing.KEY: citing.check(fresh["content"]).kept()}
    if fresh:
        place.rows().filter(pk=row.pk).update(**fresh)
    return bool(fresh)


WORK: dict[str, Callable[[Pen], None]] = {"find": find, "export": export, "anonymise": anonymise}
