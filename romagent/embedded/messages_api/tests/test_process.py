"""The simulated Messages API as a process: its pace, what it remembers for tests, how it starts and stops."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

import anthropic
import httpx2
import pytest

from romagent.embedded.messages_api import server, wire
from romagent.embedded.messages_api.process import ROOT, SimulatedApi
from romagent.embedded.messages_api.settings import Settings
from romagent.embedded.messages_api.stream import MOST_UNSENT, Pacer
from romagent.embedded.messages_api.tests.asking import (
    HAIKU,
    OPUS,
    arrivals,
    ask,
    body,
    cached,
    deltas,
    events,
    eventually,
    raw,
    streaming_request,
    text_of,
    upload,
    used,
    user,
    with_async_client,
)
from tests.client import PATIENCE

# Pace ----------------------------------------------------------------------------------------------


def test_tokens_come_by_an_absolute_schedule(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.configure(first_token_ms=100, tokens_per_second=5_000, answer_tokens=3_000)
    # 3,000 sleeps, one after another, would take 3 seconds: a loop's timers count in milliseconds. A machine that is
    # busy may take as long once, but not each time.
    tries = [arrivals(client)]
    while tries[-1][-1] >= 3 and len(tries) < 5:
        tries.append(arrivals(client))
    assert all(came[0] >= 0.09 for came in tries)
    assert all(came[-1] >= 0.69 for came in tries)
    assert tries[-1][-1] < 3


def test_a_script_can_slow_one_answer_down(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "slow", "first_token_ms": 1_000, "tokens_per_second": 10, "answer_tokens": 11}])
    slow, quick = arrivals(client), arrivals(client)
    assert slow[0] >= 0.99
    assert slow[-1] >= 1.99
    assert len(slow) == 11
    assert quick[-1] < 1.5


def test_a_burst_brings_many_tokens_at_once(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "burst", "after_tokens": 2, "tokens": 8, "tokens_per_second": 5, "answer_tokens": 12}])
    came = arrivals(client)
    assert came[9] - came[2] < 0.7  # and not 1.4
    assert came[10] - came[9] > 0.7


def test_a_message_without_stream_takes_as_long_as_the_stream(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.configure(first_token_ms=100, tokens_per_second=100, answer_tokens=21)
    begun = time.monotonic()
    ask(client)
    assert 0.29 <= time.monotonic() - begun < 5


# Counters, requests, the control paths -------------------------------------------------------------


def test_a_closed_stream_is_counted_as_aborted_at_once(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.configure(tokens_per_second=0.2)
    stream = client.messages.create(**body(), stream=True)
    next(stream)
    assert api.counters()["open"] == 1
    stream.close()
    assert eventually(lambda: api.counters()["aborted"] == 1, seconds=10)
    assert api.counters()["open"] == 0


def test_a_cancelled_task_is_counted_as_aborted_at_once(api: SimulatedApi) -> None:
    api.configure(tokens_per_second=0.2)

    async def use(client: anthropic.AsyncAnthropic) -> None:
        async def read() -> None:
            async for _ in await client.messages.create(**body(), stream=True):
                pass

        tasks = [asyncio.create_task(read()) for _ in range(5)]
        while api.counters()["open"] < 5:
            await asyncio.sleep(0.01)
        for task in tasks[:3]:
            task.cancel()
        await asyncio.gather(*tasks[:3], return_exceptions=True)
        assert eventually(lambda: api.counters()["aborted"] == 3, seconds=10)
        assert api.counters()["open"] == 2
        for task in tasks[3:]:
            task.cancel()
        await asyncio.gather(*tasks[3:], return_exceptions=True)

    with_async_client(api, use)


def test_leaving_right_after_message_stop_is_no_abort(api: SimulatedApi) -> None:
    async def read_and_leave() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(streaming_request())
        await reader.readuntil(b"event: message_stop")
        writer.transport.abort()

    async def many() -> None:
        await asyncio.gather(*(read_and_leave() for _ in range(100)))

    asyncio.run(many())
    assert eventually(lambda: api.counters()["open"] == 0)
    assert api.counters()["finished"] == 100


def test_a_reader_that_does_not_read_holds_nobody_else_up(api: SimulatedApi) -> None:
    api.configure(answer_tokens=50_000, tokens_per_second=1_000_000)
    with socket.create_connection(("127.0.0.1", api.port), timeout=PATIENCE) as connection:
        connection.sendall(streaming_request(max_tokens=100_000))
        time.sleep(0.2)
        assert api.counters()["open"] == 1
        while not connection.recv(1_000_000).endswith(b"0\r\n\r\n"):
            pass
    assert eventually(lambda: api.counters()["finished"] == 1)


class Transport(asyncio.Transport):
    """A connection whose reader is behind by so many bytes."""

    def __init__(self, behind: int) -> None:
        super().__init__()
        self.behind = behind
        self.written: list[bytes] = []

    def get_write_buffer_size(self) -> int:
        return self.behind

    def is_closing(self) -> bool:
        return False

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))


def test_the_schedule_waits_for_a_slow_reader() -> None:
    async def use() -> None:
        transport = Transport(behind=MOST_UNSENT + 1)
        frames = iter([wire.Frame(0.0, b"a"), wire.Frame(0.0, b"b")])
        sending = asyncio.create_task(Pacer(transport, asyncio.get_running_loop().time(), frames).run())
        await asyncio.sleep(0.1)
        assert transport.written == []
        transport.behind = 0
        await asyncio.wait_for(sending, 20)
        assert transport.written == [b"1\r\na\r\n1\r\nb\r\n"]

    asyncio.run(use())


def test_counters_are_kept_by_path(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    ask(client)
    client.models.retrieve(OPUS)
    client.models.retrieve(HAIKU)
    raw(api, "GET", "/v1/nada")
    counters = api.counters()
    assert counters["by_path"]["/v1/messages"] == {"started": 1, "finished": 1, "aborted": 0, "open": 0}
    assert counters["by_path"]["/v1/models/{id}"]["finished"] == 2
    assert counters["by_path"]["other"]["finished"] == 1
    assert (counters["started"], counters["finished"], counters["open"]) == (4, 4, 0)


def test_the_last_200_requests_are_kept_for_tests_to_look_at(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    for number in range(201):
        client.messages.count_tokens(model=OPUS, messages=[user(f"Pergunta {number}")])
    bodies = api.requests("/v1/messages/count_tokens")
    assert len(bodies) == 200
    assert bodies[-1] == {"model": OPUS, "messages": [user("Pergunta 200")]}
    assert api.requests() == []


def test_a_reset_forgets_everything(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    ask(client, system=cached())
    file = upload(client)
    api.script([{"kind": "status", "status": 500}])
    api.configure(answer_tokens=3, models={OPUS: {"lifecycle": "retired"}})
    api.reset()
    assert (api.requests(), api.counters()["started"], api.counters()["scripted_left"]) == ([], 0, 0)
    assert used(client, system=cached())[0] == 0
    assert len(deltas(events(client))) > 50
    with pytest.raises(anthropic.NotFoundError):
        client.files.retrieve_metadata(file.id)


def test_a_misspelt_setting_is_refused(api: SimulatedApi) -> None:
    for wrong in ({"first_token": 1}, {"tokens_per_second": -1}, {"models": {"claude-x": {}}}, {"answer_tokens": "x"}):
        with pytest.raises(ValueError):
            api.configure(**wrong)


# The process ---------------------------------------------------------------------------------------


def test_it_stops_at_once_with_a_stream_open_and_starts_again_on_the_same_port() -> None:
    first = SimulatedApi.start(SIMULATED_FIRST_TOKEN_MS=0, SIMULATED_TOKENS_PER_SECOND=1)
    with anthropic.Anthropic(api_key="simulated", base_url=first.url, max_retries=0) as client:
        stream = client.messages.create(**body(), stream=True)
        next(stream)
        begun = time.monotonic()
        assert first.stop() == 0
        assert time.monotonic() - begun < 30  # the answer has two minutes to go
        with pytest.raises(httpx2.TransportError):
            list(stream)
        with pytest.raises(anthropic.APIConnectionError):
            ask(client)
        with SimulatedApi.start(port=first.port, SIMULATED_TOKENS_PER_SECOND=20_000) as second:
            assert second.url == first.url
            assert ask(client).stop_reason == "end_turn"
            second.kill()
            with pytest.raises(anthropic.APIConnectionError):
                ask(client)


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "romagent.embedded.messages_api", *arguments]
    environment = os.environ | variables
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)


def test_it_refuses_to_listen_beyond_loopback() -> None:
    result = run("--host", "0.0.0.0")
    assert result.returncode == 1
    assert "loopback" in result.stderr
    assert not result.stdout


def test_it_refuses_a_pace_that_makes_no_sense() -> None:
    result = run(SIMULATED_TOKENS_PER_SECOND="zero")
    assert result.returncode == 1
    assert "messages_api: the pace must be made of numbers: {'tokens_per_second': 'zero'}" in result.stderr


def test_a_port_in_use_is_said_and_not_waited_for(api: SimulatedApi) -> None:
    result = run("--port", str(api.port))
    assert result.returncode == 1
    assert "address already in use" in result.stderr.lower()


def test_an_interrupt_from_the_keyboard_ends_it_cleanly() -> None:
    api = SimulatedApi.start()
    os.kill(api.pid, signal.SIGINT)
    assert api.wait() == 0


def test_it_needs_no_django() -> None:
    code = "import sys, romagent.embedded.messages_api.server; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=PATIENCE).returncode == 0


def test_it_runs_inside_a_test_too() -> None:
    async def use() -> str:
        settings = Settings(first_token_ms=0, tokens_per_second=20_000)
        async with (
            server.running(settings) as url,
            anthropic.AsyncAnthropic(
                api_key="simulated", base_url=url, http_client=anthropic.DefaultAioHttpClient(), open_telemetry=False
            ) as client,
        ):
            return text_of(await client.messages.create(**body()))

    assert "simulada" in asyncio.run(use())
