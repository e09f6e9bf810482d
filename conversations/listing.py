"""What stands at the side of every page: a few projects, then one's conversations, pinned ones first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import User
from conversations.models import Conversation
from projects.models import Project
from romagent.base.keyset import newest_first

SIZE = 40
PROJECTS = 5
COLUMNS = ("id", "title", "pinned_at", "updated_at", "mode", "metadata")


@dataclass(frozen=True)
class Rail:
    pinned: list[Conversation]
    groups: list[dict[str, Any]]  # {"label", "conversations"}
    more_url: str
    projects: list[Project]  # the last ones that changed, of those worked on


def build_rail(user: User) -> Rail:
    """Three queries, whatever the history's size."""
    mine = Conversation.objects.begun_by(user).current().only(*COLUMNS)
    pinned = list(mine.exclude(pinned_at=None).order_by("-updated_at", "-id")[:SIZE])
    page = newest_first(mine.filter(pinned_at=None), "updated_at", size=SIZE)
    more = f"{reverse('conversations:list')}?depois={page.after}".replace("+", "%2B") if page.after else ""
    cases = Project.objects.for_user(user).filter(status=Project.Status.ACTIVE).only("id", "name")
    recent = list(cases.order_by("-updated_at", "-id")[:PROJECTS])
    return Rail(pinned, by_day(page.items, timezone.localdate()), more, recent)


def by_day(conversations: Iterable[Conversation], today: date) -> list[dict[str, Any]]:
    """Grouped under Hoje, Ontem, Últimos 7 dias, Este mês, then month by month, in São Paulo's days."""
    groups = groupby(conversations, key=lambda c: day_label(timezone.localtime(c.updated_at).date(), today))
    return [{"label": label, "conversations": list(members)} for label, members in groups]


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
