"""The worker's side of the live stream: every few tens of milliseconds, what is new in all replies goes out.

One loop serves all replies being written: it renders what grew, sends one pipeline to Redis, and rests as long
as that took or longer, so that under load it sends larger pieces less often instead of falling behind.
Another loop saves the texts so far to PostgreSQL, all in one statement.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import time
from typing import Any
from uuid import UUID

import redis
import redis.asyncio
from django.conf import settings
from django.db import connection
from redis.exceptions import NoScriptError

from conversations.frames import APPEND, END, FIELD, RESET, STREAM_SECONDS, Entry, channel, event, stream_key
from conversations.reading import Reading
from romagent.base.markdown import GrowingMarkdown, Note
from romagent.base.redis import AWAY, async_client
from romagent.base.threads import DatabaseThreads

log = logging.getLogger(__name__)

FLUSH_SECONDS = 0.05  # at least this long between two flushes
WORK_SHARE = 2.0  # rest at least this many times as long as the flush took
LONGEST_REST = 0.15  # seconds; however long the flush took, and whoever else kept it waiting
SLICE = 16  # replies rendered and sent at one go
CHECKPOINT_SECONDS = 1.5
REDIS_REST_SECONDS = 1.0
WRITING = "Escrevendo…"
CALM_LOOK_SECONDS = 0.25
CALM_DRAFTS = 10  # so many replies at once leave room for what can wait
COMPACT_ENTRIES = 300  # a stream longer than this starts over with everything in one entry


# One call for many replies: four commands for each would cost more to send than the text itself. For each key
# its id, kind, entry and channel; an id that is too small comes from a writer that has lost the pen, and is dropped.
WRITE = f"""
local lengths = {{}}
for i, key in ipairs(KEYS) do
    local at = (i - 1) * 4
    local id, kind, entry, channel = ARGV[at + 1], ARGV[at + 2], ARGV[at + 3], ARGV[at + 4]
    local added
    if kind == '{RESET.decode()}' then
        added = redis.pcall('XADD', key, 'MINID', '=', id, id, '{FIELD.decode()}', entry)
    else
        added = redis.pcall('XADD', key, id, '{FIELD.decode()}', entry)
    end
    redis.call('EXPIRE', key, {STREAM_SECONDS})
    if not (type(added) == 'table' and added.err) then
        redis.call('PUBLISH', channel, entry)
    end
    lengths[i] = redis.call('XLEN', key)
end
return lengths
"""
WRITE_SHA = hashlib.sha1(WRITE.encode(), usedforsecurity=False).hexdigest()


class Draft:
    """A reply being written by this process: its text, and what readers have been told of it."""

    def __init__(self, message_id: UUID, attempt: int, text: str, reading: Reading | None = None) -> None:
        self.message_id = message_id
        self.attempt = attempt
        self.text = text  # word for word as the model wrote it; in `growing` there are the marks of its notes, too
        self.reading = Reading() if reading is None else reading
        self.growing = GrowingMarkdown(self.reading.notes)
        self.growing.append(self.reading.marked(text))
        self.changed = False  # whether the reading is another one than the one in PostgreSQL
        self.state = WRITING
        self.dirty = True
        self.saved = len(text)  # characters in PostgreSQL
        self.lost = asyncio.Event()  # another writer has it
        self._pen = time.time_ns() // 1_000_000
        self._number = 0
        self.in_stream = 0  # entries that should be in Redis
        self._start_over = True
        self._told = ""  # the state that readers know

    def append(self, more: str) -> None:
        self.text += more
        self.growing.append(more)
        self.state = WRITING
        self.dirty = True

    def note(self, name: str, note: Note, back: int) -> None:
        """A note at the end of the text, `back` characters before."""
        self.growing.mark(name, note, back=back)
        self.changed = self.dirty = True

    def say(self, state: str) -> None:
        """Words about what is going on while no text comes."""
        self.state = state
        self.dirty = True

    def start_over(self) -> None:
        """Something was lost on the way: the next entry holds everything."""
        self._start_over = True
        self.dirty = True

    def take_reading(self) -> str | None:
        """The reading as JSON, when PostgreSQL does not have it yet."""
        if not self.changed:
            return None
        self.changed = False
        return json.dumps(self.reading.kept())

    def next_entry(self) -> Entry:
        """What readers need to know since the last entry; clears `dirty`."""
        self.dirty = False
        finished = self.growing.take_finished()
        position = self._next_position()
        opened = event("open", self.growing.open_html(), position)
        if self._start_over or self.in_stream >= COMPACT_ENTRIES:
            self._start_over, self.in_stream, self._told = False, 1, self.state
            settled = event("reset", self.growing.html) + event("state", self.state)
            return Entry(position, RESET, settled, opened)
        self.in_stream += 1
        settled = event("block", finished) if finished else b""
        if self.state != self._told:
            self._told = self.state
            settled += event("state", self.state)
        return Entry(position, APPEND, settled, opened)

    def last_entry(self, article: str) -> Entry:
        self.in_stream += 1
        position = self._next_position()
        return Entry(position, END, b"", event("end", article, position))

    def _next_position(self) -> tuple[int, int]:
        self._number += 1
        return self._pen, self._number


class Relay:
    def __init__(self, threads: DatabaseThreads) -> None:
        self.threads = threads
        self.drafts: dict[UUID, Draft] = {}
        self._news = asyncio.Event()
        self._urgent = asyncio.Event()
        self._redis: redis.asyncio.Redis | None = None
        self._redis_lock = asyncio.Lock()
        self._rest_until = 0.0
        self._first: list[Draft] = []  # whose first words wait
        loops = (self._flush_first_for_ever(), self._flush_for_ever(), self._save_for_ever())
        self._tasks = [asyncio.create_task(loop) for loop in loops]

    async def connect(self) -> None:
        """Opens the connection before the first reply needs it."""
        try:
            self._redis = async_client(socket_timeout=settings.REDIS_TIMEOUT)
            await self._redis.script_load(WRITE)
        except AWAY as error:
            await self._note_outage(error)

    # Writers --------------------------------------------------------------------------------

    def open(self, draft: Draft) -> None:
        self.drafts[draft.message_id] = draft

    def wrote(self, draft: Draft, *, urgent: bool = False) -> None:
        """There is something new; `urgent` when somebody is waiting for the first of it."""
        self._news.set()
        if urgent:
            self._first.append(draft)
            self._urgent.set()

    def close(self, draft: Draft) -> None:
        if self.drafts.get(draft.message_id) is draft:
            del self.drafts[draft.message_id]

    async def end(self, draft: Draft, article: str) -> None:
        """Tells the readers that the reply has ended, with its article; PostgreSQL has it already."""
        self.close(draft)
        await self._send([(draft, draft.last_entry(article))])

    async def wait_for_calm(self, patience: float) -> None:
        """Until few replies are being written, at most `patience` seconds: for work that nobody watches."""
        deadline = time.monotonic() + patience
        while len(self.drafts) > CALM_DRAFTS and time.monotonic() < deadline:
            await asyncio.sleep(CALM_LOOK_SECONDS)

    # Readers --------------------------------------------------------------------------------

    async def _flush_for_ever(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            started = time.monotonic()
            await self._flush([*self.drafts.values()])
            took = time.monotonic() - started
            await asyncio.sleep(max(FLUSH_SECONDS - took, min(WORK_SHARE * took, LONGEST_REST)))

    async def _flush_first_for_ever(self) -> None:
        """The first words of a reply go out at once, beside the regular flush and before it."""
        while True:
            await self._urgent.wait()
            self._urgent.clear()
            first, self._first = self._first, []
            await self._flush(first)

    async def _flush(self, drafts: list[Draft]) -> None:
        try:
            await self._flush_dirty([draft for draft in drafts if draft.dirty])
        except Exception:
            log.exception("a flush of live replies failed")

    async def _flush_dirty(self, dirty: list[Draft]) -> None:
        for start in range(0, len(dirty), SLICE):  # between two slices others get their turn
            slice_ = [draft for draft in dirty[start : start + SLICE] if draft.dirty]
            await self._send([(draft, draft.next_entry()) for draft in slice_])

    async def _send(self, entries: list[tuple[Draft, Entry]]) -> None:
        if not entries:
            return
        expected = [draft.in_stream for draft, _ in entries]  # before others add theirs
        try:
            if time.monotonic() < self._rest_until:
                raise redis.ConnectionError("Redis failed a moment ago")
            lengths = await self._write(entries)
        except (TimeoutError, *AWAY) as error:
            await self._note_outage(error)
            for draft, _ in entries:
                draft.start_over()
            return
        for (draft, _), length, should_be in zip(entries, lengths, expected, strict=True):
            if length != should_be:  # FLUSHALL or an eviction took the rest
                draft.start_over()

    async def _write(self, entries: list[tuple[Draft, Entry]]) -> list[int]:
        """Adds the entries to their streams and publishes them; the length of each stream afterwards."""
        keys = [stream_key(draft.message_id) for draft, _ in entries]
        arguments: list[Any] = []
        for draft, entry in entries:
            arguments += [
                f"{entry.position[0]}-{entry.position[1]}",
                entry.kind,
                entry.packed(),
                channel(draft.message_id),
            ]
        async with self._redis_lock:
            if self._redis is None:
                self._redis = async_client(socket_timeout=settings.REDIS_TIMEOUT)
            try:
                return await self._redis.evalsha(WRITE_SHA, len(keys), *keys, *arguments)
            except NoScriptError:  # a Redis that was restarted
                return await self._redis.eval(WRITE, len(keys), *keys, *arguments)

    async def _note_outage(self, error: Exception) -> None:
        if time.monotonic() < self._rest_until:
            return
        lost, self._redis = self._redis, None
        if lost:
            with contextlib.suppress(*AWAY):
                await lost.aclose()
        if time.monotonic() > self._rest_until + REDIS_REST_SECONDS:
            log.warning("⚠️  Redis INDISPONÍVEL: as respostas seguem pelo PostgreSQL (%s)", type(error).__name__)
        self._rest_until = time.monotonic() + REDIS_REST_SECONDS

    # PostgreSQL -----------------------------------------------------------------------------

    async def _save_for_ever(self) -> None:
        while True:
            await asyncio.sleep(CHECKPOINT_SECONDS)
            try:
                await self.save()
            except Exception as error:
                log.warning("checkpoint not saved, the texts stay in memory: %s", type(error).__name__)
            if any(draft.dirty for draft in self.drafts.values()):
                self._news.set()

    async def save(self) -> None:
        """Saves all texts so far, renews their leases, and notices the replies that another writer has taken."""
        drafts = list(self.drafts.values())
        if not drafts:
            return
        rows = [(str(d.message_id), d.attempt, d.text, d.saved != len(d.text), d.take_reading()) for d in drafts]
        try:
            kept = await self.threads.run(save_texts, rows)
        except BaseException:
            for draft, row in zip(drafts, rows, strict=True):
                draft.changed = draft.changed or row[4] is not None
            raise
        for draft, (_, _, text, _, _) in zip(drafts, rows, strict=True):
            if draft.message_id in kept:
                draft.saved = len(text)
            else:
                draft.lost.set()


SAVE_SQL = """
UPDATE messages SET heartbeat_at = now(), content = coalesce(draft.content, messages.content),
    metadata = CASE WHEN draft.reading IS NULL THEN messages.metadata
        ELSE messages.metadata || jsonb_build_object('reading', draft.reading::jsonb) END
FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[]) AS draft(id, attempt, content, reading)
WHERE messages.id = draft.id AND messages.attempts = draft.attempt AND messages.status = 'streaming'
RETURNING messages.id
"""
Row = tuple[str, int, str, bool, str | None]


def save_texts(rows: list[Row]) -> set[UUID]:
    """One statement for all replies; what did not change is not sent again. Returns who still holds the pen."""
    ids, attempts, texts, _, readings = ([row[i] for row in rows] for i in range(5))
    changed = [text if row[3] else None for row, text in zip(rows, texts, strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(SAVE_SQL, [ids, attempts, changed, readings])
        return {row[0] for row in cursor.fetchall()}
