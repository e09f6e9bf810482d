"""A project with its people: who answers for it, an editor and a viewer."""

import pytest
from django.test import Client

from accounts.models import User
from conftest import signed_in
from projects.models import Project, ProjectMember


@pytest.fixture
def project(owner: User) -> Project:
    found: Project = Project.objects.create(user=owner, name="Espólio de exemplo")
    return found


def member(project: Project, email: str, name: str, role: str) -> User:
    person = User.objects.create_user(email, name=name)
    ProjectMember.objects.create(project=project, user=person, role=role)
    return person


@pytest.fixture
def editor(project: Project) -> User:
    return member(project, "marta@exemplo.adv.br", "Marta Reis", "editor")


@pytest.fixture
def viewer(project: Project) -> User:
    return member(project, "caio@exemplo.adv.br", "Caio Lemos", "viewer")


@pytest.fixture
def as_editor(editor: User) -> Client:
    return signed_in(editor)


@pytest.fixture
def as_viewer(viewer: User) -> Client:
    return signed_in(viewer)
