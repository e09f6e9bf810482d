"""What the tables of precedents and the courts are asked, and how often."""

from collections.abc import Iterator

import pytest
from pytest_django import DjangoAssertNumQueries

from jurisprudence.citations import looking_up
from jurisprudence.citations.finding import find
from jurisprudence.citations.judging import judge
from jurisprudence.citations.looking_up import CaseAnswer, Looked, look_up, offer_courts, with_courts
from jurisprudence.precedents.tests.making import make_precedent

CASE = "0010123-73.2024.5.18.0007"


@pytest.fixture
def _no_courts() -> Iterator[None]:
    before = looking_up._courts[:]
    looking_up._courts.clear()
    yield
    looking_up._courts[:] = before


@pytest.mark.django_db
def test_what_an_import_has_brought_is_found_and_what_it_has_not_is_not() -> None:
    make_precedent(number=9001, text="O prazo é contado em dobro.", status="cancelada")
    make_precedent("orientacao", "TST", 9001, series="SDI-1", text="Orientação.")
    make_precedent("decisao", "STJ", 9_123_456, series="HC", text="Ementa.")
    citations = find(
        "Diz a Súmula 9001 do STJ: “o prazo é contado em triplo sempre”. Ver OJ 9001 da SBDI-1, HC 9.123.456/SP e Súmula 9002 do STJ."
    )
    verdicts = {one.citation.normalized: one for one in judge(citations, look_up(citations))}
    assert {name: str(one.verdict) for name, one in verdicts.items()} == {
        "Súmula 9.001 do STJ": "divergente",
        "OJ 9.001 da SDI-1 do TST": "confirmado",
        "HC 9.123.456/SP": "formato_invalido",
        "Súmula 9.002 do STJ": "nao_localizado",
    }
    assert verdicts["Súmula 9.001 do STJ"].stored == "O prazo é contado em dobro."
    assert verdicts["OJ 9.001 da SDI-1 do TST"].source == "teste"


@pytest.mark.django_db
@pytest.mark.parametrize("many", [10, 200])
def test_however_many_are_cited_two_queries_find_them(
    many: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    citations = find(
        "; ".join(f"Súmula {number} do STJ, Tema {number}/STF, REsp 1.{number:03}.000/SP" for number in range(1, many))
    )
    assert len(citations) == 3 * (many - 1)
    with django_assert_num_queries(2):
        look_up(citations)


@pytest.mark.django_db
def test_where_there_is_nothing_to_look_up_nothing_is_asked(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        look_up(find(f"art. 5º da CF, Súmula 7, {CASE}"))


@pytest.mark.usefixtures("_no_courts")
def test_courts_are_asked_about_numbers_that_check_each_once() -> None:
    asked: list[list[str]] = []

    def ask(numbers: list[str]) -> dict[str, CaseAnswer]:
        asked.append(numbers)
        return {numbers[0]: CaseAnswer("nao_localizado", "Não está no índice do tribunal.", "DataJud")}

    offer_courts(ask)
    citations = find(f"Autos {CASE}, de novo {CASE}, e 1234567-30.2025.8.09.0051, que não confere.")
    verdicts = [str(one.verdict) for one in judge(citations, with_courts(Looked(), citations))]
    assert asked == [["00101237320245180007"]]
    assert verdicts == ["nao_localizado", "nao_localizado", "formato_invalido"]


@pytest.mark.usefixtures("_no_courts")
def test_without_anybody_to_ask_nothing_is_claimed_about_a_case() -> None:
    citations = find(f"Autos {CASE}")
    (one,) = judge(citations, with_courts(Looked(asked=True), citations))
    assert (one.verdict, one.source) == ("plausivel", "")
    assert "nenhum tribunal foi consultado" in one.reason
