"""The client against the simulated DataJud, over real HTTP: every way of going wrong, and no wrong *não localizado*."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from pytest_django import Settings

from jurisprudence.datajud import breaker, client
from jurisprudence.datajud.client import Patience
from jurisprudence.datajud.outcomes import End, Outcome, Why
from jurisprudence.datajud.tests.making import HARMFUL, IRREGULAR, MISSING, SECRET, TWO_GRADES, number
from projects.cnj import CaseNumber
from tests.running import SimulatedDataJud, free_port

SHORT = Patience(0.5, "short")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "RETRIES", (0.01, 0.02))


@pytest.fixture(autouse=True)
def _rested(datajud: SimulatedDataJud) -> Iterator[None]:
    yield
    breaker.answered()
    cache.clear()


def ask(of: CaseNumber | None = None, patience: Patience = SHORT, **options: Any) -> Outcome:
    return asyncio.run(client.ask(of or number(), patience, **options))


def said(outcome: Outcome) -> tuple[End, Why | None]:
    return outcome.end, outcome.why


# What is there -------------------------------------------------------------------------------------


def test_a_process_is_found_in_the_index_of_its_court(datajud: SimulatedDataJud) -> None:
    one = number()
    (record,) = ask(one, Patience(5, "x")).records
    assert record.grade == "G1"
    assert len(record.movements) > 3
    (request,) = datajud.requests()
    assert request["alias"] == "api_publica_tjsp"
    assert request["body"] == {"query": {"match": {"numeroProcesso": one.digits}}, "size": 50}
    assert request["headers"]["Authorization"] == f"APIKey {datajud.key}"


def test_what_is_not_in_the_index_is_absent() -> None:
    assert said(ask(number(MISSING))) == (End.ABSENT, None)


@pytest.mark.parametrize(("kind", "grades"), [(TWO_GRADES, 2), (SECRET, 1), (IRREGULAR, 1), (HARMFUL, 1)])
def test_every_kind_of_record_is_understood(kind: int, grades: int) -> None:
    found = ask(number(kind))
    assert found.end == End.FOUND
    assert len(found.records) == grades


def test_a_court_without_an_index_is_never_asked_for(datajud: SimulatedDataJud) -> None:
    assert said(ask(number(court="100"))) == (End.UNCOVERED, None)
    assert datajud.requests() == []


@pytest.mark.parametrize("court", ["300", "401", "500", "518", "607", "626", "700", "807", "826", "913"])
def test_each_branch_of_the_courts_meets_the_index_that_holds_it(court: str) -> None:
    assert ask(number(court=court)).end == End.FOUND


# What fails ----------------------------------------------------------------------------------------

FAILURES: list[tuple[dict[str, Any], Why, int]] = [  # with how many questions that takes
    ({"kind": "status", "status": 429, "times": 9}, Why.QUEUE, 3),
    ({"kind": "partial", "times": 9}, Why.PARTIAL, 3),
    ({"kind": "timed_out", "times": 9}, Why.PARTIAL, 3),
    ({"kind": "status", "status": 504, "times": 9}, Why.SATURATED, 1),
    ({"kind": "status", "status": 502, "times": 9}, Why.SATURATED, 1),
    ({"kind": "status", "status": 503, "times": 9}, Why.SATURATED, 1),
    ({"kind": "hang", "seconds": 3}, Why.SATURATED, 1),
    ({"kind": "status", "status": 401}, Why.KEY, 1),
    ({"kind": "status", "status": 403}, Why.KEY, 1),
    ({"kind": "reset"}, Why.CUT, 1),
    ({"kind": "cut"}, Why.CUT, 1),
    ({"kind": "html"}, Why.MALFORMED, 1),
    ({"kind": "malformed", "body": '{"took": 1, "hits": {"hits": ['}, Why.MALFORMED, 1),
    ({"kind": "total_without_hits"}, Why.MALFORMED, 1),
    ({"kind": "answer", "body": {"hits": {"total": {"value": 0}, "hits": []}}}, Why.MALFORMED, 1),
    ({"kind": "large", "megabytes": 17}, Why.TOO_LARGE, 1),
]


@pytest.mark.parametrize("kind", [0, MISSING], ids=["that is there", "that is not there"])
@pytest.mark.parametrize(("fault", "why", "questions"), FAILURES, ids=[f"{f['kind']} {f.get('status', '')}" for f, _, _ in FAILURES])  # fmt: skip
def test_a_failure_is_a_failure_whether_the_process_is_there_or_not(
    datajud: SimulatedDataJud, fault: dict[str, Any], why: Why, questions: int, kind: int
) -> None:
    datajud.script(fault)
    patience = Patience(10, "long") if fault["kind"] == "large" else SHORT
    assert said(ask(number(kind), patience)) == (End.UNAVAILABLE, why)
    assert len(datajud.requests()) == questions


def test_nobody_there_is_unreachable(settings: Settings) -> None:
    settings.DATAJUD_URL = f"http://127.0.0.1:{free_port()}"
    assert said(ask()) == (End.UNAVAILABLE, Why.UNREACHABLE)


def test_an_address_that_is_none_is_unreachable(settings: Settings) -> None:
    settings.DATAJUD_URL = "nada"
    assert said(ask()) == (End.UNAVAILABLE, Why.UNREACHABLE)


def test_another_key_is_refused(datajud: SimulatedDataJud, settings: Settings) -> None:
    settings.DATAJUD_API_KEY = "antiga"
    assert said(ask()) == (End.UNAVAILABLE, Why.KEY)


def test_without_a_key_nobody_is_asked(datajud: SimulatedDataJud, settings: Settings) -> None:
    settings.DATAJUD_API_KEY = ""
    assert said(ask()) == (End.UNAVAILABLE, Why.NO_KEY)
    assert datajud.requests() == []


@pytest.mark.parametrize("fault", [{"kind": "status", "status": 429}, {"kind": "partial"}], ids=["429", "partial"])
@pytest.mark.parametrize(("kind", "end"), [(0, End.FOUND), (MISSING, End.ABSENT)])
def test_what_passes_is_waited_for(datajud: SimulatedDataJud, fault: dict[str, Any], kind: int, end: End) -> None:
    datajud.script(fault | {"times": 2})
    assert ask(number(kind)).end == end
    assert len(datajud.requests()) == 3


def test_a_hit_counts_even_if_parts_of_the_index_failed(datajud: SimulatedDataJud) -> None:
    datajud.script({"kind": "partial", "with_hits": True})
    assert ask().end == End.FOUND
    assert len(datajud.requests()) == 1


def test_the_pauses_and_the_times_are_those_of_the_source() -> None:
    """Two and four seconds after a full queue; 35 seconds while somebody waits, 75 in a batch."""
    assert (client.INTERACTIVE.seconds, client.BATCH.seconds) == (35.0, 75.0)
    assert {Why.QUEUE, Why.PARTIAL} == client.AGAIN


def test_a_redirect_is_not_followed(datajud: SimulatedDataJud) -> None:
    datajud.script({"kind": "status", "status": 302})
    assert said(ask()) == (End.UNAVAILABLE, Why.MALFORMED)
    assert len(datajud.requests()) == 1


# The rest ------------------------------------------------------------------------------------------


def test_after_three_in_a_row_nobody_is_asked_until_the_rest_is_over(datajud: SimulatedDataJud) -> None:
    datajud.script({"kind": "status", "status": 504, "times": 3})
    assert [ask().why for _ in range(5)] == [Why.SATURATED] * 3 + [Why.RESTING] * 2
    assert len(datajud.requests()) == 3
    breaker._client().delete(breaker.RESTING)  # five minutes later
    assert ask().end == End.FOUND


def test_an_answer_between_them_begins_to_count_anew(datajud: SimulatedDataJud) -> None:
    for _ in range(2):
        datajud.script({"kind": "status", "status": 504, "times": 2})
        assert [ask().why for _ in range(2)] == [Why.SATURATED] * 2
        assert ask().end == End.FOUND


def test_when_the_rest_is_over_one_more_failure_begins_another(datajud: SimulatedDataJud) -> None:
    datajud.script({"kind": "status", "status": 504, "times": 4})
    for _ in range(3):
        ask()
    breaker._client().delete(breaker.RESTING)
    assert [ask().why for _ in range(2)] == [Why.SATURATED, Why.RESTING]


def test_the_rest_is_shared_and_holds_five_minutes(datajud: SimulatedDataJud) -> None:
    for _ in range(3):
        breaker.failed()
    breaker._Own.failures = 0  # another process
    assert breaker.is_open()
    assert 295 <= int(breaker._client().ttl(breaker.RESTING)) <= 300


def test_an_answer_to_another_process_begins_the_count_anew(datajud: SimulatedDataJud) -> None:
    for _ in range(2):
        breaker.failed()
    breaker._client().delete(breaker.FAILURES, breaker.RESTING)  # another process was answered
    breaker.failed()
    assert not breaker.is_open()


def test_without_redis_each_process_rests_by_itself(settings: Settings) -> None:
    settings.REDIS_URL = ""
    for _ in range(3):
        assert not breaker.is_open()
        breaker.failed()
    assert breaker.is_open()
    breaker.answered()
    assert not breaker.is_open()


# What was said a while ago -------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "end"), [(0, End.FOUND), (MISSING, End.ABSENT)])
def test_an_answer_is_kept_and_says_when_it_was_given(datajud: SimulatedDataJud, kind: int, end: End) -> None:
    one = number(kind)
    first, second, third = ask(one), ask(one), ask(one, fresh=True)
    assert [outcome.end for outcome in (first, second, third)] == [end] * 3
    assert [outcome.at is None for outcome in (first, second, third)] == [True, False, True]
    assert second.records == first.records
    assert len(datajud.requests()) == 2


def test_an_answer_too_large_to_be_kept_leaves_no_older_one_in_its_place(
    datajud: SimulatedDataJud, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = number(MISSING)
    assert ask(one).end == End.ABSENT
    monkeypatch.setattr(client, "MOST_KEPT", 100)
    hit = {"_id": f"TJSP_G1_{one.digits}", "_source": {"numeroProcesso": one.digits, "grau": "G1"}}
    whole = {"timed_out": False, "_shards": {"total": 7, "successful": 7, "failed": 0}}
    datajud.script({"kind": "answer", "body": whole | {"hits": {"total": {"value": 1}, "hits": [hit]}}, "times": 2})
    assert ask(one, fresh=True).end == End.FOUND
    assert ask(one).end == End.FOUND


def test_a_failure_is_not_kept(datajud: SimulatedDataJud) -> None:
    one = number()
    datajud.script({"kind": "html"})
    assert [ask(one).end for _ in range(2)] == [End.UNAVAILABLE, End.FOUND]


def test_what_a_simulated_source_said_is_not_taken_for_the_others(
    datajud: SimulatedDataJud, settings: Settings
) -> None:
    one = number()
    settings.SIMULATED_DATAJUD = True
    ask(one)
    settings.SIMULATED_DATAJUD = False
    assert ask(one).at is None


def test_how_long_an_answer_is_kept(datajud: SimulatedDataJud) -> None:
    there, missing = number(), number(MISSING)
    ask(there)
    ask(missing)
    assert cache.ttl(client._key(there)) in range(24 * 3600 - 5, 24 * 3600 + 1)  # type: ignore[attr-defined]
    assert cache.ttl(client._key(missing)) in range(6 * 3600 - 5, 6 * 3600 + 1)  # type: ignore[attr-defined]


# Many, and nothing in the logs ---------------------------------------------------------------------


def test_of_many_at_once_only_a_few_are_open(datajud: SimulatedDataJud) -> None:
    datajud.configure(seconds=0.1)

    async def one() -> Outcome:
        async with client.turn():
            return await client.ask(number(), Patience(5, "x"))

    async def many() -> list[Outcome]:
        return await asyncio.gather(*(one() for _ in range(12)))

    assert {outcome.end for outcome in asyncio.run(many())} == {End.FOUND}
    assert datajud.most_open() <= client.AT_ONCE


def test_who_asks_can_stop_waiting(datajud: SimulatedDataJud) -> None:
    datajud.script({"kind": "hang", "seconds": 5})
    began = time.monotonic()

    async def leave() -> None:
        async with asyncio.timeout(0.2):
            await client.ask(number(), Patience(5, "x"))

    with pytest.raises(TimeoutError):
        asyncio.run(leave())
    assert time.monotonic() - began < 3


def test_neither_number_nor_key_nor_answer_is_logged(
    datajud: SimulatedDataJud, caplog: pytest.LogCaptureFixture
) -> None:
    one = number(HARMFUL)
    with caplog.at_level("DEBUG"):
        ask(one)
    ours = " ".join(record.getMessage() for record in caplog.records if record.name.startswith("romagent"))
    assert "datajud api_publica_tjsp short found -" in ours
    for secret in (one.digits, str(one), datajud.key, "alert"):
        assert secret not in ours
