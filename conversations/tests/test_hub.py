"""The readers of live replies: any number of them on two Redis connections, whoever comes, goes or falls behind."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest
import redis

from accounts.models import User
from conversations import hub as hub_module
from conversations.frames import START, channel
from conversations.hub import BACKLOG_BYTES, Hub
from conversations.models import Message
from conversations.relay import Draft, Relay
from conversations.tests.making import ask_something
from conversations.tests.page import Page, tidy
from romagent.base import slots
from romagent.base.markdown import to_html
from romagent.base.redis import sync_pool
from romagent.base.slots import Slot, take
from tests.running import PATIENCE, cancel, eventually, following, relaying, some_threads

TEXT = "# Título\n\nUm parágrafo.\n\n- um\n- dois\n\nOutro parágrafo, **o último**.\n"
PERSON = uuid4()
pytestmark = pytest.mark.usefixtures("committed")  # the hub asks PostgreSQL now and then


@contextlib.asynccontextmanager
async def both() -> AsyncIterator[tuple[Relay, Hub]]:
    """The worker's side and the web process's side of the live stream, over the real Redis."""
    async with (
        asyncio.timeout(PATIENCE),
        some_threads(1) as threads,
        relaying(threads) as relay,
        following(threads) as hub,
    ):
        await eventually(lambda: hub.connected)
        yield relay, hub


class Watching:
    """A reader who reads all there is."""

    def __init__(self, hub: Hub, message_id: UUID, seen: tuple[int, int] = START, person: UUID = PERSON) -> None:
        self.page = Page()
        slot = Slot(f"rom:teste:{person}", uuid4().hex)
        self.task = asyncio.create_task(self._read(hub.follow(message_id, person, slot, seen)))

    async def _read(self, stream: AsyncIterator[bytes]) -> None:
        async for data in stream:
            self.page.read(data)


async def write(relay: Relay, draft: Draft, text: str, size: int = 7) -> None:
    for at in range(0, len(text), size):
        draft.append(text[at : at + size])
        relay.wrote(draft, urgent=True)
        await asyncio.sleep(0.005)


def begin(relay: Relay, reply: Message | None = None) -> Draft:
    draft = Draft(reply.pk if reply else uuid4(), 1, "")
    relay.open(draft)
    return draft


def finish(reply: Message, text: str) -> None:
    Message.objects.filter(pk=reply.pk).update(status=Message.Status.COMPLETE, content=text)


def test_a_reader_who_is_there_from_the_beginning_sees_it_all() -> None:
    async def run() -> None:
        async with both() as (relay, hub):
            draft = begin(relay)
            watching = Watching(hub, draft.message_id)
            await write(relay, draft, TEXT)
            await eventually(lambda: tidy(watching.page.html) == tidy(to_html(TEXT)))
            await relay.end(draft, "<article>o fim</article>")
            await watching.task
            assert watching.page.article == "<article>o fim</article>"

    asyncio.run(run())


def test_readers_who_come_late_or_come_back_see_it_all_too() -> None:
    async def run() -> None:
        async with both() as (relay, hub):
            draft = begin(relay)
            early = Watching(hub, draft.message_id)
            await write(relay, draft, TEXT[:40])
            await eventually(lambda: early.page.html)
            pen, _, number = early.page.last_id.partition("-")
            early.task.cancel()
            await write(relay, draft, TEXT[40:])
            late = Watching(hub, draft.message_id)
            again = Watching(hub, draft.message_id, (int(pen), int(number)))
            again.page = early.page
            for watching in (late, again):
                await eventually(lambda page=watching.page: tidy(page.html) == tidy(to_html(TEXT)))
            assert again.page.resets == 1  # only what was missing came, not everything again
            await relay.end(draft, "fim")
            await asyncio.gather(late.task, again.task)

    asyncio.run(run())


def test_a_reader_who_comes_after_the_end_gets_the_end(owner: User) -> None:
    reply = ask_something(owner)

    async def run() -> None:
        async with both() as (relay, hub):
            draft = begin(relay, reply)
            await write(relay, draft, TEXT)
            await relay.threads.run(finish, reply, TEXT)
            await relay.end(draft, "o fim")
            watching = Watching(hub, draft.message_id, person=reply.user_id)
            await watching.task
            assert "Um parágrafo." in watching.page.article

    asyncio.run(run())


def test_the_old_end_of_a_reply_that_is_continued_is_no_end(owner: User) -> None:
    reply = ask_something(owner)

    async def run() -> None:
        async with both() as (relay, hub):
            first = begin(relay, reply)
            await write(relay, first, TEXT[:30])
            await relay.end(first, "um fim de antes")  # the reply itself is not at its end
            watching = Watching(hub, reply.pk, person=reply.user_id)
            await asyncio.sleep(0.1)
            assert (watching.page.article, watching.task.done()) == ("", False)
            second = Draft(reply.pk, 2, TEXT[:30])
            relay.open(second)
            await write(relay, second, TEXT[30:])
            await eventually(lambda: tidy(watching.page.html) == tidy(to_html(TEXT)))
            await relay.end(second, "o fim")
            await watching.task
            assert watching.page.article == "o fim"

    asyncio.run(run())


def test_any_number_of_readers_needs_two_connections() -> None:
    async def run() -> None:
        server = redis.Redis(connection_pool=sync_pool())
        async with both() as (relay, hub):
            draft = begin(relay)
            await write(relay, draft, TEXT)
            before = len(server.client_list())
            readers = [Watching(hub, draft.message_id) for _ in range(150)]
            await eventually(lambda: all(reader.page.html for reader in readers))
            assert len(server.client_list()) <= before + 1  # the one that fetches what was missed
            await relay.end(draft, "o fim")
            await asyncio.gather(*(reader.task for reader in readers))
            assert {reader.page.article for reader in readers} == {"o fim"}

    asyncio.run(run())


def test_a_reader_who_leaves_leaves_nothing_behind() -> None:
    async def run() -> None:
        server = redis.Redis(connection_pool=sync_pool())
        async with both() as (relay, hub):
            draft = begin(relay)
            slot = take("teste", PERSON, 1)
            assert slot
            stream = hub.follow(draft.message_id, PERSON, slot)
            await anext(stream)
            reading = asyncio.create_task(anext(stream))  # type: ignore[arg-type]
            await eventually(lambda: hub.slots == {slot})
            assert take("teste", PERSON, 1) is None
            name = channel(draft.message_id)
            await eventually(lambda: dict(server.pubsub_numsub(name))[name.encode()] == 1)
            await cancel([reading])
            await stream.aclose()  # type: ignore[attr-defined]
            assert hub.readers == {}
            assert hub.slots == set()
            await eventually(lambda: take("teste", PERSON, 1))
            await eventually(lambda: dict(server.pubsub_numsub(name))[name.encode()] == 0)

    asyncio.run(run())


def test_the_slot_of_an_open_stream_does_not_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "HELD_SECONDS", 1)
    monkeypatch.setattr(hub_module, "HOLD_SECONDS", 0.2)

    async def run() -> None:
        person, server = uuid4(), redis.Redis(connection_pool=sync_pool())
        async with both() as (relay, hub):
            draft = begin(relay)
            slot = take("teste", person, 1)
            assert slot
            monkeypatch.setattr(slots, "HELD_SECONDS", 60)  # once renewed, it outlasts a machine that stands still
            stream = hub.follow(draft.message_id, PERSON, slot)
            await anext(stream)
            reading = asyncio.create_task(anext(stream))  # type: ignore[arg-type]
            await asyncio.sleep(1.6)
            await eventually(lambda: server.ttl(slot.key) > 30)
            assert take("teste", person, 1) is None
            await cancel([reading])
            await stream.aclose()  # type: ignore[attr-defined]
            await eventually(lambda: take("teste", person, 1))

    asyncio.run(run())


def test_an_emptied_redis_costs_nobody_a_word() -> None:
    async def run() -> None:
        server = redis.Redis(connection_pool=sync_pool())
        async with both() as (relay, hub):
            draft = begin(relay)
            watching = Watching(hub, draft.message_id)
            await write(relay, draft, TEXT[:30])
            await eventually(lambda: watching.page.html)
            server.flushdb()
            await write(relay, draft, TEXT[30:])
            late = Watching(hub, draft.message_id)
            for reader in (watching, late):
                await eventually(lambda page=reader.page: tidy(page.html) == tidy(to_html(TEXT)))
            await relay.end(draft, "o fim")
            await asyncio.gather(watching.task, late.task)

    asyncio.run(run())


def test_who_reads_slowly_holds_up_nobody_and_catches_up(owner: User) -> None:
    reply = ask_something(owner)

    async def run() -> None:
        async with both() as (relay, hub):
            draft = begin(relay, reply)
            slot = take("teste", PERSON, 1)
            assert slot
            stream = hub.follow(draft.message_id, reply.user_id, slot)
            await anext(stream)
            first = asyncio.create_task(anext(stream))  # type: ignore[arg-type]
            await eventually(lambda: hub.readers)
            (slow,) = hub.readers[draft.message_id]
            quick = Watching(hub, draft.message_id, person=reply.user_id)
            await write(relay, draft, "começo\n\n")
            page = Page()
            page.read(await first)
            for number in range(1, 13):  # the slow one takes nothing of this
                await write(relay, draft, ("palavra " * 5000) + "\n\n", size=50_000)
                await eventually(lambda n=number: len(tidy(quick.page.html)) > n * 40_000)
            assert slow.behind
            assert slow.size < 3 * BACKLOG_BYTES
            await relay.threads.run(finish, reply, "o fim")
            await relay.end(draft, "o fim")
            async for data in stream:
                page.read(data)
            assert "o fim" in page.article

    asyncio.run(run())


def test_a_stream_that_is_silent_gives_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "HEARTBEAT_SECONDS", 0.05)

    async def run() -> None:
        async with both() as (relay, hub):
            watching = Watching(hub, begin(relay).message_id)
            await eventually(lambda: watching.page.beats >= 2)
            await cancel([watching.task])

    asyncio.run(run())


def test_a_process_that_leaves_ends_its_streams() -> None:
    async def run() -> None:
        async with both() as (relay, hub):
            draft = begin(relay)
            watching = Watching(hub, draft.message_id)
            await write(relay, draft, "Um começo.")
            await eventually(lambda: watching.page.html)
            hub.drain()
            await watching.task
            assert watching.page.article == ""  # no end: the browser takes it up elsewhere

    asyncio.run(run())
