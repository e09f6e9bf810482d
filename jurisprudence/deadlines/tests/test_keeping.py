"""What becomes of deadlines: the clean-up, one's own data, a data subject."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from jurisprudence.deadlines import portability, retention
from jurisprudence.deadlines.models import Deadline
from jurisprudence.deadlines.tests.making import make_deadline
from projects.models import Project, ProjectMember
from romagent.base.retention import Policy
from romagent.subjects.places import PLACES

pytestmark = pytest.mark.django_db
POLICY = Policy(archived_days=90, operations_days=30, deleted_days=7, jobs_days=7)
(KIND,) = retention.KINDS


@pytest.fixture
def project(owner: User) -> Project:
    found: Project = Project.objects.create(user=owner, name="Silva x Souza")
    return found


def ago(days: int) -> object:
    return timezone.now() - timedelta(days=days)


def test_only_what_is_past_its_undo_goes(project: Project) -> None:
    kept, fresh, old = (make_deadline(project, title) for title in ("Fica", "Recente", "Antigo"))
    Deadline.objects.filter(pk=fresh.pk).update(deleted_at=ago(6))
    Deadline.objects.filter(pk=old.pk).update(deleted_at=ago(8))
    assert KIND.count(POLICY, None) == {"deadlines": 1}
    batch = KIND.remove(POLICY, 10, None)
    assert (batch.removed, batch.named) == ({"deadlines": 1}, {"deadlines": [str(old.pk)]})
    assert set(Deadline.objects.values_list("pk", flat=True)) == {kept.pk, fresh.pk}


def test_a_project_takes_its_deadlines_with_it(project: Project) -> None:
    make_deadline(project)
    Project.objects.update(deleted_at=ago(8))
    assert KIND.remove(POLICY, 10, None).removed == {"deadlines": 1}


def test_nothing_of_a_held_project_goes(project: Project) -> None:
    make_deadline(project)
    Deadline.objects.update(deleted_at=ago(400))
    Project.objects.update(preservar=True)
    assert KIND.count(POLICY, None) == {"deadlines": 0}
    assert KIND.remove(POLICY, 10, None).removed == {}


def test_ones_own_data_has_the_deadlines_one_has_counted(project: Project, stranger: User) -> None:
    ProjectMember.objects.create(project=project, user=stranger)
    mine = [make_deadline(project, f"Meu {n}") for n in range(3)]
    make_deadline(project, "Da colega", user=stranger)
    (part,) = portability.parts(project.user)
    found = json.loads(b"".join(part.chunks))
    assert part.path == "prazos.json"
    assert [one["titulo"] for one in found] == ["Meu 0", "Meu 1", "Meu 2"]
    assert found[0]["fim"] == "2026-08-25"
    assert found[0]["id"] == str(mine[0].pk)
    assert [(number.label, number.count) for number in portability.numbers(project.user)] == [("prazos", 3)]
    (part,) = portability.parts(User.objects.create_user("x@exemplo.adv.br"))
    assert json.loads(b"".join(part.chunks)) == []


def test_a_data_subject_is_found_in_titles_and_notes(project: Project) -> None:
    deadline = make_deadline(project, "Contestação de Maria de Teste")
    place = PLACES["deadline"]
    ((window, count),) = place.windows()
    (row,) = place.naming(window, {"name": "Maria"})
    assert (count, row.pk, row.owner) == (1, str(deadline.pk), project.user_id)
