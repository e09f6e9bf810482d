"""Whoever checks a citation asks by what was cited."""

from datetime import date

import pytest
from pytest_django import DjangoAssertNumQueries

from jurisprudence.precedents import known
from jurisprudence.precedents.known import Group, Key
from jurisprudence.precedents.tests.making import make_precedent

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def test_what_is_known_is_found_by_its_key_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    first = make_precedent(number=9001, text="O prazo é em dobro.", status="cancelada", note="Cancelada em 2025.")
    make_precedent("sumula_vinculante", "STF", 9001, text="Outra.")
    make_precedent("orientacao", "TST", 9001, series="SDI-1", text="Orientação.")
    keys = [
        Key("sumula", "STJ", "", 9001),
        Key("sumula_vinculante", "STF", "", 9001),
        Key("orientacao", "TST", "SDI-1", 9001),
        Key("orientacao", "TST", "SDI-2", 9001),
        Key("sumula", "STJ", "", 9002),
    ]
    with django_assert_num_queries(1):
        found = known.entries(keys)
    assert set(found) == set(keys[:3])
    entry = found[keys[0]]
    assert (entry.text, entry.status, entry.note, entry.source) == (
        "O prazo é em dobro.", "cancelada", "Cancelada em 2025.", "teste"
    )  # fmt: skip
    assert entry.as_of == date(2026, 8, 1)
    assert entry.id == first.pk
    assert entry.key == keys[0]


def test_nothing_asked_is_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert known.entries([]) == {}
        assert known.highest([]) == {}


@pytest.mark.parametrize("written", ["REsp", "RESP", "AgInt no REsp", "EDcl no AgRg no REsp", "Recurso Especial"])
def test_a_decision_is_found_by_its_class_however_it_is_written(written: str) -> None:
    make_precedent("decisao", number=91234567, text="A do recurso especial.")
    make_precedent("decisao", number=91234567, series="ARESP", text="A do agravo.")
    key = Key("decisao", "stj", written, 91234567)
    assert known.entries([key])[key].text == "A do recurso especial."


def test_of_several_decisions_of_a_case_the_newest_is_given() -> None:
    key = Key("decisao", "STJ", "REsp", 91234567)
    make_precedent("decisao", number=key.number, reference="b", decided_on=date(2024, 3, 1), text="A segunda.")
    make_precedent("decisao", number=key.number, reference="a", decided_on=date(2023, 3, 1), text="A primeira.")
    make_precedent("decisao", number=key.number, reference="c", text="Sem data.")
    assert known.entries([key])[key].text == "A segunda."


def test_numbers_that_no_table_could_hold_are_not_found() -> None:
    make_precedent("decisao", number=0, case_number="50012343220264036100", text="De outro processo.")
    make_precedent(number=9001)
    impossible = (10**30, -1, 0)
    keys = [
        Key(kind, "STJ", "REsp" if kind == "decisao" else "", number)
        for kind in ("decisao", "sumula")
        for number in impossible
    ]
    assert known.entries(keys) == {}


def test_the_highest_number_is_that_of_its_own_series_and_the_day_that_of_the_newest_row() -> None:
    make_precedent(number=9001, as_of=date(2026, 9, 1))
    make_precedent(number=9007, as_of=date(2026, 8, 1))
    make_precedent("orientacao", "TST", 9418, series="SDI-1")
    make_precedent("orientacao", "TST", 9158, series="SDI-2")
    make_precedent("sumula", "TST", 9463)
    groups = [Group("sumula", "STJ"), Group("orientacao", "TST", "SDI-2"), ("sumula", "TRF1", "")]
    assert known.highest(groups) == {
        groups[0]: (9007, date(2026, 9, 1)),
        groups[1]: (9158, date(2026, 8, 1)),
    }


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("AgRg nos EDcl no AREsp", "ARESP"), ("Agravo em Recurso Especial", "ARESP"), ("RHC", "RHC"), ("HC", "HC"),
        ("Recurso em Habeas Corpus", "RHC"), ("RMS", "RMS"), ("ProAfR no REsp", "RESP"), ("EREsp", "RESP"),
        ("Embargos de Divergência em Recurso Especial", "RESP"), ("RE", "RE"), ("ARE", "ARE"), ("ADI", "ADI"),
        ("", ""), ("  resp  ", "RESP"), ("IDC", "IDC"),
    ],
)  # fmt: skip
def test_a_class_is_that_of_the_case_within_which_was_appealed(written: str, expected: str) -> None:
    assert known.class_of(written) == expected
