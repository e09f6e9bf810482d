"""What belongs to no single app: runs of the clean-up, copies of one's own data, requests of data subjects."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from romagent.base.ids import new_id


class CleanupRun(models.Model):
    """One clean-up, from being asked for to its end: what the staff's page shows while it runs and afterwards."""

    class State(models.TextChoices):
        QUEUED = "queued", "na fila"
        RUNNING = "running", "em andamento"
        DONE = "done", "concluída"
        STOPPED = "stopped", "parada"
        FAILED = "failed", "falhou"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )
    only = models.CharField(max_length=50, blank=True)  # a kind; empty: everything
    state = models.CharField(max_length=20, choices=State, default=State.QUEUED)
    stop_requested = models.BooleanField(default=False)
    removed = models.JSONField(default=dict)  # rows by table
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cleanup_runs"
        verbose_name = "limpeza"
        verbose_name_plural = "limpezas"
        indexes = [models.Index(fields=["-created_at"], name="cleanup_runs_created_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "stopped", "failed"]),
                name="cleanup_runs_state",
            )
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.state}"


class Run(models.Model):
    """Long work that somebody waits for: what its page shows, and who may write on (see `romagent/runs.py`)."""

    class State(models.TextChoices):
        QUEUED = "queued", "na fila"
        RUNNING = "running", "em andamento"
        DONE = "done", "pronta"
        CANCELLED = "cancelled", "cancelada"
        FAILED = "failed", "falhou"
        EXPIRED = "expired", "vencida"

    ACTIVE = (State.QUEUED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    state = models.CharField(max_length=20, choices=State, default=State.QUEUED)
    cancel_requested = models.BooleanField(default=False)
    attempts = models.PositiveIntegerField(default=0)  # which worker holds the pen; an older one can't write
    progress = models.JSONField(default=dict)  # [done, of how many] by what is counted
    error = models.TextField(blank=True)  # for the person, in Portuguese
    file_path = models.CharField(max_length=1000, blank=True)  # in the storage
    file_size = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)  # after this the file is given to nobody

    class Meta:
        abstract = True

    @property
    def is_active(self) -> bool:
        return self.state in self.ACTIVE

    def can_be_downloaded(self, now: datetime) -> bool:
        return (
            self.state == self.State.DONE and bool(self.file_path) and bool(self.expires_at and self.expires_at > now)
        )


RUN_STATES = Q(state__in=["queued", "running", "done", "cancelled", "failed", "expired"])


class DataExportQuerySet(models.QuerySet["DataExport"]):
    def for_user(self, user: User) -> DataExportQuerySet:
        """The one door: nobody but the person herself, whatever else she or others may do."""
        return self.filter(user=user)


class DataExport(Run):
    """A copy of everything that is one person's own, made for her."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, db_index=False, related_name="data_exports")
    missing = models.PositiveIntegerField(default=0)  # files that could not be read

    objects: Any = DataExportQuerySet.as_manager()

    class Meta:
        db_table = "data_exports"
        verbose_name = "cópia dos próprios dados"
        verbose_name_plural = "cópias dos próprios dados"
        indexes = [
            models.Index(fields=["user", "-created_at"], name="data_exports_user_idx"),
            models.Index(fields=["file_path"], name="data_exports_file_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=RUN_STATES, name="data_exports_state"),
            models.UniqueConstraint(
                fields=["user"], condition=Q(state__in=["queued", "running"]), name="data_exports_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.created_at:%Y-%m-%d %H:%M} {self.state}"


class SubjectRequest(models.Model):
    """What somebody asks about her own personal data (LGPD, art. 18), and what was answered."""

    DAYS = 15  # for the full declaration, from the day it was asked for (LGPD, art. 19, II)

    class Kind(models.TextChoices):
        ACCESS = "access", "confirmação e acesso"
        CORRECTION = "correction", "correção"
        ANONYMISATION = "anonymisation", "anonimização ou eliminação"

    class State(models.TextChoices):
        OPEN = "open", "aberto"
        ANSWERED = "answered", "respondido"
        REFUSED = "refused", "recusado, com motivo"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField("o que pede", max_length=20, choices=Kind, default=Kind.ACCESS)
    requester = models.CharField("quem pede", max_length=255, help_text="A própria pessoa ou quem a representa.")
    contact = models.CharField("para onde responder", max_length=255, blank=True)
    received_on = models.DateField("recebido em")
    due_on = models.DateField("responder até", editable=False)
    name = models.CharField("nome do titular", max_length=255, blank=True)
    email = models.EmailField("e-mail do titular", max_length=255, blank=True)
    document = models.CharField("CPF ou CNPJ", max_length=20, blank=True)
    case_number = models.CharField("número do processo", max_length=30, blank=True)
    notes = models.TextField("anotações", blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.OPEN)
    answer = models.TextField("o que foi respondido", blank=True)
    answered_at = models.DateTimeField(null=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )  # who has registered it
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "subject_requests"
        verbose_name = "pedido de titular"
        verbose_name_plural = "pedidos de titulares"
        indexes = [models.Index(fields=["state", "due_on"], name="subject_requests_due_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["access", "correction", "anonymisation"]), name="subject_requests_kind"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "answered", "refused"]), name="subject_requests_state"
            ),
            models.CheckConstraint(
                condition=~Q(name="", email="", document="", case_number=""), name="subject_requests_names_somebody"
            ),
        ]

    def __str__(self) -> str:
        return f"Pedido de {self.get_kind_display()}, {self.received_on:%d/%m/%Y}"


class SubjectRun(Run):
    """Work on a request: looking for the subject everywhere, a copy of what names her, replacing her name."""

    class Kind(models.TextChoices):
        FIND = "find", "busca"
        EXPORT = "export", "cópia das passagens"
        ANONYMISE = "anonymise", "anonimização"

    subject_request = models.ForeignKey(SubjectRequest, models.CASCADE, db_index=False, related_name="runs")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, db_constraint=False, db_index=False, related_name="+"
    )  # who has asked for it
    kind = models.CharField(max_length=20, choices=Kind)
    reason = models.TextField(blank=True)
    owners = models.JSONField(default=list)  # ids of the people whose things are changed
    terms = models.JSONField(default=list)  # which of the request's terms: their keys, never themselves
    counts = models.JSONField(default=dict)

    objects: Any = models.Manager()

    class Meta:
        db_table = "subject_runs"
        verbose_name = "trabalho de um pedido"
        verbose_name_plural = "trabalhos de pedidos"
        indexes = [
            models.Index(fields=["subject_request", "-created_at"], name="subject_runs_request_idx"),
            models.Index(fields=["file_path"], name="subject_runs_file_idx"),
        ]
        constraints = [
            models.CheckConstraint(condition=RUN_STATES, name="subject_runs_state"),
            models.CheckConstraint(condition=Q(kind__in=["find", "export", "anonymise"]), name="subject_runs_kind"),
            models.UniqueConstraint(
                fields=["subject_request"],
                condition=Q(state__in=["queued", "running"]),
                name="subject_runs_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class SubjectFinding(models.Model):
    """One place where the subject is named: which row it is, never what it says."""

    subject_request = models.ForeignKey(SubjectRequest, models.CASCADE, db_index=False, related_name="findings")
    place = models.CharField(max_length=20)  # a key of `romagent/subjects/places.py`
    object_id = models.CharField(max_length=40)
    owner_id = models.UUIDField(null=True)
    preserved = models.BooleanField(default=False)  # of a project that has to be kept as it is
    at = models.DateTimeField(null=True)
    terms = models.JSONField(default=list)  # keys
    hits = models.PositiveIntegerField(default=1)
    anonymised_at = models.DateTimeField(null=True)

    objects: Any = models.Manager()

    class Meta:
        db_table = "subject_findings"
        verbose_name = "lugar encontrado"
        verbose_name_plural = "lugares encontrados"
        constraints = [
            models.UniqueConstraint(fields=["subject_request", "place", "object_id"], name="subject_findings_once")
        ]

    def __str__(self) -> str:
        return f"{self.place} {self.object_id}"
