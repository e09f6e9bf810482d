"""When the table of closed days, or the rules, change: it is told, and nothing is changed by itself."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import AuditLog
from jurisprudence.deadlines.models import Deadline, Holiday
from jurisprudence.deadlines.tests.making import make_deadline, make_holiday, make_question
from projects.models import Project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(owner: User) -> Project:
    found: Project = Project.objects.create(user=owner, name="Silva x Souza")
    return found


def test_a_new_holiday_is_told_and_changes_nothing_by_itself(as_owner: Client, project: Project) -> None:
    deadline = make_deadline(project)
    make_holiday("2026-08-24")
    page = as_owner.get(f"/prazos/{deadline.pk}/").content.decode()
    assert "o prazo terminaria em <strong>26/08/2026</strong>" in page
    assert "o calendário mudou" in as_owner.get("/prazos/").content.decode()
    deadline.refresh_from_db()
    assert deadline.ends_on == date(2026, 8, 25)
    as_owner.post(f"/prazos/{deadline.pk}/recontar/")
    deadline.refresh_from_db()
    assert deadline.ends_on == date(2026, 8, 26)
    row = AuditLog.objects.get(action="prazo.recontar")
    assert (row.old_value["ends_on"], row.new_value["ends_on"]) == ("2026-08-25", "2026-08-26")
    assert "o calendário mudou" not in as_owner.get("/prazos/").content.decode()


def test_a_holiday_that_was_saved_while_it_was_counted_is_found_all_the_same(
    as_owner: Client, project: Project
) -> None:
    """Its time is that of its form, which others see a moment later; by then the deadline is counted without it."""
    day = make_holiday("2026-08-24")
    Holiday.objects.update(removed_at=timezone.now())  # not to be seen yet
    deadline = make_deadline(project)
    Holiday.objects.update(removed_at=None)
    assert day.updated_at < deadline.counted_at
    assert (
        "o prazo terminaria em <strong>26/08/2026</strong>" in as_owner.get(f"/prazos/{deadline.pk}/").content.decode()
    )


def test_days_of_ones_own_do_not_ask_for_the_table_again(as_owner: Client, project: Project) -> None:
    make_holiday("2027-01-04")
    for n in range(12):
        make_deadline(project, f"Prazo {n}", closed=(date(2026, 8, 10 + n),))
    as_owner.get("/prazos/")
    with CaptureQueriesContext(connection) as seen:
        as_owner.get("/prazos/")
    assert sum('FROM "court_holidays"' in query["sql"] for query in seen.captured_queries) == 2  # the change, the court


def test_a_holiday_elsewhere_says_nothing(as_owner: Client, project: Project) -> None:
    deadline = make_deadline(project)
    make_holiday("2026-08-24", uf="SP")
    assert "terminaria em" not in as_owner.get(f"/prazos/{deadline.pk}/").content.decode()


def test_other_rules_are_told_too(as_owner: Client, project: Project) -> None:
    deadline = make_deadline(project)
    Deadline.objects.update(version="0", ends_on=date(2026, 8, 27))
    assert "terminaria em <strong>25/08/2026</strong>" in as_owner.get(f"/prazos/{deadline.pk}/").content.decode()


def test_what_is_done_is_left_alone(as_owner: Client, project: Project) -> None:
    deadline = make_deadline(project)
    as_owner.post(f"/prazos/{deadline.pk}/cumprir/")
    make_holiday("2026-08-24")
    assert "terminaria em" not in as_owner.get(f"/prazos/{deadline.pk}/").content.decode()


def test_every_question_is_kept_and_read_back_whole() -> None:
    question = make_question(
        closed=(date(2026, 8, 24),), reduced=(date(2026, 8, 25),), suspended=(date(2026, 8, 6),), city="Goiânia",
        party="defensoria", urgent=True, own_term=True, electronic=False, regime="penal", unit="corridos",
    )  # fmt: skip
    kept = question.as_json()
    assert type(question).from_json(kept) == question
    assert type(question).from_json({"event": "ciencia", "date": "2026-08-03", "amount": 5}).regime == "civel"
