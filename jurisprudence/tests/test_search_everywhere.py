"""The search over everything finds deadlines and processes, for those who may see them and nobody else."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conftest import signed_in
from jurisprudence.deadlines.tests.making import make_deadline
from jurisprudence.models import CaseGrade, CaseRequest, CourtCase, Deadline
from projects.models import Project, ProjectMember

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
NUMBER, OTHER = "12345670320258090051", "50012343220264036100"


@pytest.fixture
def project(owner: User) -> Project:
    found: Project = Project.objects.create(user=owner, name="Silva x Souza", case_number=NUMBER)
    return found


def make_case(number: str, *classes: str) -> CourtCase:
    case: CourtCase = CourtCase.objects.create(number=number, outcome="found", found_at=timezone.now())
    for key, name in enumerate(classes):
        CaseGrade.objects.create(case=case, key=str(key), class_name=name, seen_at=timezone.now())
    return case


def titles(client: Client, q: str, **filters: object) -> list[str]:
    html = client.get("/busca/", {"q": q, "tipo": "prazos", **filters}).content.decode()
    return re.findall(r"data-hit>(.*?)</a>", html)


@pytest.mark.parametrize(
    "q", ["contestação", "CONTESTACAO", "contesta", "laudo", "silva", "contestação silva", "1234567-03.2025.8.09.0051"]
)
def test_a_deadline_is_found_by_title_note_and_project(as_owner: Client, project: Project, q: str) -> None:
    make_deadline(project)
    Deadline.objects.update(note="Juntar o laudo <b>pericial</b>")
    assert titles(as_owner, q) == ["Contestação"]
    assert titles(as_owner, f"{q} -laudo") == titles(as_owner, "apelação") == []


def test_it_is_shown_with_its_end_its_project_and_the_words_of_its_note(as_owner: Client, project: Project) -> None:
    deadline = make_deadline(project)
    Deadline.objects.update(note="Juntar o laudo <b>pericial</b>")
    html = as_owner.get("/busca/", {"q": "laudo"}).content.decode()
    assert f'href="/prazos/{deadline.pk}/"' in html
    assert "prazo até 25/08/2026" in html
    assert "Silva x Souza" in html
    assert "<mark>laudo</mark>" in html
    assert "<b>" not in html


def test_a_title_that_has_the_words_comes_first(as_owner: Client, project: Project) -> None:
    make_deadline(project, "Réplica")
    make_deadline(project, "Outro")
    Deadline.objects.filter(title="Outro").update(note="réplica " * 20)
    assert titles(as_owner, "réplica") == ["Réplica", "Outro"]


@pytest.mark.parametrize(
    "q", ["1234567-03.2025.8.09.0051", NUMBER, "1234567-03.2025", "monitória", "procedimento comum"]
)
def test_a_process_is_found_by_its_number_and_its_class(as_owner: Client, project: Project, q: str) -> None:
    case = make_case(NUMBER, "Ação Monitória", "Procedimento Comum")
    html = as_owner.get("/busca/", {"q": q, "tipo": "prazos"}).content.decode()
    assert re.findall(r"data-hit>(.*?)</a>", html) == ["1234567-03.2025.8.09.0051"]
    assert f'href="/processos/{case.pk}/"' in html
    assert "TJGO" in html
    assert "localizado" in html


def test_nobody_finds_what_she_may_not_see(owner: User, project: Project, stranger: User) -> None:
    make_deadline(project)
    make_case(NUMBER, "Ação Monitória")
    CaseRequest.objects.create(case=make_case(OTHER, "Ação Monitória"), user=owner)
    client = signed_in(stranger)
    assert titles(client, "contestação") == titles(client, "monitória") == []
    member = ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    assert titles(client, "contestação") == ["Contestação"]
    assert titles(client, "monitória") == ["1234567-03.2025.8.09.0051"]  # and not what the owner has asked for herself
    assert len(titles(signed_in(owner), "monitória")) == 2
    assert len(titles(signed_in(owner), "monitória", projeto=project.pk)) == 1
    member.delete()
    assert titles(client, "contestação") == titles(client, "monitória") == []


def test_what_is_deleted_is_not_found(as_owner: Client, project: Project) -> None:
    make_deadline(project)
    make_case(NUMBER, "Ação Monitória")
    Deadline.objects.update(deleted_at=timezone.now())
    assert titles(as_owner, "contestação") == []
    Project.objects.update(deleted_at=timezone.now())
    assert titles(as_owner, "monitória") == []


def test_pages_follow_without_a_gap_and_a_period_is_kept(as_owner: Client, project: Project) -> None:
    for n in range(25):
        make_deadline(project, f"Prazo {n:02}")
    html = as_owner.get("/busca/", {"q": "silva", "tipo": "prazos"}).content.decode()
    (more,) = re.findall(r'href="([^"]*)" data-more', html)
    then = as_owner.get(more.replace("&amp;", "&")).content.decode()
    found = [title for page in (html, then) for title in re.findall(r"data-hit>(.*?)</a>", page)]
    assert sorted(found) == [f"Prazo {n:02}" for n in range(25)]
    assert titles(as_owner, "silva", ate="2020-01-01") == []


def test_ten_cost_what_twenty_do(as_owner: Client, project: Project) -> None:
    counts = []
    as_owner.get("/busca/", {"q": "antes"})
    for start in (10, 20):
        for n in range(10):
            make_deadline(project, f"Monitória {start + n}")
        with CaptureQueriesContext(connection) as seen:
            assert len(titles(as_owner, "monitória")) == start
        counts.append(len(seen))
    assert counts[0] == counts[1]
