"""Reads the old system's files record by record, so that a file of a gigabyte needs the memory of one record.

What a record may hold is bounded too: a subtree that is a secret is passed over without being kept, one that is too
deep or too large makes the record unreadable, and the next record is read all the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ijson

MAX_DEPTH = 40
MAX_RECORD = 256 * 1024 * 1024  # bytes of text in one record, about
# Another service's e-mail and plain password, and anything like it: never read past its key.
SECRETS = frozenset(
    {"jusbrasilCredentials", "password", "passwordHash", "accessToken", "refreshToken", "token", "sessionId"}
)
BOM = b"\xef\xbb\xbf"
CHUNK = 64 * 1024


class NotJson(Exception):
    """The file is not JSON; the message says where, in Portuguese."""


@dataclass(frozen=True)
class Record:
    """One record: its key (in an object) or its number from 0 (in a list); `problem` when it could not be read."""

    key: str | int
    value: Any = None
    problem: str = ""


Event = tuple[str, Any]


def top_level(path: Path) -> str:
    """`object` or `array`; raises NotJson for anything else."""
    for event, _ in _events(path):
        if event in ("start_map", "start_array"):
            return "object" if event == "start_map" else "array"
        break
    raise NotJson("o arquivo deve conter um objeto ou uma lista")


def first_keys(path: Path) -> tuple[set[str], set[str]]:
    """The keys of the top level and those below it, of the file's beginning: enough to tell what it is."""
    top: set[str] = set()
    below: set[str] = set()
    depth = 0
    for event, value in itertools.islice(_events(path), 20_000):
        depth += (event in ("start_map", "start_array")) - (event in ("end_map", "end_array"))
        if event == "map_key":
            (top if depth == 1 else below).add(value)
    return top, below


def records(path: Path, inner: str = "") -> Iterator[Record]:
    """Every record of the file: the items of its list, or the values of its object.

    With `inner`, an object's list of that name is what holds the records, and its other keys are passed over.
    """
    events = _events(path)
    first = next(events, ("", None))[0]
    if first == "start_array":
        yield from _items(events)
    elif first == "start_map":
        yield from _values(events, inner)
    else:
        raise NotJson("o arquivo deve conter um objeto ou uma lista")
    for _ in events:  # what follows the end must be nothing: the parser raises otherwise
        pass


def _items(events: Iterator[Event]) -> Iterator[Record]:
    for number in itertools.count():
        event = next(events)
        if event[0] == "end_array":
            return
        yield _record(number, event, events)


def _values(events: Iterator[Event], inner: str) -> Iterator[Record]:
    for event, key in events:
        if event == "end_map":
            return
        begun = next(events)
        if inner and key == inner and begun[0] == "start_array":
            yield from _items(events)
        elif inner or key in SECRETS:
            _skip(begun, events)
        else:
            yield _record(key, begun, events)


def _record(key: str | int, begun: Event, events: Iterator[Event]) -> Record:
    reader = _Builder(events)
    try:
        return Record(key, reader.value(begun, 0))
    except _Unreadable as problem:
        reader.finish()
        return Record(key, problem=str(problem))


class _Unreadable(Exception):
    """The record cannot be kept; the rest of it is passed over."""


class _Builder:
    """Builds one record from its events, watching how deep and how large it becomes."""

    def __init__(self, events: Iterator[Event]) -> None:
        self.events = events
        self.size = 0
        self.open = 0  # maps and lists begun and not ended

    def value(self, begun: Event, depth: int) -> Any:
        event, value = begun
        if event == "start_map":
            return self._map(depth)
        if event == "start_array":
            return self._list(depth)
        self._grow(len(value) if isinstance(value, str) else 16)
        return value

    def _enter(self, depth: int) -> None:
        self.open += 1
        if depth >= MAX_DEPTH:
            raise _Unreadable("estrutura profunda demais")

    def _map(self, depth: int) -> dict[str, Any]:
        self._enter(depth)
        found: dict[str, Any] = {}
        while True:
            event, key = next(self.events)
            if event == "end_map":
                self.open -= 1
                return found
            begun = next(self.events)
            if key in SECRETS:
                _skip(begun, self.events)
            else:
                self._grow(len(key))
                found[key] = self.value(begun, depth + 1)

    def _list(self, depth: int) -> list[Any]:
        self._enter(depth)
        found: list[Any] = []
        while (begun := next(self.events))[0] != "end_array":
            found.append(self.value(begun, depth + 1))
        self.open -= 1
        return found

    def _grow(self, size: int) -> None:
        self.size += size + 16
        if self.size > MAX_RECORD:
            raise _Unreadable("registro grande demais")

    def finish(self) -> None:
        """Passes over what is left of the record."""
        while self.open:
            event = next(self.events)[0]
            self.open += (event in ("start_map", "start_array")) - (event in ("end_map", "end_array"))


def _skip(begun: Event, events: Iterator[Event]) -> None:
    depth = int(begun[0] in ("start_map", "start_array"))
    while depth:
        event = next(events)[0]
        depth += (event in ("start_map", "start_array")) - (event in ("end_map", "end_array"))


def _events(path: Path) -> Iterator[Event]:
    with path.open("rb") as file:
        if file.read(3) != BOM:
            file.seek(0)
        try:
            yield from ijson.basic_parse(file, buf_size=CHUNK)
        except (ijson.JSONError, ValueError) as error:
            raise NotJson(f"não é JSON válido na {_where(path)}") from error


class _Slowly:
    """A file that is read in large parts up to `offset` and byte by byte after it."""

    def __init__(self, file: Any, offset: int) -> None:
        self.file, self.offset, self.given = file, offset, 0

    def read(self, size: int = -1) -> bytes:
        if size == 0:  # asked only to see that these are bytes
            return b""
        part: bytes = self.file.read(min(CHUNK, self.offset - self.given) if self.given < self.offset else 1)
        self.given += len(part)
        return part


def _where(path: Path) -> str:
    """Line and column (in bytes, from 1) of the first byte that no JSON could have there."""
    offset = _offset(path, 0, CHUNK)
    offset = _offset(path, max(0, offset - CHUNK), 1)
    line, column, seen = 1, 1, 0
    with path.open("rb") as file:
        while seen < offset - 1 and (part := file.read(min(CHUNK, offset - 1 - seen))):
            seen += len(part)
            line += part.count(b"\n")
            end = part.rfind(b"\n")
            column = len(part) - end if end >= 0 else column + len(part)
    return f"linha {line}, coluna {column}"


def _offset(path: Path, fast_until: int, step: int) -> int:
    """How much had been read when the parser failed; in parts of `step` bytes after `fast_until`."""
    with path.open("rb") as file:
        skipped = 3 if file.read(3) == BOM else 0
        file.seek(skipped)
        source = _Slowly(file, fast_until if step == 1 else 1 << 62)
        try:
            for _ in ijson.basic_parse(source, buf_size=step if step == CHUNK else CHUNK):
                pass
        except (ijson.JSONError, ValueError):
            pass
        return source.given + skipped
