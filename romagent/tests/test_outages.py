"""PostgreSQL or Redis away: pages say so in words, nobody is signed out, and all is well again by itself."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client
from procrastinate.manager import JobManager
from pytest_django import Settings

from accounts.models import User
from accounts.sessions import SessionMiddleware
from conversations.models import Conversation, Message
from romagent.base.redis import RestingConnection
from tests.gate import Gate
from tests.running import ask, get, serving

FRAGMENT = {"hx-request": "true"}
STREAM = {"accept": "text/event-stream"}


@pytest.fixture
def postgres(committed: None) -> Iterator[Gate]:
    """A door in front of PostgreSQL, through which this thread's connection goes too."""
    address = connection.settings_dict
    host, port = address["HOST"], address["PORT"]
    connection.close()
    with Gate(host, int(port)) as gate:
        address["PORT"] = gate.port
        yield gate
        address["PORT"] = port
        connection.close()


@pytest.fixture
def browser(postgres: Gate, owner: User) -> Client:
    """The owner's, which shows error pages as production does."""
    client = Client(raise_request_exception=False)
    client.force_login(owner)
    return client


# PostgreSQL --------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/conversas/", "/conversas/arquivadas/", "/busca/?q=prazo", "/admin/"])
def test_a_page_says_in_words_that_the_database_is_away(browser: Client, postgres: Gate, path: str) -> None:
    postgres.close()
    response = browser.get(path)
    html = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert "Voltamos em instantes" in html
    assert "o que você escreveu está guardado neste navegador" in html
    assert "OperationalError" not in html
    assert "rom.sid" not in response.cookies


@pytest.mark.parametrize("headers", [FRAGMENT, STREAM], ids=["fragment", "stream"])
def test_code_gets_words_and_no_page(browser: Client, postgres: Gate, headers: dict[str, str]) -> None:
    postgres.close()
    response = browser.post("/conversas/", {"content": "Pergunta"}, headers=headers)
    assert (response.status_code, response["Content-Type"]) == (503, "application/json")
    assert "tente de novo em instantes" in response.json()["error"]


def test_signing_in_says_so_too(postgres: Gate) -> None:
    client = Client(raise_request_exception=False)
    assert client.get("/entrar/").status_code == 200
    postgres.close()
    response = client.post("/entrar/", {"login": "x@exemplo.adv.br", "password": "x"})
    assert response.status_code == 503
    assert "Voltamos em instantes" in response.content.decode()


def test_a_database_that_goes_away_before_the_session_is_saved_is_an_outage_too(
    browser: Client, postgres: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last_moment(_: object) -> bool:
        postgres.close()
        return True

    monkeypatch.setattr(SessionMiddleware, "_due", staticmethod(last_moment))
    assert browser.get("/conversas/").status_code == 503
    assert browser.get("/conversas/", headers=STREAM).status_code == 503
    monkeypatch.undo()
    postgres.open()
    assert browser.get("/conversas/").status_code == 200


def test_a_database_that_goes_away_while_a_job_is_put_into_the_queue_is_an_outage_too(
    browser: Client, postgres: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    defer = JobManager.batch_defer_jobs

    def too_late(manager: JobManager, *args: Any, **options: Any) -> Any:
        postgres.close()
        return defer(manager, *args, **options)

    monkeypatch.setattr(JobManager, "batch_defer_jobs", too_late)
    assert browser.post("/conversas/", {"content": "Qual é o prazo?"}).status_code == 503
    monkeypatch.undo()
    postgres.open()
    assert not Message.objects.exists()


def test_when_it_is_back_everything_works_and_nobody_was_signed_out(browser: Client, postgres: Gate) -> None:
    async def run() -> None:
        async with serving() as web:
            assert (await get(web, "/conversas/", client=browser)).status == 200
            postgres.close()
            assert [(await get(web, "/conversas/", client=browser)).status for _ in range(4)] == [503] * 4
            postgres.open()
            assert [(await get(web, "/conversas/", client=browser)).status for _ in range(4)] == [200] * 4

    asyncio.run(run())


def test_a_connection_that_was_cut_while_nobody_used_it_is_not_even_noticed(browser: Client, postgres: Gate) -> None:
    """As after a restart of the server."""

    async def run() -> None:
        async with serving() as web:
            for _ in range(4):
                assert (await get(web, "/conversas/", client=browser)).status == 200
            postgres.close()
            postgres.open()
            assert [(await get(web, "/conversas/", client=browser)).status for _ in range(4)] == [200] * 4

    asyncio.run(run())


def test_a_question_that_met_the_outage_is_not_half_there(browser: Client, postgres: Gate) -> None:
    browser.cookies["csrftoken"] = "a" * 32
    question = {"form": {"content": "Pergunta"}, "headers": {"x-csrftoken": "a" * 32}, "client": browser}

    async def run() -> list[int]:
        async with serving() as web:
            postgres.close()
            refused = ask(web, "POST", "/conversas/", **question)
            await refused.end()
            postgres.open()
            accepted = ask(web, "POST", "/conversas/", **question)
            await accepted.end()
            return [refused.status, accepted.status]

    assert asyncio.run(run()) == [503, 303]
    connection.close()
    assert (Conversation.objects.count(), Message.objects.count()) == (1, 2)


def test_an_outage_is_in_the_log_without_addresses_and_contents(
    browser: Client, postgres: Gate, caplog: pytest.LogCaptureFixture
) -> None:
    postgres.close()
    browser.post("/conversas/", {"content": "segredo-do-cliente"})
    messages = " ".join(record.getMessage() for record in caplog.records)
    assert "503" in messages
    assert "segredo-do-cliente" not in caplog.text
    assert str(connection.settings_dict["PASSWORD"]) not in caplog.text


# Redis -------------------------------------------------------------------------------------------


@pytest.fixture
def redis(settings: Settings) -> Iterator[Gate]:
    """A door in front of Redis for the cache, and with it for the sessions."""
    given = urlsplit(settings.REDIS_URL)
    with Gate(given.hostname or "", given.port or 6379) as gate:
        url = given._replace(netloc=given.netloc.replace(f":{given.port}", f":{gate.port}")).geturl()
        one = settings.CACHES["default"]
        options = one["OPTIONS"] | {"SOCKET_TIMEOUT": 0.2, "SOCKET_CONNECT_TIMEOUT": 0.2}
        settings.CACHES = {"default": one | {"LOCATION": url, "OPTIONS": options}}
        yield gate
        caches.close_all()
    RestingConnection.resting_until = 0.0


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["close", "hang"])
def test_without_redis_pages_work_and_nobody_is_signed_out(as_owner: Client, redis: Gate, how: str) -> None:
    assert as_owner.get("/conversas/").status_code == 200
    getattr(redis, how)()
    assert as_owner.get("/conversas/").status_code == 200
    response = as_owner.post("/conversas/", {"content": "Pergunta"})
    assert response.status_code == 303
    assert "Pergunta" in as_owner.get(response["Location"]).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("how", ["close", "hang"])
def test_without_redis_one_can_sign_in_and_out(redis: Gate, owner: User, settings: Settings, how: str) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    owner.set_password("uma senha longa e boa")
    owner.save(update_fields=["password"])
    getattr(redis, how)()
    client = Client()
    client.post("/entrar/", {"login": owner.email, "password": "uma senha longa e boa"})
    assert client.get("/conversas/").status_code == 200
    client.post("/sair/")
    assert client.get("/conversas/").status_code == 302


@pytest.mark.django_db
def test_a_redis_that_hangs_costs_one_wait_and_not_one_a_call(as_owner: Client, redis: Gate) -> None:
    as_owner.get("/conversas/")
    redis.hang()
    started = time.monotonic()
    for _ in range(10):
        assert as_owner.get("/conversas/").status_code == 200
    assert time.monotonic() - started < 4


@pytest.mark.django_db
def test_when_redis_is_back_it_is_used_again(as_owner: Client, redis: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    redis.close()
    cache.set("chave", 1)
    assert cache.get("chave") is None
    redis.open()
    monkeypatch.setattr(RestingConnection, "resting_until", 0.0)
    cache.set("chave", 2)
    assert cache.get("chave") == 2
