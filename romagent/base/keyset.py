"""Pages by keyset: "what comes after this row", never OFFSET, so that the thousandth page costs what the first does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet


@dataclass(frozen=True)
class Page:
    items: Sequence[Any]
    after: str  # the cursor of the next page; "" on the last one


def newest_first(queryset: QuerySet[Any], field: str, after: str = "", size: int = 50) -> Page:
    """`size` rows by (`field`, id) descending, beginning after the cursor; an unreadable cursor is the beginning."""
    if position := _parse(after):
        moment, pk = position
        queryset = queryset.filter(
            Q(**{f"{field}__lt": moment}) | Q(**{field: moment, "pk__lt": pk}), **{f"{field}__lte": moment}
        )
    rows = list(queryset.order_by(f"-{field}", "-pk")[: size + 1])
    items = rows[:size]
    return Page(items, cursor(getattr(items[-1], field), items[-1].pk) if len(rows) > size else "")


def cursor(moment: datetime, pk: UUID) -> str:
    """Where the page ends whose last row has this moment and id."""
    return f"{moment.isoformat()}~{pk}"


def _parse(after: str) -> tuple[datetime, UUID] | None:
    moment, _, pk = after.partition("~")
    try:
        when = datetime.fromisoformat(moment)
        return (when.astimezone(UTC), UUID(pk)) if when.tzinfo else None
    except (ValueError, OverflowError):
        return None
