"""The count against what was worked by hand, and against the table of the courts' own examples."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from jurisprudence.deadlines.asking import from_json
from jurisprudence.deadlines.counting import count
from jurisprudence.deadlines.holidays_by_law import easter, federal, is_recess, national
from jurisprudence.deadlines.tests.worked import DAYS, NUMBERS, Worked


def test_there_are_enough_of_them() -> None:
    assert len({one.name for one in DAYS}) == len(DAYS)
    assert len(DAYS) + len(NUMBERS) >= 60


@pytest.mark.parametrize("example", DAYS, ids=[one.name for one in DAYS])
def test_what_was_worked_by_hand(example: Worked) -> None:
    days = example.counted
    counted = count(from_json(example.asked))
    between = [counted.start + timedelta(after) for after in range((counted.end - counted.start).days + 1)]
    passed = {one.date for one in counted.skipped}
    assert (counted.start, counted.end) == (days[0], days[-1])
    assert [day for day in between if day not in passed] == days
    assert counted.amount == len(days)
    assert (counted.publication.isoformat() if counted.publication else None) == example.publication


@pytest.mark.parametrize(("event", "day", "amount", "unit", "end", "why"), NUMBERS, ids=[row[5] for row in NUMBERS])
def test_months_and_years_go_from_number_to_number(
    event: str, day: str, amount: int, unit: str, end: str, why: str
) -> None:
    counted = count(from_json({"event": event, "date": day, "amount": amount, "unit": unit}))
    assert counted.end.isoformat() == end, why


def test_a_reason_for_every_day_that_was_passed_over() -> None:
    counted = count(
        from_json(
            {
                "event": "disponibilizacao", "date": "2026-02-13", "amount": 5, "calendar": "federal",
                "closed": ["2026-02-19"], "reduced": ["2026-02-18", "2026-02-26"],
            }
        )
    )  # fmt: skip
    # Published on Wed 18, which begins nothing; Thu 19 closed; Fri 20 is the day of the beginning, Mon 23 the first.
    reasons = {one.date.day: one.reason for one in counted.skipped}
    assert counted.publication == date(2026, 2, 18)
    assert counted.begins == date(2026, 2, 20)
    assert counted.start == date(2026, 2, 23)
    assert counted.end == date(2026, 2, 27)
    assert sorted(reasons) == [14, 15, 16, 17, 18, 19, 21, 22]
    assert reasons[14] == "sábado"
    assert reasons[16] == "Carnaval (Lei 5.010/1966, art. 62, III)"
    assert "reduzido" in reasons[18]
    assert "art. 224, § 1º" in reasons[18]
    assert reasons[19] == "dia sem expediente, informado por quem pergunta"


def test_the_recess_is_named_with_its_law() -> None:
    counted = count(from_json({"event": "disponibilizacao", "date": "2025-12-15", "amount": 5}))
    passed = {one.date: one.reason for one in counted.skipped}
    assert {passed[date(2025, 12, 20) + timedelta(after)] for after in range(32)} == {
        "recesso: prazos suspensos de 20/12 a 20/1 (CPC, art. 220)"
    }
    assert "CPC, art. 220; CPP, art. 798-A; CLT, art. 775-A" in counted.basis


@pytest.mark.parametrize(
    ("more", "law"),
    [
        ({}, "Lei 11.419/2006, art. 4º"),
        ({}, "CPC, art. 219"),
        ({"event": "publicacao"}, "art. 231, VII"),
        ({"event": "leitura_portal"}, "Lei 11.419/2006, art. 5º, §§ 1º e 2º"),
        ({"event": "envio_portal"}, "Lei 11.419/2006, art. 5º, § 3º"),
        ({"event": "citacao_domicilio"}, "Resolução CNJ 455/2022, com a 569/2024"),
        ({"event": "juntada"}, "art. 231, I, II e VI"),
        ({"party": "ministerio_publico"}, "CPC, art. 180"),
        ({"party": "fazenda_publica"}, "CPC, art. 183"),
        ({"party": "defensoria"}, "CPC, art. 186"),
        ({"party": "litisconsortes", "electronic": False}, "CPC, art. 229"),
        ({"party": "litisconsortes"}, "art. 229, § 2º (autos eletrônicos: sem dobra)"),
        ({"party": "defensoria", "own_term": True}, "prazo próprio: sem dobra"),
        ({"event": "intimacao", "unit": "corridos", "date": "2026-08-07"}, "Súmula 310 do STF"),
        ({"unit": "corridos"}, "CPP, art. 798"),
        ({"unit": "meses"}, "CC, art. 132, § 3º"),
        ({"reduced": ["2026-08-11"]}, "CPC, art. 224, § 1º"),
        ({"suspended": ["2026-08-06"]}, "CPC, art. 221"),
    ],
)
def test_the_law_that_decided_is_named(more: dict[str, object], law: str) -> None:
    asked = {"event": "disponibilizacao", "date": "2026-08-03", "amount": 5} | more
    assert any(law in one for one in count(from_json(asked)).basis)


def test_the_rule_of_the_friday_is_not_named_where_only_the_recess_has_put_the_start_off() -> None:
    asked = {"event": "intimacao", "date": "2026-12-22", "amount": 5, "unit": "corridos"}  # a Tuesday
    counted = count(from_json(asked))
    assert counted.start == date(2027, 1, 21)
    assert "Súmula 310 do STF" not in counted.basis


def test_a_term_in_months_is_never_doubled() -> None:
    asked = {"event": "ciencia", "date": "2026-03-10", "amount": 2, "unit": "meses", "party": "fazenda_publica"}
    counted = count(from_json(asked))
    assert (counted.amount, counted.end) == (2, date(2026, 5, 11))  # 10 May is a Sunday
    assert "prazo em meses ou anos: sem dobra" in counted.basis


# The days that the law closes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("year", "month", "day"),
    # As published in almanacs; 1818 and 2285 are the earliest Easters, 1943 and 2038 the latest.
    [(1818, 3, 22), (1943, 4, 25), (1954, 4, 18), (1981, 4, 19), (2000, 4, 23), (2008, 3, 23), (2011, 4, 24),
     (2016, 3, 27), (2019, 4, 21), (2023, 4, 9), (2024, 3, 31), (2025, 4, 20), (2026, 4, 5), (2027, 3, 28),
     (2028, 4, 16), (2030, 4, 21), (2038, 4, 25), (2049, 4, 18), (2076, 4, 19), (2285, 3, 22)],
)  # fmt: skip
def test_easter(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


def test_what_national_law_closes() -> None:
    assert sorted(day.strftime("%d/%m") for day in national(2026)) == sorted(
        ["01/01", "03/04", "21/04", "01/05", "07/09", "12/10", "02/11", "15/11", "20/11", "08/12", "25/12"]
    )
    assert date(2023, 11, 20) not in national(2023)
    assert all(one.source for one in [*national(2026).values(), *federal(2026).values()])


def test_what_lei_5010_closes_besides() -> None:
    days = [day.strftime("%d/%m") for day in federal(2026) if day.month not in (1, 12)]
    assert days == ["16/02", "17/02", "01/04", "02/04", "04/04", "05/04", "11/08", "01/11"]
    assert sum(day.month == 12 for day in federal(2026)) == 11  # 20 to 31 without Christmas
    assert sum(day.month == 1 for day in federal(2026)) == 5  # 2 to 6


def test_the_recess_begins_and_ends_with_its_days() -> None:
    edges = [(2025, 12, 19), (2025, 12, 20), (2026, 1, 20), (2026, 1, 21)]
    assert [is_recess(date(*edge)) for edge in edges] == [False, True, True, False]
