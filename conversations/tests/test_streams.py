"""An answer as the browser reads it: through the web application, while a worker writes it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import redis
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from conversations import actions
from conversations.assistant.answering import Assistant
from conversations.hub import hub
from conversations.models import Conversation, Message
from conversations.rendering import render_message
from conversations.tests.making import ask as ask_in
from conversations.tests.making import ask_something, make_exchange
from conversations.tests.page import Page
from romagent.asgi import Application
from romagent.base.redis import sync_pool
from tests.running import PATIENCE, Exchange, SimulatedApi, ask, eventually, get, serving, take_job, working, write

pytestmark = pytest.mark.usefixtures("committed", "impatient")
Status = Message.Status
STREAM = {"accept": "text/event-stream"}


@contextlib.asynccontextmanager
async def office() -> AsyncIterator[tuple[Application, Assistant]]:
    """The web process and the worker, side by side."""
    async with asyncio.timeout(PATIENCE), serving() as web, working() as assistant:
        await eventually(lambda: hub().connected)
        yield web, assistant


def post(web: Application, conversation: Conversation, client: Client, question: str = "Qual o prazo?") -> Exchange:
    path = f"/conversas/{conversation.pk}/mensagens/"
    token = "a" * 32
    client.cookies["csrftoken"] = token
    form = {"content": question, "submission_key": str(uuid4())}
    return ask(web, "POST", path, client=client, headers=STREAM | {"x-csrftoken": token}, form=form)


def page_of(exchange: Exchange) -> Page:
    page = Page()
    page.read(exchange.body)
    return page


def reply_in(conversation: Conversation) -> Message:
    return conversation.messages.filter(role=Message.Role.ASSISTANT).order_by("-id").get()


def test_the_answer_comes_as_the_response_to_the_question(
    conversation: Conversation, as_owner: Client, api: SimulatedApi
) -> None:
    api.configure(tokens_per_second=300)

    async def run() -> None:
        async with office() as (web, assistant):
            exchange = post(web, conversation, as_owner)
            await eventually(lambda: exchange.events)
            reply = await assistant.threads.run(reply_in, conversation)
            await assistant.threads.run(take_job, reply)
            await assistant.answer(reply.pk, is_stop=lambda: True)
            await exchange.end()
            names = [name for name, _ in exchange.events]
            assert names[0] == "messages"
            assert exchange.events[0][1].count("<article") == 2
            assert names[1] == "reset"
            assert names[-1] == "end"
            assert names.count("end") == 1
            assert "open" in names
            reply = await assistant.threads.run(reply_in, conversation)
            assert page_of(exchange).article == await assistant.threads.run(render_message, reply)
            assert (exchange.status, exchange.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
            assert exchange.headers["cache-control"] == "no-store"

    asyncio.run(run())


def test_two_tabs_and_one_that_comes_back_read_the_same(owner: User, as_owner: Client, api: SimulatedApi) -> None:
    reply = ask_something(owner)
    take_job(reply)
    api.configure(tokens_per_second=150)
    path = f"/mensagens/{reply.pk}/stream/"

    async def run() -> None:
        async with office() as (web, assistant):
            tabs = [ask(web, "GET", path, client=as_owner, headers=STREAM) for _ in range(2)]
            writing = asyncio.create_task(assistant.answer(reply.pk, is_stop=lambda: True))
            await eventually(lambda: page_of(tabs[0]).html)
            await tabs[0].leave()
            seen = page_of(tabs[0]).last_id
            back = ask(web, "GET", path, client=as_owner, headers=STREAM | {"last-event-id": seen})
            await writing
            for exchange in (tabs[1], back):
                await exchange.end()
            assert page_of(back).article == page_of(tabs[1]).article != ""
            assert page_of(back).resets == 0

    asyncio.run(run())


def test_leaving_the_page_changes_nothing(owner: User, as_owner: Client, api: SimulatedApi) -> None:
    reply = ask_something(owner)
    take_job(reply)
    api.configure(tokens_per_second=300)

    async def run() -> None:
        async with office() as (web, assistant):
            exchange = ask(web, "GET", f"/mensagens/{reply.pk}/stream/", client=as_owner, headers=STREAM)
            writing = asyncio.create_task(assistant.answer(reply.pk, is_stop=lambda: True))
            await eventually(lambda: page_of(exchange).html)
            await exchange.leave()
            assert web.in_flight == 0
            await writing

    asyncio.run(run())
    reply.refresh_from_db()
    assert reply.status == Status.COMPLETE


def test_a_stream_holds_no_thread_and_no_connection(owner: User, as_owner: Client, api: SimulatedApi) -> None:
    """With two threads, thirty open streams leave room for pages."""
    reply = ask_something(owner)

    async def run() -> None:
        async with office() as (web, _):
            path = f"/mensagens/{reply.pk}/stream/"
            streams = [ask(web, "GET", path, client=as_owner, headers=STREAM) for _ in range(30)]
            await eventually(lambda: all(stream.body for stream in streams))
            page = await get(web, "/conversas/", client=as_owner)
            assert page.status == 200
            await asyncio.gather(*(stream.leave() for stream in streams))

    asyncio.run(run())


def test_a_reply_that_has_ended_is_given_at_once(owner: User, as_owner: Client, api: SimulatedApi) -> None:
    reply = ask_something(owner)
    write(reply)

    async def run() -> None:
        async with office() as (web, assistant):
            exchange = await get(web, f"/mensagens/{reply.pk}/stream/", client=as_owner, headers=STREAM)
            assert [name for name, _ in exchange.events] == ["end"]
            assert page_of(exchange).article == await assistant.threads.run(render_message, reply)

    asyncio.run(run())


def test_a_reply_that_is_stopped_while_it_waits_ends_for_its_readers(
    owner: User, as_owner: Client, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No writer tells them: PostgreSQL is asked now and then."""
    monkeypatch.setattr("conversations.hub.WATCH_SECONDS", 0.1)
    reply = ask_something(owner)

    async def run() -> None:
        async with office() as (web, assistant):
            exchange = ask(web, "GET", f"/mensagens/{reply.pk}/stream/", client=as_owner, headers=STREAM)
            await eventually(lambda: exchange.body)
            await assistant.threads.run(lambda: actions.stop(reply, user=owner))
            await exchange.end()
            assert "Parada a pedido" in page_of(exchange).article

    asyncio.run(run())


def test_while_nothing_comes_the_page_is_told_why(owner: User, as_owner: Client, api: SimulatedApi) -> None:
    reply = ask_something(owner)
    take_job(reply)
    api.script([{"kind": "status", "status": 529}, {"kind": "answer", "text": "Fim.", "first_token_ms": 300}])

    async def run() -> None:
        async with office() as (web, assistant):
            exchange = ask(web, "GET", f"/mensagens/{reply.pk}/stream/", client=as_owner, headers=STREAM)
            await eventually(lambda: exchange.body)
            await assistant.answer(reply.pk, is_stop=lambda: True)
            await exchange.end()
            states = [data for name, data in exchange.events if name == "state"]
            assert any(state.startswith("O serviço não respondeu. Tentando de novo em") for state in states)
            assert "Pensando…" in states

    asyncio.run(run())


def test_without_redis_the_answer_is_read_from_postgresql(
    owner: User, as_owner: Client, api: SimulatedApi, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conversations.hub.POLL_SECONDS", 0.1)
    monkeypatch.setattr("conversations.relay.CHECKPOINT_SECONDS", 0.1)
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    reply = ask_something(owner)
    take_job(reply)
    api.configure(tokens_per_second=150)

    async def run() -> None:
        async with asyncio.timeout(PATIENCE), serving() as web, working() as assistant:
            exchange = ask(web, "GET", f"/mensagens/{reply.pk}/stream/", client=as_owner, headers=STREAM)
            await assistant.answer(reply.pk, is_stop=lambda: True)
            await exchange.end()
            names = [name for name, _ in exchange.events]
            assert names.count("reset") > 1  # at the pace of the checkpoints
            assert names[-1] == "end"
            assert "open" in names

    asyncio.run(run())
    reply.refresh_from_db()
    assert reply.status == Status.COMPLETE


def test_one_person_opens_only_so_many_streams_at_once(
    owner: User, as_owner: Client, stranger: User, as_stranger: Client, api: SimulatedApi, settings: Settings
) -> None:
    settings.STREAMS_PER_PERSON = 2
    reply, another = ask_something(owner), ask_something(stranger)
    path = f"/mensagens/{reply.pk}/stream/"

    async def run() -> None:
        async with office() as (web, _):
            streams = [ask(web, "GET", path, client=as_owner, headers=STREAM) for _ in range(2)]
            await eventually(lambda: all(stream.body for stream in streams))
            refused = await get(web, path, client=as_owner, headers=STREAM)
            assert (refused.status, refused.headers["retry-after"]) == (429, "5")
            assert "Feche algumas abas" in refused.text
            others = ask(web, "GET", f"/mensagens/{another.pk}/stream/", client=as_stranger, headers=STREAM)
            await eventually(lambda: others.body)
            await asyncio.gather(*(stream.leave() for stream in [*streams, others]))
            server = redis.Redis(connection_pool=sync_pool())
            await eventually(lambda: not server.exists(f"rom:leituras:{owner.pk}"))
            again = ask(web, "GET", path, client=as_owner, headers=STREAM)
            await eventually(lambda: again.status == 200)
            await again.leave()

    asyncio.run(run())


def test_a_question_is_accepted_also_when_its_answer_must_be_read_later(
    conversation: Conversation, as_owner: Client, api: SimulatedApi, settings: Settings
) -> None:
    settings.STREAMS_PER_PERSON = 0

    async def run() -> None:
        async with office() as (web, _):
            exchange = post(web, conversation, as_owner)
            await exchange.end()
            assert [name for name, _ in exchange.events] == ["messages"]

    asyncio.run(run())
    assert reply_in(conversation).status == Status.QUEUED


def test_a_second_question_while_the_first_is_answered_is_refused_in_words(
    conversation: Conversation, as_owner: Client, api: SimulatedApi
) -> None:
    make_exchange(conversation)
    ask_in(conversation)

    async def run() -> None:
        async with office() as (web, _):
            exchange = post(web, conversation, as_owner, "Outra?")
            await exchange.end()
            assert (exchange.status, exchange.headers["content-type"]) == (409, "application/json")
            assert "Aguarde o fim da resposta anterior" in exchange.text.encode().decode("unicode_escape")

    asyncio.run(run())
    assert not conversation.messages.filter(content="Outra?").exists()
