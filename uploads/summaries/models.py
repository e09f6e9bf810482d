"""A summary of a file or of a whole project, and the parts it is made in."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from projects.models import Project
from romagent.base.ids import new_id
from uploads.models import Upload
from uploads.summaries.words import PARTS


class SummaryQuerySet(models.QuerySet["Summary"]):
    def for_user(self, user: User) -> SummaryQuerySet:
        """The one door: summaries of files and projects that this person may see; without the deleted ones."""
        return self._through(Upload.objects.for_user(user), Project.objects.for_user(user)).filter(deleted_at=None)

    def for_editor(self, user: User) -> SummaryQuerySet:
        """Those of files and projects that this person may change."""
        return self._through(Upload.objects.for_editor(user), Project.objects.for_editor(user)).filter(deleted_at=None)

    def deleted_by(self, user: User) -> SummaryQuerySet:
        """What was deleted and not removed yet, of files and projects that this person may change."""
        own = self._through(Upload.objects.for_editor(user), Project.objects.for_editor(user))
        return own.exclude(deleted_at=None)

    def _through(self, uploads: Any, projects: Any) -> SummaryQuerySet:
        return self.filter(Q(upload__in=uploads) | Q(project__in=projects))

    def resumable(self) -> SummaryQuerySet:
        """As `Summary.can_go_on`."""
        return self.filter(status__in=Summary.RESUMABLE, deleted_at=None).exclude(error__in=list(PARTS))

    def without_bodies(self) -> SummaryQuerySet:
        """For lists: what a summary says is read on its own page only."""
        return self.defer("result", "coverage")


class Summary(models.Model):
    """What a file, or a project's files together, say: sections of lines, each with the page it was read on.

    `result` is JSON kept as text, so that a name in it is found and replaced like in any other text. `coverage`: the
    files as they were when it was begun, and what each part covered.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", "na fila"
        WORKING = "working", "lendo"
        COMPLETE = "complete", "pronto"
        FAILED = "failed", "interrompido"
        STOPPED = "stopped", "parado"

    UNFINISHED: ClassVar[tuple[str, ...]] = (Status.QUEUED, Status.WORKING)
    RESUMABLE: ClassVar[tuple[str, ...]] = (Status.STOPPED, Status.FAILED)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="quem pediu", related_name="summaries"
    )
    upload = models.ForeignKey(
        Upload, models.CASCADE, null=True, blank=True, verbose_name="arquivo", related_name="summaries"
    )
    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, verbose_name="projeto", related_name="summaries"
    )
    status = models.CharField("situação", max_length=20, choices=Status, default=Status.QUEUED)
    model = models.CharField("modelo", max_length=100)
    parts_total = models.PositiveIntegerField("partes", null=True)
    parts_done = models.PositiveIntegerField("partes lidas", default=0)
    page_count = models.PositiveIntegerField("páginas", null=True)  # with text, in all files
    result = models.TextField(blank=True)
    coverage = models.JSONField(default=dict)
    error = models.CharField("erro", max_length=50, blank=True)  # a code of `words.py`
    attempts = models.PositiveIntegerField(default=0)  # which writer holds the pen; an older one can't write
    takeovers = models.PositiveIntegerField(default=0)  # how many writers have died over it
    heartbeat_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField("pedido em", default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects: Any = SummaryQuerySet.as_manager()

    class Meta:
        db_table = "summaries"
        verbose_name = "resumo"
        verbose_name_plural = "resumos"
        indexes = [
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="summaries_deleted_idx")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["queued", "working", "complete", "failed", "stopped"]), name="summaries_status"
            ),
            models.CheckConstraint(
                condition=Q(upload__isnull=False, project__isnull=True) | Q(upload__isnull=True, project__isnull=False),
                name="summaries_of_one",
            ),
            models.UniqueConstraint(
                fields=["upload"],
                condition=Q(status__in=["queued", "working"], deleted_at=None),
                name="summaries_one_of_a_file",
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(status__in=["queued", "working"], deleted_at=None),
                name="summaries_one_of_a_project",
            ),
        ]

    def __str__(self) -> str:
        return f"resumo {self.pk}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED

    @property
    def can_go_on(self) -> bool:
        """Stopped or failed, and not because of every single part: what was read is kept, the rest can be read."""
        return self.status in self.RESUMABLE and self.error not in PARTS

    @property
    def sections(self) -> dict[str, list[dict[str, Any]]]:
        """The lines by section; empty while there is no result."""
        found: dict[str, list[dict[str, Any]]] = json.loads(self.result) if self.result else {}
        return found


class SummaryPart(models.Model):
    """One call's worth of pages (`stage` 0), or of lines to be merged; kept until the summary is complete.

    What has a result is never asked for again. `covers` says which pages, in order: `{"upload", "first", "last"}`,
    with `from` and `to` (characters) where a single page was too long for one part.
    """

    READING = 0

    summary = models.ForeignKey(Summary, models.CASCADE, related_name="parts")
    stage = models.PositiveSmallIntegerField(default=READING)  # from 1 on: a round of merging
    section = models.CharField(max_length=20, blank=True)  # of merging
    number = models.PositiveIntegerField()
    covers = models.JSONField(default=list)
    result = models.TextField(blank=True)  # JSON, as text
    error = models.CharField(max_length=50, blank=True)  # why its pages are not in the summary
    called_at = models.DateTimeField(null=True)  # the model is being asked; without a result its answer never came

    class Meta:
        db_table = "summary_parts"
        verbose_name = "parte de resumo"
        verbose_name_plural = "partes de resumos"
        constraints = [
            models.UniqueConstraint(
                fields=["summary", "stage", "section", "number"],
                name="summary_parts_once",
                deferrable=models.Deferrable.DEFERRED,  # a part that is split moves those after it
            )
        ]

    def __str__(self) -> str:
        return f"parte {self.number} de {self.summary_id}"
