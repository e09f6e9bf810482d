"""A person's own data, as each app says it: parts of an archive, each with a name and its bytes.

Every app has a `portability.py` with `parts(user)`, and `numbers(user)` for what is kept, counted. The roof
(`romagent/portability.py`) joins them; no app knows the others' parts.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils import timezone

CHUNK = 1024 * 1024  # bytes
CAP = 10_000  # counted no further for a page
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202f\u2066-\u2069\ufeff]')
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would run
NAME_LENGTH = 100


class Unreadable(Exception):
    """A part that is not there or broke off; the message says so to the person."""


@dataclass
class Part:
    """One file of the archive. `chunks` may raise Unreadable, but only when `slow`."""

    path: str
    chunks: Iterable[bytes]
    counts: str = ""  # what it is one more of, in the progress
    slow: bool = False  # comes from the storage: no database connection is held meanwhile
    packed: bool = False  # compressed already
    at: datetime | None = None


@dataclass(frozen=True)
class Number:
    """So many of something; `more` when there are more than were counted."""

    label: str
    count: int
    size: int | None = None  # bytes

    @property
    def more(self) -> bool:
        return self.count >= CAP


def counted(rows: QuerySet[Any]) -> int:
    """How many there are, up to CAP."""
    return rows.order_by()[:CAP].count()


def safe_name(text: str, ending: str = "", fallback: str = "sem nome") -> str:
    """The text as a file's name on any system, Windows too: accents stay, signs that mean something there go."""
    name = FORBIDDEN.sub(" ", unicodedata.normalize("NFC", text))
    name = re.sub(r"\s+", " ", name).strip()[: NAME_LENGTH - len(ending)].strip(". ")
    if not name or RESERVED.fullmatch(name.split(".")[0]):
        name = f"{fallback} {name}".strip()
    return name + ending


def in_batches(rows: QuerySet[Any], size: int) -> Iterator[list[Any]]:
    """Rows by their keys, each batch a query of its own: between two of them the connection may be closed."""
    rows, last = rows.order_by("pk"), None
    while batch := list((rows if last is None else rows.filter(pk__gt=last))[:size]):
        yield batch
        last = batch[-1].pk


def stored(path: str) -> Iterator[bytes]:
    """A file of the storage, some at a time. Raises Unreadable."""
    try:
        with default_storage.open(path) as file:
            yield from iter(lambda: file.read(CHUNK), b"")
    except FileNotFoundError as error:
        raise Unreadable("o arquivo não está mais no armazenamento") from error
    except Exception as error:  # each storage has errors of its own
        raise Unreadable("o armazenamento não deu o arquivo inteiro") from error


class Names:
    """No two paths of an archive are the same, upper and lower case being one."""

    def __init__(self) -> None:
        self.last: dict[str, int] = {}

    def unique(self, path: str) -> str:
        key = path.casefold()
        if key not in self.last:
            self.last[key] = 1
            return path
        folder, slash, name = path.rpartition("/")
        stem, dot, ending = name.rpartition(".") if "." in name else (name, "", "")
        while True:
            self.last[key] += 1
            numbered = f"{folder}{slash}{stem} ({self.last[key]}){dot}{ending}"
            if numbered.casefold() not in self.last:
                self.last[numbered.casefold()] = 1
                return numbered


def as_json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, default=_plain) + "\n").encode()


def as_json_with(head: dict[str, Any], name: str, many: Iterable[Any]) -> Iterator[bytes]:
    """The object with one more member, a list of things that come one after the other, a line each."""
    yield as_json(head).rstrip()[:-1].rstrip() + f',\n  "{name}": ['.encode()
    for place, one in enumerate(many):
        yield f"{',' if place else ''}\n    {as_json_line(one)}".encode()
    yield b"\n  ]\n}\n"


def as_json_line(value: Any) -> str:
    """On one line, for what there is a lot of: several times as fast."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    return moment(value) if isinstance(value, datetime) else str(value)


def moment(value: datetime | None) -> str:
    """With the zone: `2026-11-22T14:30:00.123456-03:00`."""
    return timezone.localtime(value).isoformat() if value else ""


def as_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """Semicolons and a byte-order mark, as a spreadsheet in Portuguese expects; nothing in a cell is run."""
    yield "\ufeff".encode()
    yield _line(header)
    for row in rows:
        yield _line([_harmless(value) for value in row])


def _line(values: Sequence[Any]) -> bytes:
    line = io.StringIO()
    csv.writer(line, delimiter=";", lineterminator="\r\n").writerow(values)
    return line.getvalue().encode()


def _harmless(value: Any) -> str:
    text = "" if value is None else _plain(value)
    return f"'{text}" if text.startswith(FORMULA) else text
