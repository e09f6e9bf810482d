"""What the sources' records become."""

from datetime import date
from typing import Any

import pytest

from jurisprudence.precedents.records import Refused, row_of
from jurisprudence.precedents.tests.files import espelho, orientation, sumula

OWN = {"court": "STF", "number": 9999, "text": "Conta.", "source": "x"}  # a line of ours, but for its kind


def test_a_sumula() -> None:
    row = row_of(sumula(9001, approved="1963-12-13", note="Ver a 9002.", status="superada"))
    assert row.key == ("STJ", "sumula", "", 9001, "")
    assert (row.decided_on, row.year, row.status, row.note) == (date(1963, 12, 13), 1963, "superada", "Ver a 9002.")
    assert (row.source, row.text) == ("lista do teste", "O prazo de número 9001 é contado em dobro.")


def test_a_binding_one_is_of_another_kind() -> None:
    assert row_of(sumula(9001, court="STF", binding=True)).key == ("STF", "sumula_vinculante", "", 9001, "")


@pytest.mark.parametrize(
    ("series", "kind", "known"),
    [
        ("OJ-SDI1", "orientacao", "SDI-1"), ("OJ-SDI1T", "orientacao", "SDI-1T"), ("OJ-SDI2", "orientacao", "SDI-2"),
        ("OJ-SDC", "orientacao", "SDC"), ("OJ-TP/OE", "orientacao", "TP/OE"), ("SDI-1", "orientacao", "SDI-1"),
        ("PN", "precedente_normativo", ""),
    ],
)  # fmt: skip
def test_the_series_of_the_labour_court(series: str, kind: str, known: str) -> None:
    row = row_of(orientation(9001, series, cancelled=True))
    assert row.key == ("TST", kind, known, 9001, "")
    assert (row.status, row.title, row.text) == ("cancelada", "PRAZO", "")


def test_an_espelho() -> None:
    row = row_of(espelho(7, teseJuridica="Conta-se em dobro.", notas="Ver também."))
    assert row.key == ("STJ", "decisao", "RESP", 9000007, "000000007")
    assert (row.case_class, row.judge, row.body) == ("AgInt no REsp", "RELATORA DO TESTE", "TERCEIRA TURMA")
    assert (row.decided_on, row.published_on, row.year) == (date(2024, 5, 10), date(2024, 5, 20), 2024)
    assert (row.title, row.text) == ("Conta-se em dobro.", "PROCESSO CIVIL. AÇÃO NÚMERO 7. PRAZO.")
    assert row.status == ""
    assert '"referencias": ["LEG:FED LEI:013105' in row.details
    assert "jurisprudenciaCitada" not in row.details  # nothing is kept of what is empty
    assert row.url.endswith("202400000007")


def test_a_line_of_ours_can_be_a_tema() -> None:
    record = {"kind": "tema", "court": "stf", "number": "9.999", "title": "Se conta.", "text": "Conta.", "source": "x"}
    row = row_of(record | {"status": "Pendente  de julgamento", "decided_on": "3 de março de 2021"})
    assert row.key == ("STF", "tema", "", 9999, "")
    assert (row.status, row.decided_on) == ("pendente de julgamento", date(2021, 3, 3))


def test_lines_of_ours_are_kept_as_the_same_of_other_formats_are() -> None:
    assert row_of(OWN | {"kind": "orientacao", "court": "TST", "series": "OJ-SDI1"}).series == "SDI-1"
    decision = OWN | {"kind": "decisao", "number": None, "case_number": "5001234-32.2026.4.03.6100"}
    assert row_of(decision | {"reference": "a"}).case_number == "50012343220264036100"
    assert row_of(decision | {"case_number": "AC 1.234/76", "reference": "a"}).case_number == "AC 1.234/76"


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("20240510", date(2024, 5, 10)), ("2024-05-10", date(2024, 5, 10)), ("10/05/2024", date(2024, 5, 10)),
        ("DJEN DATA:01/09/2026", date(2026, 9, 1)), ("2024-05-10T00:00:00Z", date(2024, 5, 10)),
        ("1º de setembro de 2026", date(2026, 9, 1)), ("", None), (None, None),
    ],
)  # fmt: skip
def test_dates_as_the_courts_write_them(said: Any, day: date | None) -> None:
    assert row_of(espelho(1, dataDecisao=said)).decided_on == day


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"a": 1}, "não é um registro"), (["x"], "não é um registro"), (None, "não é um registro"),
        (sumula(0), "o número"), (sumula(True), "o número"), (sumula("sete"), "o número"),  # type: ignore[arg-type]
        (sumula(1, court="O tribunal"), "não é uma sigla"), (sumula(1, status="talvez"), "situação “talvez”"),
        (sumula(1, text=""), "não há texto"), (sumula(1, source=""), "a fonte falta"),
        (sumula(1, approved="2024-13-45"), "a data"), (sumula(1, approved="0001-01-01"), "a data"),
        (sumula(1, binding="não"), "nem falso"), (sumula(1, text={"a": 1}), "não é um texto"),
        (sumula(1, text="\ud800"), "não são texto"), (sumula(1, url="javascript:alert(1)"), "não é da web"),
        (orientation(1, "OJ-X"), "a série “OJ-X”"), (espelho(1, ementa=" "), "não tem ementa"),
        (espelho(1, id="x" * 101), "mais de 100"), (espelho(1, dataPublicacao="ontem"), "a data “ontem”"),
        ({"kind": "boato", "court": "STJ"}, "o tipo “boato”"),
        (sumula(1, binding=True), "só o STF tem súmulas vinculantes"),
        (sumula(1, cancelled=True), "foi cancelada e que está “em vigor”"),
        (espelho(1, dataDecisao="20990510"), "a data “20990510”"),
        (OWN | {"kind": "tema", "series": "x" * 60}, "só orientações têm série"),
        (OWN | {"kind": "orientacao", "series": "SDI-9"}, "a série “SDI-9”"),
        ({"kind": "decisao", "court": "TJSP", "text": "x", "source": "y"}, "de que processo"),
    ],
)  # fmt: skip
def test_what_is_no_precedent_is_refused_with_its_reason(record: Any, why: str) -> None:
    with pytest.raises(Refused, match=why):
        row_of(record)


def test_what_postgresql_does_not_take_is_left_out() -> None:
    assert row_of(sumula(1, text="a\x00b")).text == "ab"


def test_the_hash_is_of_what_is_said_and_not_of_where_it_was_read() -> None:
    one, elsewhere, changed = row_of(sumula(1)), row_of(sumula(1), "outra fonte"), row_of(sumula(1, note="Nova."))
    assert one.content_hash == elsewhere.content_hash != changed.content_hash
    assert elsewhere.source == "outra fonte"
