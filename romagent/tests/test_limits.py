"""Limits: counted for all processes together, said in words that tell when to come back, and no lock without Redis."""

import asyncio
import json
import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import redis
from django.test import RequestFactory
from django.utils import timezone
from pytest_django import Settings

from romagent.base import limits, slots
from romagent.base.limits import Limit, too_many, when
from romagent.base.redis import async_client, sync_pool
from tests.client import wait_until
from tests.running import some_threads

AFTERNOON = datetime(2026, 11, 22, 17, 31, 10, tzinfo=UTC)  # 14:31:10 in São Paulo

# Windows -----------------------------------------------------------------------------------------


def test_looking_whether_one_has_to_wait_counts_nothing() -> None:
    limit, who = Limit("teste", 1), uuid4()
    assert [limit.wait(who) for _ in range(3)] == [0, 0, 0]
    assert limit.hit(who) == 0
    assert 1 <= limit.wait(who) <= 60


def test_the_window_may_be_an_hour() -> None:
    limit, who = Limit("teste", 2, 3600), uuid4()
    assert [limit.hit(who), limit.hit(who)] == [0, 0]
    assert 3590 <= limit.hit(who) <= 3600


def test_what_is_forgotten_is_counted_anew() -> None:
    limit, who = Limit("teste", 1), uuid4()
    limit.hit(who)
    limit.forget(who)
    assert limit.hit(who) == 0


def test_a_pair_is_counted_apart_from_its_parts() -> None:
    limit, who = Limit("teste", 1), uuid4()
    limit.hit(who, "192.0.2.1")
    assert limit.wait(who, "192.0.2.2") == 0
    assert limit.wait(who) == 0
    assert limit.wait(who, "192.0.2.1") > 0


# Words -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wait", "words"),
    [
        (1, "em 1 segundo"), (40, "em 40 segundos"), (90, "em 90 segundos"),
        (91, "às 14:33"), (3600, "às 15:32"), (12 * 3600, "em 23/11 às 2:32"),
    ],
)  # fmt: skip
def test_says_when_to_come_back_by_the_offices_clock(monkeypatch: pytest.MonkeyPatch, wait: int, words: str) -> None:
    local = timezone.localtime(AFTERNOON)
    monkeypatch.setattr(limits.timezone, "localtime", lambda: local)
    assert when(wait) == words


def test_the_time_that_is_said_is_never_too_early(monkeypatch: pytest.MonkeyPatch) -> None:
    for second in range(60):
        local = timezone.localtime(AFTERNOON.replace(second=second))
        monkeypatch.setattr(limits.timezone, "localtime", lambda local=local: local)
        found = re.fullmatch(r"às (\d+):(\d+)", when(600))
        assert found
        said = local.replace(hour=int(found[1]), minute=int(found[2]), second=0)
        assert timedelta(seconds=600) <= said - local < timedelta(seconds=661)


def test_code_is_refused_in_a_sentence_with_the_time() -> None:
    for headers in [{"accept": "text/event-stream"}, {"hx-request": "true"}, {"accept": "application/json"}]:
        request = RequestFactory().get("/", headers=headers)
        response = too_many(request, 40, "Muitas mensagens.", kept="Nada se perdeu.")
        assert (response.status_code, response["Retry-After"]) == (429, "40")
        assert json.loads(response.content)["error"] == (
            "Muitas mensagens. Tente de novo em 40 segundos. Nada se perdeu."
        )


def test_a_person_is_refused_on_a_page_with_the_time() -> None:
    response = too_many(RequestFactory().get("/", headers={"accept": "text/html"}), 40, "Muitas <b>mensagens</b>.")
    html = response.content.decode()
    assert (response.status_code, response["Retry-After"]) == (429, "40")
    assert "Tente de novo em 40 segundos." in html
    assert "Muitas &lt;b&gt;mensagens" in html


# Slots -------------------------------------------------------------------------------------------


def test_so_many_slots_and_no_more_until_one_is_given_back() -> None:
    person = uuid4()
    first, second = slots.take("teste", person, 2), slots.take("teste", person, 2)
    assert first
    assert second
    assert slots.take("teste", person, 2) is None
    assert slots.take("teste", uuid4(), 2)  # another person's are another matter

    async def run() -> None:
        client = async_client()
        await slots.give_back(client, first)
        await client.aclose()

    asyncio.run(run())
    assert slots.take("teste", person, 2)
    assert slots.take("teste", person, 2) is None


def test_many_at_once_take_no_more_than_there_are() -> None:
    person = uuid4()

    async def run() -> list[slots.Slot | None]:
        async with some_threads(4) as threads:
            return await asyncio.gather(*(threads.run(slots.take, "teste", person, 5) for _ in range(40)))

    assert sum(slot is not None for slot in asyncio.run(run())) == 5


def test_what_a_killed_process_held_runs_out_and_what_is_renewed_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "HELD_SECONDS", 1)
    held, lost = uuid4(), uuid4()
    slot = slots.take("teste", held, 1)
    assert slot
    assert slots.take("teste", lost, 1)
    monkeypatch.setattr(slots, "HELD_SECONDS", 60)

    async def run() -> None:
        client = async_client()
        await slots.renew(client, [slot])
        await client.aclose()

    asyncio.run(run())
    wait_until(lambda: slots.take("teste", lost, 1), "what was not renewed runs out", 10)
    assert slots.take("teste", held, 1) is None


def test_nothing_of_them_stays_in_redis_for_ever() -> None:
    slot = slots.take("teste", uuid4(), 1)
    assert slot
    assert 0 < redis.Redis(connection_pool=sync_pool()).ttl(slot.key) <= slots.HELD_SECONDS


def test_renewing_nothing_asks_nothing() -> None:
    asyncio.run(slots.renew(None, []))


def test_a_redis_that_is_away_refuses_nobody_a_slot(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away = redis.ConnectionPool.from_url("redis://127.0.0.1:9/0", socket_connect_timeout=0.2)
    monkeypatch.setattr(slots, "_client", lambda: redis.Redis(connection_pool=away))
    assert all(slots.take("teste", "x", 1) for _ in range(3))
    assert "slots not counted, Redis is away" in caplog.text
    settings.REDIS_URL = ""
    assert all(slots.take("teste", "x", 1) for _ in range(3))
    assert slots.take("teste", "x", 0) is None
