"""A process as a page shows it to one person: what is known, since when, what is new to her, and what is not known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from jurisprudence.datajud.models import CaseGrade, CaseMovement, CaseVisit, CourtCase
from jurisprudence.datajud.outcomes import End, reason
from jurisprudence.datajud.source import source_name
from projects.cnj import CaseNumber, WrongNumber, parse
from romagent.base.keyset import newest_first

ON_A_PROJECT = 10  # movements on the page of a project
ON_ITS_PAGE = 50
ONE_VISIT = timedelta(minutes=30)  # looks that are no further apart are one visit
NOTED_EVERY = timedelta(minutes=1)
GRADES = {
    "G1": "1º grau", "G2": "2º grau", "JE": "Juizado especial", "TR": "Turma recursal", "TRU": "Turma de uniformização",
    "SUP": "Tribunal superior",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One movement, and whether this person has not seen it yet."""

    movement: CaseMovement
    is_new: bool
    grade: str  # where there are several


@dataclass(frozen=True)
class Shown:
    """What there is to show of a number; `case` is None when nobody has looked it up."""

    number: CaseNumber | None
    case: CourtCase | None
    grades: Sequence[CaseGrade] = ()
    lines: Sequence[Line] = ()
    after: str = ""  # the cursor of older movements
    new: int = 0  # movements that have come since her last visit, on this page of them

    simulated: bool = False
    source: str = ""

    @property
    def is_unfinished(self) -> bool:
        return self.case is not None and self.case.is_unfinished

    @property
    def is_known(self) -> bool:
        """Whether there is anything of it to show."""
        return bool(self.grades)

    @property
    def older(self) -> Sequence[CaseGrade]:
        return [grade for grade in self.grades if self.case and self.case.shows_no_more(grade)]

    @property
    def is_secret(self) -> bool:
        return any(grade.secrecy for grade in self.grades)

    @property
    def progress(self) -> str:
        """While it goes on: what is being done."""
        if self.case is None or not self.case.is_unfinished:
            return ""
        if self.case.state == CourtCase.State.WAITING:
            return "A consulta está na fila…"
        return "Procurando no DataJud… Pode levar um minuto."

    @property
    def has_failed(self) -> bool:
        return self.case is not None and self.case.outcome == End.UNAVAILABLE

    @property
    def words(self) -> str:
        """What the last look-up came to."""
        if self.case is None or not self.case.said:
            return "Este processo ainda não foi consultado."
        return getattr(self, f"_{self.case.said}")(self.case)  # type: ignore[no-any-return]

    def _found(self, case: CourtCase) -> str:
        return f"Localizado no {self.source}. Consulta de {said(case.looked_at)}."

    def _absent(self, case: CourtCase) -> str:
        when = said(case.looked_at)
        if self.is_known:
            return (
                f"Na consulta de {when}, o índice do {self.source} não mostrou este processo. O que está abaixo é da "
                f"consulta de {said(case.found_at)}."
            )
        return (
            f"Não localizado no índice do {self.source}, na consulta de {when}. O índice fica dias ou semanas atrás "
            "dos tribunais e não mostra processos em segredo: o processo pode existir. Confira no site do tribunal e "
            "preencha os dados do projeto à mão."
        )

    def _unavailable(self, case: CourtCase) -> str:
        kept = f" O que está abaixo é da consulta de {said(case.found_at)}." if self.is_known else ""
        return (
            f"Fonte indisponível na consulta de {said(case.tried_at)}: {reason(case.why)}. Isso nada diz sobre o "
            f"processo.{kept}"
        )

    def _uncovered(self, case: CourtCase) -> str:
        court = case.court.name if case.court else "este tribunal"
        return (
            f"Tribunal sem cobertura: o DataJud não tem índice do {court}. Consulte o site do tribunal e preencha os "
            "dados do projeto à mão."
        )


def said(moment: datetime | None) -> str:
    return timezone.localtime(moment).strftime("%d/%m/%Y às %H:%M") if moment else "data desconhecida"


def day(moment: datetime) -> str:
    """The day in Brasília; with the hour, where the source says one. Not every day there has begun at midnight."""
    local = timezone.localtime(moment)
    begins = datetime.combine(local.date(), time.min, local.tzinfo)
    is_day = begins.timestamp() == moment.timestamp()
    return local.strftime("%d/%m/%Y" if is_day else "%d/%m/%Y %H:%M")


def shown(digits: str, user: User, *, after: str = "", size: int = ON_ITS_PAGE) -> Shown:
    """The process of this number as `user` sees it: nothing of it when she may not. Notes that she has seen it."""
    case: CourtCase | None = CourtCase.objects.for_user(user).filter(number=digits).first()
    try:
        number = parse(digits)
    except WrongNumber:  # of an old row
        number = None
    if case is None or case.found_at is None or not case.is_of_this_source:
        return Shown(number, case, source=source_name(), simulated=settings.SIMULATED_DATAJUD)
    grades = list(case.grades.order_by(F("filed_at").asc(nulls_last=True), "pk"))
    page = newest_first(CaseMovement.objects.filter(case=case), "sorted_at", after, size)
    since = note_visit(case, user)
    lines = [_line(movement, grades, since) for movement in page.items]
    return Shown(
        number, case, grades, lines, page.after, sum(line.is_new for line in lines), case.simulated, source_name()
    )


def _line(movement: CaseMovement, grades: Sequence[CaseGrade], since: datetime | None) -> Line:
    of = next((grade for grade in grades if grade.pk == movement.grade_id), None)
    named = grade_name(of.grade) if of and len(grades) > 1 else ""
    return Line(movement, since is not None and movement.seen_at > since, named)


def grade_name(grade: str) -> str:
    return GRADES.get(grade, grade)


def note_visit(case: CourtCase, user: User) -> datetime | None:
    """Notes that she sees it now; until when she had seen it before this visit. On the first one nothing is new yet."""
    now = timezone.now()
    with transaction.atomic():
        visit, _ = CaseVisit.objects.get_or_create(case=case, user=user, defaults={"last": now, "before": now})
        changes: dict[str, Any] = {"last": now}
        if now - visit.last > ONE_VISIT:
            changes["before"] = visit.before = visit.last
        if now - visit.last > NOTED_EVERY:
            CaseVisit.objects.filter(pk=visit.pk).update(**changes)
    return visit.before
