"""The web application itself: whole requests in one thread, streams on the event loop, a start and an end."""

import asyncio
import gc
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from pytest_django import Settings

from romagent import asgi
from romagent.asgi import Application
from tests.running import ask, eventually, get, serving

pytestmark = pytest.mark.usefixtures("committed")
SEEN: list[Any] = []


@csrf_exempt
@login_not_required
def echo(request: HttpRequest) -> HttpResponse:
    SEEN.append((threading.current_thread().name, len(request.body)))
    return HttpResponse(request.POST.get("a", ""))


@login_not_required
def numbers(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[bytes]:
        try:
            for number in range(1000):
                yield b"%d " % number
                await asyncio.sleep(0.005)
        finally:
            SEEN.append("closed")

    return StreamingHttpResponse(parts())


@login_not_required
def broken(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"um"
        raise RuntimeError("broken")

    return StreamingHttpResponse(parts())


@login_not_required
def file(request: HttpRequest) -> FileResponse:
    return FileResponse(Path(__file__).open("rb"))


@login_not_required
def lines(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        for number in range(5):
            SEEN.append(threading.current_thread().name)
            yield b"%d\n" % number

    return StreamingHttpResponse(parts())


@login_not_required
def slow(request: HttpRequest) -> HttpResponse:
    threading.Event().wait(0.3)
    return HttpResponse("devagar")


urlpatterns = [
    path("eco/", echo),
    path("numeros/", numbers),
    path("quebrado/", broken),
    path("arquivo/", file),
    path("linhas/", lines),
    path("devagar/", slow),
]
ours = pytest.mark.urls("romagent.tests.test_asgi")


@pytest.fixture(autouse=True)
def _nothing_seen() -> None:
    SEEN.clear()


@ours
def test_a_request_runs_in_one_of_the_database_threads() -> None:
    async def run() -> None:
        async with serving() as web:
            exchange = ask(web, "POST", "/eco/", form={"a": "ç"})
            await exchange.end()
            assert (exchange.status, exchange.text, exchange.whole) == (200, "ç", True)
            assert web.in_flight == 0

    asyncio.run(run())
    ((thread, _),) = SEEN
    assert thread.startswith("django")


@ours
def test_a_body_beyond_the_limit_is_not_read_to_its_end(settings: Settings) -> None:
    settings.MAX_BODY_BYTES = 1000

    async def run() -> None:
        async with serving() as web:
            sent: list[dict[str, Any]] = []
            taken = 0

            async def receive() -> dict[str, Any]:
                nonlocal taken
                taken += 1
                return {"type": "http.request", "body": b"x" * 400, "more_body": True}

            async def send(message: dict[str, Any]) -> None:
                sent.append(message)

            scope = {
                "type": "http",
                "method": "POST",
                "path": "/eco/",
                "headers": [(b"host", b"testserver")],
                "query_string": b"",
            }
            await web(scope, receive, send)
            assert (sent[0]["status"], taken) == (413, 3)
            assert b"grande demais" in sent[1]["body"]  # see test_bodies.py

    asyncio.run(run())
    assert SEEN == []


@ours
def test_a_body_that_comes_in_parts_is_one() -> None:
    async def run() -> None:
        async with serving() as web:
            parts = [b"a=um", b"+dois", b"+tr%C3%AAs"]

            async def receive() -> dict[str, Any]:
                return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

            sent: list[dict[str, Any]] = []

            async def send(message: dict[str, Any]) -> None:
                sent.append(message)

            headers = [(b"host", b"testserver"), (b"content-type", b"application/x-www-form-urlencoded")]
            scope = {"type": "http", "method": "POST", "path": "/eco/", "headers": headers, "query_string": b""}
            await web(scope, receive, send)
            assert sent[1]["body"].decode() == "um dois três"

    asyncio.run(run())


@ours
def test_who_leaves_while_sending_is_not_answered() -> None:
    async def run() -> None:
        async with serving() as web:
            messages = [{"type": "http.request", "body": b"a=", "more_body": True}, {"type": "http.disconnect"}]

            async def receive() -> dict[str, Any]:
                return messages.pop(0)

            async def send(message: dict[str, Any]) -> None:
                SEEN.append(message)

            scope = {
                "type": "http",
                "method": "POST",
                "path": "/eco/",
                "headers": [(b"host", b"testserver")],
                "query_string": b"",
            }
            await web(scope, receive, send)
            assert web.in_flight == 0

    asyncio.run(run())
    assert SEEN == []


@ours
def test_a_stream_ends_when_its_reader_leaves() -> None:
    async def run() -> None:
        async with serving() as web:
            exchange = ask(web, "GET", "/numeros/")
            await eventually(lambda: b"5 " in exchange.body)
            await exchange.leave()
            assert SEEN == ["closed"]
            assert not exchange.whole

    asyncio.run(run())


@ours
def test_a_stream_that_breaks_is_not_passed_off_as_whole() -> None:
    async def run() -> None:
        async with serving() as web:
            exchange = ask(web, "GET", "/quebrado/")
            with pytest.raises(RuntimeError):
                await exchange.end()
            assert (exchange.body, exchange.whole) == (b"um", False)

    asyncio.run(run())


@ours
@pytest.mark.parametrize("route", ["/arquivo/", "/linhas/"])
def test_a_file_is_read_part_by_part_in_the_threads(route: str) -> None:
    async def run() -> None:
        async with serving() as web:
            exchange = await get(web, route)
            assert exchange.status == 200
            if route == "/arquivo/":
                assert exchange.body == Path(__file__).read_bytes()
            else:
                assert exchange.body == b"0\n1\n2\n3\n4\n"
                assert all(name.startswith("django") for name in SEEN)

    asyncio.run(run())


@ours
def test_requests_wait_for_a_thread_and_are_all_answered() -> None:
    """Two threads, six requests of 0.3 s."""

    async def run() -> None:
        async with serving() as web:
            exchanges = [ask(web, "GET", "/devagar/") for _ in range(6)]
            await asyncio.gather(*(exchange.end() for exchange in exchanges))
            assert [exchange.text for exchange in exchanges] == ["devagar"] * 6

    asyncio.run(run())


def test_the_health_pages_answer_while_every_thread_hangs() -> None:
    async def run() -> None:
        async with serving() as web:
            hanging = threading.Event()
            loop = asyncio.get_running_loop()
            busy = [loop.run_in_executor(web.threads.pool, hanging.wait, 60) for _ in range(8)]
            async with asyncio.timeout(30):
                assert (await get(web, "/health/")).status == 200
                assert (await get(web, "/health/database")).status == 200
            hanging.set()
            await asyncio.gather(*busy)

    asyncio.run(run())


def test_a_request_that_nobody_should_send_is_refused() -> None:
    async def run() -> None:
        async with serving() as web:
            for headers in [{"host": "outro.example"}, {"host": "a b"}, {"host": ""}]:
                exchange = await get(web, "/entrar/", headers=headers)
                assert exchange.status == 400
                assert "O pedido chegou incompleto" in exchange.text
            exchange = await get(web, "/entrar/%00", headers={"cookie": "=;=;\x01"})
            assert exchange.status == 404

    asyncio.run(run())


def test_pages_come_through_with_cookies_and_a_security_policy(as_owner: Client) -> None:
    async def run() -> None:
        async with serving() as web:
            page = await get(web, "/conversas/", client=as_owner)
            assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
            assert "content-security-policy" in page.headers
            assert "Dra. Helena" in page.text
            away = await get(web, "/conversas/")
            assert (away.status, away.headers["location"]) == (302, "/entrar/?next=/conversas/")
            head = ask(web, "HEAD", "/conversas/", client=as_owner)
            await head.end()
            assert head.status in {200, 405}

    asyncio.run(run())


# The start and the end ---------------------------------------------------------------------------


def test_it_reports_warms_up_and_leaves(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    caplog.set_level("INFO")
    started: list[asgi.Application] = []

    async def run() -> None:
        async with serving() as web:
            messages = iter(["lifespan.startup", "lifespan.shutdown"])
            sent: list[str] = []

            async def receive() -> dict[str, Any]:
                return {"type": next(messages)}

            async def send(message: dict[str, Any]) -> None:
                sent.append(message["type"])

            def start_hub(threads: object) -> None:
                started.append(web)

            monkeypatch.setattr(asgi, "start_hub", start_hub)
            await web({"type": "lifespan"}, receive, send)
            assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]

    gc.unfreeze()
    asyncio.run(run())
    settled = gc.get_freeze_count()  # what the collector no longer looks at: modules, models, URLs
    gc.unfreeze()
    assert len(started) == 1
    assert settled > 50_000
    said = [record.getMessage() for record in caplog.records if record.name == "romagent.start"]
    assert [line.split()[1] for line in said] == ["PostgreSQL", "Redis", "Sessões"]


@ours
def test_leaving_waits_for_the_requests_in_flight() -> None:
    async def run() -> None:
        async with serving() as web:
            exchange = ask(web, "GET", "/devagar/")
            await eventually(lambda: web.in_flight)
            await web.drain()
            assert exchange.text == "devagar"

    asyncio.run(run())


def test_there_are_never_more_connections_than_the_settings_allow(settings: Settings) -> None:
    for pool in (3, 5, 10, 40):
        settings.POSTGRES_POOL_SIZE = pool
        application = Application()
        assert application.threads.size + application.files.size + 1 <= pool  # the health page has one of its own
        assert min(application.threads.size, application.files.size) >= 1
    settings.POSTGRES_POOL_SIZE = 10
    assert (Application().threads.size, Application().files.size) == (5, 2)


def test_the_application_is_what_the_settings_say() -> None:
    assert django_settings.ROOT_URLCONF == "romagent.urls"
    assert isinstance(asgi.application, Application)
