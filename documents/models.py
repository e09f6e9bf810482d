"""Documents: what the office writes, and every state of it that mattered."""

from __future__ import annotations

import hashlib
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce, Concat
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation
from documents.units import OfficeUnit as OfficeUnit  # one of this app's models
from projects.models import Project
from romagent.base.ids import new_id
from romagent.base.portuguese import SearchDocument


class DocumentQuerySet(models.QuerySet["Document"]):
    def for_user(self, user: User) -> DocumentQuerySet:
        """The one door: one's own outside of projects, and all of the projects one is in; without the deleted ones."""
        own = Q(user=user, project=None)
        return self.filter(own | Q(project__in=Project.objects.for_user(user)), deleted_at=None)

    def for_editor(self, user: User) -> DocumentQuerySet:
        """Those that this person may change, move and delete."""
        own = Q(user=user, project=None)
        return self.filter(own | Q(project__in=Project.objects.for_editor(user)), deleted_at=None)

    def deleted_by(self, user: User) -> DocumentQuerySet:
        """Deleted ones that she may take back: those that she could delete."""
        own = Q(user=user, project=None)
        return self.filter(own | Q(project__in=Project.objects.for_editor(user)), deleted_at__isnull=False)

    def listed(self) -> DocumentQuerySet:
        """Without their bodies."""
        return self.defer("content", "text")


class DocumentManager(models.Manager.from_queryset(DocumentQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> DocumentQuerySet:
        """Without the columns that only PostgreSQL reads."""
        return super().get_queryset().defer("search", "scope")  # type: ignore[no-any-return]


class Document(models.Model):
    """A *peça* or another text of the office. `content` is the stored form of `documents/html.py`.

    `revision` counts every change of it: who saves says which one was on the screen, and nobody overwrites what was
    not. `version` is the newest kept state (`DocumentVersion`); the text can be ahead of it while somebody writes.
    """

    class Source(models.TextChoices):
        AI = "ai", "assistente"
        EDIT = "edit", "edição"
        IMPORT = "import", "importação"
        RESTORE = "restore", "restauração"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="de quem", related_name="documents")
    project = models.ForeignKey(Project, models.SET_NULL, null=True, blank=True, related_name="documents")
    conversation = models.ForeignKey(Conversation, models.SET_NULL, null=True, blank=True, related_name="documents")
    title = models.CharField("título", max_length=500)
    document_type = models.CharField("tipo", max_length=100, blank=True, db_index=True)
    content = models.TextField("texto", blank=True)
    text = models.TextField(blank=True, editable=False)  # its words alone, a paragraph a line: for search and lists
    file_path = models.CharField(max_length=1000, blank=True)  # the Word file it came from, in the default storage
    file_size = models.BigIntegerField(default=0)
    mime_type = models.CharField(max_length=100, blank=True)
    version = models.PositiveIntegerField("versão", default=1)
    revision = models.PositiveIntegerField(default=1, editable=False)
    source = models.CharField(max_length=20, choices=Source, default=Source.EDIT, editable=False)  # of the last change
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name="alterado por",
    )  # fmt: skip
    reviewed_sha256 = models.CharField(max_length=64, blank=True, editable=False)  # of the text that was confirmed
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+",
        verbose_name="conferido por",
    )  # fmt: skip
    reviewed_at = models.DateTimeField("conferido em", null=True, blank=True, editable=False)
    created_at = models.DateTimeField("criado em", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("alterado em", default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    metadata = models.JSONField(default=dict, blank=True, editable=False)
    # Whose search finds it: its project's members, or its owner.
    scope = models.GeneratedField(
        expression=Coalesce("project", "user"), output_field=models.UUIDField(), db_persist=True
    )
    search = models.GeneratedField(
        expression=SearchDocument(Concat(F("title"), Value("\n"), F("text"), output_field=models.TextField())),
        output_field=SearchVectorField(), db_persist=True,
    )  # fmt: skip

    objects: Any = DocumentManager()

    class Meta:
        db_table = "documents"
        verbose_name = "documento"
        verbose_name_plural = "documentos"
        indexes = [
            GinIndex(fields=["scope", "search"], name="documents_search_idx"),
            models.Index(fields=["user", "-updated_at", "-id"], name="documents_user_idx"),
            models.Index(fields=["project", "-updated_at", "-id"], name="documents_project_idx"),
            models.Index(fields=["file_path"], condition=~Q(file_path=""), name="documents_file_path_idx"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="documents_deleted_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=["ai", "edit", "import", "restore"]), name="documents_source"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def sha256(self) -> str:
        """Of exactly what is on the screen: the title and the text."""
        return fingerprint(self.title, self.content)

    @property
    def is_reviewed(self) -> bool:
        """Whether somebody has confirmed this very text; any change of a letter undoes it."""
        return bool(self.reviewed_sha256) and self.reviewed_sha256 == self.sha256


class DocumentVersionQuerySet(models.QuerySet["DocumentVersion"]):
    def for_user(self, user: User) -> DocumentVersionQuerySet:
        """The one door: versions of documents this person may see."""
        return self.filter(document__in=Document.objects.for_user(user))

    def listed(self) -> DocumentVersionQuerySet:
        """Without their bodies."""
        return self.defer("content", "delta")


class DocumentVersion(models.Model):
    """A state that was kept. `content` whole, or as `delta` from the version before it (`documents/versions.py`).

    `is_aside`: the text of who saved second, on top of something she had not seen; it never was the document.
    """

    document = models.ForeignKey(Document, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField("número")
    title = models.CharField(max_length=500)
    content = models.TextField(null=True, blank=True)  # empty is a text; none means `delta`
    delta = models.JSONField(null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    source = models.CharField("origem", max_length=20, choices=Document.Source)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="autor"
    )
    is_aside = models.BooleanField("à parte", default=False)
    note = models.CharField("observação", max_length=200, blank=True)
    words = models.PositiveIntegerField("palavras", default=0)
    created_at = models.DateTimeField("quando", default=timezone.now)

    objects: Any = DocumentVersionQuerySet.as_manager()

    class Meta:
        db_table = "document_versions"
        verbose_name = "versão"
        verbose_name_plural = "versões"
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_versions_once"),
            models.CheckConstraint(
                condition=Q(source__in=["ai", "edit", "import", "restore"]), name="document_versions_source"
            ),
            models.CheckConstraint(
                condition=Q(content__isnull=False, delta__isnull=True) | Q(content__isnull=True, delta__isnull=False),
                name="document_versions_one_form",
            ),
        ]

    def __str__(self) -> str:
        return f"versão {self.number}"


class DocumentTypeVersion(models.Model):
    """A text that the staff has put in the place of a type that comes with the product (`documents/types.py`).

    The newest of a slug is its highest number; `is_active` is the one in use. None active: the shipped one is in use.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.CharField("tipo", max_length=100)
    number = models.PositiveIntegerField("número")
    text = models.TextField("texto")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="autor"
    )
    created_at = models.DateTimeField("quando", default=timezone.now)
    is_active = models.BooleanField("em uso", default=True)

    class Meta:
        db_table = "document_type_versions"
        verbose_name = "versão de tipo de peça"
        verbose_name_plural = "versões de tipos de peça"
        constraints = [
            models.UniqueConstraint(fields=["slug", "number"], name="document_type_versions_once"),
            models.UniqueConstraint(
                fields=["slug"], condition=Q(is_active=True), name="document_type_versions_one_active"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug}, versão {self.number}"


def fingerprint(title: str, content: str) -> str:
    """SHA-256 of a title and a stored text, as hexadecimal digits."""
    return hashlib.sha256(f"{title}\n{content}".encode()).hexdigest()


from documents.checking.models import CitationCheck as CitationCheck  # noqa: E402 - they stand on the models above
from documents.drafting.models import Draft as Draft  # noqa: E402 - they stand on the models above
from documents.drafting.models import Proposal as Proposal  # noqa: E402
