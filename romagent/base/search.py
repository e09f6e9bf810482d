"""What is common to every search: how what was typed is understood, and how what was found is shown.

Each app looks through what is its own (its `search.py`) and answers with `Found`; the roof
(`romagent/search.py`) puts the answers on one page.

Typed: words, "a phrase", -without, OU (or `or`). Case numbers (CNJ) are found in whatever way they are written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

CONFIGURATION = "portuguese_plain"
MOST_TYPED = 500  # characters that are looked for; the page says so when there were more
CANDIDATES = 2_000  # rows that are ranked; the page says so when more match
TIMEOUT_MS = 3_000
START, STOP = "\ue000", "\ue001"  # private characters: the text is escaped before they become <mark>
SNIPPET_FROM = 50_000  # characters of a text in which a snippet is looked for
HEADLINE = (
    f'StartSel={START}, StopSel={STOP}, MaxWords=35, MinWords=15, MaxFragments=2, FragmentDelimiter=" … ", ShortWord=2'
)


class TooSlow(Exception):
    """PostgreSQL was given up on: what was asked for is too general."""


# What was typed --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """What was typed, and what PostgreSQL makes of it."""

    text: str
    query: str = ""  # a tsquery; empty when there is nothing to look for
    beginning: str = ""  # the same for names and titles, in which the last word may be the beginning of one
    only_without: bool = False  # nothing but exclusions: everything else would match
    shortened: bool = False

    def __bool__(self) -> bool:
        return bool(self.query or self.beginning)


@dataclass(frozen=True)
class Filters:
    """Where to look; `after` is the cursor of a page of results."""

    project: UUID | None = None
    upload: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: str = ""
    scopes: tuple[UUID, ...] = ()  # where the person may search, when that is known already


# Between the parts of a number there may be dots, dashes and white space; without its zeros it needs the first dash.
_BETWEEN = r"[\s.\-‐‑–]*"
_NUMBER = rf"(?:\d{{7}}|\d{{1,6}}(?=\s*[-‐‑–])){_BETWEEN}" + _BETWEEN.join(
    [r"\d{2}", r"(?:19|20)\d{2}", r"\d", r"\d{2}", r"\d{4}"]
)
_WITHOUT = r'(?:(?<!\S)(?P<without>-))?"?(?<![\w.])'
NUMBER = re.compile(rf'{_WITHOUT}(?P<number>{_NUMBER})(?!\d)"?')
# One that is still being typed, or is known only in part.
BEGINNING = re.compile(
    rf"{_WITHOUT}(?P<first>\d{{7}})-(?P<rest>\d{{2}}(?:\.\d{{1,4}}(?:\.\d(?:\.\d{{1,2}}(?:\.\d{{1,3}})?)?)?)?)\.?(?![\w.])"
)
_TYPED = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "−": "-", "\x00": " "})
_TYPED |= dict.fromkeys(range(0xD800, 0xE000), " ")  # halves of a character, which PostgreSQL cannot be asked for
_QUOTED = re.compile(r'("[^"]*"?)')


def understand(typed: str) -> Asked:
    """What to look for; one query, since PostgreSQL knows the words. Never raises for what was typed."""
    text = re.sub(r"\s+", " ", typed.translate(_TYPED)).strip()
    shortened, text = len(text) > MOST_TYPED, text[:MOST_TYPED].strip()
    if not text:
        return Asked(text)
    clean = _without_noise(text)
    (whole, own), (beginning, others) = _expression(clean, _words), _expression(clean, _beginning)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT query::text, querytree(query), numnode(query), beginning::text, querytree(beginning) "  # noqa: S608
            f"FROM (SELECT {whole} AS query, {beginning} AS beginning) AS asked",
            [*own, *others],
        )
        query, tree, nodes, names, names_tree = cursor.fetchone()
    if tree == "T":
        return Asked(text, only_without=bool(nodes), shortened=shortened)
    return Asked(text, query, "" if names_tree == "T" else names, shortened=shortened)


def _without_noise(text: str) -> str:
    """Signs that mean nothing. A row of dashes would be so many negations, and PostgreSQL refuses to nest dozens."""
    text = re.sub(r"-{2,}", "-", re.sub(r"[()\[\]{}<>!|&*\\]", " ", text))
    return re.sub(r"(?<!\w)-(?![\w\"])", " ", text)


Piece = tuple[str, list[str]]  # SQL, and its parameters


def _expression(text: str, words: Callable[[str, bool], Piece]) -> Piece:
    parts = _alternatives(text)
    pieces = [_alternative(part, part is parts[-1], words) for part in parts]
    sql = " || ".join(f"({sql})" for sql, _ in pieces)
    return sql, [parameter for _, parameters in pieces for parameter in parameters]


def _words(text: str, last: bool) -> Piece:
    return "search_query(%s)", [text]


def _beginning(text: str, last: bool) -> Piece:
    """Words of names: file names are cut at their dots and lines, and what is typed last may be unfinished."""
    text = re.sub(r"(?<=\w)[-._](?=\w)", " ", text)
    unfinished = re.search(r"(?<![\w\"-])\w{2,}$", text.rstrip())
    if not last or not unfinished or text.count('"') % 2:
        return _words(text, last)
    prefix = "(quote_literal(unaccent(lower(%s))) || ':*')::tsquery"
    return f"(search_query(%s) || (search_query(%s) && {prefix}))", [text, text[: unfinished.start()], unfinished[0]]


def _alternatives(text: str) -> list[str]:
    """Split at OU and OR outside of quotation marks."""
    parts = [""]
    for piece in _QUOTED.split(text):
        if piece.startswith('"'):
            parts[-1] += piece
            continue
        first, *others = re.split(r"(?:^|\s)(?:OU|OR|or)(?=\s|$)", piece)
        parts[-1] += first
        parts += others
    return [part for part in parts if part.strip()] or [""]


def _alternative(text: str, last: bool, words: Callable[[str, bool], Piece]) -> Piece:
    """SQL of one alternative with its parameters: its words, and its numbers in every form."""
    terms, numbers = [], []

    def take(build: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
        def replace(found: re.Match[str]) -> str:
            terms.append("!!%s::tsquery" if found["without"] else "%s::tsquery")
            numbers.append(build(found))
            return " "

        return replace

    text = NUMBER.sub(take(lambda found: number_query(found["number"])), text)
    text = BEGINNING.sub(take(lambda found: _beginning_query(found["first"], found["rest"])), text)
    sql, parameters = words(text, last)
    return " && ".join([sql, *terms]), [*parameters, *numbers]


def number_query(number: str) -> str:
    """A CNJ number as a tsquery of the ways in which PostgreSQL's parser may have cut it up."""
    digits = re.sub(r"\D", "", number).zfill(20)
    first, check, year, branch, court, place = (
        digits[a:b] for a, b in [(0, 7), (7, 9), (9, 13), (13, 14), (14, 16), (16, 20)]
    )
    ways = [f"'{digits}'"]
    for start in dict.fromkeys([first, first.lstrip("0") or "0"]):
        dotted, older = f"{check}.{year}.{branch}.{court}.{place}", f"{check}.{year}.{branch}{court}.{place}"
        ways += [f"'{start}' <-> '{dotted}'", f"'{start}' <-> '{older}'", f"'nº{start}' <-> '{dotted}'"]
        ways += [f"'{start}{sign}{dotted}'" for sign in ".–‑‐"]
        ways += [f"'{start}' <-> '{check}' <-> '{year}' <-> '{branch}' <-> '{court}' <-> '{place}'"]
        ways += [f"'{start}' <-> '-{check}.{year}' <-> '{branch}.{court}.{place}'"]  # a line's end within it
    return " | ".join(ways)


def _beginning_query(first: str, rest: str) -> str:
    digits = re.sub(r"\D", "", rest)
    return f"'{first}' <-> '{rest}':* | '{first}{digits}':*"


def loosened(query: str) -> str:
    """The words of a phrase in any order; empty when the query is no phrase, or has exclusions."""
    loose = re.sub(r"<(?:->|\d+>)", "&", query)
    return "" if loose == query or "!" in query else loose


_PIECES = re.compile(r" \| '\d{1,7}' <-> '\d{2}' <-> '\d{4}' <-> '\d' <-> '\d{2}' <-> '\d{4}'")


def shown(query: str) -> str:
    """What is ranked by and marked: not every 8 and 26 of a page because a case number may be written in pieces."""
    return _PIECES.sub("", query)


# What was found --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hit:
    """One thing found, as it is shown. `meta` are the words under its title."""

    kind: str
    title: str
    url: str
    meta: Sequence[Any] = ()
    snippet: SafeString | str = ""
    when: datetime | None = None
    more: str = ""  # what else of the same thing matches, with its link
    more_url: str = ""


@dataclass(frozen=True)
class Found:
    """A page of hits, best first. `note` says what was not looked at, when that was much."""

    hits: list[Hit] = field(default_factory=list)
    after: str = ""  # the cursor of the next page; "" on the last one
    note: str = ""


def thousands(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def cursor_of(rank: float, pk: object) -> str:
    return f"{rank!r}~{pk}"


def position(after: str, kind: type[int] | type[UUID] = UUID) -> tuple[float, Any] | None:
    """Rank and id from a cursor; None when it is no cursor, and for the first page."""
    rank, _, pk = after.partition("~")
    try:
        found = float(rank), kind(pk)
    except (ValueError, OverflowError):
        return None
    sane = abs(found[0]) < 1e9 and (not isinstance(found[1], int) or 0 <= found[1] < 2**63)
    return found if sane else None


def headline(column: str, vector: str) -> str:
    """SQL of the parts of a text around what `%(query)s` matches (or rather `%(shown)s`), to be shown by `marked`."""
    bounded = f"translate(left({column}, {SNIPPET_FROM}), '{START}{STOP}', '')"
    query = f"CASE WHEN {vector} @@ %(shown)s::tsquery THEN %(shown)s::tsquery ELSE %(query)s::tsquery END"
    return f"ts_headline('{CONFIGURATION}', {bounded}, {query}, '{HEADLINE}')"


def marked(text: str) -> SafeString:
    """A headline of PostgreSQL's, escaped, with what matched in <mark>; neighbours share one."""
    joined = re.sub(f"{STOP}([ .\\-–]?){START}", r"\1", text)
    return mark_safe(escape(joined).replace(START, "<mark>").replace(STOP, "</mark>"))


def plain(headline: str) -> str:
    """A headline without its marks."""
    return re.sub(f"[{START}{STOP}]", "", headline)


def passage(text: str, most: int = 200) -> str:
    """What to mark on the page itself: word for word from the first match of a headline to the last near it."""
    fragment = next((part for part in text.split(" … ") if START in part), "")
    if not fragment:
        return ""
    begin = fragment.index(START)
    near = fragment[begin : begin + most + 1]
    end = near.rfind(STOP)
    return plain(near[:end]).strip() if end > 0 else ""


def best(matches: str, headlines: str, after: str, limit: int, **asked: Any) -> tuple[dict[UUID, str], str]:
    """What matches, best first, each with its headline, and the cursor of what follows. Raises `TooSlow`.

    `matches` is SQL for id and rank of what comes after `%(rank)s` and `%(id)s`, `headlines` for those of `%(ids)s`.
    """
    rank, pk = position(after) or (None, None)
    asked |= {"rank": rank, "id": pk, "candidates": CANDIDATES, "limit": limit + 1}
    with looking(), connection.cursor() as cursor:
        cursor.execute(matches, asked)
        found = cursor.fetchall()
        ids = [row[0] for row in found[:limit]]
        told = {}
        if ids:
            cursor.execute(headlines, asked | {"ids": ids})
            told = dict(cursor.fetchall())
    more = cursor_of(found[limit - 1][1], ids[-1]) if len(found) > limit else ""
    return {pk: told.get(pk, "") for pk in ids}, more


@contextmanager
def looking() -> Iterator[None]:
    """Inside, the search indexes are used and PostgreSQL is given up on after some seconds (`TooSlow`)."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # A LIMIT tempts the planner to read a whole table; with two workers the order of rows would be luck.
            cursor.execute(
                "SELECT set_config('statement_timeout', %s, true), set_config('enable_seqscan', 'off', true), "
                "set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true)",
                [str(TIMEOUT_MS)],
            )
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != "57014":
            raise
        raise TooSlow from error
