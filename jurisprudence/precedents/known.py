"""What is known of the precedents that somebody names: for whoever checks what was cited.

    known.entries([Key("sumula", "STJ", "", 7), Key("decisao", "STJ", "AgInt no REsp", 1234567)])

One query for all keys. What is not in the answer is not in our table, which is not to say that it doesn't exist:
`highest` says up to which number a court's series is known, and as of when.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db import connection

SERIES = ("SDI-1", "SDI-1T", "SDI-2", "SDC", "TP/OE")  # of orientations; everything else but decisions has ""


class Key(NamedTuple):
    """What one names a precedent by. `kind`: a value of `Precedent.Kind`; `court`: STF, STJ, TST.

    `series` is one of `SERIES` for an orientation, the class for a decision in whatever way it is written (`REsp`,
    `AgInt no REsp`), and "" for everything else.
    """

    kind: str
    court: str
    series: str
    number: int


class Group(NamedTuple):
    """A court's own numbering. `series` as in `Key`."""

    kind: str
    court: str
    series: str = ""


@dataclass(frozen=True)
class Entry:
    """What is known of one. `status` is a value of `Precedent.Status` ("" for decisions); `as_of`: when it was read."""

    key: Key
    title: str
    text: str
    status: str
    note: str
    source: str
    url: str
    as_of: date
    id: UUID | None = None  # of its page


# Of a case with several decisions, the newest.
ENTRIES = """
SELECT DISTINCT ON (asked.place) asked.place, p.title, p.text, p.status, p.note, p.source, p.url, p.as_of, p.id
FROM unnest(%s::text[], %s::text[], %s::text[], %s::bigint[]) WITH ORDINALITY
    AS asked (kind, court, series, number, place)
JOIN precedents AS p USING (court, kind, series, number)
ORDER BY asked.place, coalesce(p.decided_on, p.published_on) DESC NULLS LAST, p.id DESC
"""
# The last number by the index; the date is the newest of the series, which for decisions would be a million rows.
HIGHEST = """
SELECT asked.place, last.number, CASE WHEN asked.kind = 'decisao' THEN last.as_of ELSE (
    SELECT max(p.as_of) FROM precedents AS p
    WHERE p.court = asked.court AND p.kind = asked.kind AND p.series = asked.series) END
FROM unnest(%s::text[], %s::text[], %s::text[]) WITH ORDINALITY AS asked (kind, court, series, place)
CROSS JOIN LATERAL (
    SELECT p.number, p.as_of FROM precedents AS p
    WHERE p.court = asked.court AND p.kind = asked.kind AND p.series = asked.series
    ORDER BY p.number DESC, p.as_of DESC LIMIT 1) AS last
"""


def entries(keys: Collection[Key]) -> dict[Key, Entry]:
    """Those of `keys` that are in the table, by the key as it was given."""
    asked = list(dict.fromkeys(keys))
    if not asked:
        return {}
    columns = [list(column) for column in zip(*(_normal(key) for key in asked), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(ENTRIES, columns)
        rows = cursor.fetchall()
    return {asked[place - 1]: Entry(asked[place - 1], *values) for place, *values in rows}


def highest(groups: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], tuple[int, date]]:
    """The highest number known of each `(kind, court, series)` and the day as of which; those without any are left out.

    A number above it is one that the table can't speak of.
    """
    asked = list(dict.fromkeys(groups))
    if not asked:
        return {}
    columns = [list(column) for column in zip(*(_normal(Key(*group, 0))[:3] for group in asked), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(HIGHEST, columns)
        return {asked[place - 1]: (number, as_of) for place, number, as_of in cursor.fetchall()}


def _normal(key: Key) -> Key:
    series = class_of(key.series) if key.kind == "decisao" else key.series.upper()
    number = key.number if 0 < key.number < 2**63 else -1  # no row's; 0 is that of all decisions without one
    return Key(key.kind, key.court.upper(), series, number)


# Classes by their long names, as the courts' regulations have them; appeals within a case bear its number.
CLASSES = {
    "RECURSO ESPECIAL": "RESP", "AGRAVO EM RECURSO ESPECIAL": "ARESP", "RECURSO EXTRAORDINARIO": "RE",
    "RECURSO EXTRAORDINARIO COM AGRAVO": "ARE", "AGRAVO EM RECURSO EXTRAORDINARIO": "ARE", "HABEAS CORPUS": "HC",
    "RECURSO EM HABEAS CORPUS": "RHC", "RECURSO ORDINARIO EM HABEAS CORPUS": "RHC", "RO EM HABEAS CORPUS": "RHC",
    "MANDADO DE SEGURANCA": "MS", "RECURSO EM MANDADO DE SEGURANCA": "RMS",
    "RECURSO ORDINARIO EM MANDADO DE SEGURANCA": "RMS", "ACAO DIRETA DE INCONSTITUCIONALIDADE": "ADI",
    "ACAO DECLARATORIA DE CONSTITUCIONALIDADE": "ADC", "RECLAMACAO": "RCL", "CONFLITO DE COMPETENCIA": "CC",
    "ARGUICAO DE DESCUMPRIMENTO DE PRECEITO FUNDAMENTAL": "ADPF", "ACAO RESCISORIA": "AR", "ACAO PENAL": "AP",
    "EMBARGOS DE DIVERGENCIA EM RECURSO ESPECIAL": "ERESP", "AGRAVO DE INSTRUMENTO": "AG",
    "EMBARGOS DE DIVERGENCIA EM AGRAVO EM RECURSO ESPECIAL": "EARESP", "RECURSO DE REVISTA": "RR",
    "AGRAVO DE INSTRUMENTO EM RECURSO DE REVISTA": "AIRR",
}  # fmt: skip
# Embargos de divergência are numbered like the appeal they are brought in.
SAME_NUMBER = {"ERESP": "RESP", "EARESP": "ARESP", "ED": "", "EDCL": "", "AGINT": "", "AGRG": ""}
_WITHIN = re.compile(r"\s+N[OA]S?\s+")


def class_of(text: str) -> str:
    """The class that a case's number belongs to, in capitals: `AgInt no REsp` and `Recurso Especial` give `RESP`."""
    plain = unicodedata.normalize("NFKD", text.upper()).encode("ascii", "ignore").decode()
    last = _WITHIN.split(re.sub(r"[^A-Z/ -]+", " ", plain).strip())[-1].strip()
    short = CLASSES.get(last, last)
    return SAME_NUMBER.get(short, short)[:40]
