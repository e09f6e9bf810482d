"""The live stream of one reply: what the worker writes to Redis and the web process hands on.

Two copies of each entry leave the worker in one pipeline: one in a Redis stream (for readers who come late or
come back), one published (for readers who are there). An entry is already in the browser's form, server-sent
events (https://html.spec.whatwg.org/multipage/server-sent-events.html), so that handing it on costs nothing.

Entries are numbered `<pen>-<n>`: `pen` is one writer's turn at the reply (milliseconds, so a later writer's is
larger), `n` counts its entries from 1 without gaps. A gap tells a reader that something was lost (FLUSHALL, an
eviction, a reconnection); the writer then starts over with a `reset` that holds everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

STREAM_SECONDS = 3600  # a stream that nobody writes to is gone after that

FIELD = b"e"  # of the stream's entries
RESET, APPEND, END = b"r", b"a", b"e"
START: tuple[int, int] = (0, 0)


def stream_key(message_id: UUID | str) -> str:
    return f"rom:resposta:{message_id}"


def channel(message_id: UUID | str) -> str:
    return f"rom:ao-vivo:{message_id}"


def event(name: str, data: str, position: tuple[int, int] | None = None) -> bytes:
    """One server-sent event; every line of the data becomes a `data:` line."""
    lines = [f"id: {position[0]}-{position[1]}"] if position else []
    lines.append(f"event: {name}")
    lines += [f"data: {line}" for line in data.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return ("\n".join(lines) + "\n\n").encode("utf-8", "replace")


def parse_position(text: str) -> tuple[int, int]:
    """The position in a `Last-Event-ID`; the start when it is missing or not ours."""
    pen, _, number = text.partition("-")
    if pen.isascii() and pen.isdigit() and number.isascii() and number.isdigit() and len(text) < 40:
        return int(pen), int(number)
    return START


@dataclass(frozen=True, slots=True)
class Entry:
    """One step of a reply. `settled` stays, `open` is replaced by the next entry's."""

    position: tuple[int, int]
    kind: bytes
    settled: bytes
    open: bytes

    @property
    def frame(self) -> bytes:
        return self.settled + self.open

    def packed(self) -> bytes:
        """As it is stored and published: `pen n kind length-of-settled`, a new line, and the frame."""
        return b"%d %d %s %d\n" % (*self.position, self.kind, len(self.settled)) + self.frame

    @classmethod
    def unpacked(cls, data: bytes) -> Entry:
        head, _, frame = data.partition(b"\n")
        pen, number, kind, cut = head.split(b" ")
        return cls((int(pen), int(number)), kind, frame[: int(cut)], frame[int(cut) :])


def since(entries: list[Entry], seen: tuple[int, int]) -> list[Entry]:
    """What a reader who has seen up to `seen` still needs: the rest, or everything from the last reset on.

    Empty when the stream's beginning is missing: the writer notices and starts over.
    """
    positions = [entry.position for entry in entries]
    if seen in positions:
        return entries[positions.index(seen) + 1 :]
    if entries and entries[0].position == (seen[0], seen[1] + 1):
        return entries
    starts = [i for i, entry in enumerate(entries) if entry.kind != APPEND]
    if not starts or entries[-1].position <= seen:
        return []
    return entries[starts[-1] :]


def coalesced(entries: list[Entry]) -> bytes:
    """The entries as one piece: all that stays, and only the last open block."""
    return b"".join(entry.settled for entry in entries) + (entries[-1].open if entries else b"")
