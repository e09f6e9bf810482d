"""Records as the source writes them: dates in every form, codes in several places, fields that are not there."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from jurisprudence.datajud.records import Record, moment, number, read, text

NOON = datetime(2024, 3, 4, 15, 0, tzinfo=UTC)  # noon in Brasília
DATES: list[tuple[Any, datetime | None]] = [
    ("20240304120000", NOON),
    (20240304120000, NOON),
    ("20240304", datetime(2024, 3, 4, 3, tzinfo=UTC)),
    (1709564400000, NOON),
    ("1709564400000", NOON),
    ("2024-03-04T15:00:00.000Z", NOON),
    ("2024-03-04T15:00:00.000000000Z", NOON),
    ("2024-03-04T12:00:00-03:00", NOON),
    ("2024-03-04T12:00:00", NOON),
    ("2024-03-04T00:00:00.000Z", datetime(2024, 3, 4, 3, tzinfo=UTC)),  # a day without an hour, not the evening before
    ("2024-03-04", datetime(2024, 3, 4, 3, tzinfo=UTC)),
    ("20180115120000", datetime(2018, 1, 15, 14, tzinfo=UTC)),  # noon in summer time
    ("2018-01-15T00:00:00.000Z", datetime(2018, 1, 15, 2, tzinfo=UTC)),
    (None, None), ("", None), ("amanhã", None), ("20249999120000", None), ("0001-01-01T00:00:00Z", None),
    ("9999-12-31T00:00:00Z", None), (True, None), ([], None), ({"a": 1}, None), ("9" * 400, None), (10**30, None),
]  # fmt: skip


@pytest.mark.parametrize(("given", "expected"), DATES, ids=[str(given)[:30] for given, _ in DATES])
def test_dates_in_every_form_are_one_moment(given: Any, expected: datetime | None) -> None:
    assert moment(given) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [(7, 7), ("7", 7), (0, 0), (-1, None), (2**31, None), ("x", None), (True, None), (1.5, None), (None, None), ([], None)],
)  # fmt: skip
def test_codes_are_whole_numbers_or_nothing(given: Any, expected: int | None) -> None:
    assert number(given) == expected


def test_what_cannot_be_stored_is_left_out_of_a_text() -> None:
    assert text("Vara\x00 <b>Única</b>\u202e\ud800\n da\tComarca") == "Vara <b>Única</b> da Comarca"
    assert text("Exe\u00adcução\u200b de títu\u200dlo") == "Execução de título", "no word is cut in two"
    assert text("x" * 10_000, 300) == "x" * 300
    assert text({"nome": "Vara"}) == text(None) == text(True) == ""


def record(**source: Any) -> Record:
    found = read({"_id": "TJSP_1", "_source": source})
    assert found
    return found


def test_a_record_without_anything_is_a_record() -> None:
    empty = record()
    assert (empty.grade, empty.class_name, empty.unit, empty.filed_at, empty.secrecy) == ("", "", "", None, None)
    assert (empty.subjects, empty.movements) == ((), ())


@pytest.mark.parametrize("wrong", [None, 7, "x", [], [[]], {"a": {}}, True])
def test_fields_of_another_type_are_as_good_as_missing(wrong: Any) -> None:
    names = ("classe", "orgaoJulgador", "sistema", "assuntos", "movimentos", "grau", "dataAjuizamento", "nivelSigilo")
    assert record(**dict.fromkeys(names, wrong)).class_name == ""


def test_what_is_no_record_is_none() -> None:
    assert read({"_id": "x"}) is None
    assert read({"_id": "x", "_source": []}) is None


def test_subjects_are_found_in_lists_within_lists_and_each_once() -> None:
    found = record(assuntos=[[{"nome": "Dano"}], None, {"nome": "Dano"}, [[{"codigo": 7}]], "x"])
    assert found.subjects == ("Dano", "Assunto 7")


def test_a_list_nested_a_thousand_times_is_read_too() -> None:
    nested: Any = {"nome": "Fundo"}
    for _ in range(5_000):
        nested = [nested]
    assert record(assuntos=nested).subjects == ("Fundo",)


def test_movements_are_put_in_order_those_without_a_date_first() -> None:
    found = record(movimentos=[
        {"codigo": 2, "dataHora": "2024-03-05T10:00:00.000Z"}, {"codigo": 3, "dataHora": None},
        {"codigo": 1, "dataHora": "20240304120000"},
    ]).movements  # fmt: skip
    assert [one.code for one in found] == [3, 1, 2]


def test_the_code_may_stand_in_the_national_movement() -> None:
    (found,) = record(movimentos=[{"movimentoNacional": {"codigo": 26, "nome": "Distribuição"}}]).movements
    assert (found.code, found.name) == (26, "Distribuição")


def test_complements_are_named() -> None:
    given = {"codigo": 51, "complementosTabelados": [{"nome": "para despacho"}, {"nome": "b"}, None, 7]}
    assert record(movimentos=[given]).movements[0].detail == "b; para despacho"


def test_the_same_movement_has_the_same_key_in_any_order_and_form_of_its_date() -> None:
    one = {"codigo": 51, "nome": "Conclusão", "dataHora": "2024-03-04T15:00:00.000Z"}
    other = {"codigo": 60, "dataHora": "2024-03-04T16:00:00.000Z"}
    before = record(movimentos=[one, other]).movements
    after = record(movimentos=[other, one | {"dataHora": 1709564400000, "nome": "Conclusos"}]).movements
    assert [movement.key for movement in before] == [movement.key for movement in after]


def test_two_movements_that_look_alike_are_two() -> None:
    one = {"codigo": 581, "nome": "Juntada", "dataHora": "2024-03-04T15:00:00.000Z"}
    twice, thrice = (record(movimentos=[one] * count).movements for count in (2, 3))
    assert len({movement.key for movement in twice}) == 2
    assert {movement.key for movement in twice} < {movement.key for movement in thrice}


def test_a_movement_on_another_day_is_another_one() -> None:
    one = {"codigo": 51, "dataHora": "2024-03-04T15:00:00.000Z"}
    found = record(movimentos=[one, one | {"dataHora": "2024-03-05T15:00:00.000Z"}]).movements
    assert found[0].key != found[1].key


def test_hostile_text_stays_text() -> None:
    evil = "<script>alert(1)</script>"
    found = record(classe={"nome": evil}, movimentos=[{"nome": evil}], assuntos=[{"nome": evil}])
    assert found.class_name == found.movements[0].name == found.subjects[0] == evil
    json.dumps(found.subjects)
