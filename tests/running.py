"""The parts of the web process and of the worker, put together on an event loop of the test's own."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.test import Client

from audit.calls import current
from audit.calls.client import make_client
from conversations import hub as hub_module
from conversations.assistant.answering import Assistant
from conversations.hub import Hub, start_hub
from conversations.models import Message
from conversations.relay import Relay
from romagent.asgi import Application
from romagent.base.threads import DatabaseThreads
from romagent.embedded.datajud.process import SimulatedDataJud
from romagent.embedded.kept import free_port
from romagent.embedded.messages_api.process import SimulatedApi
from tests.client import PATIENCE
from uploads import reading_job, transcribing
from uploads.models import Upload

# Apps know nothing of what stands in for hosted services, nor do their tests.
__all__ = ["PATIENCE", "SimulatedApi", "SimulatedDataJud", "free_port"]


async def eventually(condition: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    async with asyncio.timeout(seconds):
        while not (found := condition()):
            await asyncio.sleep(0.01)
    return found


async def cancel(tasks: Iterable["asyncio.Task[Any]"]) -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def close_threads(threads: DatabaseThreads) -> None:
    """Ends the threads and their connections, which would keep the test database from being dropped."""
    all_here = threading.Barrier(threads.size)

    def close() -> None:
        all_here.wait(PATIENCE)
        connection.close()

    loop = asyncio.get_running_loop()
    await asyncio.gather(*(loop.run_in_executor(threads.pool, close) for _ in range(threads.size)))
    threads.pool.shutdown()


@contextlib.asynccontextmanager
async def some_threads(size: int) -> AsyncIterator[DatabaseThreads]:
    threads = DatabaseThreads(size)
    try:
        yield threads
    finally:
        await close_threads(threads)


# The worker --------------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def relaying(threads: DatabaseThreads) -> AsyncIterator[Relay]:
    relay = Relay(threads)
    try:
        yield relay
    finally:
        await cancel(relay._tasks)
        if relay._redis:
            await relay._redis.aclose()


@contextlib.asynccontextmanager
async def working() -> AsyncIterator[Assistant]:
    """The worker's assistant with everything it has in production but the queue."""
    async with some_threads(2) as threads, make_client() as client, relaying(threads) as relay:
        yield Assistant(client, threads, relay)


def take_job(reply: Message) -> None:
    """As when a worker has taken the job that is to write this reply."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing' WHERE status = 'todo' AND queueing_lock = %s",
            [f"answer:{reply.pk}"],
        )


def write(*replies: Message) -> None:
    """Has the worker's assistant write the replies, one after the other."""
    for reply in replies:
        take_job(reply)

    async def run() -> None:
        async with working() as assistant, asyncio.timeout(PATIENCE):
            for reply in replies:
                await assistant.answer(reply.pk, is_stop=lambda: True)

    asyncio.run(run())
    for reply in replies:
        reply.refresh_from_db()


# The web process ---------------------------------------------------------------------------------


@contextlib.asynccontextmanager
async def following(threads: DatabaseThreads) -> AsyncIterator[Hub]:
    hub = start_hub(threads)
    try:
        yield hub
    finally:
        hub_module._hub = None
        await hub.close()


@contextlib.asynccontextmanager
async def serving() -> AsyncIterator[Application]:
    """The web application with its hub, as after its start."""
    application = Application()
    application.threads.pool.shutdown()
    application.files.pool.shutdown()
    async with (
        some_threads(2) as application.threads,
        some_threads(1) as application.files,
        following(application.threads),
    ):
        yield application
    for thread in application.own_threads.values():
        thread.shutdown()


@dataclass
class Exchange:
    """One request to the application, and what has come back so far."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = False
    left: asyncio.Event = field(default_factory=asyncio.Event)
    task: "asyncio.Task[None] | None" = None

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def events(self) -> list[tuple[str, str]]:
        """The complete server-sent events as (name, data)."""
        return [(name, data) for name, data, _ in self.numbered_events]

    @property
    def numbered_events(self) -> list[tuple[str, str, str]]:
        """With their ids."""
        found = []
        for block in self.text.split("\n\n")[:-1]:
            lines = [line.partition(": ") for line in block.split("\n")]
            data = [value for name, _, value in lines if name == "data"]
            names = {name: value for name, _, value in lines}
            if "event" in names:
                found.append((names["event"], "\n".join(data), names.get("id", "")))
        return found

    async def leave(self) -> None:
        """As when the browser closes the connection."""
        self.left.set()
        await self.end()

    async def end(self) -> None:
        assert self.task
        async with asyncio.timeout(PATIENCE):
            await self.task


def ask(
    application: Application,
    method: str,
    path: str,
    *,
    client: Client | None = None,
    headers: Mapping[str, str] | None = None,
    form: Mapping[str, Any] | None = None,
    body: bytes | None = None,
) -> Exchange:
    """Begins a request, signed in as `client` is; the exchange grows while the event loop runs."""
    sent = {"host": "testserver", **{name.lower(): value for name, value in (headers or {}).items()}}
    if client is not None:
        sent["cookie"] = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
    if form is not None:
        body = urlencode(form).encode()
        sent["content-type"] = "application/x-www-form-urlencoded"
    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "client": ("127.0.0.1", 50000),
    }
    exchange = Exchange()
    incoming = [{"type": "http.request", "body": body or b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        if incoming:
            return incoming.pop()
        await exchange.left.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            exchange.status = message["status"]
            exchange.headers = {name.decode().lower(): value.decode() for name, value in message["headers"]}
        else:
            exchange.body += message.get("body", b"")
            exchange.whole = not message.get("more_body", False)

    exchange.task = asyncio.create_task(application(scope, receive, send))
    return exchange


async def get(application: Application, path: str, **options: Any) -> Exchange:
    """A whole request and its whole answer."""
    exchange = ask(application, "GET", path, **options)
    await exchange.end()
    return exchange


# Files -------------------------------------------------------------------------------------------


def read_files(*uploads: Upload) -> None:
    """Has the worker read the files and transcribe their images, one after the other, as their jobs would."""

    async def run() -> None:
        async with make_client() as client, asyncio.timeout(PATIENCE):
            current.install(client)
            for upload in uploads:
                await reading_job.perform(upload.pk)
                await transcribing.perform(upload.pk)

    asyncio.run(run())
    for upload in uploads:
        upload.refresh_from_db()
