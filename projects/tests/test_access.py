"""A project is seen by who is responsible for it and by its members, and by nobody else."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from projects.models import Project, ProjectMember

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def test_the_owner_sees_it_and_a_stranger_does_not(project: Project, owner: User, stranger: User, staff: User) -> None:
    assert list(Project.objects.for_user(owner)) == [project]
    assert not Project.objects.for_user(stranger).exists()
    assert not Project.objects.for_user(staff).exists()


@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_a_member_sees_it_once(project: Project, stranger: User, role: str) -> None:
    ProjectMember.objects.create(project=project, user=stranger, role=role)
    ProjectMember.objects.create(project=Project.objects.create(user=stranger, name="Outro"), user=project.user)
    assert list(Project.objects.for_user(stranger).filter(pk=project.pk)) == [project]


def test_what_is_deleted_is_seen_by_nobody(project: Project, owner: User, stranger: User) -> None:
    ProjectMember.objects.create(project=project, user=stranger)
    Project.objects.update(deleted_at=timezone.now())
    assert not Project.objects.for_user(owner).exists()
    assert not Project.objects.for_user(stranger).exists()


def test_nobody_is_a_member_twice(project: Project, stranger: User) -> None:
    ProjectMember.objects.create(project=project, user=stranger)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProjectMember.objects.create(project=project, user=stranger, role="viewer")


@pytest.mark.parametrize(("model", "field"), [(Project, "status"), (ProjectMember, "role")])
def test_states_and_roles_are_of_a_known_kind(project: Project, stranger: User, model: type, field: str) -> None:
    ProjectMember.objects.create(project=project, user=stranger)
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**{field: "talvez"})  # type: ignore[attr-defined]
