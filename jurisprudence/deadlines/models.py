"""Deadlines of projects, and the days on which courts are closed."""

from __future__ import annotations

import unicodedata
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from projects.courts import STATES
from projects.models import Project
from romagent.base.ids import new_id

UFS = [(state, state) for state, _ in STATES]


def folded(name: str) -> str:
    """A name without its accents, capitals and doubled spaces."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(sign for sign in letters if not unicodedata.combining(sign)).split())


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def of_court(self, sigla: str, uf: str, city: str, *, is_federal: bool) -> HolidayQuerySet:
        """What counts for one court at one place; also what was struck out."""
        places = Q(scope__in=["national", "forense"]) | Q(scope="court", court=sigla)
        if is_federal:
            places |= Q(scope="federal")
        if uf:
            places |= Q(scope="state", uf=uf)
        if uf and city:
            places |= Q(scope="city", uf=uf, city__in=self._spelled_like(uf, city))
        return self.filter(places)

    def _spelled_like(self, uf: str, city: str) -> list[str]:
        """The ways in which the table writes this city: Goiania is Goiânia, and one space as good as two."""
        there = self.filter(scope="city", uf=uf).order_by().values_list("city", flat=True).distinct()
        return [name for name in there if folded(name) == folded(city)]


class Holiday(models.Model):
    """A day on which a court is closed, opens late, or lets no deadline run: what it is, where, and by which act.

    Nothing is deleted: what was wrong, or is law no more, is struck out (`removed_at`), by a person or by the rule that
    had put it there, so that deadlines counted with it are found.
    """

    class Scope(models.TextChoices):
        NATIONAL = "national", "nacional"
        FORENSE = "forense", "todos os tribunais"
        FEDERAL = "federal", "Justiça Federal e tribunais superiores"
        STATE = "state", "estado"
        CITY = "city", "município"
        COURT = "court", "tribunal"

    class Kind(models.TextChoices):
        HOLIDAY = "holiday", "sem expediente"
        SUSPENSION = "suspension", "prazos suspensos"
        DOWNTIME = "downtime", "sistema indisponível"
        REDUCED = "reduced", "expediente reduzido"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    date = models.DateField("dia")
    scope = models.CharField("alcance", max_length=20, choices=Scope)
    uf = models.CharField("UF", max_length=2, blank=True, choices=UFS, help_text="De um estado ou município.")
    city = models.CharField("município", max_length=100, blank=True)
    court = models.CharField("tribunal", max_length=20, blank=True, help_text="A sigla, como TJGO, TRF1 ou TRT18.")
    kind = models.CharField("o que houve", max_length=20, choices=Kind, default=Kind.HOLIDAY)
    name = models.CharField("nome", max_length=200)
    source = models.CharField(
        "fonte", max_length=500, help_text="A lei ou o ato que o diz; sem ela o dia não pode ser provado nos autos."
    )
    by_rule = models.BooleanField("posto por regra", default=False, editable=False)
    removed_at = models.DateTimeField("riscado em", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("criado em", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("alterado em", default=timezone.now, editable=False)

    objects: Any = HolidayQuerySet.as_manager()

    class Meta:
        db_table = "court_holidays"
        verbose_name = "dia sem prazo"
        verbose_name_plural = "dias sem prazo"
        indexes = [
            models.Index(fields=["-date", "-id"], name="court_holidays_date_idx"),
            models.Index(fields=["-updated_at"], name="court_holidays_changed_idx"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["date", "scope", "uf", "city", "court", "kind"], name="court_holidays_once",
                violation_error_message="Este dia já está na tabela.",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=["national", "forense", "federal"], uf="", city="", court="")
                | Q(scope="state", city="", court="") & ~Q(uf="")
                | Q(scope="city", court="") & ~Q(uf="") & ~Q(city="")
                | Q(scope="court", uf="", city="") & ~Q(court=""),
                name="court_holidays_place",
                violation_error_message="Conforme o alcance, informe a UF, a UF e o município, ou só o tribunal.",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["holiday", "suspension", "downtime", "reduced"]), name="court_holidays_kind"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(source=""), name="court_holidays_proved"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.date:%d/%m/%Y}, {self.name}"

    @property
    def reason(self) -> str:
        return f"{self.name} ({self.source})"

    @property
    def place(self) -> str:
        """Where it counts, in words."""
        named = {"state": self.uf, "city": f"{self.city}/{self.uf}", "court": self.court}
        return named.get(self.scope, "") or self.get_scope_display()


class DeadlineQuerySet(models.QuerySet["Deadline"]):
    def for_user(self, user: User) -> DeadlineQuerySet:
        """The one door: those of the projects this person is in; without the deleted ones."""
        return self.filter(project__in=Project.objects.for_user(user), deleted_at=None)

    def for_editor(self, user: User) -> DeadlineQuerySet:
        """Those that this person may change."""
        return self.filter(project__in=Project.objects.for_editor(user), deleted_at=None)

    def deleted_by(self, user: User) -> DeadlineQuerySet:
        """Deleted ones that she may take back: those that she could delete."""
        return self.filter(project__in=Project.objects.for_editor(user), deleted_at__isnull=False)

    def answered_by(self, user: User) -> DeadlineQuerySet:
        """Those for which this person answers."""
        return self.filter(Q(responsible=user) | Q(responsible=None, user=user))

    def open(self) -> DeadlineQuerySet:
        return self.filter(done_at=None)


class Deadline(models.Model):
    """A deadline of a project: as it was asked for, as it was counted, and by which version of the rules.

    `asked` is a `Question` (questions.py), `counted` a `Counted` (counting.py), both as JSON. It is never counted anew
    by itself: when the table of holidays or the rules have changed since, the page says so and a person decides.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, verbose_name="projeto", related_name="deadlines")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="quem contou", related_name="deadlines"
    )
    responsible = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="responsável"
    )  # of one that was kept before there was such a column: nobody, so who had counted it
    title = models.CharField("título", max_length=300)
    note = models.TextField("observação", blank=True)
    asked = models.JSONField(editable=False)
    counted = models.JSONField(editable=False)
    version = models.CharField(max_length=20, editable=False)
    starts_on = models.DateField("início", editable=False)
    ends_on = models.DateField("fim", editable=False)
    counted_at = models.DateTimeField("contado em", default=timezone.now, editable=False)
    done_at = models.DateTimeField("cumprido em", null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name="cumprido por",
    )  # fmt: skip
    created_at = models.DateTimeField("criado em", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("alterado em", default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: Any = DeadlineQuerySet.as_manager()

    class Meta:
        db_table = "deadlines"
        verbose_name = "prazo"
        verbose_name_plural = "prazos"
        indexes = [
            models.Index(fields=["project", "ends_on", "id"], name="deadlines_project_idx"),
            models.Index(fields=["user", "ends_on", "id"], name="deadlines_user_idx"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="deadlines_deleted_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=models.F("starts_on")), name="deadlines_order"),
            models.CheckConstraint(condition=~Q(title=""), name="deadlines_title"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def answers(self) -> User:
        """Who answers for it: the responsible one, or who counted it."""
        return self.responsible or self.user

    @property
    def is_done(self) -> bool:
        return self.done_at is not None

    def days_left(self, today: date | None = None) -> int:
        """Negative when it is over; today is the office's."""
        return (self.ends_on - (today or timezone.localdate())).days

    @property
    def standing(self) -> str:
        """VENCIDO, VENCE HOJE, or how many days are left; what is done is neither."""
        return "cumprido" if self.is_done else in_words(self.days_left())

    @property
    def urgency(self) -> str:
        """`over`, `today`, `soon` (three days), `later` or `done`: for the colour, which never says it alone."""
        if self.is_done:
            return "done"
        left = self.days_left()
        return "over" if left < 0 else "today" if left == 0 else "soon" if left <= 3 else "later"


def in_words(left: int) -> str:
    """So many calendar days: -2 → `VENCIDO há 2 dias`."""
    if left < 0:
        return f"VENCIDO há {-left} dia{'s' if left < -1 else ''}"
    if left == 0:
        return "VENCE HOJE"
    return "vence amanhã" if left == 1 else f"faltam {left} dias"
