"""What stands at the side of every page: a few projects, then one's conversations, pinned ones first."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from conversations.models import Conversation
from projects.models import Project
from romagent.base.compiled import Compiled
from romagent.base.keyset import cursor

SIZE = 40
PROJECTS = 5


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the lists: a conversation, or a project."""

    id: UUID
    title: str
    updated_at: datetime

    @property
    def href(self) -> str:
        """The conversation's page; `reverse` would take as long as all the rest of the line, forty times a page."""
        return f"/conversas/{self.id}/"


@dataclass(frozen=True)
class Rail:
    groups: list[dict[str, Any]]  # {"label", "conversations"}; the pinned ones first
    more_url: str
    projects: list[Item]  # the last ones that changed, of those worked on


def _conversations(person: UUID, *, pinned: bool) -> QuerySet[Conversation, Any]:
    mine = Conversation.objects.begun_by(User(pk=person)).current().filter(pinned_at__isnull=not pinned)
    return mine.order_by("-updated_at", "-id").values_list("id", "title", "updated_at")[: SIZE if pinned else SIZE + 1]


def _projects(person: UUID) -> QuerySet[Project, Any]:
    cases = Project.objects.for_user(User(pk=person)).filter(status=Project.Status.ACTIVE)
    return cases.order_by("-updated_at", "-id").values_list("id", "name", "updated_at")[:PROJECTS]


PINNED: Compiled[Conversation] = Compiled(functools.partial(_conversations, pinned=True))
OTHERS: Compiled[Conversation] = Compiled(functools.partial(_conversations, pinned=False))
CASES: Compiled[Project] = Compiled(_projects)


def build_rail(user: User) -> Rail:
    """Three queries, whatever the history's size; every page makes them."""
    pinned, others, projects = ([Item(*row) for row in query.rows(user.pk)] for query in (PINNED, OTHERS, CASES))
    more = ""
    if len(others) > SIZE:
        after = cursor(others[SIZE - 1].updated_at, others[SIZE - 1].id)
        more = f"{reverse('conversations:list')}?depois={after}".replace("+", "%2B")
    above = [{"label": "Fixadas", "conversations": pinned}] if pinned else []
    return Rail(above + by_day(others[:SIZE], timezone.localdate()), more, projects)


def by_day(conversations: Iterable[Item], today: date) -> list[dict[str, Any]]:
    """Grouped under Hoje, Ontem, Últimos 7 dias, Este mês, then month by month, in São Paulo's days."""
    groups = groupby(conversations, key=lambda c: day_label(timezone.localtime(c.updated_at).date(), today))
    return [{"label": label, "conversations": list(members)} for label, members in groups]


@functools.lru_cache(maxsize=1000)
def day_label(day: date, today: date) -> str:
    if day >= today:
        return "Hoje"
    if day == today - timedelta(days=1):
        return "Ontem"
    if day > today - timedelta(days=7):
        return "Últimos 7 dias"
    if (day.year, day.month) == (today.year, today.month):
        return "Este mês"
    return date_format(day, "F \\d\\e Y").lower()
