"""Deadlines and holidays for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

from accounts.models import User
from jurisprudence.deadlines.actions import create
from jurisprudence.deadlines.kept import answer
from jurisprudence.deadlines.models import Deadline, Holiday
from jurisprudence.deadlines.questions import Question
from projects.models import Project


def make_question(**more: Any) -> Question:
    """Fifteen working days from 3 August 2026: the 25th in a state court."""
    return Question(**{"event": "disponibilizacao", "date": date(2026, 8, 3), "amount": 15, "court": "TJGO"} | more)


def make_deadline(project: Project, title: str = "Contestação", user: User | None = None, **more: Any) -> Deadline:
    return create(answer(make_question(**more)), title, project=project, user=user or project.user)


def make_holiday(day: str, scope: str = "state", **more: Any) -> Holiday:
    """In Goiás, unless said otherwise."""
    place = {"uf": "GO"} if scope == "state" else {}
    values = {"name": "Feriado de teste", "source": "Lei 1/2026", **place} | more
    found: Holiday = Holiday.objects.create(date=date.fromisoformat(day), scope=scope, **values)
    return found
