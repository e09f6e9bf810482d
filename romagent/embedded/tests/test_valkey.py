"""The embedded Valkey, for real."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from romagent.embedded.kept import free_port
from romagent.embedded.valkey import EmbeddedValkey


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[EmbeddedValkey]:
    server = EmbeddedValkey(tmp_path / "uma pasta com espaços").start()
    yield server
    server.kill()


def client(server: EmbeddedValkey) -> redis.Redis:
    return redis.Redis.from_url(server.url, decode_responses=True)


def test_it_answers_at_its_url(valkey: EmbeddedValkey) -> None:
    assert valkey.url.startswith("redis://:")
    assert client(valkey).ping()


def test_it_answers_nobody_without_the_password(valkey: EmbeddedValkey) -> None:
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(host="127.0.0.1", port=valkey.port, retry=Retry(NoBackoff(), retries=0)).ping()


def test_it_makes_room_by_forgetting_as_the_deployment_guide_says(valkey: EmbeddedValkey) -> None:
    settings = client(valkey).config_get("maxmemory*")
    assert settings["maxmemory-policy"] == "allkeys-lru"
    assert settings["maxmemory"] == str(128 * 1024 * 1024)


def test_a_restart_loses_nothing_and_keeps_the_address(valkey: EmbeddedValkey) -> None:
    url = valkey.url
    client(valkey).set("chave", "valor")
    valkey.restart()
    assert valkey.url == url
    assert client(valkey).get("chave") == "valor"


def test_a_crash_loses_nothing(valkey: EmbeddedValkey) -> None:
    client(valkey).set("chave", "valor")
    valkey.kill()
    assert not valkey.alive()
    valkey.start()
    assert client(valkey).get("chave") == "valor"


def test_another_supervisor_finds_it_at_the_same_address_the_next_day(valkey: EmbeddedValkey) -> None:
    valkey.stop()
    tomorrow = EmbeddedValkey(valkey.data_dir).start()
    try:
        assert tomorrow.url == valkey.url
    finally:
        tomorrow.kill()


def test_it_listens_where_it_is_told(tmp_path: Path) -> None:
    port = free_port()
    server = EmbeddedValkey(tmp_path).start(port=port)
    try:
        assert server.port == port
        assert client(server).ping()
    finally:
        server.kill()


def test_stopping_is_clean(valkey: EmbeddedValkey) -> None:
    valkey.stop()
    assert valkey.returncode in (0, -signal.SIGTERM)
    assert "ready to exit" in valkey.last_lines()


def test_only_the_owner_can_read_the_password(valkey: EmbeddedValkey) -> None:
    for name in ("password", "valkey.conf"):
        assert (valkey.data_dir / name).stat().st_mode & 0o077 == 0
