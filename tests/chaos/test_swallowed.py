"""A connection whose packets vanish: nobody is told, and it is given up in seconds, not in a quarter of an hour."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django.utils import connector_params
from pytest_django import Settings

from conversations import hub as hub_module
from romagent.embedded.kept import free_port
from tests.chaos.office import machine
from tests.chaos.relay import Network
from tests.client import PATIENCE, wait_until
from tests.running import eventually, following, some_threads
from tests.stack import ROOT

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a socket be made deaf"),
]
SOON = {"tcp_user_timeout": 1_000, "keepalives_idle": 1, "keepalives_interval": 1, "keepalives_count": 2}
AS_LINUX_DOES = {"tcp_user_timeout": 0, "keepalives_idle": 7_200, "keepalives_interval": 75, "keepalives_count": 9}


class Swallowing:
    """A network between the tests and a server whose connections can be made to lead nowhere."""

    def __init__(self, behind: int, log: Path) -> None:
        self.port = free_port()
        self.network = Network({"server": (self.port, behind)}, env=machine(), cwd=ROOT, log=log)
        self.network.start()
        self.open: list[psycopg.Connection[Any]] = []

    def connect(self, **changes: Any) -> psycopg.Connection[Any]:
        """To PostgreSQL as the product does, but for `changes`."""
        made = psycopg.connect(**connector_params() | {"port": self.port, "autocommit": True} | changes)
        self.open.append(made)
        return made

    def lose(self) -> None:
        self.network.tell("server", "lose")
        wait_until(lambda: "server lose" in self.network.last_lines(), "the connections lead nowhere")

    def hang_up(self) -> None:
        """Ends the waiting of whoever still waits."""
        for one in self.open:
            with suppress(OSError, psycopg.Error), socket_of(one) as sock:
                sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for one in self.open:
            one.close()
        self.network.kill()


def socket_of(one: psycopg.Connection[Any]) -> socket.socket:
    return socket.socket(fileno=os.dup(one.fileno()))


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Swallowing]:
    found = Swallowing(int(connection.settings_dict["PORT"]), tmp_path / "network.log")
    yield found
    found.close()


def test_each_connection_of_the_product_is_given_up_in_seconds(net: Swallowing) -> None:
    """What the system was told, not what the settings say."""
    with socket_of(net.connect()) as sock:
        names = (socket.TCP_USER_TIMEOUT, socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
        told = [sock.getsockopt(socket.IPPROTO_TCP, name) for name in names]
        assert told == [10_000, 30, 10, 3]
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


def test_a_question_that_nobody_takes_fails_soon(net: Swallowing) -> None:
    ours, another = net.connect(**SOON), net.connect(**AS_LINUX_DOES)
    net.lose()
    with ThreadPoolExecutor(2) as pool:
        waits = pool.submit(another.execute, "SELECT 1")
        asked = pool.submit(ours.execute, "SELECT 1")
        try:
            assert isinstance(asked.exception(PATIENCE), psycopg.OperationalError)
            assert not waits.done(), "the network did not swallow, it told"
        finally:
            net.hang_up()


def test_an_answer_that_never_comes_is_not_waited_for(net: Swallowing) -> None:
    """The question has arrived: only the look whether the other side is there can tell."""
    ours, another = net.connect(**SOON), net.connect(**AS_LINUX_DOES)
    with ThreadPoolExecutor(2) as pool, psycopg.connect(**connector_params(), autocommit=True) as direct:
        asked, waits = (pool.submit(one.execute, "SELECT pg_sleep(3600)") for one in (ours, another))
        try:
            wait_until(lambda: _is_asked(direct, ours) and _is_asked(direct, another), "both are asked")
            net.lose()
            assert isinstance(asked.exception(PATIENCE), psycopg.OperationalError)
            assert not waits.done(), "the network did not swallow, it told"
        finally:
            net.hang_up()


def _is_asked(direct: psycopg.Connection[Any], asker: psycopg.Connection[Any]) -> bool:
    state = "SELECT state FROM pg_stat_activity WHERE pid = %s"
    return direct.execute(state, [asker.info.backend_pid]).fetchone() == ("active",)


def test_a_web_process_whose_listener_hears_nothing_listens_anew(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when its other connection to Redis is a new one, which works."""
    monkeypatch.setattr(hub_module, "WATCH_SECONDS", 0.3)
    found = re.search(r":(\d+)/", settings.REDIS_URL)
    assert found
    net = Swallowing(int(found[1]), tmp_path / "network.log")
    settings.REDIS_URL = settings.REDIS_URL.replace(found[0], f":{net.port}/")

    async def run() -> None:
        async with asyncio.timeout(PATIENCE), some_threads(1) as threads, following(threads) as hub:
            await eventually(lambda: hub.connected)
            first = hub._listener
            async with hub._fetching:
                net.lose()
                await hub._stop_reading()
            await eventually(lambda: hub.connected and hub._listener is not first)

    try:
        asyncio.run(run())
    finally:
        net.close()
