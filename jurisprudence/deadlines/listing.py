"""The list of deadlines, the most urgent first, by keyset: "what ends after this one"."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from romagent.base.keyset import Page


def by_end(queryset: QuerySet[Any], after: str = "", size: int = 30, *, latest_first: bool = False) -> Page:
    """`size` rows by (`ends_on`, id), beginning after the cursor; an unreadable cursor is the beginning."""
    than, order = ("lt", "-") if latest_first else ("gt", "")
    if position := _parse(after):
        day, pk = position
        later = Q(**{f"ends_on__{than}": day}) | Q(**{"ends_on": day, f"pk__{than}": pk})
        queryset = queryset.filter(later, **{f"ends_on__{than}e": day})
    rows = list(queryset.order_by(f"{order}ends_on", f"{order}pk")[: size + 1])
    items = rows[:size]
    return Page(items, f"{items[-1].ends_on.isoformat()}~{items[-1].pk}" if len(rows) > size else "")


def _parse(cursor: str) -> tuple[date, UUID] | None:
    day, _, pk = cursor.partition("~")
    try:
        return date.fromisoformat(day), UUID(pk)
    except ValueError:
        return None
