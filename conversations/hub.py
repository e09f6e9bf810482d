"""The readers of live replies in one web process: any number of them, on two Redis connections.

One connection listens (publish/subscribe), one reads what a late reader missed. A reader who falls behind is
not queued for: what waits for it is dropped and it catches up from the stream. Without Redis all readers are
fed from PostgreSQL, at the pace of the worker's checkpoints, by one query for all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import redis.asyncio
from django.conf import settings
from django.db import DatabaseError

from conversations.access import lost
from conversations.frames import END, FIELD, RESET, START, Entry, channel, coalesced, event, since, stream_key
from conversations.models import Message
from conversations.rendering import growing_parts, render_message
from romagent.base import access
from romagent.base.redis import AWAY, async_client
from romagent.base.slots import Slot, give_back, renew
from romagent.base.threads import DatabaseThreads

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b": pulso\n\n"
GREETING = b"retry: 1000\n\n"
GONE = b": sem acesso\n\n"  # the last thing sent; the browser asks again and gets its 404
BACKLOG_BYTES = 256 * 1024  # what may wait for one slow reader
HOLD_SECONDS = 15.0  # how often the open streams' slots are renewed
POLL_SECONDS, WATCH_SECONDS = 1.0, 5.0  # how often PostgreSQL is asked: without Redis, and with it
LOST = (*AWAY, asyncio.TimeoutError)


@dataclass(eq=False)
class Reader:
    """One open stream. `seen` is the last position handed to it."""

    message_id: UUID
    person: UUID
    seen: tuple[int, int]
    behind: bool = True  # must catch up from the Redis stream before it can follow
    heard: tuple[int, int] = START  # the last position published, whether taken or not
    ended: bool = False
    waiting: list[bytes] = field(default_factory=list)
    size: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, entry: Entry) -> None:
        """Takes the next entry; one that does not follow on `seen` means that something was missed."""
        self.heard = max(self.heard, entry.position)
        if self.behind or self.ended or entry.position <= self.seen:
            self.news.set()
            return
        follows = entry.kind == RESET or entry.position == (self.seen[0], self.seen[1] + 1)
        if not follows or self.size > BACKLOG_BYTES:
            self.fall_behind()
            return
        self.push(entry.frame, entry.position, end=entry.kind == END)

    def push(self, data: bytes, position: tuple[int, int] | None = None, *, end: bool = False) -> None:
        self.waiting.append(data)
        self.size += len(data)
        self.seen = position or self.seen
        self.ended = self.ended or end
        self.news.set()

    def fall_behind(self) -> None:
        self.behind = True
        self.news.set()

    def take(self) -> bytes:
        data = b"".join(self.waiting)
        self.waiting.clear()
        self.size = 0
        return data


class Hub:
    def __init__(self, threads: DatabaseThreads) -> None:
        self.threads = threads
        self.readers: dict[UUID, set[Reader]] = {}
        self.slots: set[Slot] = set()
        self.draining = False
        self.connected = False
        self._heard = False  # something on the listening connection, since it was last asked for a sign of life
        self._listener: redis.asyncio.client.PubSub | None = None
        self._fetcher: redis.asyncio.Redis | None = None
        self._fetching = asyncio.Lock()
        self._lost = asyncio.Event()  # set while Redis is away
        self._listening: asyncio.Task[None] | None = None
        for_ever = (self._listen_for_ever(), self._watch_for_ever(), self._hold_for_ever())
        self._tasks = [asyncio.create_task(task) for task in for_ever]

    # Readers --------------------------------------------------------------------------------

    async def follow(
        self, message_id: UUID, person: UUID, slot: Slot, seen: tuple[int, int] = START
    ) -> AsyncIterator[bytes]:
        """The reply's events as they come, until its end, the reader's leaving, this process's, or `person`'s access'.

        `slot` is the person's for this stream: held meanwhile, and given back.
        """
        yield GREETING
        reader = Reader(message_id, person, seen)
        self.slots.add(slot)
        await self._enter(reader)
        try:
            async for data in self._data_for(reader):
                yield data
        finally:
            self._leave(reader)
            self.slots.discard(slot)
            self._tasks.append(asyncio.create_task(self._give_back(slot)))

    async def _data_for(self, reader: Reader) -> AsyncIterator[bytes]:
        while True:
            if reader.behind and self.connected and not reader.ended:
                await self._catch_up(reader)
            if data := reader.take():
                yield data
            if reader.ended or self.draining:
                return
            if reader.waiting:
                continue
            reader.news.clear()
            try:
                async with asyncio.timeout(HEARTBEAT_SECONDS):
                    await reader.news.wait()
            except TimeoutError:
                yield HEARTBEAT

    async def _enter(self, reader: Reader) -> None:
        others = self.readers.setdefault(reader.message_id, set())
        others.add(reader)
        if len(others) == 1 and self._listener and self.connected:
            with contextlib.suppress(*LOST):  # the listener itself notices and subscribes again
                await self._listener.subscribe(channel(reader.message_id))

    def _leave(self, reader: Reader) -> None:
        others = self.readers.get(reader.message_id, set())
        others.discard(reader)
        if not others:
            self.readers.pop(reader.message_id, None)
            if self._listener and self.connected:
                self._tasks.append(asyncio.create_task(self._unsubscribe(reader.message_id)))
        self._tasks = [task for task in self._tasks if not task.done()]

    async def _unsubscribe(self, message_id: UUID) -> None:
        if message_id not in self.readers and self._listener:
            with contextlib.suppress(*LOST):
                await self._listener.unsubscribe(channel(message_id))

    def drain(self) -> None:
        """This process is leaving: every stream ends now, and its reader takes it up at another process."""
        self.draining = True
        self._wake_all()

    async def close(self) -> None:
        """After the last stream has ended."""
        tasks = [*self._tasks, *([self._listening] if self._listening else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._stop_reading()

    def _wake_all(self) -> None:
        for readers in self.readers.values():
            for reader in readers:
                reader.news.set()

    async def _catch_up(self, reader: Reader) -> None:
        """Gives the reader what the Redis stream has that it has not seen, in one piece."""
        try:
            async with self._fetching:
                rows: Any = await self._reading().xrange(stream_key(reader.message_id))
        except LOST:
            await self._stop_reading()
            return
        entries = since([Entry.unpacked(fields[FIELD]) for _, fields in rows], reader.seen)
        if entries and entries[-1].kind == END:
            await self._end_or_new_beginning(reader, entries[-1])
        elif entries:
            reader.take()
            reader.push(coalesced(entries), entries[-1].position)
        # What was published while Redis answered is in the stream by now: look again.
        reader.behind = bool(entries) and reader.heard > reader.seen

    async def _end_or_new_beginning(self, reader: Reader, end: Entry) -> None:
        """An end in the stream may be an earlier one, of a reply that is being continued: PostgreSQL knows."""
        reader.take()
        reader.seen = end.position
        try:
            states = await self.threads.run(_states, [reader.message_id], False)
        except DatabaseError as error:
            log.warning("PostgreSQL did not say whether a reply has ended: %s", type(error).__name__)
            return
        for data, _ in states.values():
            reader.push(data, end=True)

    # Redis ----------------------------------------------------------------------------------

    async def _listen_for_ever(self) -> None:
        while True:
            self._listening = asyncio.create_task(self._listen())
            await asyncio.wait([self._listening])
            error = None if self._listening.cancelled() else self._listening.exception()
            if error and not isinstance(error, LOST):
                log.error("the listener of live replies failed and starts again", exc_info=error)
            if self.connected:
                log.warning("⚠️  Redis INDISPONÍVEL: as respostas seguem pelo PostgreSQL")
            self.connected, self._listener = False, None
            self._lost.set()
            await self._stop_reading()
            await asyncio.sleep(0.5)

    def _reading(self) -> redis.asyncio.Redis:
        self._fetcher = self._fetcher or async_client(socket_timeout=settings.REDIS_TIMEOUT)
        return self._fetcher

    async def _stop_reading(self) -> None:
        fetcher, self._fetcher = self._fetcher, None
        if fetcher:
            with contextlib.suppress(*LOST):
                await fetcher.aclose()

    async def _listen(self) -> None:
        client = async_client(socket_timeout=None, health_check_interval=0)
        try:
            async with client.pubsub() as listener:
                # This one also keeps the subscription alive while nobody reads.
                await listener.subscribe(access.CHANNEL, *(channel(message_id) for message_id in self.readers))
                self._listener, self.connected, self._heard = listener, True, True
                self._lost.clear()
                for readers in self.readers.values():
                    for reader in readers:
                        reader.fall_behind()
                async for message in listener.listen():
                    self._heard = True
                    if message["type"] == "message":
                        self._deliver(message["channel"], message["data"])
        finally:
            await client.aclose()

    def _deliver(self, name: bytes, data: bytes) -> None:
        if name == access.CHANNEL.encode():
            self._tasks.append(asyncio.create_task(self._dismiss(data.decode())))
            return
        message_id = UUID(name[-36:].decode())
        entry = Entry.unpacked(data)
        for reader in self.readers.get(message_id, ()):
            reader.offer(entry)

    async def _hold_for_ever(self) -> None:
        """Renews the open streams' slots; those of a killed process run out."""
        while True:
            await asyncio.sleep(HOLD_SECONDS)
            await self._with_redis(renew, list(self.slots))

    async def _give_back(self, slot: Slot) -> None:
        await self._with_redis(give_back, slot)

    async def _with_redis(self, call: Callable[..., Awaitable[None]], *args: Any) -> None:
        """Asks on the reading connection; while Redis is away nothing is counted, so nothing is missed."""
        try:
            async with self._fetching:
                await call(self._reading(), *args)
        except LOST:
            await self._stop_reading()

    # PostgreSQL -----------------------------------------------------------------------------

    async def _watch_for_ever(self) -> None:
        """Ends what ended unseen, and stands in for Redis while it is away."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(WATCH_SECONDS):
                    await self._lost.wait()
                await asyncio.sleep(POLL_SECONDS)
            await self._probe()
            await self._dismiss()
            watched = [message_id for message_id, readers in self.readers.items() if readers]
            if not watched:
                continue
            try:
                states = await self.threads.run(_states, watched, not self.connected)
            except Exception as error:
                log.warning("PostgreSQL did not answer the readers' question: %s", type(error).__name__)
                continue
            for message_id, (data, end) in states.items():
                self._tell(message_id, data, end)

    async def _dismiss(self, whose: str = access.EVERYBODY) -> None:
        """Ends the streams of those who may not see their replies any more: of one person, or of everybody."""
        readers = [
            one for those in self.readers.values() for one in those if whose in {access.EVERYBODY, str(one.person)}
        ]
        if not readers:
            return
        pairs = {(one.person, one.message_id) for one in readers}
        try:
            gone = await self.threads.run(lost, pairs)
        except Exception as error:
            log.warning("PostgreSQL did not say who may still read: %s", type(error).__name__)
            return
        for one in readers:
            if (one.person, one.message_id) in gone:
                one.take()
                one.push(GONE, end=True)

    async def _probe(self) -> None:
        """Notices a Redis that hangs, or that the listener's connection leads nowhere: waiting for news, it cannot."""
        if not self.connected or self._listener is None:
            return
        try:
            if not self._heard:
                raise TimeoutError
            self._heard = False
            async with self._fetching, asyncio.timeout(settings.REDIS_TIMEOUT):
                await self._reading().ping()
                await self._listener.ping()  # the listener hears the answer
        except LOST:
            await self._stop_reading()
            if self._listening:
                self._listening.cancel()

    def _tell(self, message_id: UUID, data: bytes, end: bool) -> None:
        for reader in self.readers.get(message_id, ()):
            if not reader.ended:
                reader.push(data, START, end=end)


def _states(message_ids: list[UUID], with_texts: bool) -> dict[UUID, tuple[bytes, bool]]:
    """For each reply that ended: its end, and True. For the others, when asked: the text so far, and False.

    As events at position 0-0: whoever goes on from there needs everything again, from Redis's last reset.
    """
    replies = Message.objects.filter(id__in=message_ids)
    ended = replies.exclude(status__in=Message.UNFINISHED)
    states = {m.pk: (event("end", render_message(m), START), True) for m in ended}
    if with_texts:
        states |= {m.pk: (_so_far(m), False) for m in replies.filter(status__in=Message.UNFINISHED)}
    return states


def _so_far(reply: Message) -> bytes:
    finished, opened = growing_parts(reply)
    return event("reset", finished) + event("open", opened, START)


_hub: Hub | None = None


def start_hub(threads: DatabaseThreads) -> Hub:
    """Makes this process's hub; call it once, on the event loop."""
    global _hub
    _hub = Hub(threads)
    return _hub


def hub() -> Hub:
    if _hub is None:
        raise RuntimeError("the hub starts with the web application (romagent/asgi.py)")
    return _hub
