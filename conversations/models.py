"""Conversations and their messages: one row a message, written only by the server."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q, Value
from django.utils import timezone

from accounts.models import User
from projects.models import Project
from romagent.base.ids import new_id
from romagent.base.portuguese import SearchDocument


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def for_user(self, user: User) -> ConversationQuerySet:
        """The one door: one's own outside of projects, and all of the projects one is in; without the deleted ones."""
        own = Q(user=user, project=None)
        return self.filter(own | Q(project__in=Project.objects.for_user(user)), deleted_at=None)

    def for_editor(self, user: User) -> ConversationQuerySet:
        """Those in which this person may ask, and which she may change."""
        own = Q(user=user, project=None)
        return self.filter(own | Q(project__in=Project.objects.for_editor(user)), deleted_at=None)

    def begun_by(self, user: User) -> ConversationQuerySet:
        """Those of her own list: she began them, and may still see them."""
        return self.for_user(user).filter(user=user)

    def deleted_by(self, user: User) -> ConversationQuerySet:
        """Deleted ones that she may take back: those that she could delete."""
        own = Q(user=user, project=None)
        return self.filter(own | Q(project__in=Project.objects.for_editor(user)), deleted_at__isnull=False)

    def current(self) -> ConversationQuerySet:
        return self.filter(archived_at=None)

    def archived(self) -> ConversationQuerySet:
        return self.exclude(archived_at=None)


class ConversationManager(models.Manager.from_queryset(ConversationQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> ConversationQuerySet:
        """Without the search column, which only PostgreSQL reads."""
        return super().get_queryset().defer("search")  # type: ignore[no-any-return]


class Conversation(models.Model):
    """A thread of questions and answers, of one person."""

    class Mode(models.TextChoices):
        """A new one is also a file in `conversations/modes/` and a value in the constraint below."""

        JURIDICO = "juridico", "Jurídico"
        REDACAO = "redacao", "Redação"
        PESQUISA = "pesquisa", "Pesquisa"
        REVISAO = "revisao", "Revisão"
        RESUMO = "resumo", "Resumo"

    UNTITLED = "Nova conversa"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="conversations", db_index=False)
    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, blank=True, db_index=False, related_name="conversations"
    )
    title = models.CharField(max_length=500, default=UNTITLED)
    mode = models.CharField(max_length=50, choices=Mode, default=Mode.JURIDICO)
    model = models.CharField(max_length=100)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    pinned_at = models.DateTimeField(null=True, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    search = models.GeneratedField(
        expression=SearchDocument(F("title")), output_field=SearchVectorField(), db_persist=True
    )

    objects = ConversationManager()

    class Meta:
        db_table = "conversations"
        verbose_name = "conversa"
        verbose_name_plural = "conversas"
        permissions = [("read_contents", "Pode ler as conversas de outras pessoas, com motivo")]
        indexes = [
            models.Index(
                "user",
                F("updated_at").desc(),
                F("id").desc(),
                condition=Q(archived_at=None, deleted_at=None),
                name="conversations_list_idx",
            ),
            # The staff's list: of all, of the archived and of the deleted ones.
            models.Index(fields=["-created_at"], name="conversations_created_idx"),
            models.Index(
                fields=["-created_at"],
                condition=Q(archived_at__isnull=False, deleted_at=None),
                name="conversations_put_away_idx",
            ),
            models.Index(fields=["-created_at"], condition=Q(deleted_at__isnull=False), name="conversations_gone_idx"),
            models.Index(fields=["archived_at"], name="conversations_archived_idx"),
            models.Index(
                fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="conversations_deleted_idx"
            ),
            models.Index(fields=["project"], condition=Q(project__isnull=False), name="conversations_project_idx"),
            GinIndex(fields=["user", "search"], name="conversations_search_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(mode__in=["juridico", "redacao", "pesquisa", "revisao", "resumo"]),
                name="conversations_mode",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_untitled(self) -> bool:
        """Still without a title of its own; one is made after the first answer."""
        return self.title == self.UNTITLED and not self.metadata.get("titled")


class MessageQuerySet(models.QuerySet["Message"]):
    def for_user(self, user: User) -> MessageQuerySet:
        """The one door: messages of conversations this person may see."""
        own = Q(conversation__user=user, conversation__project=None)
        shared = Q(conversation__project__in=Project.objects.for_user(user))
        return self.filter(own | shared, conversation__deleted_at=None)

    def for_editor(self, user: User) -> MessageQuerySet:
        """Messages of conversations in which this person may ask."""
        own = Q(conversation__user=user, conversation__project=None)
        shared = Q(conversation__project__in=Project.objects.for_editor(user))
        return self.filter(own | shared, conversation__deleted_at=None)

    def active(self) -> MessageQuerySet:
        """The thread as it is now."""
        return self.filter(superseded_at=None)

    def in_order(self) -> MessageQuerySet:
        """As they were said. Ids are in the order of time too, but not those that the import has made."""
        return self.order_by("created_at", "id")

    def before(self, moment: datetime, pk: UUID) -> MessageQuerySet:
        """What was said before the message of that moment and id."""
        earlier = Q(created_at__lt=moment) | Q(created_at=moment, pk__lt=pk)
        return self.filter(earlier, created_at__lte=moment)

    def after(self, message: Message) -> MessageQuerySet:
        """What was said after that message."""
        later = Q(created_at__gt=message.created_at) | Q(created_at=message.created_at, pk__gt=message.pk)
        return self.filter(later, created_at__gte=message.created_at)

    def unfinished(self) -> MessageQuerySet:
        return self.filter(status__in=Message.UNFINISHED)

    def abandoned(self, now: datetime) -> MessageQuerySet:
        """Replies that nobody is writing: their writer has been silent for longer than its lease."""
        silence = now - timedelta(seconds=settings.REPLY_LEASE_SECONDS)
        return self.unfinished().filter(Q(heartbeat_at__lt=silence) | Q(heartbeat_at=None, created_at__lt=silence))


class MessageManager(models.Manager.from_queryset(MessageQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> MessageQuerySet:
        """Without the search column, which only PostgreSQL reads."""
        return super().get_queryset().defer("search")  # type: ignore[no-any-return]


class Message(models.Model):
    """A question of the person's or a reply of the assistant's."""

    class Role(models.TextChoices):
        USER = "user", "Você"
        ASSISTANT = "assistant", "ROM Agent"
        SYSTEM = "system", "Sistema"

    class Status(models.TextChoices):
        QUEUED = "queued", "na fila"
        STREAMING = "streaming", "escrevendo"
        COMPLETE = "complete", "completa"
        STOPPED = "stopped", "parada"
        INTERRUPTED = "interrupted", "interrompida"
        FAILED = "failed", "sem resposta"

    UNFINISHED: ClassVar[Iterable[str]] = (Status.QUEUED, Status.STREAMING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    conversation = models.ForeignKey(Conversation, models.CASCADE, related_name="messages", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", db_index=False)  # who asked
    # The conversation's, kept by a trigger: what is searched says in its own row who may see it.
    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, editable=False, related_name="+", db_index=False, db_constraint=False
    )
    # Whose the conversation is, where somebody else has asked in it and it belongs to no project; kept by a trigger.
    owner_id = models.UUIDField(null=True, editable=False)
    role = models.CharField(max_length=20, choices=Role)
    content = models.TextField(blank=True)
    model = models.CharField(max_length=100, blank=True)
    status = models.CharField(max_length=20, choices=Status, default=Status.COMPLETE)
    stop_reason = models.CharField(max_length=50, blank=True)
    tokens_input = models.PositiveIntegerField(null=True)
    tokens_output = models.PositiveIntegerField(null=True)
    latency_ms = models.PositiveIntegerField(null=True)
    reply_to = models.ForeignKey("self", models.CASCADE, null=True, related_name="replies")  # see threads.py
    superseded_at = models.DateTimeField(null=True)
    submission_key = models.UUIDField(null=True)  # the form's own id: sent twice, it is one question
    attempts = models.PositiveIntegerField(default=0)  # which writer holds the pen; an older one can't write
    heartbeat_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    metadata = models.JSONField(default=dict)
    search = models.GeneratedField(
        # Not while it grows: a checkpoint a second must not rewrite the search index each time.
        expression=models.Case(
            models.When(status__in=["queued", "streaming"], then=Value(None)), default=SearchDocument(F("content"))
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    objects = MessageManager()

    class Meta:
        db_table = "messages"
        verbose_name = "mensagem"
        verbose_name_plural = "mensagens"
        indexes = [
            # Without the id: with it, the planner takes this index for look-ups by id while it has no figures yet.
            models.Index(fields=["conversation", "created_at"], name="messages_order_idx"),
            models.Index(
                fields=["status"], condition=Q(status__in=["queued", "streaming"]), name="messages_unfinished_idx"
            ),
            GinIndex(fields=["user", "search"], name="messages_search_idx"),
            GinIndex(
                fields=["project", "search"], condition=Q(project__isnull=False), name="messages_project_search_idx"
            ),
            GinIndex(
                fields=["owner_id", "search"], condition=Q(owner_id__isnull=False), name="messages_owner_search_idx"
            ),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=["user", "assistant", "system"]), name="messages_role"),
            models.CheckConstraint(
                condition=Q(status__in=["queued", "streaming", "complete", "stopped", "interrupted", "failed"]),
                name="messages_status",
            ),
            models.UniqueConstraint(
                fields=["conversation"],
                condition=Q(status__in=["queued", "streaming"]),
                name="messages_one_reply_at_a_time",
            ),
            models.UniqueConstraint(fields=["user", "submission_key"], name="messages_sent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.pk}"

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED

    @property
    def can_continue(self) -> bool:
        """A reply that was cut, stopped or interrupted can be written on."""
        cut = self.status == self.Status.COMPLETE and self.stop_reason == "max_tokens"
        return self.role == self.Role.ASSISTANT and (
            cut or self.status in {self.Status.STOPPED, self.Status.INTERRUPTED, self.Status.FAILED}
        )
