"""The worker while PostgreSQL or Redis is away: what the model has written is not lost."""

import asyncio
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError, connection
from pytest_django import Settings

from accounts.models import User
from audit.actions import record
from audit.models import AIOperation
from conversations.assistant import pen
from conversations.frames import END, FIELD, Entry, stream_key
from conversations.models import Message
from conversations.relay import Relay
from conversations.tests.making import ask_something
from romagent.base.redis import async_client
from tests.gate import Gate
from tests.running import PATIENCE, SimulatedApi, eventually, take_job, working, write

pytestmark = pytest.mark.usefixtures("committed", "impatient")
Status = Message.Status


@pytest.fixture
def postgres_gate() -> Iterator[Gate]:
    """A door in front of PostgreSQL for every connection that is made from now on."""
    address = connection.settings_dict
    connection.ensure_connection()  # the test's own stays as it is
    host, port = address["HOST"], address["PORT"]
    with Gate(host, int(port)) as gate:
        address["PORT"] = gate.port
        yield gate
        address["PORT"] = port


@pytest.fixture
def redis_gate(settings: Settings) -> Iterator[Gate]:
    given = urlsplit(settings.REDIS_URL)
    with Gate(given.hostname or "", given.port or 6379) as gate:
        settings.REDIS_URL = given._replace(netloc=given.netloc.replace(f":{given.port}", f":{gate.port}")).geturl()
        yield gate


@pytest.fixture
def whole(owner: User, api: SimulatedApi) -> str:
    reply = ask_something(owner)
    write(reply)
    api.configure(tokens_per_second=300)
    return reply.content


def test_the_end_of_an_answer_waits_for_postgresql(
    owner: User, api: SimulatedApi, whole: str, postgres_gate: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    reply = ask_something(owner)
    take_job(reply)

    async def run() -> None:
        async with working() as assistant, asyncio.timeout(PATIENCE):
            writing = asyncio.create_task(assistant.answer(reply.pk, is_stop=lambda: True))
            await eventually(lambda: assistant.relay.drafts and assistant.relay.drafts[reply.pk].text)
            postgres_gate.close()
            await eventually(lambda: "PostgreSQL INDISPONÍVEL" in caplog.text)
            assert not writing.done()
            postgres_gate.open()
            await writing

    asyncio.run(run())
    reply.refresh_from_db()
    assert (reply.status, reply.content) == (Status.COMPLETE, whole)


def test_what_a_call_cost_is_kept_once_although_the_first_try_at_the_end_is_lost(
    owner: User, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def lost_at_first(*args: Any, **values: Any) -> Any:
        tries.append(1)
        if len(tries) == 1:
            raise OperationalError("the server closed the connection in the middle of the transaction")
        return record(*args, **values)

    monkeypatch.setattr(pen, "record", lost_at_first)
    reply = ask_something(owner)
    write(reply)
    assert len(tries) == 2
    call = AIOperation.objects.get(message_id=reply.pk)
    assert (reply.status, call.status) == (Status.COMPLETE, AIOperation.Status.COMPLETE)
    assert (reply.tokens_input, reply.tokens_output) == (call.tokens_input, call.tokens_output)


def test_a_connection_to_redis_that_is_closed_already_is_an_outage_too(
    owner: User, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def closed(*_: object) -> list[int]:
        raise RuntimeError("unable to perform operation on <TCPTransport closed=True>; the handler is closed")

    monkeypatch.setattr(Relay, "_write", closed)
    reply = ask_something(owner)
    write(reply)  # nothing is raised: the job has done its work
    assert reply.status == Status.COMPLETE


def test_a_reply_is_taken_as_soon_as_postgresql_is_back(owner: User, api: SimulatedApi, postgres_gate: Gate) -> None:
    reply = ask_something(owner)
    take_job(reply)
    postgres_gate.close()

    async def run() -> None:
        async with working() as assistant, asyncio.timeout(PATIENCE):
            writing = asyncio.create_task(assistant.answer(reply.pk, is_stop=lambda: True))
            await asyncio.sleep(0.1)
            assert not writing.done()
            postgres_gate.open()
            await writing

    asyncio.run(run())
    reply.refresh_from_db()
    assert reply.status == Status.COMPLETE


@pytest.mark.parametrize("how", ["close", "hang"])
def test_an_answer_is_written_whole_without_redis(
    owner: User, api: SimulatedApi, whole: str, redis_gate: Gate, settings: Settings, how: str
) -> None:
    settings.REDIS_TIMEOUT = 0.2
    reply = ask_something(owner)
    take_job(reply)

    async def run() -> None:
        async with working() as assistant, asyncio.timeout(PATIENCE):
            writing = asyncio.create_task(assistant.answer(reply.pk, is_stop=lambda: True))
            await eventually(lambda: assistant.relay.drafts and assistant.relay.drafts[reply.pk].text)
            getattr(redis_gate, how)()
            await writing

    asyncio.run(run())
    reply.refresh_from_db()
    assert (reply.status, reply.content) == (Status.COMPLETE, whole)


def test_an_answer_is_written_whole_where_there_is_no_redis_at_all(
    owner: User, api: SimulatedApi, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = ""
    reply = ask_something(owner)
    write(reply)
    assert reply.status == Status.COMPLETE
    assert "Traceback" not in caplog.text


def test_when_redis_comes_back_its_stream_holds_everything(
    owner: User, api: SimulatedApi, whole: str, redis_gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entries that were lost make the next one a new beginning with all that stands so far."""
    monkeypatch.setattr("conversations.relay.REDIS_REST_SECONDS", 0.1)
    reply = ask_something(owner)
    take_job(reply)
    api.configure(tokens_per_second=60)  # some seconds are left when Redis is back, on a busy machine too

    async def run() -> list[Entry]:
        async with working() as assistant, asyncio.timeout(PATIENCE):
            writing = asyncio.create_task(assistant.answer(reply.pk, is_stop=lambda: True))
            draft = await eventually(lambda: assistant.relay.drafts.get(reply.pk))
            await eventually(lambda: draft.text)
            redis_gate.close()
            length = len(draft.text)
            await eventually(lambda: len(draft.text) > length + 50)
            redis_gate.open()
            await writing
        client = async_client()
        rows = await client.xrange(stream_key(reply.pk))
        await client.aclose()
        return [Entry.unpacked(fields[FIELD]) for _, fields in rows]

    entries = asyncio.run(run())
    assert entries[-1].kind == END
    assert b"outra vez." in entries[-1].frame
    starts = [entry for entry in entries if entry.kind == b"r"]
    assert starts
    assert b"resposta simulada" in starts[0].frame
