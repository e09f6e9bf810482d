"""The web application: Django in one thread hop a request, streams on the event loop.

Django's own ASGI handler crosses between event loop and threads several times a request, makes a new thread
for each, and so a new database connection. Here the whole of Django (middleware, view, templates) runs in one
go in one of a few long-lived threads; what streams is an asynchronous iterator that the event loop follows
without any thread or connection. See docs/decisions/0001-one-thread-hop.md.
"""

import asyncio
import contextvars
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "romagent.settings")

import django

django.setup(set_prefix=False)

from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http import FileResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

from conversations.hub import hub, start_hub
from romagent import bodies, startup
from romagent.base.threads import DatabaseThreads

Scope = dict[str, Any]
Receive = Callable[[], Any]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


# More threads only take the interpreter from each other: a question is 4 ms of Python and 2 of waiting for PostgreSQL.
THREADS = 5
FILE_THREADS = 2
# Seconds after which a thread that computes gives way (Python's own: 5 ms). They wait for PostgreSQL every millisecond
# or so anyway, and changing over costs CPU in a burst. See docs/decisions/0001-one-thread-hop.md for what was measured.
SWITCH_INTERVAL = 0.01


class Application(ASGIHandler):
    """ASGI application for gunicorn's `asgi` worker, with its start and its end."""

    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        # One connection a thread; one of the pool's size is left for the health page's own.
        size = settings.POSTGRES_POOL_SIZE - 1
        # Who sends a file, or has it sent on to S3, makes nobody wait but others who do.
        self.files = DatabaseThreads(min(FILE_THREADS, max(1, size // 3)))
        self.threads = DatabaseThreads(max(1, min(THREADS, size - self.files.size)))
        # Answer when all others hang, and the one that touches nothing when the other does.
        self.own_threads = {
            path: ThreadPoolExecutor(1, thread_name_prefix="health") for path in ("/health/", "/health/database")
        }
        self.in_flight = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http":
            self.in_flight += 1
            try:
                await self.handle(scope, receive, send)
            finally:
                self.in_flight -= 1

    # A request ------------------------------------------------------------------------------

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self.whole_body(scope, receive)
        except RequestAborted:
            return
        response = await self.in_thread(scope, self.respond, scope, body)
        if not response.streaming:
            await self.send_response(response, send)
            return
        try:
            await self.stream(response, receive, send)
        finally:
            await self.in_thread(scope, response.close)

    async def in_thread(self, scope: Scope, call: Callable[..., Any], *args: Any) -> Any:
        threads = self.files if bodies.waits_for_storage(scope) else self.threads
        pool = self.own_threads.get(scope["path"], threads.pool)
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(pool, context.run, call, *args)

    def respond(self, scope: Scope, body: IO[bytes]) -> HttpResponseBase:
        """Everything of Django's, synchronously, in one thread."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, error = self.create_request(scope, body)
        response: HttpResponseBase = error or self.get_response(request)  # type: ignore[arg-type]
        response._handler_class = self.__class__  # type: ignore[attr-defined]
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if not response.streaming:
            response.close()  # sends request_finished; the content is still there to be sent
        return response

    async def whole_body(self, scope: Scope, receive: Receive) -> IO[bytes]:
        """The body as a file, on disk beyond `FILE_UPLOAD_MAX_MEMORY_SIZE`; what is over the limit is not read."""
        limit = await self.limit_for(scope)
        body = tempfile.SpooledTemporaryFile(max_size=settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115
        scope["too_large"] = bodies.announced(scope) > limit
        size, more = 0, True
        while more and not scope["too_large"]:
            message = await receive()
            if message["type"] == "http.disconnect":
                body.close()
                raise RequestAborted
            size += body.write(message.get("body", b""))
            scope["too_large"] = size > limit
            more = message.get("more_body", False)
        body.seek(0)
        return body

    async def limit_for(self, scope: Scope) -> int:
        if bodies.takes_a_file(scope):
            found: int = await self.files.run(bodies.limit_for, scope)
            return found
        return bodies.limit_for(scope)

    async def stream(self, response: HttpResponseBase, receive: Receive, send: Send) -> None:
        """Sends what the response yields until it ends or the reader leaves."""
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            response.streaming_content = self.parts_in_threads(iter(response))
        sending = asyncio.create_task(self.send_response(response, send))
        leaving = asyncio.create_task(receive())
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        for task in (sending, leaving):
            task.cancel()
        results = await asyncio.gather(sending, leaving, return_exceptions=True)
        if isinstance(results[0], Exception) and not isinstance(results[0], OSError):
            raise results[0]

    async def parts_in_threads(self, parts: Iterator[bytes]) -> AsyncIterator[bytes]:
        """A synchronous iterator (a file, rows) read part by part, so that it is never whole in memory.

        A connection that was lost between two parts is replaced: nobody holds one in between.
        """
        while (part := await self.threads.run(next, parts, None)) is not None:
            yield part

    # The start and the end ------------------------------------------------------------------

    async def lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                sys.setswitchinterval(SWITCH_INTERVAL)
                await asyncio.to_thread(startup.report)
                await self.threads.warm_up()
                start_hub(self.threads)
                await startup.warm_up_web(self)
                startup.settle()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def drain(self) -> None:
        """Ends the open streams (their readers take them up elsewhere) and waits for the requests in flight."""
        hub().drain()
        while self.in_flight:
            await asyncio.sleep(0.05)
        await hub().close()


application = Application()
