"""Search in files by page: what a person may see, or in files that the caller has already checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from romagent.base import search as base
from romagent.base.search import Filters, looking, understand
from uploads.models import Upload

# The scope comes first: the index answers both at once. Whether a file is deleted is asked row by row, which is cheaper
# than what the planner makes of a join, and the LIMIT ends it. Where it ends follows from where rows lie, so it is the
# same for every page of results.
MATCHES = """
SELECT pages.id, pages.upload_id, pages.number, ts_rank(pages.search, %(query)s::tsquery) AS rank
FROM upload_pages AS pages
WHERE pages.scope = ANY(%(scopes)s) AND pages.search @@ %(query)s::tsquery
    AND (%(uploads)s::uuid[] IS NULL OR pages.upload_id = ANY(%(uploads)s))
    AND (
        SELECT deleted_at IS NULL AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
            AND (%(until)s::timestamptz IS NULL OR created_at < %(until)s)
        FROM uploads WHERE uploads.id = pages.upload_id
    )
LIMIT %(candidates)s
"""
BEST = f"""
WITH matches AS MATERIALIZED ({MATCHES}), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY upload_id ORDER BY rank DESC, id DESC) AS place,
        count(*) OVER (PARTITION BY upload_id) AS of_file, count(*) OVER () AS found
    FROM matches
)
SELECT id, upload_id, number, rank, of_file, found FROM ranked
WHERE place <= %(of_one)s AND (%(rank)s::float4 IS NULL OR (rank, id) < (%(rank)s::float4, %(id)s))
ORDER BY rank DESC, id DESC LIMIT %(limit)s
"""  # noqa: S608 (put together from constants)
HEADLINES = """
SELECT id, ts_headline('portuguese_plain', left(text, %(characters)s), %(query)s::tsquery, %(how)s)
FROM upload_pages WHERE id = ANY(%(ids)s)
"""


@dataclass(frozen=True)
class PageHit:
    """A page that matches. `snippet` is plain text around what was looked for, parts of it joined by ` … `."""

    upload_id: UUID
    number: int
    snippet: str
    rank: float
    has_all: bool = True  # false: it has some of the words only


@dataclass(frozen=True)
class _Row:
    id: int
    upload_id: UUID
    number: int
    rank: float
    of_file: int
    found: int


def find_pages(upload_ids: Collection[UUID], query: str, limit: int = 10) -> list[PageHit]:
    """The best pages of these files, best first; the caller has checked that the person may see them.

    Understood as in the search box. When no page has all the words, those that have most of them. In deleted files
    nothing is found. Raises `romagent.base.search.TooSlow`.
    """
    asked = understand(query)
    scopes = _scopes(upload_ids) if asked else []
    if not scopes:
        return []
    found = _pages_of(asked.query, upload_ids, scopes, limit)
    if found or "!" in asked.query or "<" in asked.query:
        return found
    return _pages_of(asked.query.replace(" & ", " | "), upload_ids, scopes, limit, has_all=False)


def _scopes(upload_ids: Collection[UUID]) -> list[UUID]:
    """Where the pages of these files are: in the file's project, or with its owner."""
    rows = Upload.objects.filter(pk__in=list(upload_ids), deleted_at=None).values_list("project_id", "user_id")
    return list({project or user for project, user in rows})


def _pages_of(
    query: str, upload_ids: Collection[UUID], scopes: list[UUID], limit: int, *, has_all: bool = True
) -> list[PageHit]:
    with looking():
        rows = _best(query, scopes, Filters(), limit, uploads=list(upload_ids), of_one=limit)
        snippets = _headlines(query, (row.id for row in rows))
    return [PageHit(row.upload_id, row.number, base.plain(snippets[row.id]), row.rank, has_all) for row in rows]


def _best(
    query: str, scopes: list[UUID], filters: Filters, limit: int, *, uploads: list[UUID] | None, of_one: int
) -> list[_Row]:
    rank, pk = base.position(filters.after, int) or (None, None)
    parameters = {
        "query": query, "scopes": scopes, "uploads": uploads, "since": filters.since, "until": filters.until,
        "candidates": base.CANDIDATES + 1, "of_one": of_one, "rank": rank, "id": pk, "limit": limit,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(BEST, parameters)
        return [_Row(*row) for row in cursor.fetchall()]


def _headlines(query: str, ids: Iterable[int]) -> dict[int, str]:
    parameters = {"query": query, "ids": list(ids), "characters": base.SNIPPET_FROM, "how": base.HEADLINE}
    with connection.cursor() as cursor:
        cursor.execute(HEADLINES, parameters)
        return dict(cursor.fetchall())
