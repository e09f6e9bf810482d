"""What an answer means. The rule above all others: nothing but a complete and empty answer is *não localizado*."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest

from jurisprudence.datajud.answers import understand
from jurisprudence.datajud.outcomes import End, Outcome, Why
from jurisprudence.datajud.records import BRASILIA
from jurisprudence.datajud.tests.making import FIXTURES

NUMBER = "00000012420248269999"
EMPTY: dict[str, Any] = {
    "took": 41,
    "timed_out": False,
    "_shards": {"total": 7, "successful": 7, "skipped": 0, "failed": 0},
    "hits": {"total": {"value": 0, "relation": "eq"}, "max_score": None, "hits": []},
}
HIT: dict[str, Any] = {"_id": f"TJSP_G1_{NUMBER}", "_source": {"numeroProcesso": NUMBER, "grau": "G1"}}


def answer(status: int = 200, **changes: Any) -> Outcome:
    return understand(status, json.dumps(EMPTY | changes).encode(), NUMBER)


def hits(*found: Any, total: Any = 1) -> dict[str, Any]:
    return {"total": {"value": total, "relation": "eq"}, "hits": list(found)}


def test_a_complete_and_empty_answer_is_absence() -> None:
    assert answer() == Outcome(End.ABSENT)


def test_a_hit_is_found_even_if_parts_of_the_index_failed() -> None:
    found = answer(hits=hits(HIT), _shards={"total": 7, "successful": 4, "failed": 3})
    assert found.end == End.FOUND
    assert [record.grade for record in found.records] == ["G1"]


def test_each_grade_is_a_record_and_the_same_one_twice_is_one() -> None:
    second = {"_id": f"TJSP_G2_{NUMBER}", "_source": {"numeroProcesso": NUMBER, "grau": "G2"}}
    found = answer(hits=hits(HIT, second, HIT, total=3))
    assert sorted(record.grade for record in found.records) == ["G1", "G2"]


UNKNOWN: dict[str, tuple[dict[str, Any], Why]] = {
    "failed shards": ({"_shards": {"total": 7, "successful": 4, "skipped": 0, "failed": 3}}, Why.PARTIAL),
    "fewer successful than there are": ({"_shards": {"total": 7, "successful": 6, "failed": 0}}, Why.PARTIAL),
    "out of time": ({"timed_out": True}, Why.PARTIAL),
    "no word on time": ({"timed_out": None}, Why.PARTIAL),
    "no shards at all": ({"_shards": {"total": 0, "successful": 0, "failed": 0}}, Why.MALFORMED),
    "no word on shards": ({"_shards": None}, Why.MALFORMED),
    "shards as text": ({"_shards": {"total": "7", "successful": "7", "failed": "0"}}, Why.MALFORMED),
    "a total without hits": ({"hits": {"total": {"value": 1}, "max_score": None}}, Why.MALFORMED),
    "a total and an empty list": ({"hits": hits(total=1)}, Why.MALFORMED),
    "no total": ({"hits": {"hits": []}}, Why.MALFORMED),
    "no hits": ({"hits": None}, Why.MALFORMED),
    "hits as an object": ({"hits": {"total": {"value": 0}, "hits": {}}}, Why.MALFORMED),
    "hits without a source": ({"hits": hits({"_id": "x"})}, Why.MALFORMED),
    "another process": ({"hits": hits({"_id": "x", "_source": {"numeroProcesso": "0" * 20}})}, Why.MALFORMED),
    "a process without a number": ({"hits": hits({"_id": "x", "_source": {"grau": "G1"}})}, Why.MALFORMED),
    "an error inside": ({"hits": None, "error": {"type": "x"}, "status": 429}, Why.QUEUE),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_does_not_prove_absence_is_unavailable(name: str) -> None:
    changes, why = UNKNOWN[name]
    assert answer(**changes) == Outcome(End.UNAVAILABLE, why)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        (429, Why.QUEUE), (504, Why.SATURATED), (502, Why.SATURATED), (503, Why.SATURATED), (500, Why.SATURATED),
        (401, Why.KEY), (403, Why.KEY), (404, Why.MALFORMED), (301, Why.MALFORMED), (204, Why.MALFORMED), (400, Why.MALFORMED),
    ],
)  # fmt: skip
def test_every_other_status_is_unavailable_even_with_an_empty_answer_in_it(status: int, why: Why) -> None:
    assert answer(status) == Outcome(End.UNAVAILABLE, why)


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"7", b'"x"', b"<html></html>", b"\xff\xfe", b"[" * 100_000, b'{"hits": []}', b"{}"],
)
def test_what_is_no_answer_is_unavailable(body: bytes) -> None:
    assert understand(200, body, NUMBER) == Outcome(End.UNAVAILABLE, Why.MALFORMED)


def test_a_hit_without_its_number_is_known_by_its_id() -> None:
    assert answer(hits=hits({"_id": HIT["_id"], "_source": {"grau": "G1"}})).end == End.FOUND


def damaged(value: Any, chance: random.Random) -> Any:
    """The answer with one thing in it gone, or another."""
    whole = copy.deepcopy(value)
    place = whole
    while True:
        key = chance.choice(list(place.keys()) if isinstance(place, dict) else list(range(len(place))))
        inner = place[key]
        if isinstance(inner, dict | list) and inner and chance.random() < 0.7:
            place = inner
            continue
        if chance.random() < 0.4:
            del place[key]
        else:
            place[key] = chance.choice([None, 1, -1, "0", True, [], {}, [[]], "x", 10**12])
        return whole


def test_no_damage_to_a_hit_makes_it_absent() -> None:
    """Four thousand damaged answers, of which none may say that the process is not there."""
    chance, found = random.Random(7), EMPTY | {"hits": hits(HIT)}
    ends = [understand(200, json.dumps(damaged(found, chance)).encode(), NUMBER).end for _ in range(4_000)]
    assert set(ends) == {End.FOUND, End.UNAVAILABLE}


def test_no_damage_to_a_partial_answer_makes_it_absent_but_where_the_damage_says_so() -> None:
    chance = random.Random(8)
    partial = EMPTY | {"_shards": {"total": 7, "successful": 4, "skipped": 0, "failed": 3}}
    for _ in range(4_000):
        assert understand(200, json.dumps(damaged(partial, chance)).encode(), NUMBER).end == End.UNAVAILABLE


# Answers in the real format ------------------------------------------------------------------------

REAL: dict[str, tuple[str, int, End, Why | None]] = {
    "found_tjsp_two_grades": ("00000012420248269999", 200, End.FOUND, None),
    "found_trf1_je": ("00000027520234019998", 200, End.FOUND, None),
    "found_tjmg_irregular": ("00000033120228139997", 200, End.FOUND, None),
    "found_tjrj_sigilo1_sem_movimentos": ("00000048520218199996", 200, End.FOUND, None),
    "not_found": ("00000012420248269999", 200, End.ABSENT, None),
    "partial_shards": ("00000012420248269999", 200, End.UNAVAILABLE, Why.PARTIAL),
    "malformed_total_without_hits": ("00000012420248269999", 200, End.UNAVAILABLE, Why.MALFORMED),
    "error_429": ("00000012420248269999", 429, End.UNAVAILABLE, Why.QUEUE),
    "error_401": ("00000012420248269999", 401, End.UNAVAILABLE, Why.KEY),
    "page_search_after": ("00000012420248269999", 200, End.UNAVAILABLE, Why.MALFORMED),  # of other processes
}
real = pytest.mark.skipif(FIXTURES is None, reason="no answers in the real format beside the repository")


def fixture(name: str) -> bytes:
    assert FIXTURES
    return (FIXTURES / f"{name}.json").read_bytes()


@real
@pytest.mark.parametrize("name", REAL)
def test_answers_in_the_real_format(name: str) -> None:
    number, status, end, why = REAL[name]
    found = understand(status, fixture(name), number)
    assert (found.end, found.why) == (end, why)


@real
def test_none_of_them_is_forgotten() -> None:
    assert FIXTURES
    assert {path.stem for path in FIXTURES.glob("*.json")} - {
        "request_by_number",
        "request_search_after",
    } == REAL.keys()


@real
def test_the_irregular_one_is_read_whole() -> None:
    (found,) = understand(200, fixture("found_tjmg_irregular"), "00000033120228139997").records
    assert found.subjects == ("Indenização por Dano Material",)
    assert [(one.code, one.at and one.at.isoformat()) for one in found.movements] == [
        (581, None), (26, "2022-05-10T12:30:00+00:00"), (51, "2022-05-11T12:59:59+00:00"),
        (60, "2022-05-11T23:59:59+00:00"), (11010, "2022-05-12T09:30:00+00:00"),
    ]  # fmt: skip


@real
def test_two_grades_and_a_secret_one() -> None:
    two = understand(200, fixture("found_tjsp_two_grades"), "00000012420248269999").records
    assert [record.grade for record in two] == ["G1", "G2"]
    (secret,) = understand(200, fixture("found_tjrj_sigilo1_sem_movimentos"), "00000048520218199996").records
    assert (secret.secrecy, secret.movements) == (1, ())
    assert secret.filed_at
    assert secret.filed_at.astimezone(BRASILIA).isoformat()[:10] == "2021-01-10"
