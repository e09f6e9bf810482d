"""What a person can do to projects: each in one transaction, with its audit row, which never says what was written.

Whoever loses access by it is told off at once, also from streams that are open (`romagent/base/access.py`).
"""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from projects.models import Project, ProjectMember
from romagent.base import access


class Refused(Exception):
    """Not done; the message says why, to the person who asked."""


HELD = "O projeto está preservado: o que está nele não pode sair."
Asking = HttpRequest | None


@transaction.atomic
def create(project: Project, *, user: User, request: Asking = None) -> Project:
    """Keeps a new project, for which `user` answers."""
    project.user = user
    project.save(force_insert=True)
    record("projeto.criar", user=user, request=request, entity=project)
    return project


@transaction.atomic
def change(project: Project, fields: list[str], *, user: User, request: Asking = None) -> None:
    """Keeps what was changed in these fields; the row names them and no more."""
    _save(project, "projeto.alterar", user, request, fields, {"fields": fields})


@transaction.atomic
def close(project: Project, *, user: User, request: Asking = None) -> None:
    """Out of the lists of what is worked on; nothing of it is lost, and everything can still be read."""
    project.status = Project.Status.CLOSED
    _save(project, "projeto.encerrar", user, request, ["status"])


@transaction.atomic
def reopen(project: Project, *, user: User, request: Asking = None) -> None:
    project.status = Project.Status.ACTIVE
    _save(project, "projeto.reabrir", user, request, ["status"])


@transaction.atomic
def hold(project: Project, *, user: User, request: Asking = None) -> None:
    """Legal hold: the clean-up removes nothing of it, and it cannot be deleted."""
    project.preservar = True
    _save(project, "projeto.preservar", user, request, ["preservar"])


@transaction.atomic
def release(project: Project, *, user: User, request: Asking = None) -> None:
    project.preservar = False
    _save(project, "projeto.liberar", user, request, ["preservar"])


@transaction.atomic
def delete(project: Project, *, user: User, request: Asking = None) -> None:
    """Takes the project and all that is in it out of sight, for everybody. Raises `Refused` for one that is held."""
    if _locked(project).preservar:
        raise Refused(
            "Este projeto está preservado e não pode ser excluído. Encerre-o, ou desfaça a preservação antes."
        )
    project.deleted_at = timezone.now()
    _save(project, "projeto.excluir", user, request, ["deleted_at"])
    access.changed()


@transaction.atomic
def undelete(project: Project, *, user: User, request: Asking = None) -> None:
    project.deleted_at = None
    _save(project, "projeto.desfazer-exclusao", user, request, ["deleted_at"])


# Members -----------------------------------------------------------------------------------------


@transaction.atomic
def add_member(project: Project, person: User, role: str, *, user: User, request: Asking = None) -> None:
    if person.pk == _locked(project).user_id:
        raise Refused(f"{person} já responde por este projeto.")
    _, is_new = ProjectMember.objects.get_or_create(project=project, user=person, defaults={"role": role})
    if not is_new:
        raise Refused(f"{person} já participa deste projeto.")
    _note(project, "projeto.adicionar-pessoa", person, user, request, role=role)


@transaction.atomic
def change_role(project: Project, person: User, role: str, *, user: User, request: Asking = None) -> None:
    _locked(project)
    if not project.members.filter(user=person).exclude(role=role).update(role=role):
        return
    _note(project, "projeto.alterar-papel", person, user, request, role=role)


@transaction.atomic
def remove_member(project: Project, person: User, *, user: User, request: Asking = None) -> None:
    """Her access ends at once; what she has written and sent stays in the project."""
    _locked(project)
    if not project.members.filter(user=person).delete()[0]:
        return
    action = "projeto.sair" if person.pk == user.pk else "projeto.remover-pessoa"
    _note(project, action, person, user, request)
    access.changed(person.pk)


@transaction.atomic
def hand_over(project: Project, person: User, *, user: User, request: Asking = None) -> None:
    """`person`, who is a member already, answers for the project from now on; who did so until now edits it."""
    if _locked(project).user_id != user.pk:
        raise Refused("A responsabilidade por este projeto já mudou.")
    if not person.is_active or not project.members.filter(user=person).delete()[0]:
        raise Refused(f"{person} não participa deste projeto.")
    ProjectMember.objects.create(project=project, user=user, role=ProjectMember.Role.EDITOR)
    project.user = person
    project.save(update_fields=["user"])
    _note(project, "projeto.passar-responsabilidade", person, user, request)


def touch(project: Project) -> None:
    """Something came into the project or left it: it stands first among those that were worked on."""
    Project.objects.filter(pk=project.pk).update(updated_at=timezone.now())


def _locked(project: Project) -> Project:
    """The project as it is now; who else would change its members waits until this is done."""
    found: Project = Project.objects.select_for_update().get(pk=project.pk)
    return found


def _note(project: Project, action: str, person: User, user: User, request: Asking, **new: str) -> None:
    touch(project)
    record(action, user=user, request=request, entity=project, new={"person": str(person.pk), **new})


def _save(
    project: Project, action: str, user: User, request: Asking, fields: list[str], new: dict[str, Any] | None = None
) -> None:
    project.updated_at = timezone.now()
    project.save(update_fields=[*fields, "updated_at"])
    record(action, user=user, request=request, entity=project, new=new)
