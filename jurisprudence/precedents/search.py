"""Search in precedents: what is asked for by its number first, then what courts have laid down, then decisions.

Decisions are looked through year by year from the newest, each with the index on year, court and words: a common word
stands in hundreds of thousands of them, and the newest thousand are enough to choose the best from. Where PostgreSQL
expects few, they are asked for at once: every look into the index also reads through what an import has not sorted
into it yet, and there are almost ninety years.

Everybody may see all of it, so a page of results is kept in Redis for everybody. The key has the moment at which an
import last wrote something: what was kept before is found by nobody any more.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.utils import timezone
from django.utils.safestring import mark_safe

from jurisprudence.precedents.models import Precedent, PrecedentImport
from jurisprudence.precedents.naming import Named, name_of, named
from jurisprudence.precedents.standing import tone_of
from romagent.base import search as base
from romagent.base.search import Asked, looking, thousands, understand

CANDIDATES = 1_000  # decisions that are ranked
LOOKED = 6_000  # decisions with all words, of which those with the exact expression are taken
AT_ONCE = 3_000  # decisions that are taken without going through the years, if no more are expected
NAMED = 20  # decisions of one case that are shown before everything else
FIRST_YEAR = 1940
KEPT = 3600  # seconds
VERSION = 1  # of what is kept
RULES_FIRST = 100.0  # added to the rank of what is no decision: more than any rank
TEXT = "concat_ws(E' \\u00b7 ', nullif(title, ''), nullif(text, ''))"
RULES = """
SELECT id, (ts_rank(search, %(shown)s::tsquery) + %(first)s)::float4 AS rank FROM precedents
WHERE kind <> 'decisao' AND %(rules)s AND search @@ %(query)s::tsquery
    AND (%(kind)s = '' OR kind = %(kind)s) AND (%(court)s = '' OR court = %(court)s)
    AND (%(status)s = '' OR status = %(status)s)
    AND (%(since)s::int IS NULL OR year >= %(since)s) AND (%(until)s::int IS NULL OR year <= %(until)s)
LIMIT %(candidates)s
"""
# 0 is of those without any date; they come last.
DECISIONS = """
SELECT found.id, found.search FROM (
    SELECT generate_series(%(last)s::int, %(oldest)s::int, -1) AS year
    UNION ALL SELECT 0 WHERE %(since)s::int IS NULL AND %(until)s::int IS NULL
) AS years CROSS JOIN LATERAL (
    SELECT id, search FROM precedents
    WHERE kind = 'decisao' AND year = years.year::smallint AND {court} search @@ %(words)s::tsquery
    LIMIT %(looked)s
) AS found WHERE %(decisions)s LIMIT %(looked)s
"""
# One more than may be is enough to tell that it was a wrong guess. `+ 0`: the years are no work for the index.
RARE = """
SELECT id, search FROM (
    SELECT id, search, year FROM precedents
    WHERE kind = 'decisao' AND {court} search @@ %(words)s::tsquery AND (year + 0 BETWEEN %(oldest)s AND %(last)s
        OR year + 0 = 0 AND %(since)s::int IS NULL AND %(until)s::int IS NULL) AND %(decisions)s
    LIMIT %(at_once)s + 1
) AS few ORDER BY year DESC
"""
EXPECTED = """
EXPLAIN (FORMAT JSON) SELECT FROM precedents WHERE kind = 'decisao' AND {court} search @@ %(words)s::tsquery
"""
MATCHES = """
WITH looked AS MATERIALIZED ({decisions}), matching AS MATERIALIZED (
    SELECT id, ts_rank(search, %(shown)s::tsquery) AS rank FROM looked
    WHERE %(is_exact)s OR search @@ %(query)s::tsquery LIMIT %(candidates)s
), every AS (SELECT id, rank FROM matching UNION ALL ({rules}))
SELECT (SELECT count(*) FROM looked), (SELECT count(*) FROM matching), best.id, best.rank
FROM (SELECT 1) AS one LEFT JOIN (
    SELECT id, rank FROM every
    WHERE (%(rank)s::float4 IS NULL OR (rank, id) < (%(rank)s::float4, %(id)s::uuid))
        AND NOT id = ANY(%(above)s::uuid[])
    ORDER BY rank DESC, id DESC LIMIT %(limit)s
) AS best ON true ORDER BY best.rank DESC, best.id DESC
"""
HEADLINES = f"SELECT id, {base.headline(TEXT, 'search')} FROM precedents WHERE id = ANY(%(ids)s)"  # noqa: S608
BEGINNINGS = f"SELECT id, left({TEXT}, 300) FROM precedents WHERE id = ANY(%(ids)s)"  # noqa: S608
COLUMNS = (
    "kind", "court", "series", "number", "case_class", "case_number", "judge", "body", "decided_on", "published_on",
    "status", "as_of",
)  # fmt: skip


UNSAYABLE = re.compile("[\x00\ud800-\udfff]")  # what PostgreSQL takes in no text


@dataclass(frozen=True)
class Filters:
    """Where to look; what is empty filters nothing."""

    kind: str = ""
    court: str = ""
    status: str = ""
    since: int | None = None  # years
    until: int | None = None
    after: str = ""  # the cursor of a page


@dataclass(frozen=True)
class Hit:
    """One precedent as a list shows it."""

    id: str
    name: str
    kind: str
    status: str
    words: str  # who decided, and when
    as_of: str  # ISO
    snippet: str = ""  # HTML, sanitised
    is_named: bool = False  # asked for by its number

    @property
    def marked(self) -> str:
        return mark_safe(self.snippet)  # made by `marked`, which escapes; kept in our own cache

    @property
    def tone(self) -> str:
        return tone_of(self.status)

    @property
    def read_on(self) -> date:
        return date.fromisoformat(self.as_of)


@dataclass(frozen=True)
class Page:
    """A page of hits. `note` says what was not looked at, when that was much."""

    hits: list[Hit] = field(default_factory=list)
    after: str = ""
    note: str = ""
    only_without: bool = False
    too_common: bool = False  # words without meaning, so that nothing is looked for


def generation() -> str:
    """Changes whenever an import has written something."""
    newest = PrecedentImport.objects.order_by("-updated_at").values_list("updated_at", flat=True).first()
    return newest.isoformat() if newest else ""


def search(typed: str, filters: Filters, limit: int) -> Page:
    """A page of results, from Redis when it is there. Raises `romagent.base.search.TooSlow`."""
    asked_for = json.dumps([VERSION, generation(), typed.strip(), asdict(filters), limit])
    key = f"precedents:{hashlib.sha256(asked_for.encode()).hexdigest()}"
    if kept := cache.get(key):
        return Page(**kept | {"hits": [Hit(**hit) for hit in kept["hits"]]})
    page = find(typed, filters, limit)
    cache.set(key, asdict(page), KEPT)
    return page


def find(typed: str, filters: Filters, limit: int) -> Page:
    """The same, looked for now."""
    asked = understand(typed)
    name = named(asked.text)
    above = _by_name(name, filters) if name else []
    first = _shown(above, asked, is_named=True) if not filters.after else []
    if asked.query:
        page = _by_words(asked, filters, limit, above)
    elif asked.text:
        page = Page(only_without=asked.only_without, too_common=not asked.only_without and not above)
    else:
        page = _in_order(filters, limit)
    return replace(page, hits=[*first, *page.hits])


# By number -------------------------------------------------------------------------------------


def _by_name(name: Named, filters: Filters) -> list[UUID]:
    found = Precedent.objects.order_by()
    if name.case_number:
        found = found.filter(number=0, case_number__in=[name.case_number])
    else:
        found = found.filter(number=name.number)
    given = {"kind": name.kind or filters.kind, "court": name.court or filters.court, "series": name.series}
    found = found.filter(**{column: value for column, value in given.items() if value})
    return [pk for (pk,) in found.order_by("-decided_on", "-pk").values_list("pk")[:NAMED]]


# By words --------------------------------------------------------------------------------------


def _by_words(asked: Asked, filters: Filters, limit: int, above: list[UUID]) -> Page:
    rank, pk = base.position(filters.after) or (None, None)
    loose = base.loosened(asked.query)
    this_year = timezone.localdate().year
    court = "court = %(court)s AND" if filters.court else ""
    parameters = {
        "query": asked.query, "shown": base.shown(asked.query), "words": loose or asked.query, "is_exact": not loose,
        "looked": LOOKED if loose else CANDIDATES, "candidates": CANDIDATES, "first": RULES_FIRST,
        "decisions": filters.kind in ("", Precedent.Kind.DECISAO) and not filters.status,
        "rules": filters.kind != Precedent.Kind.DECISAO, "kind": filters.kind, "court": filters.court,
        "status": filters.status, "since": filters.since, "until": filters.until,
        "last": min(filters.until or this_year + 1, this_year + 1), "oldest": max(filters.since or 0, FIRST_YEAR),
        "rank": rank, "id": pk, "above": above, "limit": limit + 1, "at_once": AT_ONCE,
    }  # fmt: skip
    with looking():
        rows = _fetch(_matches(RARE, court), parameters) if _are_few(parameters, court) else []
        if not rows or rows[0][0] > AT_ONCE:
            rows = _fetch(_matches(DECISIONS, court), parameters)
    looked, matching = rows[0][:2]
    found = [(pk, rank) for _, _, pk, rank in rows if pk is not None]
    hits = _shown([pk for pk, _ in found[:limit]], asked)
    after = base.cursor_of(found[limit - 1][1], found[limit - 1][0]) if len(found) > limit else ""
    return Page(hits, after, _note(looked, matching, bool(loose)))


def _matches(decisions: str, court: str) -> str:
    return MATCHES.format(decisions=decisions.format(court=court), rules=RULES)


def _are_few(parameters: Mapping[str, Any], court: str) -> bool:
    """Whether PostgreSQL's statistics expect few decisions with these words, of whatever year; it may be wrong."""
    ((plan,),) = _fetch(EXPECTED.format(court=court), parameters)
    return bool(plan[0]["Plan"]["Plan Rows"] <= AT_ONCE)


def _note(looked: int, matching: int, is_phrase: bool) -> str:
    if matching >= CANDIDATES:
        most = thousands(CANDIDATES)
        return f"Muitas decisões têm isso: as que estão aqui são as melhores entre as {most} mais recentes."
    if is_phrase and looked >= LOOKED:
        most = thousands(LOOKED)
        return f"Muitas decisões têm essas palavras: a expressão exata foi procurada nas {most} mais recentes."
    return ""


# Without words ---------------------------------------------------------------------------------

ORDER = ("court", "kind", "series", "number")


def _in_order(filters: Filters, limit: int) -> Page:
    """What courts have laid down, by court and number; decisions are too many to leaf through, and need words."""
    found = Precedent.objects.exclude(kind=Precedent.Kind.DECISAO).order_by(*ORDER)
    for column in ("kind", "court", "status"):
        if value := getattr(filters, column):
            found = found.filter(**{column: value})
    if filters.since:
        found = found.filter(year__gte=filters.since)
    if filters.until:
        found = found.filter(year__lte=filters.until)
    if place := _place(filters.after):
        found = found.extra(where=["(court, kind, series, number) > (%s, %s, %s, %s)"], params=place)
    rows = list(found.values_list("pk", *ORDER)[: limit + 1])
    hits = _shown([row[0] for row in rows[:limit]], Asked(""))
    after = json.dumps(rows[limit - 1][1:]) if len(rows) > limit else ""
    return Page(hits, after)


def _place(after: str) -> list[Any] | None:
    try:
        court, kind, series, number = json.loads(after)
    except (ValueError, TypeError, RecursionError):
        return None
    sane = all(isinstance(part, str) and not UNSAYABLE.search(part) for part in (court, kind, series))
    return [court, kind, series, number] if sane and isinstance(number, int) and 0 <= number < 2**63 else None


# How they are shown ----------------------------------------------------------------------------


def _shown(ids: Sequence[UUID], asked: Asked, *, is_named: bool = False) -> list[Hit]:
    if not ids:
        return []
    rows = Precedent.objects.only(*COLUMNS).in_bulk(ids)
    sql = HEADLINES if asked.query else BEGINNINGS
    parameters = {"query": asked.query, "shown": base.shown(asked.query), "ids": list(ids)}
    with looking():
        snippets = dict(_fetch(sql, parameters))
    return [_hit(rows[pk], snippets[pk], is_named) for pk in ids if pk in rows]


def _hit(precedent: Precedent, snippet: str, is_named: bool) -> Hit:
    day = precedent.decided_on or precedent.published_on
    judge = f"rel. {precedent.judge}" if precedent.judge else ""
    words = [judge, precedent.body, f"{day:%d/%m/%Y}" if day else ""]
    return Hit(
        str(precedent.pk), name_of(precedent), precedent.kind, precedent.status, " · ".join(filter(None, words)),
        precedent.as_of.isoformat(), base.marked(snippet), is_named,
    )  # fmt: skip


def _fetch(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
