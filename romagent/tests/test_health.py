"""The health pages and the start report: quick, truthful, and without a secret."""

import asyncio
import logging
import re
import socket
import time
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from romagent import asgi, startup
from romagent.embedded.kept import free_port
from tests.running import some_threads

AWAY = {"available": False, "latency": None}


@pytest.fixture
def hanging() -> Iterator[int]:
    """The port of a server that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def postgres_at(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """For connections that are made from now on."""
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", port)


def health(client: Client) -> tuple[int, dict[str, dict[str, object]]]:
    started = time.monotonic()
    response = client.get("/health/database")
    assert time.monotonic() - started < 4
    assert response["Content-Type"] == "application/json"
    return response.status_code, response.json()


def test_the_prober_learns_that_the_process_answers_without_touching_anything(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    postgres_at(monkeypatch, free_port())
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert not response.cookies


@pytest.mark.django_db
def test_all_is_well(client: Client) -> None:
    status, services = health(client)
    assert status == 200
    assert services.keys() == {"postgres", "redis"}
    for service in services.values():
        assert service.keys() == {"available", "latency"}
        assert service["available"] is True
        assert isinstance(service["latency"], int)
        assert 0 <= service["latency"] < 1500


@pytest.mark.django_db
def test_without_postgresql_it_is_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    postgres_at(monkeypatch, free_port())
    status, services = health(client)
    assert (status, services["postgres"], services["redis"]["available"]) == (503, AWAY, True)


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["redis://127.0.0.1:9/0", "", "isto não é um endereço"])
def test_redis_alone_may_be_away(client: Client, settings: Settings, url: str) -> None:
    settings.REDIS_URL = url
    status, services = health(client)
    assert (status, services["redis"], services["postgres"]["available"]) == (200, AWAY, True)


@pytest.mark.django_db
def test_two_that_hang_are_noticed_within_two_seconds(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings, hanging: int
) -> None:
    postgres_at(monkeypatch, hanging)
    settings.REDIS_URL = f"redis://127.0.0.1:{hanging}/0"
    assert health(client) == (503, {"postgres": AWAY, "redis": AWAY})


@pytest.mark.django_db
def test_no_secret_and_no_address_is_told(client: Client, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    postgres_at(monkeypatch, free_port())
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "senha-do-banco")
    settings.REDIS_URL = "redis://:senha-do-redis@127.0.0.1:9/0"
    text = client.get("/health/database").content.decode()
    for secret in ["senha", "127.0.0.1", "romagent", "Error", "Traceback", settings.SECRET_KEY]:
        assert secret not in text


@pytest.mark.parametrize("path", ["/health/", "/health/database"])
def test_they_only_answer_questions(client: Client, path: str) -> None:
    assert client.post(path).status_code == 405


@pytest.mark.django_db
def test_they_answer_on_plain_http_behind_a_proxy_that_speaks_https(client: Client, settings: Settings) -> None:
    """The host's prober does not follow redirects."""
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/health/").status_code == 200
    assert client.get("/conversas/").status_code == 301


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["10.214.3.9:10000", "rom-web.internal", "a b"])
def test_the_prober_may_call_us_by_any_name(client: Client, host: str) -> None:
    assert client.get("/health/", headers={"host": host}).json() == {"status": "ok"}
    assert client.get("/entrar/", headers={"host": host}).status_code == 400


# The report --------------------------------------------------------------------------------------


def report(caplog: pytest.LogCaptureFixture) -> list[str]:
    with caplog.at_level(logging.INFO, "romagent.start"):
        startup.report()
    return [record.getMessage() for record in caplog.records if record.name == "romagent.start"]


@pytest.mark.django_db
def test_a_process_says_on_three_lines_what_it_found(caplog: pytest.LogCaptureFixture) -> None:
    postgres, redis, sessions = report(caplog)
    assert re.fullmatch(r"✅ PostgreSQL conectado { latency: '\d+ms' }", postgres)
    assert re.fullmatch(r"✅ Redis conectado { latency: '\d+ms' }", redis)
    assert sessions == "✅ Sessões configuradas com PostgreSQL (persistentes)"


@pytest.mark.django_db
def test_a_process_says_what_is_missing_and_what_follows_from_it(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    postgres_at(monkeypatch, free_port())
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "senha-do-banco")
    settings.REDIS_URL = "redis://:senha-do-redis@127.0.0.1:9/0"
    postgres, redis, sessions = report(caplog)
    assert postgres.startswith("⚠️  PostgreSQL INDISPONÍVEL: as páginas respondem 503 até que volte")
    assert redis.startswith("⚠️  Redis INDISPONÍVEL: sessões vêm do PostgreSQL")
    assert sessions.startswith("✅ Sessões")
    assert "senha" not in caplog.text


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("https", [False, True])
def test_the_rehearsal_before_the_first_person_comes_leaves_nothing_behind(
    https: bool, caplog: pytest.LogCaptureFixture, settings: Settings
) -> None:
    settings.HTTPS = settings.SECURE_SSL_REDIRECT = https
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if https else None
    settings.ALLOWED_HOSTS = ["rom.exemplo.adv.br"]
    tables = ["users", "conversations", "messages", "audit_log", "ai_operations", "procrastinate_jobs", "sessions"]

    def counts() -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT " + ", ".join(f"(SELECT count(*) FROM {table})" for table in tables))
            return list(cursor.fetchone())

    async def rehearse() -> None:
        async with some_threads(2) as threads:
            await startup.warm_up_worker(threads)
            web = asgi.Application()
            web.threads = threads
            await startup.warm_up_web(web)

    before = counts()
    asyncio.run(rehearse())
    assert counts() == before == [0] * len(tables)
    assert caplog.text == ""
    assert logging.root.manager.disable == logging.NOTSET


def test_a_rehearsal_that_fails_keeps_nobody_from_starting(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(startup, "rehearse_answer", fail)

    async def rehearse() -> None:
        async with some_threads(1) as threads:
            await startup.warm_up_worker(threads)

    asyncio.run(rehearse())
    assert "warming up failed" in caplog.text
