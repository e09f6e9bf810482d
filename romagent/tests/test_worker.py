"""The worker around the assistant: jobs from the queue, stopping from a page, redeploys, what dead workers left."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException
from procrastinate.worker import Worker
from pytest_django import Settings

from accounts.models import User
from conversations import actions
from conversations.assistant import current
from conversations.models import Conversation, Message
from conversations.tasks import enqueue_answer
from conversations.tests.making import ask, ask_something, make_conversation
from romagent import worker as module
from romagent.base.ids import new_id
from romagent.worker import greet, make_connector
from tests.gate import Gate
from tests.running import PATIENCE, SimulatedApi, cancel, eventually, working, write

pytestmark = pytest.mark.usefixtures("committed")
Status = Message.Status


@contextlib.asynccontextmanager
async def on_duty(grace: float = 5.0, **options: Any) -> AsyncIterator[tuple[Worker, "asyncio.Task[None]"]]:
    """A worker that takes jobs as in production, but for its signals."""
    async with working() as assistant:
        current.install(assistant)
        with app.replace_connector(make_connector()):
            async with app.open_async():
                worker = Worker(
                    app,
                    concurrency=20,
                    shutdown_graceful_timeout=grace,
                    delete_jobs="successful",
                    fetch_job_polling_interval=0.2,
                    abort_job_polling_interval=0.2,
                    install_signal_handlers=False,
                    **options,
                )
                running = asyncio.create_task(worker.run())
                try:
                    yield worker, running
                finally:
                    worker.stop()
                    await asyncio.gather(running, return_exceptions=True)


async def status_of(reply: Message) -> str:
    def read() -> str:
        try:
            return Message.objects.values_list("status", flat=True).get(pk=reply.pk)
        finally:
            connection.close()

    return await asyncio.to_thread(read)


async def until_status(reply: Message, *wanted: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while await status_of(reply) not in wanted:
            await asyncio.sleep(0.05)


def in_thread(call: Any) -> Any:
    def run() -> Any:
        try:
            return call()
        finally:
            connection.close()

    return asyncio.to_thread(run)


def test_a_question_is_answered_and_its_conversation_gets_its_title(owner: User, api: SimulatedApi) -> None:
    reply = ask_something(owner, "Quais documentos faltam?")

    async def run() -> None:
        async with on_duty():
            await until_status(reply, Status.COMPLETE)
            await eventually(lambda: len(api.requests()) == 2)
            async with asyncio.timeout(PATIENCE):
                while await in_thread(ProcrastinateJob.objects.count):
                    await asyncio.sleep(0.05)

    asyncio.run(run())
    conversation = Conversation.objects.get()
    assert conversation.title != Conversation.UNTITLED
    assert len(conversation.title) <= 81


def test_a_question_asked_while_it_waits_is_taken_at_once(owner: User, api: SimulatedApi) -> None:
    conversation = make_conversation(owner)

    async def run() -> float:
        async with on_duty():
            await asyncio.sleep(0.3)
            begun = asyncio.get_running_loop().time()
            asked = await in_thread(lambda: ask(conversation))
            await until_status(asked.reply, Status.COMPLETE)
            return asyncio.get_running_loop().time() - begun

    assert asyncio.run(run()) < 3


def test_many_questions_are_answered_side_by_side(owner: User, api: SimulatedApi) -> None:
    api.configure(first_token_ms=500)
    replies = [ask(make_conversation(owner)).reply for _ in range(12)]

    async def run() -> float:
        async with on_duty():
            begun = asyncio.get_running_loop().time()
            for reply in replies:
                await until_status(reply, Status.COMPLETE)
            return asyncio.get_running_loop().time() - begun

    assert asyncio.run(run()) < 5  # one after the other: more than six


def test_a_person_stops_a_reply_from_her_page(owner: User, api: SimulatedApi) -> None:
    api.configure(tokens_per_second=30)
    reply = ask_something(owner)

    async def run() -> None:
        async with on_duty():
            await until_status(reply, Status.STREAMING)
            await eventually(lambda: api.counters()["open"] == 1)
            await in_thread(lambda: actions.stop(reply, user=owner))
            await until_status(reply, Status.STOPPED)
            await eventually(lambda: api.counters()["open"] == 0)

    asyncio.run(run())


def test_a_worker_that_must_leave_finishes_what_it_can(owner: User, api: SimulatedApi) -> None:
    api.configure(tokens_per_second=400)
    reply = ask_something(owner)

    async def run() -> None:
        async with on_duty(grace=8.0) as (worker, running):
            await until_status(reply, Status.STREAMING)
            worker.stop()
            await running

    asyncio.run(run())
    reply.refresh_from_db()
    assert reply.status == Status.COMPLETE


def test_what_it_cannot_finish_goes_back_and_another_worker_ends_it(owner: User, api: SimulatedApi) -> None:
    api.configure(tokens_per_second=60)
    reply = ask_something(owner)

    async def leave_early() -> None:
        async with on_duty(grace=0.3) as (worker, running):
            await until_status(reply, Status.STREAMING)
            await eventually(lambda: api.counters()["open"] == 1)
            await asyncio.sleep(0.3)
            worker.stop()
            await asyncio.gather(running, return_exceptions=True)

    async def take_over() -> None:
        async with on_duty():
            await until_status(reply, Status.COMPLETE)

    asyncio.run(leave_early())
    reply.refresh_from_db()
    assert (reply.status, bool(reply.content)) == (Status.QUEUED, True)
    partial = reply.content
    api.configure(tokens_per_second=20_000)
    asyncio.run(take_over())
    reply.refresh_from_db()
    assert reply.content.startswith(partial)
    assert reply.content.count("Esta é uma resposta simulada") == 1
    assert reply.content.endswith("outra vez.")


# The queue without PostgreSQL --------------------------------------------------------------------


def test_the_queue_waits_for_a_postgresql_that_is_away(caplog: pytest.LogCaptureFixture) -> None:
    address = connection.settings_dict
    host, port = address["HOST"], address["PORT"]
    connection.close()

    async def run(gate: Gate) -> Any:
        connector = make_connector()
        async with app.with_connector(connector).open_async() as opened:
            gate.close()
            asking = asyncio.create_task(opened.connector.execute_query_one_async("SELECT 1 AS one"))
            await eventually(lambda: "PostgreSQL INDISPONÍVEL para a fila" in caplog.text)
            gate.open()
            return await asking

    with Gate(host, int(port)) as gate:
        address["PORT"] = gate.port
        try:
            assert asyncio.run(run(gate)) == {"one": 1}
        finally:
            address["PORT"] = port


def test_a_job_that_a_worker_defers_goes_with_its_transaction() -> None:
    """Also while its queue has connections of its own: a job for what was taken back would find nothing."""

    def defer_and_take_back() -> None:
        with transaction.atomic():
            enqueue_answer(new_id())
            transaction.set_rollback(True)

    async def run() -> None:
        with app.replace_connector(make_connector()):
            async with app.open_async():  # nobody is on duty who would take it
                await in_thread(defer_and_take_back)

    asyncio.run(run())
    assert not ProcrastinateJob.objects.exists()


def test_a_mistake_in_a_query_is_not_waited_for() -> None:
    async def run() -> None:
        async with app.with_connector(make_connector()).open_async() as opened:
            with pytest.raises(ConnectorException):
                await opened.connector.execute_query_async("SELEC 1")

    asyncio.run(run())


# The first contact -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 401},
        {"kind": "status", "status": 529},
        {"kind": "reset"},
        {"kind": "hang", "seconds": 5},
    ],
    ids=str,
)
def test_a_service_that_refuses_the_first_contact_is_in_the_log_and_keeps_nobody_from_working(
    api: SimulatedApi,
    fault: dict[str, Any],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    settings: Settings,
) -> None:
    monkeypatch.setattr(module, "GREETING_SECONDS", 0.2)
    api.script([{"path": "/v1/messages/count_tokens", **fault}])

    async def run() -> None:
        async with working() as assistant:
            await greet(assistant.client)

    asyncio.run(run())
    assert "não respondeu ao primeiro contato" in caplog.text
    assert settings.ANTHROPIC_API_KEY not in caplog.text


def test_the_first_contact_costs_nothing(api: SimulatedApi, caplog: pytest.LogCaptureFixture) -> None:
    async def run() -> None:
        async with working() as assistant:
            await greet(assistant.client)

    asyncio.run(run())
    assert len(api.requests("/v1/messages/count_tokens")) == 1
    assert api.requests() == []
    assert "não respondeu" not in caplog.text


def test_a_job_that_was_lost_on_its_way_to_the_worker_is_done_after_all(owner: User, api: SimulatedApi) -> None:
    """The connection goes with the answer to the question for a job: PostgreSQL has given it, and nobody has it."""
    reply = ask_something(owner)
    write(reply)
    title = ProcrastinateJob.objects.filter(task_name="conversations.make_title")
    with connection.cursor() as cursor:  # the model's own queryset refuses to write
        cursor.execute("DELETE FROM procrastinate_jobs WHERE task_name <> 'conversations.make_title'")
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing'")

    def give_to(worker: Worker) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET worker_id = %s WHERE status = 'doing'", [worker.worker_id])

    async def run() -> None:
        async with on_duty() as (worker, _):
            await eventually(lambda: worker.worker_id)
            await in_thread(lambda: give_to(worker))
            missed: Counter[int] = Counter()
            for look in range(1, module.LOOKS):
                missed = await module._give_back_lost([worker], missed)
                assert list(missed.values()) == [look]
            assert await in_thread(lambda: title.get().status) == "doing"
            await module._give_back_lost([worker], missed)
            async with asyncio.timeout(30):
                while await in_thread(title.count):
                    await asyncio.sleep(0.05)

    asyncio.run(run())
    assert Conversation.objects.get().title != Conversation.UNTITLED


def test_a_job_that_is_being_done_is_not_lost(owner: User, api: SimulatedApi) -> None:
    api.configure(first_token_ms=2_000)
    reply = ask_something(owner)

    async def run() -> None:
        async with on_duty() as (worker, _):
            await until_status(reply, Status.STREAMING)
            for _ in range(module.LOOKS + 1):
                assert await module._give_back_lost([worker], Counter({1: 99})) == Counter()
            await until_status(reply, Status.COMPLETE)

    asyncio.run(run())
    reply.refresh_from_db()
    assert reply.attempts == 1


def test_the_sweep_outlives_whatever_goes_wrong(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "SWEEP_SECONDS", 0.01)
    calls: list[int] = []

    def broken() -> int:
        calls.append(1)
        raise RuntimeError("broken")

    monkeypatch.setattr(module, "sweep", broken)

    async def run() -> None:
        async with working() as assistant:
            sweeping = asyncio.create_task(module._sweep_for_ever(assistant.threads))
            await eventually(lambda: len(calls) > 3)
            await cancel([sweeping])

    asyncio.run(run())
    assert "sweep failed: RuntimeError" in caplog.text


def test_every_queue_is_worked_at() -> None:
    queues = {task.queue for task in app.tasks.values() if not task.name.startswith(("builtin:", "procrastinate."))}
    served = {*module.OTHER_QUEUES, module.FILES}
    assert queues == served, "in a queue that no worker serves (OTHER_QUEUES) a job waits for ever"
