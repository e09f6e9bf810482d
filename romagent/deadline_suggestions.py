"""Deadlines that the summaries have found in files. None becomes a deadline by itself: a person counts and keeps it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import shorten
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import Truncator
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from projects.courts import Court
from romagent.base.keyset import newest_first
from uploads.models import Summary
from uploads.summaries.showing import Line, Shown

SIZE = 5  # summaries on a page
LONGEST_TITLE, LONGEST_QUOTED = 120, 900  # characters; they go through addresses, which servers cut at some thousands
WHOLE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Suggestion:
    """One line of a summary, and the address of the form with what it says: a person chooses everything that counts."""

    line: Line
    count_url: str


@dataclass(frozen=True)
class Group:
    summary: Summary
    title: str
    url: str
    suggestions: list[Suggestion]


@require_GET
def page(request: SignedInRequest) -> HttpResponse:
    """The “prazos mencionados” of the newest summaries she may see, or of `?resumo=`; `?depois=` goes on."""
    rows = Summary.objects.for_user(request.user).filter(status=Summary.Status.COMPLETE)
    named = _uuid(request.GET.get("resumo", ""))
    rows = rows.filter(pk=named) if named else rows
    rows = rows.select_related("upload__project", "project", "user")
    found = newest_first(rows, "created_at", request.GET.get("depois", ""), SIZE)
    groups = [_group(request, summary) for summary in found.items]
    next_url = f"?{urlencode({'depois': found.after})}" if found.after else ""
    context = {"groups": [group for group in groups if group.suggestions], "next_url": next_url, "named": named}
    return render(request, "romagent/deadline_suggestions.html", context)


def _group(request: SignedInRequest, summary: Summary) -> Group:
    shown = Shown(summary, request.user)
    title = summary.upload.original_filename if summary.upload else str(summary.project)
    suggestions = [Suggestion(line, _address(summary, kept, line)) for kept, line in _lines(summary, shown)]
    return Group(summary, title, reverse("uploads:summary", args=[summary.pk]), suggestions)


def _lines(summary: Summary, shown: Shown) -> Iterator[tuple[dict[str, Any], Line]]:
    """Each line of the section as it is kept and as it is shown."""
    kept = summary.sections.get("prazos", [])
    lines = next((section.lines for section in shown.sections if section.key == "prazos"), [])
    yield from zip(kept, lines, strict=True)


def _address(summary: Summary, kept: dict[str, Any], line: Line) -> str:
    project = summary.project or (summary.upload.project if summary.upload else None)
    court: Court | None = project.tribunal if project else None
    pages = "; ".join(source.words for source in line.sources)
    values = {
        "dia": kept["date"] if WHOLE_DATE.fullmatch(kept["date"]) else "",
        "titulo": shorten(line.text, LONGEST_TITLE, placeholder="…"),
        "projeto": str(project.pk) if project else "",
        "tribunal": court.sigla if court else "",
        "observacao": f"{shorten(line.text, LONGEST_QUOTED, placeholder='…')} ({Truncator(pages).chars(150)})",
    }
    return f"{reverse('jurisprudence:count')}?{urlencode({name: value for name, value in values.items() if value})}"


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
