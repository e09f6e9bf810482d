"""Files as they were given, and their text by page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from projects.models import Project
from romagent.base.ids import new_id
from romagent.base.portuguese import SearchDocument

FOLDER = "arquivos"  # in the storage; only what is below it is looked through for files without a row


class UploadQuerySet(models.QuerySet["Upload"]):
    def for_user(self, user: User) -> UploadQuerySet:
        """The one door: one's own outside of projects, and all of the projects one is in; without the deleted ones."""
        own = Q(user=user, project=None)
        return self.filter(own | Q(project__in=Project.objects.for_user(user)), deleted_at=None)

    def for_editor(self, user: User) -> UploadQuerySet:
        """Those that this person may change, move and delete."""
        own = Q(user=user, project=None)
        return self.filter(own | Q(project__in=Project.objects.for_editor(user)), deleted_at=None)

    def twins_of(self, upload: Upload) -> UploadQuerySet:
        """The other files with the same bytes that the same people may see."""
        same = self.filter(sha256=upload.sha256, project=upload.project_id, deleted_at=None).exclude(sha256="")
        return (same if upload.project_id else same.filter(user=upload.user_id)).exclude(pk=upload.pk)

    def unread(self) -> UploadQuerySet:
        """Files that are there and were never read: from before files were."""
        return self.filter(upload_status=Upload.Status.READY, processed_at=None, deleted_at=None).exclude(file_path="")

    def deleted_by(self, user: User) -> UploadQuerySet:
        """Deleted ones that she may take back: those that she could delete. What was never sent whole is no file."""
        own = Q(user=user, project=None)
        mine = self.filter(own | Q(project__in=Project.objects.for_editor(user)), deleted_at__isnull=False)
        return mine.exclude(file_path="")


class Upload(models.Model):
    """One file. `file_path` is its name in the default storage; empty when the file itself is not there."""

    class Status(models.TextChoices):
        PENDING = "pending", "aguardando"
        PROCESSING = "processing", "lendo"
        READY = "ready", "pronto"
        FAILED = "failed", "falhou"

    class Transcription(models.TextChoices):
        """How far the pages that are images are: those whose `error` is `no_text`."""

        NONE = "", "não é preciso"
        ASKED = "asked", "esperando confirmação"  # many pages: their cost is shown before
        WORKING = "working", "transcrevendo"
        DONE = "done", "transcrito"
        FAILED = "failed", "falhou"
        DECLINED = "declined", "dispensada"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="de quem", related_name="uploads")
    project = models.ForeignKey(Project, models.SET_NULL, null=True, blank=True, related_name="uploads")
    conversation = models.ForeignKey(
        "conversations.Conversation", models.SET_NULL, null=True, blank=True, related_name="uploads"
    )
    original_filename = models.CharField("nome", max_length=500)
    stored_filename = models.CharField(max_length=500, blank=True)
    file_path = models.CharField(max_length=1000, blank=True)
    file_size = models.BigIntegerField("tamanho, em bytes", default=0)
    mime_type = models.CharField("tipo", max_length=100, blank=True)
    upload_status = models.CharField("situação", max_length=50, choices=Status, default=Status.PENDING)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    page_count = models.PositiveIntegerField(null=True, blank=True)
    pages_done = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    reading_turn = models.PositiveIntegerField(default=0, db_default=0, editable=False)  # an older one writes nothing
    transcription = models.CharField(max_length=20, choices=Transcription, default="", db_default="", blank=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    metadata = models.JSONField(default=dict, blank=True)

    objects: Any = UploadQuerySet.as_manager()

    class Meta:
        db_table = "uploads"
        verbose_name = "arquivo"
        verbose_name_plural = "arquivos"
        indexes = [
            models.Index(fields=["upload_status"], name="uploads_status_idx"),
            models.Index(fields=["file_path"], name="uploads_file_path_idx"),
            models.Index(
                fields=["id"],
                condition=Q(upload_status="ready", processed_at=None, deleted_at=None) & ~Q(file_path=""),
                name="uploads_unread_idx",
            ),
            models.Index(fields=["id"], condition=Q(transcription="working"), name="uploads_transcribing_idx"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="uploads_deleted_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(upload_status__in=["pending", "processing", "ready", "failed"]), name="uploads_status"
            ),
            models.CheckConstraint(
                condition=Q(transcription__in=["", "asked", "working", "done", "failed", "declined"]),
                name="uploads_transcription",
            ),
        ]

    def __str__(self) -> str:
        return self.original_filename

    @property
    def being_sent(self) -> bool:
        """Whether its bytes are on their way here in parts, or stopped on it."""
        return "multipart" in self.metadata


class UploadPageQuerySet(models.QuerySet["UploadPage"]):
    def for_user(self, user: User) -> UploadPageQuerySet:
        """The one door: pages of files this person may see."""
        return self.filter(upload__in=Upload.objects.for_user(user))


class UploadPageManager(models.Manager.from_queryset(UploadPageQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> UploadPageQuerySet:
        """Without the search column, which only PostgreSQL reads."""
        return super().get_queryset().defer("search")  # type: ignore[no-any-return]


class UploadPage(models.Model):
    """The text of one page, numbered as in the original; there is a row for every page that was looked at."""

    class Source(models.TextChoices):
        TEXT = "text", "texto do arquivo"
        VISION = "vision", "lido da imagem"

    upload = models.ForeignKey(Upload, models.CASCADE, related_name="pages")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    source = models.CharField(max_length=20, choices=Source, default=Source.TEXT)
    error = models.CharField(max_length=50, blank=True, default="", db_default="")  # a code of `words.py`
    scope = models.UUIDField(null=True, editable=False)  # the file's project, else its owner: kept by triggers
    search = models.GeneratedField(
        expression=SearchDocument(F("text")), output_field=SearchVectorField(), db_persist=True
    )

    objects = UploadPageManager()

    class Meta:
        db_table = "upload_pages"
        verbose_name = "página"
        verbose_name_plural = "páginas"
        indexes = [
            GinIndex(fields=["scope", "search"], name="upload_pages_search_idx"),
            models.Index(fields=["upload", "number"], condition=~Q(error=""), name="upload_pages_error_idx"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="upload_pages_once"),
            models.CheckConstraint(condition=Q(source__in=["text", "vision"]), name="upload_pages_source"),
        ]

    def __str__(self) -> str:
        return f"{self.upload_id}, p. {self.number}"


from uploads.summaries.models import Summary, SummaryPart  # noqa: E402 - they stand on the models above

__all__ = ["FOLDER", "Summary", "SummaryPart", "Upload", "UploadPage", "UploadPageQuerySet", "UploadQuerySet"]
