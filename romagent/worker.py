"""One worker process: Procrastinate's loop, the assistant, its relay, and the sweep for abandoned replies."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import anthropic
import httpx2
import procrastinate
import psycopg
import psycopg_pool
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from procrastinate import exceptions
from procrastinate.connector import BaseConnector
from procrastinate.contrib.django import app
from procrastinate.contrib.django.utils import connector_params
from procrastinate.jobs import Job, Status
from procrastinate.worker import Worker

from audit.calls import current as caller
from audit.calls import provider
from audit.calls.client import Client, describe, make_client
from conversations.assistant import current
from conversations.assistant.answering import Assistant
from conversations.models import Message
from conversations.relay import Relay
from conversations.tasks import answer, enqueue_answer
from jurisprudence.datajud import source as courts
from romagent import startup
from romagent.base import chores
from romagent.base.chores import lend
from romagent.base.deferring import Connector
from romagent.base.threads import DatabaseThreads

log = logging.getLogger("romagent.worker")

QUEUE_CONNECTIONS = 4  # Procrastinate's pool; one more listens for notifications
OTHERS = 3  # connections: of what begins, of the listener, of files
GREETING_SECONDS = 3.0
SWEEP_SECONDS = 3.0
LOOKS = 10  # of the sweep, in which a job that this process was given is nowhere in it, before it is lost
STALLED_SECONDS = 60.0
HEARTBEAT_SECONDS = 10.0


class PatientConnector(procrastinate.PsycopgConnector):
    """Waits for a PostgreSQL that is away instead of failing: a worker must outlive a restart of it.

    Procrastinate stops the whole worker when its listener or its heartbeat meets a lost connection
    (https://procrastinate.readthedocs.io, "worker"); running answers would be cut short for nothing.
    """

    def get_sync_connector(self) -> BaseConnector:
        """What a thread of Django's defers goes through its own connection: into its own transaction."""
        return Connector()

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        await self._patiently(super().execute_query_async, query, **arguments)

    async def execute_query_one_async(self, query: Any, **arguments: Any) -> dict[str, Any]:
        found: dict[str, Any] = await self._patiently(super().execute_query_one_async, query, **arguments)
        return found

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._patiently(super().execute_query_all_async, query, **arguments)
        return found

    async def listen_notify(self, *args: Any, **options: Any) -> None:
        await self._patiently(super().listen_notify, *args, **options)

    async def _patiently(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        delay = 0.2
        while True:
            try:
                return await call(*args, **options)
            except exceptions.ConnectorException as error:
                if not isinstance(error.__cause__, psycopg.OperationalError | psycopg_pool.PoolTimeout):
                    raise
                log.warning("PostgreSQL INDISPONÍVEL para a fila (%s)", type(error.__cause__).__name__)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 3.0)


def make_connector() -> PatientConnector:
    return PatientConnector(
        kwargs=connector_params() | {"prepare_threshold": 1},
        configure=_make_lean,
        min_size=2,
        max_size=QUEUE_CONNECTIONS,
        timeout=5.0,
        pool_factory=_unchecked_pool,
    )


async def _make_lean(connection: psycopg.AsyncConnection[Any]) -> None:
    """The queue's queries are single statements: BEGIN and COMMIT around each would be two round trips more."""
    await connection.set_autocommit(True)


def _unchecked_pool(**options: Any) -> psycopg_pool.AsyncConnectionPool:
    """Without a question to the server before each query: a lost connection is met by trying again anyway."""
    return psycopg_pool.AsyncConnectionPool(**options | {"check": None})


async def run() -> int:
    """Runs until SIGTERM or SIGINT; what cannot be finished in the time of grace goes back to the queue."""
    await asyncio.to_thread(startup.report)
    log.info("✅ %s", provider.in_words())
    log.info("%s", courts.in_words())
    threads = DatabaseThreads(max(1, settings.POSTGRES_POOL_SIZE - QUEUE_CONNECTIONS - OTHERS))
    starting = DatabaseThreads(1)
    lend(threads)
    await asyncio.gather(threads.warm_up(), starting.warm_up())
    await startup.warm_up_worker(threads, starting)
    relay = Relay(threads)
    async with make_client() as client:
        await asyncio.gather(relay.connect(), greet(client))
        caller.install(client)
        current.install(Assistant(client, threads, relay, starting))
        startup.settle()
        with app.replace_connector(make_connector()):
            async with app.open_async():
                await _work(threads)
    return 0


async def greet(client: Client) -> None:
    """Counts the tokens of one word, which is free: loads the SDK, opens the connection, and tries the key."""
    try:
        async with asyncio.timeout(GREETING_SECONDS):
            await client.messages.count_tokens(
                model=provider.name_there(settings.TITLE_MODEL), messages=[{"role": "user", "content": "Bom dia"}]
            )
    except (anthropic.APIError, httpx2.TransportError, TimeoutError) as error:
        log.warning("⚠️  %s não respondeu ao primeiro contato: %s", provider.in_words(), describe(error))


FILES_LOOK_SECONDS = 0.5
FILES = "files"  # the queue of long work on files, which must not take the places of answers
OTHER_QUEUES = ["answers", "chores", "courts", "mail", "summaries"]


def _worker(queues: list[str], concurrency: int, *, listens: bool) -> Worker:
    return Worker(
        app,
        queues=queues,
        concurrency=concurrency,
        listen_notify=listens,
        shutdown_graceful_timeout=settings.SHUTDOWN_GRACE_SECONDS,
        delete_jobs="successful",
        fetch_job_polling_interval=2.0 if listens else FILES_LOOK_SECONDS,
        abort_job_polling_interval=2.0,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=STALLED_SECONDS,
        install_signal_handlers=False,
    )


async def _work(threads: DatabaseThreads) -> None:
    answering = _worker(OTHER_QUEUES, settings.ANSWER_CONCURRENCY, listens=True)
    # One connection that listens is enough: a file may wait for half a second.
    workers = [answering, _worker([FILES], settings.READING_CONCURRENCY, listens=False)]
    loop = asyncio.get_running_loop()

    def stop() -> None:
        chores.stopping.set()
        for worker in workers:
            worker.stop()  # type: ignore[no-untyped-call]

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    sweeping = loop.create_task(_sweep_for_ever(threads, workers))
    log.info("worker pronto: até %d respostas ao mesmo tempo", settings.ANSWER_CONCURRENCY)
    try:
        await asyncio.gather(*(worker.run() for worker in workers))  # type: ignore[no-untyped-call]
    finally:
        sweeping.cancel()


async def _sweep_for_ever(threads: DatabaseThreads, workers: Sequence[Worker] = ()) -> None:
    """Finds what dead workers left behind: replies by their lease, every other job by the worker's heartbeat; and
    the jobs that `workers`, this process's own, were given and have not got."""
    missed: Counter[int] = Counter()
    while True:
        try:
            if count := await threads.run(sweep):
                log.warning("%d respostas sem quem as escrevesse voltaram à fila", count)
            for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
                await _give_back(job)
            missed = await _give_back_lost(workers, missed)
        except Exception as error:
            log.warning("sweep failed: %s", type(error).__name__)
        await asyncio.sleep(SWEEP_SECONDS)


async def _give_back_lost(workers: Sequence[Worker], missed: Counter[int]) -> Counter[int]:
    """Jobs that PostgreSQL has given to this process and that never came: the connection was lost with the answer, and
    the next one brought another job. While this process lives, nobody else takes them up.

    `missed`: how many looks on end each was missing; on its way, a job is for one look or two.
    """
    missing: Counter[int] = Counter()
    for worker in workers:
        if worker.worker_id is None:
            continue
        given = await app.job_manager.list_jobs_async(status=Status.DOING.value, worker_id=worker.worker_id)
        at_hand = {context.job.id for context in worker._running_jobs.values()}
        for job in given:
            if job.id is None or job.id in at_hand:
                continue
            missing[job.id] = missed[job.id] + 1
            if missing[job.id] >= LOOKS:
                log.warning("a job of %s was lost on its way to this worker and goes back", job.task_name)
                await _give_back(job)
    return missing


async def _give_back(job: Job) -> None:
    """A dead worker's job: a reply has had a new one from the sweep by now, anything else is to be done again."""
    if job.task_name == answer.name:
        await app.job_manager.finish_job(job, status=Status.ABORTED, delete_job=True)
    else:
        await app.job_manager.retry_job(job)


def sweep() -> int:
    """Gives every abandoned reply a new job; the writer that comes first takes it, the others find it taken."""
    count = 0
    for reply in Message.objects.abandoned(timezone.now()).only("pk")[:500]:
        try:
            with transaction.atomic():
                enqueue_answer(reply.pk)
            count += 1
        except exceptions.AlreadyEnqueued:
            continue
    return count
