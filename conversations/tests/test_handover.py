"""A reply that is stopped, handed on or taken over: its text goes along, and one writer at a time holds the pen."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from audit.models import AIOperation, AuditLog
from conversations import actions
from conversations.assistant import pen
from conversations.assistant.answering import Assistant
from conversations.models import Message
from conversations.tests.making import ask, ask_something, make_conversation, make_exchange
from tests.running import PATIENCE, SimulatedApi, eventually, take_job, working, write

pytestmark = pytest.mark.usefixtures("committed", "impatient")
Status = Message.Status


@pytest.fixture
def whole(owner: User, api: SimulatedApi) -> str:
    """What the simulation answers to the question when it may finish."""
    reply = ask_something(owner)
    write(reply)
    AIOperation.objects.all().delete()
    api.configure(tokens_per_second=100)  # from here on there is time to interfere
    return reply.content


def interfere(reply: Message, what: Callable[[Assistant, "asyncio.Task[None]"], Any], *, stops: bool = True) -> None:
    """Has the reply written, and does something as soon as there are some words."""
    take_job(reply)

    async def run() -> None:
        async with working() as assistant, asyncio.timeout(PATIENCE):
            writing = asyncio.create_task(assistant.answer(reply.pk, is_stop=lambda: stops))
            await eventually(lambda: len(_text(assistant, reply)) > 30)
            await what(assistant, writing)
            await asyncio.gather(writing, return_exceptions=True)

    asyncio.run(run())
    reply.refresh_from_db()


def _text(assistant: Assistant, reply: Message) -> str:
    draft = assistant.relay.drafts.get(reply.pk)
    return draft.text if draft else ""


async def cancel(assistant: Assistant, writing: "asyncio.Task[None]") -> None:
    writing.cancel()


def die(reply: Message) -> None:
    """As when its writer is killed: it saved what it had, and has been silent since."""
    Message.objects.filter(pk=reply.pk).update(
        heartbeat_at=timezone.now() - timedelta(seconds=settings.REPLY_LEASE_SECONDS + 1)
    )


# Stopped by the person ---------------------------------------------------------------------------


def test_stopping_keeps_the_text_and_says_so(owner: User, api: SimulatedApi, whole: str) -> None:
    reply = ask_something(owner)
    interfere(reply, cancel)
    assert (reply.status, reply.stop_reason) == (Status.STOPPED, "")
    assert len(reply.content) > 30
    assert whole.startswith(reply.content)
    assert AuditLog.objects.filter(action="resposta.stopped", entity_id=reply.pk).count() == 1


def test_what_a_stopped_call_used_is_in_its_row(owner: User, api: SimulatedApi, whole: str) -> None:
    reply = ask_something(owner)
    interfere(reply, cancel)
    operation = AIOperation.objects.get()
    assert operation.status == "stopped"
    assert operation.tokens_input
    assert operation.cost_usd is not None


def test_stopping_ends_the_call_at_the_api(owner: User, api: SimulatedApi, whole: str) -> None:
    interfere(ask_something(owner), cancel)
    counters = api.counters()
    assert (counters["open"], counters["aborted"]) == (0, 1)


def test_a_stopped_reply_goes_on_where_it_stopped(owner: User, api: SimulatedApi, whole: str) -> None:
    reply = ask_something(owner)
    interfere(reply, cancel)
    actions.continue_reply(reply, user=owner)
    api.configure(tokens_per_second=20_000)
    write(reply)
    assert (reply.status, reply.content) == (Status.COMPLETE, whole)


def test_a_stop_that_came_before_the_writer_is_obeyed(owner: User, api: SimulatedApi) -> None:
    """The one who wrote it died after the person said stop: the next one only ends it."""
    reply = ask_something(owner)
    assert pen.take(reply.pk)
    reply.refresh_from_db()
    actions.stop(reply, user=owner)
    die(reply)
    write(reply)
    assert reply.status == Status.STOPPED
    assert api.requests() == []


def test_a_stop_while_the_prompt_is_being_measured_leaves_no_call_that_looks_complete(
    owner: User, api: SimulatedApi
) -> None:
    api.script([{"kind": "hang", "seconds": 5, "path": "/v1/messages/count_tokens"}])
    conversation = make_conversation(owner, model="claude-haiku-4-5")
    make_exchange(conversation, "palavra " * 20_000)
    reply = ask(conversation, "palavra " * 20_000).reply
    take_job(reply)

    async def run() -> None:
        async with working() as assistant:
            writing = asyncio.create_task(assistant.answer(reply.pk, is_stop=lambda: True))
            await eventually(lambda: api.counters()["open"] == 1)
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)

    asyncio.run(run())
    assert not AIOperation.objects.filter(status="complete").exists()


# A redeploy --------------------------------------------------------------------------------------


def test_a_worker_that_must_leave_gives_the_reply_back_with_its_text(
    owner: User, api: SimulatedApi, whole: str
) -> None:
    reply = ask_something(owner)
    interfere(reply, cancel, stops=False)
    assert reply.status == Status.QUEUED
    assert whole.startswith(reply.content)
    assert len(reply.content) > 30
    job = ProcrastinateJob.objects.get(task_name="conversations.answer", status="todo")
    assert (job.args, reply.metadata["job"]) == ({"reply_id": str(reply.pk)}, job.pk)


def test_the_next_worker_goes_on_and_the_answer_is_whole(owner: User, api: SimulatedApi, whole: str) -> None:
    reply = ask_something(owner)
    interfere(reply, cancel, stops=False)
    interfere(reply, cancel, stops=False)
    api.configure(tokens_per_second=20_000)
    write(reply)
    assert (reply.status, reply.content) == (Status.COMPLETE, whole)
    assert [row.status for row in AIOperation.objects.order_by("created_at")] == ["stopped", "stopped", "complete"]


# A crash -----------------------------------------------------------------------------------------


def test_a_reply_whose_writer_died_is_taken_over_and_ends_whole(owner: User, api: SimulatedApi, whole: str) -> None:
    reply = ask_something(owner)
    work = pen.take(reply.pk)
    assert work
    Message.objects.filter(pk=reply.pk).update(content=whole[:120])
    die(reply)
    api.configure(tokens_per_second=20_000)
    write(reply)
    assert (reply.status, reply.content) == (Status.COMPLETE, whole)
    assert reply.attempts == 2


def test_the_call_of_a_writer_that_died_has_its_row_with_what_is_known(owner: User, api: SimulatedApi) -> None:
    reply = ask_something(owner)
    pen.take(reply.pk)
    die(reply)
    write(reply)
    lost = AIOperation.objects.get(error_message="writer_died")
    assert (lost.status, lost.tokens_input, lost.cost_usd, lost.message_id) == ("interrupted", None, None, reply.pk)


def test_a_reply_that_kills_every_worker_ends_at_some_time(owner: User, api: SimulatedApi) -> None:
    reply = ask_something(owner)
    for _ in range(pen.MAX_TAKEOVERS + 1):
        assert pen.take(reply.pk)
        die(reply)
    write(reply)
    assert (reply.status, reply.metadata["error"]) == (Status.FAILED, "internal")
    assert api.requests() == []


def test_a_writer_that_was_taken_for_dead_writes_nothing_any_more(owner: User, api: SimulatedApi, whole: str) -> None:
    reply = ask_something(owner)

    async def another_takes_it(assistant: Assistant, writing: "asyncio.Task[None]") -> None:
        await assistant.relay.save()
        await assistant.threads.run(die, reply)
        assert await assistant.threads.run(pen.take, reply.pk)
        await assistant.relay.save()  # notices
        await writing
        await eventually(lambda: api.counters()["aborted"] == 1)  # the call ends there and then

    interfere(reply, another_takes_it)
    assert (reply.status, reply.attempts) == (Status.STREAMING, 2)
    assert not AuditLog.objects.filter(action__startswith="resposta.", entity_id=reply.pk).exists()
    assert api.counters()["open"] == 0
    assert not AIOperation.objects.filter(message_id=reply.pk).exclude(error_message="writer_died").exists()


def test_a_failure_of_our_own_keeps_the_text(owner: User, api: SimulatedApi, whole: str) -> None:
    reply = ask_something(owner)

    async def break_it(assistant: Assistant, writing: "asyncio.Task[None]") -> None:
        def broken(*_: object, **__: object) -> None:
            raise RuntimeError("broken")

        assistant._take = broken  # type: ignore[method-assign]

    interfere(reply, break_it)
    assert (reply.status, reply.metadata["error"]) == (Status.INTERRUPTED, "internal")
    assert whole.startswith(reply.content)
    assert reply.content
