"""Processes by their number: what DataJud has said of them, who asked, and who has seen what.

What is kept here is public (the index shows it to anybody); that this office looks at a number is not. So a process is
seen by whoever has a project with its number, for whom it is part of the case, and by whoever asked for it herself. A
member who leaves the project sees it no longer, unless she had asked for it on her own account; nobody can tell from
any page whether a colleague has asked for a number.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from jurisprudence.datajud.outcomes import REASONS, End
from projects.cnj import CaseNumber, WrongNumber, masked, parse
from projects.courts import Court
from projects.models import Project
from romagent.base.ids import new_id

NO_DATE = datetime(1900, 1, 1, tzinfo=UTC)


class CourtCaseQuerySet(models.QuerySet["CourtCase"]):
    def for_user(self, user: User) -> CourtCaseQuerySet:
        """The one door: those of projects this person may see, and those she asked for."""
        numbers = Project.objects.for_user(user).exclude(case_number="").values("case_number")
        asked = CaseRequest.objects.filter(user=user).values("case")
        return self.filter(Q(number__in=numbers) | Q(pk__in=asked))

    def due(self, before: datetime) -> CourtCaseQuerySet:
        """Those of active projects that were not tried since, longest ago first: what is asked for anew every night."""
        active = Project.objects.filter(status=Project.Status.ACTIVE, deleted_at=None).exclude(case_number="")
        idle = self.filter(number__in=active.values("case_number"), state=CourtCase.State.IDLE)
        waiting = idle.exclude(outcome=End.UNCOVERED).filter(Q(tried_at=None) | Q(tried_at__lt=before))
        return waiting.order_by(models.F("tried_at").asc(nulls_first=True), "pk")


class CourtCase(models.Model):
    """One process. What a look-up has found stays, whatever later ones come to: `outcome` is the last one's."""

    class State(models.TextChoices):
        IDLE = "idle", "sem consulta em andamento"
        WAITING = "waiting", "na fila"
        LOOKING = "looking", "procurando"

    UNFINISHED: ClassVar[tuple[str, ...]] = (State.WAITING, State.LOOKING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField("número CNJ", max_length=20, unique=True)
    state = models.CharField("situação", max_length=20, choices=State, default=State.IDLE)
    outcome = models.CharField(
        "última consulta",
        max_length=20,
        blank=True,
        choices=[
            (End.FOUND.value, "localizado"),
            (End.ABSENT.value, "não localizado"),
            (End.UNAVAILABLE.value, "fonte indisponível"),
            (End.UNCOVERED.value, "tribunal sem cobertura"),
        ],
    )
    why = models.CharField("motivo", max_length=20, blank=True)  # of `unavailable`; a code of `outcomes.py`
    fresh = models.BooleanField(default=False)  # the look-up that waits is not to be answered from the cache
    simulated = models.BooleanField("dados simulados", default=False)
    asked_at = models.DateTimeField("pedido em", null=True)
    tried_at = models.DateTimeField("consultado em", null=True)  # the last look-up, whatever it came to
    looked_at = models.DateTimeField("respondido em", null=True)  # the last one that the source answered
    found_at = models.DateTimeField("localizado em", null=True)  # the last one that found it
    attempts = models.PositiveIntegerField(default=0)  # which look-up holds the pen; an older one can't write
    lease_until = models.DateTimeField(null=True)  # a look-up silent for longer is taken for dead
    takeovers = models.PositiveIntegerField(default=0)  # how many look-ups have died over it
    created_at = models.DateTimeField("criado em", default=timezone.now, editable=False)

    objects: Any = CourtCaseQuerySet.as_manager()

    class Meta:
        db_table = "court_cases"
        verbose_name = "processo"
        verbose_name_plural = "processos"
        indexes = [
            models.Index(
                fields=["asked_at"], condition=Q(state__in=["waiting", "looking"]), name="court_cases_unfinished_idx"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(number__regex=r"^[0-9]{20}$"), name="court_cases_number"),
            models.CheckConstraint(condition=Q(state__in=["idle", "waiting", "looking"]), name="court_cases_state"),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "found", "absent", "unavailable", "uncovered"]),
                name="court_cases_outcome",
            ),
            models.CheckConstraint(
                condition=Q(outcome="unavailable", why__in=[str(why) for why in REASONS])
                | (~Q(outcome="unavailable") & Q(why="")),
                name="court_cases_why",
            ),
            models.CheckConstraint(condition=~Q(outcome="found", found_at=None), name="court_cases_found"),
        ]

    def __str__(self) -> str:
        return masked(self.number)

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def parsed(self) -> CaseNumber | None:
        """Its number, as a number; None for one of an old row that no form would take today."""
        try:
            return parse(self.number)
        except WrongNumber:
            return None

    @property
    def court(self) -> Court | None:
        return self.parsed.court if self.parsed else None

    @property
    def is_of_this_source(self) -> bool:
        """Whether what is kept was said by the source in use: what the simulated one made up is not the real one's."""
        return bool(self.simulated == settings.SIMULATED_DATAJUD)

    @property
    def said(self) -> str:
        """How the last look-up ended, as far as the source in use has said it; "" when it was not asked yet."""
        is_answer = self.outcome in (End.FOUND, End.ABSENT)
        return "" if is_answer and not self.is_of_this_source else self.outcome

    def shows_no_more(self, grade: CaseGrade) -> bool:
        """Whether the last find lacked this record of it: it may have another class or court body by now."""
        return self.found_at is not None and grade.seen_at < self.found_at

    def get_said_display(self) -> str:
        return self.get_outcome_display() if self.said else ""  # type: ignore[no-any-return, attr-defined]


class CaseRequestQuerySet(models.QuerySet["CaseRequest"]):
    def for_user(self, user: User) -> CaseRequestQuerySet:
        """Her own: nobody sees what a colleague has asked for."""
        return self.filter(user=user)


class CaseRequest(models.Model):
    """Somebody asked for a process herself: it stays among hers."""

    case = models.ForeignKey(CourtCase, models.CASCADE, related_name="requests")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="case_requests")
    created_at = models.DateTimeField("pedido em", default=timezone.now)  # the last time

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    objects: Any = CaseRequestQuerySet.as_manager()

    class Meta:
        db_table = "court_case_requests"
        verbose_name = "consulta de processo"
        verbose_name_plural = "consultas de processos"
        indexes = [models.Index(fields=["user", "-created_at", "-id"], name="court_case_requests_of_idx")]
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="court_case_requests_once")]

    def __str__(self) -> str:
        return f"{self.case} de {self.user}"


class CaseGrade(models.Model):
    """The process in one grade, as the source showed it last. Never removed because a later answer lacks it."""

    case = models.ForeignKey(CourtCase, models.CASCADE, related_name="grades")
    key = models.CharField(max_length=300)  # the source's own id of the record
    grade = models.CharField("grau", max_length=20, blank=True)
    class_code = models.PositiveIntegerField(null=True)
    class_name = models.CharField("classe", max_length=300, blank=True)
    unit = models.CharField("órgão julgador", max_length=300, blank=True)
    city_code = models.PositiveIntegerField(null=True)
    system = models.CharField("sistema", max_length=100, blank=True)
    filed_at = models.DateTimeField("ajuizado em", null=True)
    updated_at = models.DateTimeField("atualizado na fonte em", null=True)
    secrecy = models.PositiveIntegerField("nível de sigilo", null=True)
    subjects = models.JSONField("assuntos", default=list)
    seen_at = models.DateTimeField()  # the last look-up that showed it

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        db_table = "court_case_grades"
        verbose_name = "grau de processo"
        verbose_name_plural = "graus de processos"
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="court_case_grades_once")]

    def __str__(self) -> str:
        return f"{self.grade} de {self.case_id}"


class CaseMovement(models.Model):
    """One movement. `key` is the same each time the source shows it, so that a new one is known to be new."""

    grade = models.ForeignKey(CaseGrade, models.CASCADE, related_name="movements")
    case = models.ForeignKey(CourtCase, models.CASCADE, related_name="movements")
    key = models.CharField(max_length=50)
    code = models.PositiveIntegerField(null=True)
    name = models.CharField("movimento", max_length=300, blank=True)
    detail = models.CharField("complemento", max_length=1000, blank=True)
    at = models.DateTimeField("data", null=True)
    sorted_at = models.DateTimeField(editable=False)  # its date; `NO_DATE` without one, so that it comes last
    seen_at = models.DateTimeField()  # the look-up that showed it first

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        db_table = "court_case_movements"
        verbose_name = "movimento de processo"
        verbose_name_plural = "movimentos de processos"
        indexes = [models.Index(fields=["case", "-sorted_at", "-id"], name="court_case_movements_list_idx")]
        constraints = [models.UniqueConstraint(fields=["grade", "key"], name="court_case_movements_once")]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """A movement that the source gives no name is known by its code in the CNJ's tables."""
        return self.name or (f"Movimento {self.code}" if self.code is not None else "Movimento sem nome")


class CaseVisit(models.Model):
    """When somebody saw the movements of a process last: what has come since is new to her.

    Looks within half an hour are one visit, so that what is new stays marked while she reads.
    """

    case = models.ForeignKey(CourtCase, models.CASCADE, related_name="visits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    before = models.DateTimeField(null=True)  # the end of the visit before this one
    last = models.DateTimeField()

    class Meta:
        db_table = "court_case_visits"
        verbose_name = "visita a processo"
        verbose_name_plural = "visitas a processos"
        constraints = [models.UniqueConstraint(fields=["case", "user"], name="court_case_visits_once")]

    def __str__(self) -> str:
        return f"{self.user_id} em {self.case_id}"


class SourceState(models.Model):
    """How the source is doing, in one row: since when it refuses the key, since when it gives no answer at all."""

    name = models.CharField(max_length=20, primary_key=True)
    key_refused_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    failing_since = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # in a row

    class Meta:
        db_table = "court_sources"
        verbose_name = "fonte de processos"
        verbose_name_plural = "fontes de processos"

    def __str__(self) -> str:
        return self.name
