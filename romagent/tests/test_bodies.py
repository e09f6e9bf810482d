"""How large a request may be: a file only where files are sent, only from who is signed in; all else is little."""

import asyncio
import json
from typing import Any

import pytest
from django.http.response import ResponseHeaders
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from conftest import signed_in
from romagent.asgi import Application
from tests.running import serving
from tests.test_web_security import check_headers

pytestmark = pytest.mark.usefixtures("committed")
PART = 400


@pytest.fixture(autouse=True)
def _small(settings: Settings) -> None:
    settings.MAX_BODY_BYTES = 1000
    settings.SERVER_UPLOAD_MAX_BYTES = 3000


async def send(
    web: Application, path: str, size: int, *, client: Client | None = None, announced: bool = False, html: bool = True
) -> tuple[int, dict[str, str], bytes, int]:
    """Sends a body of `size` bytes in parts: status, headers and body of the answer, and how much of it was taken."""
    sent: list[dict[str, Any]] = []
    taken = 0

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += PART
        return {"type": "http.request", "body": b"x" * PART, "more_body": taken < size}

    async def answer(message: Any) -> None:
        sent.append(dict(message))

    headers = [(b"host", b"testserver"), (b"accept", b"text/html" if html else b"text/event-stream")]
    if client:
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        headers.append((b"cookie", cookies.encode()))
    if announced:
        headers.append((b"content-length", str(size).encode()))
    await web(
        {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}, receive, answer
    )
    said = {name.decode("latin-1").title(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return sent[0]["status"], said, b"".join(part.get("body", b"") for part in sent[1:]), taken


def run(path: str, size: int, **options: Any) -> tuple[int, dict[str, str], bytes, int]:
    async def go() -> tuple[int, dict[str, str], bytes, int]:
        async with serving() as web:
            return await send(web, path, size, **options)

    return asyncio.run(go())


def test_what_is_too_large_is_not_read_to_its_end_and_is_refused_in_words() -> None:
    status, headers, body, taken = run("/conversas/", 100_000)
    assert (status, taken) == (413, 1200)
    assert "<h1>O envio é grande demais</h1>" in body.decode()
    check_headers("413", ResponseHeaders(headers))


def test_what_says_that_it_is_too_large_is_not_read_at_all() -> None:
    status, _, body, taken = run("/conversas/", 100_000, announced=True, html=False)
    assert (status, taken) == (413, 0)
    assert json.loads(body) == {"error": "O envio é grande demais."}


def test_a_file_may_be_larger_from_who_is_signed_in(owner: User) -> None:
    status, _, _, taken = run("/arquivos/", 2800, client=signed_in(owner))
    assert taken == 2800
    assert status == 403, "read whole, and refused for want of the form's token"


def test_a_file_has_a_limit_too(owner: User, settings: Settings) -> None:
    size = settings.SERVER_UPLOAD_MAX_BYTES + 1024**2 + PART
    status, _, _, taken = run("/arquivos/", size, client=signed_in(owner), announced=True)
    assert (status, taken) == (413, 0)


def test_nobody_fills_the_disk_without_having_signed_in() -> None:
    made_up = Client()
    made_up.cookies["rom.sid"] = "x" * 32
    for client in (None, made_up):
        status, _, _, taken = run("/arquivos/", 2800, client=client)
        assert (status, taken) == (413, 1200)


def test_nothing_but_the_form_takes_a_file(owner: User) -> None:
    status, _, _, taken = run("/arquivos/envio/", 2800, client=signed_in(owner))
    assert (status, taken) == (413, 1200)
