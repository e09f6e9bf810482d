"""Cases and *processos*: what conversations and files belong to, and who may see them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from projects.cnj import WrongNumber, masked, parse
from projects.courts import Court
from romagent.base.ids import new_id


class ProjectQuerySet(models.QuerySet["Project"]):
    def for_user(self, user: User) -> ProjectQuerySet:
        """The one door: one's own projects and those one is a member of, without the deleted ones."""
        return self._with(user, ProjectMember.objects.filter(user=user))

    def for_editor(self, user: User) -> ProjectQuerySet:
        """Those whose contents this person may change: her own, and those she edits."""
        return self._with(user, ProjectMember.objects.filter(user=user, role=ProjectMember.Role.EDITOR))

    def _with(self, user: User, memberships: models.QuerySet[ProjectMember]) -> ProjectQuerySet:
        """Two look-ups put together: with OR in their place PostgreSQL would read all projects of the office."""
        own = Project.objects.filter(user=user).order_by().values("pk")
        return self.filter(pk__in=own.union(memberships.values("project"), all=True), deleted_at=None)

    def deleted_by(self, user: User) -> ProjectQuerySet:
        """What this person has deleted and the clean-up has not removed yet."""
        return self.filter(user=user, deleted_at__isnull=False)


def scopes_of(user: User) -> list[UUID]:
    """Where this person may search: her own id, for what has no project, and those of the projects she is in.

    What was changed last comes first: a search that does not look through everything begins there.
    """
    projects = Project.objects.for_user(user).order_by("-updated_at", "-pk")
    return [user.pk, *projects.values_list("pk", flat=True)]


class Project(models.Model):
    """A case or a *processo*, with everything that belongs to it."""

    class Status(models.TextChoices):
        ACTIVE = "active", "ativo"
        CLOSED = "closed", "encerrado"

    OWNER = "owner"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="responsável", related_name="projects"
    )
    name = models.CharField("nome", max_length=255)
    description = models.TextField("descrição", blank=True)
    project_type = models.CharField("tipo", max_length=50, blank=True)
    status = models.CharField("situação", max_length=50, choices=Status, default=Status.ACTIVE)
    case_number = models.CharField("número CNJ", max_length=25, blank=True, db_index=True)
    client = models.CharField("cliente", max_length=255, blank=True)
    opposing_party = models.CharField("parte contrária", max_length=255, blank=True)
    court = models.CharField("juízo", max_length=255, blank=True)
    instructions = models.TextField("instruções ao assistente", blank=True)
    preservar = models.BooleanField(
        "preservar",
        default=False,
        help_text="Guarda obrigatória: a limpeza não remove nada deste projeto, nem o que foi excluído.",
    )
    created_at = models.DateTimeField("criado em", default=timezone.now, editable=False)
    updated_at = models.DateTimeField("alterado em", default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    metadata = models.JSONField(default=dict, blank=True, editable=False)

    objects: Any = ProjectQuerySet.as_manager()

    class Meta:
        db_table = "projects"
        verbose_name = "projeto"
        verbose_name_plural = "projetos"
        indexes = [
            models.Index(fields=["status"], name="projects_status_idx"),
            models.Index(fields=["-id"], condition=Q(preservar=True), name="projects_kept_idx"),  # the staff's list
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="projects_deleted_idx"),
        ]
        constraints = [models.CheckConstraint(condition=Q(status__in=["active", "closed"]), name="projects_status")]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Keeps the number as its twenty digits, whatever mask it was typed with."""
        if self.case_number:
            try:
                self.case_number = parse(self.case_number).digits
            except WrongNumber as error:
                raise ValidationError({"case_number": str(error)}) from error

    @property
    def number(self) -> str:
        """The number as people write it; "" when there is none."""
        return masked(self.case_number)

    @property
    def tribunal(self) -> Court | None:
        """The court that the number names; None without a number, or with an old one that no form would take."""
        try:
            return parse(self.case_number).court if self.case_number else None
        except WrongNumber:
            return None

    @property
    def is_closed(self) -> bool:
        return self.status == self.Status.CLOSED

    def role_of(self, user: User) -> str:
        """`owner` (who answers for it), `editor` or `viewer`; "" for who has no part in it."""
        if self.user_id == user.pk:
            return self.OWNER
        return self.members.filter(user=user).values_list("role", flat=True).first() or ""


class ProjectMember(models.Model):
    """Somebody who works on a project that is not her own."""

    class Role(models.TextChoices):
        EDITOR = "editor", "edita"
        VIEWER = "viewer", "só lê"

    project = models.ForeignKey(Project, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="pessoa", related_name="memberships"
    )
    role = models.CharField("papel", max_length=50, choices=Role, default=Role.EDITOR)

    class Meta:
        db_table = "project_members"
        verbose_name = "participante"
        verbose_name_plural = "participantes"
        constraints = [
            models.UniqueConstraint(fields=["project", "user"], name="project_members_once"),
            models.CheckConstraint(condition=Q(role__in=["editor", "viewer"]), name="project_members_role"),
        ]

    def __str__(self) -> str:
        return f"{self.user} em {self.project}"
