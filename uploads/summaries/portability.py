"""What is a person's own here: the summaries she has asked for, of what she may still see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accounts.models import User
from romagent.base.portability import Number, Part, counted, safe_name
from uploads.summaries.export import as_text
from uploads.summaries.models import Summary
from uploads.summaries.showing import Shown

AT_ONCE = 100  # rows


def parts(user: User) -> Iterator[Part]:
    """Each batch a query of its own: between two of them the connection may be closed."""
    last: Any = None
    while batch := list(_own(user).filter(**({"pk__gt": last} if last else {})).order_by("pk")[:AT_ONCE]):
        for summary in batch:
            title = title_of(summary)
            name = safe_name(f"{title}, {summary.created_at:%Y-%m-%d}", ".md", fallback="resumo")
            yield Part(f"resumos/{name}", [as_text(Shown(summary, user), title, "md").encode()], at=summary.created_at)
        last = batch[-1].pk


def title_of(summary: Summary) -> str:
    """The name of what it is of."""
    return summary.upload.original_filename if summary.upload else str(summary.project)


def _own(user: User) -> Any:
    done = Summary.objects.for_user(user).filter(user=user, status=Summary.Status.COMPLETE)
    return done.select_related("upload", "project")


def numbers(user: User) -> Iterator[Number]:
    yield Number("resumos", counted(_own(user)))
