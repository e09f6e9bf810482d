"""Search in documents: their titles and texts, one's own and those of the projects one is in."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from documents.models import Document
from projects.models import scopes_of
from romagent.base import search as base
from romagent.base.search import Asked, Filters, Found, Hit

# A title that has the words comes before all texts.
MATCHES = """
SELECT id, rank FROM (
    SELECT id, (ts_rank(search, %(shown)s::tsquery)
        + (search_document(title) @@ %(names)s::tsquery)::int)::float4 AS rank
    FROM documents
    WHERE scope = ANY(%(scopes)s) AND (search @@ %(query)s::tsquery OR search @@ %(names)s::tsquery
            AND search_document(title) @@ %(names)s::tsquery)
        AND deleted_at IS NULL
        AND (%(since)s::timestamptz IS NULL OR updated_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR updated_at < %(until)s)
    LIMIT %(candidates)s
) AS matches
WHERE %(rank)s::float4 IS NULL OR (rank, id) < (%(rank)s::float4, %(id)s::uuid)
ORDER BY rank DESC, id DESC LIMIT %(limit)s
"""
HEADLINES = f"SELECT id, {base.headline('text', 'search')} FROM documents WHERE id = ANY(%(ids)s)"  # noqa: S608


def search(user: User, asked: Asked, filters: Filters, limit: int) -> Found:
    """Documents, best first. Raises `romagent.base.search.TooSlow`."""
    scopes = [scope for scope in (filters.scopes or scopes_of(user)) if filters.project in (None, scope)]
    if not asked or not scopes or filters.upload:
        return Found()
    query, names = asked.query or asked.beginning, asked.beginning or asked.query
    found, after = base.best(
        MATCHES, HEADLINES, filters.after, limit, query=query, names=names, shown=base.shown(query), scopes=scopes,
        since=filters.since, until=filters.until,
    )  # fmt: skip
    columns = ("title", "updated_at", "project__name")
    documents = Document.objects.for_user(user).select_related("project").only(*columns).in_bulk(found)
    return Found([_hit(documents[pk], headline) for pk, headline in found.items() if pk in documents], after)


def _hit(document: Document, headline: str) -> Hit:
    project = document.project.name if document.project else ""
    url = reverse("documents:detail", args=[document.pk])
    return Hit("document", document.title, url, (project,), base.marked(headline), document.updated_at)
