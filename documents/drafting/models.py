"""A draft that is being written part by part, and the changes that the assistant proposes to a document."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from documents.models import Document


class Draft(models.Model):
    """How far the first writing of a document has come.

    `part` counts the parts that stand in the document already; it moves in the transaction that puts them there, so
    that no part is there twice. `question` asks for the part that is being written; none: it is to be asked yet.
    """

    class State(models.TextChoices):
        WRITING = "writing", "sendo escrita"
        STOPPED = "stopped", "parada"
        FAILED = "failed", "interrompida"
        DONE = "done", "pronta"

    document = models.OneToOneField(Document, models.CASCADE, primary_key=True, related_name="draft")
    brief = models.TextField()  # what the model is told with every part: see `drafting/brief.py`
    parts = models.JSONField()  # in order: [{"name": …, "about": …}]
    files = models.JSONField(default=list)  # ids of those that come with every part
    part = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=20, choices=State, default=State.WRITING)
    reason = models.CharField(max_length=50, blank=True)  # why it failed: a code of `drafting/showing.py`
    question = models.UUIDField(null=True)  # a message; no reference: what a clean-up removes asks nobody
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    objects: Any = models.Manager()

    class Meta:
        db_table = "document_drafts"
        verbose_name = "redação"
        verbose_name_plural = "redações"
        indexes = [
            models.Index(fields=["updated_at"], condition=Q(state="writing"), name="document_drafts_writing_idx"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["writing", "stopped", "failed", "done"]), name="document_drafts_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part} de {len(self.parts)}"

    @property
    def is_writing(self) -> bool:
        return self.state == self.State.WRITING

    @property
    def can_go_on(self) -> bool:
        return self.state in (self.State.STOPPED, self.State.FAILED)

    @property
    def name(self) -> str:
        """Of the part that is being written."""
        return str(self.parts[self.part]["name"]) if self.part < len(self.parts) else ""


def is_being_drafted(document: Document) -> bool:
    """Whether parts are still being added to it."""
    return bool(Draft.objects.filter(pk=document.pk, state=Draft.State.WRITING).exists())


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def for_user(self, user: User) -> ProposalQuerySet:
        """The one door: proposals to documents this person may see."""
        return self.filter(document__in=Document.objects.for_user(user))

    def open(self) -> ProposalQuerySet:
        return self.filter(state=Proposal.State.OPEN)


class Proposal(models.Model):
    """One change to one block of a document, proposed in a reply; nothing changes before a person accepts it.

    `before` and `after` are in the stored form (`documents/html.py`). It is applied to the block that still is
    `before`; `number` says where that stood, from 1, for who reads and for blocks that are the same.
    """

    class Action(models.TextChoices):
        REPLACE = "replace", "substituir"
        INSERT = "insert", "inserir depois"
        DELETE = "delete", "excluir"

    class State(models.TextChoices):
        OPEN = "open", "em aberto"
        ACCEPTED = "accepted", "aceita"
        REJECTED = "rejected", "rejeitada"

    document = models.ForeignKey(Document, models.CASCADE, related_name="proposals")
    message = models.UUIDField(null=True)  # the reply
    revision = models.PositiveIntegerField()  # of the document that was read for it
    number = models.PositiveIntegerField()
    action = models.CharField(max_length=20, choices=Action)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects: Any = ProposalQuerySet.as_manager()

    class Meta:
        db_table = "document_proposals"
        verbose_name = "proposta de alteração"
        verbose_name_plural = "propostas de alteração"
        indexes = [models.Index(fields=["document", "state", "id"], name="document_proposals_idx")]
        constraints = [
            models.CheckConstraint(
                condition=Q(action__in=["replace", "insert", "delete"]), name="document_proposals_action"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "accepted", "rejected"]), name="document_proposals_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.number}"  # type: ignore[attr-defined]
