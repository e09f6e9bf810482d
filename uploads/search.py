"""Search in files by page: what a person may see, or in files that the caller has already checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import connection
from django.urls import reverse

from accounts.models import User
from projects.models import scopes_of
from romagent.base import search as base
from romagent.base.search import Asked, Filters, Found, Hit, looking, understand
from uploads.models import Upload

PAGES_OF_ONE_FILE = 3  # shown; the others a click away
# Whether words stand side by side is only seen in the page's own words, at 5 to 10 µs a page: so many, then it ends.
PHRASE_PAGES = 6_000

# One scope after the other, each with the index on scope and words: 400 projects at once would take as many index scans
# before the first row, while for common words the first few are enough. Within a scope the order is that of where rows
# lie, so it is the same for every page of results. Whether a file is deleted is asked row by row: cheaper than a join.
PAGES = """
FROM unnest(%(scopes)s::uuid[]) AS scopes(scope) CROSS JOIN LATERAL (
    SELECT pages.id, pages.upload_id, pages.number, pages.search FROM upload_pages AS pages
    WHERE pages.scope = scopes.scope AND pages.search @@ %(words)s::tsquery
        AND (%(uploads)s::uuid[] IS NULL OR pages.upload_id = ANY(%(uploads)s))
        AND (
            SELECT deleted_at IS NULL AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
                AND (%(until)s::timestamptz IS NULL OR created_at < %(until)s)
            FROM uploads WHERE uploads.id = pages.upload_id
        )
    LIMIT %(looked)s
) AS pages
"""
WORDS = f"""
WITH looked AS (SELECT 0 AS pages), matches AS MATERIALIZED (
    SELECT pages.id, pages.upload_id, pages.number, ts_rank(pages.search, %(shown)s::tsquery) AS rank
    {PAGES} LIMIT %(candidates)s
)
"""
PHRASE = f"""
WITH words AS MATERIALIZED (SELECT pages.* {PAGES} LIMIT %(looked)s),
looked AS (SELECT count(*) AS pages FROM words), matches AS MATERIALIZED (
    SELECT id, upload_id, number, ts_rank(search, %(shown)s::tsquery) AS rank
    FROM words WHERE search @@ %(query)s::tsquery LIMIT %(candidates)s
)
"""  # noqa: S608 (put together from constants)
BEST = """
SELECT looked.pages, found.pages, best.id, best.upload_id, best.number, best.rank, best.of_file
FROM looked CROSS JOIN (SELECT count(*) AS pages FROM matches) AS found LEFT JOIN (
    SELECT id, upload_id, number, rank, of_file FROM (
        SELECT *, row_number() OVER (PARTITION BY upload_id ORDER BY rank DESC, id DESC) AS place,
            count(*) OVER (PARTITION BY upload_id) AS of_file
        FROM matches
    ) AS ranked
    WHERE place <= %(of_one)s AND (%(rank)s::float4 IS NULL OR (rank, id) < (%(rank)s::float4, %(id)s))
    ORDER BY rank DESC, id DESC LIMIT %(limit)s
) AS best ON true ORDER BY best.rank DESC, best.id DESC
"""
HEADLINES = f"SELECT id, {base.headline('text', 'search')} FROM upload_pages WHERE id = ANY(%(ids)s)"  # noqa: S608
# The index is by whose it is and by these words, as the pages' is.
NAMES = """
SELECT id FROM uploads WHERE coalesce(project_id, user_id) = ANY(%(scopes)s)
    AND search_document(translate(original_filename, '_.-', '   ')) @@ %(names)s::tsquery AND deleted_at IS NULL
    AND (%(since)s::timestamptz IS NULL OR created_at >= %(since)s)
    AND (%(until)s::timestamptz IS NULL OR created_at < %(until)s)
ORDER BY created_at DESC LIMIT %(limit)s
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
    of_file: int  # how many pages of this file match


@dataclass(frozen=True)
class _Best:
    rows: list[_Row]
    note: str = ""


# For the search box ----------------------------------------------------------------------------


def search(user: User, asked: Asked, filters: Filters, limit: int) -> Found:
    """Files by their names, then pages, best first. Raises `romagent.base.search.TooSlow`."""
    scopes = list(filters.scopes or scopes_of(user))
    if filters.project:
        scopes = [scope for scope in scopes if scope == filters.project]
    with looking():
        named = [] if filters.after or filters.upload else _named(asked, scopes, filters, limit + 1)
        best = _pages(asked, scopes, filters, limit)
        rows = best.rows[:limit]
        headlines = _headlines(asked.query, (row.id for row in rows))
    named, notes = named[:limit], [_note_of_names(limit) if len(named) > limit else "", best.note]
    wanted = {*named, *(row.upload_id for row in rows)}
    mine = Upload.objects.for_user(user).only("original_filename", "created_at", "page_count").in_bulk(wanted)
    hits = [_file_hit(mine[pk]) for pk in named if pk in mine]
    hits += [_page_hit(row, mine[row.upload_id], headlines[row.id], asked) for row in rows if row.upload_id in mine]
    after = base.cursor_of(rows[-1].rank, rows[-1].id) if len(best.rows) > limit else ""
    return Found(hits, after, " ".join(filter(None, notes)))


def _pages(asked: Asked, scopes: list[UUID], filters: Filters, limit: int) -> _Best:
    if not (asked.query and scopes):
        return _Best([])
    uploads = [filters.upload] if filters.upload else None
    return _best(
        asked.query, scopes, filters, limit + 1, uploads=uploads, of_one=None if uploads else PAGES_OF_ONE_FILE
    )


def _named(asked: Asked, scopes: list[UUID], filters: Filters, limit: int) -> list[UUID]:
    """Files that have this in their names, the newest first."""
    if not (asked.beginning and scopes):
        return []
    return [pk for (pk,) in _fetch(NAMES, {
        "scopes": scopes, "names": asked.beginning, "since": filters.since, "until": filters.until,
        "limit": limit,
    })]  # fmt: skip


def _file_hit(upload: Upload) -> Hit:
    count = f"{upload.page_count} páginas" if upload.page_count and upload.page_count > 1 else ""
    return Hit(
        "file", upload.original_filename, reverse("uploads:detail", args=[upload.pk]), (count,), when=upload.created_at
    )


def _page_hit(row: _Row, upload: Upload, headline: str, asked: Asked) -> Hit:
    quoted = base.passage(headline)
    url = reverse("uploads:page", args=[upload.pk, row.number]) + (
        f"?{urlencode({'trecho': quoted})}" if quoted else ""
    )
    more = more_url = ""
    if row.of_file > PAGES_OF_ONE_FILE:
        more = f"{row.of_file} páginas deste arquivo"
        more_url = "?" + urlencode({"q": asked.text, "tipo": "arquivos", "arquivo": upload.pk})
    place = f"página {row.number}" + (f" de {upload.page_count}" if upload.page_count else "")
    return Hit(
        "page", upload.original_filename, url, (place,), base.marked(headline), upload.created_at, more, more_url
    )


# For the assistant -----------------------------------------------------------------------------


def find_pages(upload_ids: Collection[UUID], query: str, limit: int = 10) -> list[PageHit]:
    """The best pages of these files, best first; the caller has checked that the person may see them.

    Understood as in the search box. When no page has all the words, those that have most of them. In deleted files
    nothing is found. Raises `romagent.base.search.TooSlow`.
    """
    asked = understand(query)
    scopes = _scopes(upload_ids) if asked.query else []
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
        rows = _best(query, scopes, Filters(), limit, uploads=list(upload_ids)).rows
        snippets = _headlines(query, (row.id for row in rows))
    return [PageHit(row.upload_id, row.number, base.plain(snippets[row.id]), row.rank, has_all) for row in rows]


# Queries ---------------------------------------------------------------------------------------


def _best(
    query: str,
    scopes: list[UUID],
    filters: Filters,
    limit: int,
    *,
    uploads: list[UUID] | None,
    of_one: int | None = None,
) -> _Best:
    """The best pages, `of_one` of each file at most."""
    rank, pk = base.position(filters.after, int) or (None, None)
    loose = base.loosened(query)
    rows = _fetch((PHRASE if loose else WORDS) + BEST, {
        "query": query, "shown": base.shown(query), "words": loose or query, "scopes": scopes, "uploads": uploads,
        "since": filters.since, "until": filters.until, "candidates": base.CANDIDATES + 1, "looked": PHRASE_PAGES + 1,
        "of_one": of_one or base.CANDIDATES, "rank": rank, "id": pk, "limit": limit,
    })  # fmt: skip
    looked, found = rows[0][:2]
    return _Best([_Row(*row[2:]) for row in rows if row[2] is not None], _note(looked, found))


def _note_of_names(shown: int) -> str:
    return f"Mais de {shown} arquivos têm isso no nome: estes são os mais recentes."


def _note(looked: int, found: int) -> str:
    """What was not looked at, when that was much."""
    if found > base.CANDIDATES:
        most = base.thousands(base.CANDIDATES)
        return f"Mais de {most} páginas têm o que você procura: estas são as melhores entre as primeiras {most}."
    if looked > PHRASE_PAGES:
        most = base.thousands(PHRASE_PAGES)
        return f"Muitas páginas têm essas palavras: a expressão exata foi procurada nas primeiras {most}."
    return ""


def _headlines(query: str, ids: Iterable[int]) -> dict[int, str]:
    wanted = list(ids)
    parameters = {"query": query, "shown": base.shown(query), "ids": wanted}
    return dict(_fetch(HEADLINES, parameters)) if wanted else {}


def _fetch(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
