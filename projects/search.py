"""Search in projects: their names, numbers, parties, courts and descriptions."""

from __future__ import annotations

from django.urls import reverse

from accounts.models import User
from projects.models import Project, scopes_of
from romagent.base import search as base
from romagent.base.search import Asked, Filters, Found, Hit

# As the index has it (a migration).
WORDS = """search_document(name || ' ' || case_number || ' ' || client || ' ' || opposing_party || ' ' || court || ' '
    || description)"""
MATCHES = f"""
SELECT id, rank FROM (
    SELECT id, ts_rank({WORDS}, %(shown)s::tsquery) AS rank FROM projects
    WHERE id = ANY(%(mine)s) AND {WORDS} @@ %(query)s::tsquery AND deleted_at IS NULL
        AND (%(since)s::timestamptz IS NULL OR updated_at >= %(since)s)
        AND (%(until)s::timestamptz IS NULL OR updated_at < %(until)s)
    LIMIT %(candidates)s
) AS matches
WHERE %(rank)s::float4 IS NULL OR (rank, id) < (%(rank)s::float4, %(id)s::uuid)
ORDER BY rank DESC, id DESC LIMIT %(limit)s
"""  # noqa: S608 (put together from constants)
NUMBER = r"regexp_replace(case_number, '^(\d{7})(\d{2})(\d{4})(\d)(\d{2})(\d{4})$', '\1-\2.\3.\4.\5.\6')"
SHOWN = f"""concat_ws(' · ', nullif({NUMBER}, ''), nullif(client, ''), nullif(opposing_party, ''), nullif(court, ''),
    nullif(description, ''))"""
HEADLINES = f"SELECT id, {base.headline(SHOWN, WORDS)} FROM projects WHERE id = ANY(%(ids)s)"  # noqa: S608


def search(user: User, asked: Asked, filters: Filters, limit: int) -> Found:
    """Projects, best first. Raises `romagent.base.search.TooSlow`."""
    mine = [*(filters.scopes or scopes_of(user))[1:]]
    if filters.project:
        mine = [pk for pk in mine if pk == filters.project]
    if not (asked.beginning and mine) or filters.upload:
        return Found()
    found, after = base.best(
        MATCHES, HEADLINES, filters.after, limit, query=asked.beginning, shown=base.shown(asked.beginning), mine=mine,
        since=filters.since, until=filters.until,
    )  # fmt: skip
    projects = Project.objects.for_user(user).only("name", "status", "updated_at").in_bulk(found)
    return Found([_hit(projects[pk], headline) for pk, headline in found.items() if pk in projects], after)


def _hit(project: Project, headline: str) -> Hit:
    return Hit(
        "project", project.name, reverse("projects:detail", args=[project.pk]), (project.get_status_display(),),
        base.marked(headline), project.updated_at,
    )  # fmt: skip
