"""Search in deadlines (title, note, the project's name and number) and in processes (number, class).

Both are few for one person: their words are made as they are looked at, 5,000 deadlines in 0.14 s, and need no index.
"""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from jurisprudence.datajud.models import CourtCase
from jurisprudence.deadlines.models import Deadline
from projects.models import scopes_of
from projects.search import NUMBER
from romagent.base import search as base
from romagent.base.search import Asked, Filters, Found, Hit

CLASSES = "(SELECT string_agg(DISTINCT class_name, ' ') FROM court_case_grades WHERE case_id = court_cases.id)"
MATCHES = f"""
WITH mine AS MATERIALIZED (SELECT id, name, case_number FROM projects WHERE id = ANY(%(mine)s) AND deleted_at IS NULL),
words AS (
    SELECT deadlines.id, updated_at AS at, search_document(title) AS title,
        search_document(title || ' ' || note || ' ' || name || ' ' || case_number) AS search
    FROM deadlines JOIN mine ON mine.id = project_id WHERE deleted_at IS NULL
    UNION ALL
    SELECT id, coalesce(found_at, asked_at, created_at), search_document(number),
        search_document(concat_ws(' ', number, {CLASSES}))
    FROM court_cases WHERE number IN (SELECT case_number FROM mine) OR id IN (
        SELECT case_id FROM court_case_requests WHERE user_id = %(user)s AND %(everywhere)s)
)
SELECT id, rank FROM (
    SELECT id, (ts_rank(search, %(shown)s::tsquery) + (title @@ %(query)s::tsquery)::int)::float4 AS rank FROM words
    WHERE search @@ %(query)s::tsquery
        AND (%(since)s::timestamptz IS NULL OR at >= %(since)s) AND (%(until)s::timestamptz IS NULL OR at < %(until)s)
    LIMIT %(candidates)s
) AS matches
WHERE %(rank)s::float4 IS NULL OR (rank, id) < (%(rank)s::float4, %(id)s::uuid)
ORDER BY rank DESC, id DESC LIMIT %(limit)s
"""  # noqa: S608 (put together from constants)
HEADLINES = f"""
SELECT id, {base.headline("note", "search_document(note)")} FROM deadlines WHERE id = ANY(%(ids)s)
UNION ALL
SELECT id, {base.headline("words", "search_document(words)")} FROM (
    SELECT id, concat_ws(' · ', {NUMBER}, classes) AS words
    FROM (SELECT id, number AS case_number, {CLASSES} AS classes FROM court_cases WHERE id = ANY(%(ids)s)) AS named
) AS cases
"""  # noqa: S608


def search(user: User, asked: Asked, filters: Filters, limit: int) -> Found:
    """Deadlines and processes, best first. Raises `romagent.base.search.TooSlow`."""
    query = asked.beginning or asked.query
    if not query or filters.upload:
        return Found()
    mine = [pk for pk in (filters.scopes or scopes_of(user))[1:] if filters.project in (None, pk)]
    found, after = base.best(
        MATCHES, HEADLINES, filters.after, limit, query=query, shown=base.shown(query), mine=mine, user=user.pk,
        everywhere=filters.project is None, since=filters.since, until=filters.until,
    )  # fmt: skip
    if not found:
        return Found()
    deadlines = Deadline.objects.for_user(user).select_related("project").defer("asked", "counted").in_bulk(found)
    cases = CourtCase.objects.for_user(user).in_bulk(found)
    hits = [
        _deadline(deadlines[pk], headline) if pk in deadlines else _case(cases[pk], headline)
        for pk, headline in found.items()
        if pk in deadlines or pk in cases
    ]
    return Found(hits, after)


def _deadline(deadline: Deadline, headline: str) -> Hit:
    meta = (f"prazo até {deadline.ends_on:%d/%m/%Y}", deadline.standing, deadline.project.name)
    url = reverse("jurisprudence:deadline", args=[deadline.pk])
    return Hit("deadline", deadline.title, url, meta, base.marked(headline), deadline.updated_at)


def _case(case: CourtCase, headline: str) -> Hit:
    meta = ("processo", case.court.sigla if case.court else "", case.get_outcome_display() if case.outcome else "")
    url = reverse("jurisprudence:case", args=[case.pk])
    when = case.found_at or case.asked_at or case.created_at
    return Hit("case", str(case), url, meta, base.marked(headline), when)
