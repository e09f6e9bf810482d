"""Rows into the table, a batch at a time: new ones are copied in, those that say something else leave their old words.

What is there is asked first, by the keys alone, so that new rows go by COPY straight into the table and need not be
written to a second one before.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.utils import timezone

from jurisprudence.precedents.models import Precedent
from jurisprudence.precedents.records import CONTENT, KEY, Row
from romagent.base.ids import new_id

COLUMNS = ("id", *Row._fields, "as_of", "created_at", "updated_at", "written_by")
# Types of the key's columns, for unnest.
KNOWN = """
SELECT asked.place - 1, p.id, p.content_hash, p.as_of, p.written_by
FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[]) WITH ORDINALITY
    AS asked (court, kind, series, number, reference, place)
JOIN precedents AS p USING (court, kind, series, number, reference)
"""
COPY = f"COPY {{table}} ({', '.join(COLUMNS)}) FROM STDIN"  # a name of ours
STAGING = f"CREATE TEMPORARY TABLE incoming ON COMMIT DROP AS SELECT {', '.join(COLUMNS)} FROM precedents WITH NO DATA"  # noqa: S608
_AS_JSON = "jsonb_build_object(" + ", ".join(f"'{name}', {{row}}.{name}" for name in CONTENT) + ")"
# The words as they were, unless they came from this very file: it has them twice.
CHANGES = f"""
INSERT INTO precedent_changes (precedent_id, run_id, old, source, as_of, created_at)
SELECT p.id, %(run)s, (
    SELECT jsonb_object_agg(old.key, old.value)
    FROM jsonb_each({_AS_JSON.format(row="p")}) AS old JOIN jsonb_each({_AS_JSON.format(row="i")}) AS new USING (key)
    WHERE old.value <> new.value
), p.source, p.as_of, %(now)s
FROM incoming AS i JOIN precedents AS p USING (id) WHERE p.written_by IS DISTINCT FROM %(run)s
"""  # noqa: S608 (put together from constants)
_TAKEN = ", ".join(f"{name} = i.{name}" for name in COLUMNS if name not in ("id", *KEY, "created_at"))
UPDATE = f"UPDATE precedents AS p SET {_TAKEN} FROM incoming AS i WHERE p.id = i.id"  # noqa: S608
# Seen again as they were. A decision stays what it is: a million rows need not be written to say so.
SEEN = "UPDATE precedents SET as_of = %s WHERE id = ANY(%s) AND as_of < %s AND kind <> 'decisao'"


class _Known(NamedTuple):
    id: UUID
    content_hash: str
    as_of: date
    written_by: UUID | None


@dataclass
class Counts:
    """What came of the rows of a batch."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    repeated: int = 0
    outdated: int = 0
    refused: int = 0

    def as_dict(self) -> dict[str, int]:
        return {item.name: getattr(self, item.name) for item in fields(self)}


@dataclass
class Batch:
    """Rows of a file, in its order, one for each key; `end` is the number of the last record that was read for it."""

    number: int
    end: int = 0
    size: int = 0  # characters of text
    rows: dict[tuple[Any, ...], Row] = field(default_factory=dict)
    problems: list[tuple[int, str]] = field(default_factory=list)
    repeated: int = 0

    def add(self, row: Row) -> None:
        """A later record of the same precedent takes the place of the earlier one."""
        self.repeated += row.key in self.rows
        self.rows[row.key] = row
        self.size += len(row.text) + len(row.details)


@dataclass(frozen=True)
class Terms:
    """What holds for all batches of a run."""

    run: UUID
    as_of: date
    older: bool = False  # whether what was read earlier may take the place of what was read later


def write(batch: Batch, terms: Terms) -> Counts:
    """Writes a batch; within the caller's transaction, which is the only one that writes precedents."""
    counts = Counts(repeated=batch.repeated, refused=len(batch.problems))
    rows = list(batch.rows.values())
    known, now = _known(rows), timezone.now()
    new, changed, seen = [], [], []
    for place, row in enumerate(rows):
        there = known.get(place)
        if there is None:
            new.append((new_id(), *row, terms.as_of, now, now, terms.run))
        elif there.written_by == terms.run and there.content_hash == row.content_hash:
            counts.repeated += 1
        elif there.as_of > terms.as_of and not terms.older:
            counts.outdated += 1
        elif there.content_hash == row.content_hash:
            seen.append(there.id)
        else:
            counts.repeated += there.written_by == terms.run
            counts.changed += there.written_by != terms.run
            changed.append((there.id, *row, terms.as_of, now, now, terms.run))
    counts.added, counts.unchanged = len(new), len(seen)
    _copy("precedents", new)
    _change(changed, terms, now)
    if seen:
        with connection.cursor() as cursor:
            cursor.execute(SEEN, [terms.as_of, seen, terms.as_of])
    return counts


def _known(rows: Sequence[Row]) -> dict[int, _Known]:
    columns = [list(column) for column in zip(*(row.key for row in rows), strict=True)]
    if not columns:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(KNOWN, columns)
        return {place: _Known(*values) for place, *values in cursor.fetchall()}


def _change(rows: Sequence[tuple[Any, ...]], terms: Terms, now: datetime) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(STAGING)
        _copy("incoming", rows)
        cursor.execute(CHANGES, {"run": terms.run, "now": now})
        cursor.execute(UPDATE)


def _copy(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor, cursor.copy(COPY.format(table=table)) as copy:
        for row in rows:
            copy.write_row(row)


def settle(added: int) -> None:
    """After a run: the index's list of what is not sorted in yet is emptied, and the planner told of many new rows."""
    with connection.cursor() as cursor:
        for index in Precedent._meta.indexes:
            if "search" in index.fields:
                cursor.execute("SELECT gin_clean_pending_list(%s::regclass)", [index.name])
        if added > 1_000:
            cursor.execute("ANALYZE precedents")
