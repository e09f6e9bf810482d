"""What is found, in which order, and for how long it is kept."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jurisprudence.models import Precedent
from jurisprudence.precedents import search as module
from jurisprudence.precedents.search import Filters, Page, find, search
from jurisprudence.precedents.tests.making import make_precedent

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
NOTHING = Filters()


@pytest.fixture(autouse=True, params=["at once", "a wrong guess", "by year"])
def _way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever PostgreSQL expects, the same is found."""
    if request.param != "at once":
        monkeypatch.setattr(module, "AT_ONCE", 0)
        monkeypatch.setattr(module, "_are_few", lambda *_: request.param == "a wrong guess")


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


def numbers(page: Page) -> list[str]:
    return [hit.name for hit in page.hits]


def decision(number: int, text: str, year: int = 2024, **values: object) -> Precedent:
    return make_precedent("decisao", number=number, text=text, case_class="REsp", year=year, **values)


def test_rules_come_before_decisions() -> None:
    decision(9100001, "Penhora de bem de família. Penhora. Penhora.")
    make_precedent(number=9001, text="É impenhorável o bem de família; a penhora é nula.")
    assert numbers(find("penhora", NOTHING, 10)) == ["Súmula 9.001 do STJ", "REsp 9.100.001 (STJ)"]


@pytest.mark.parametrize("typed", ["ação de usucapião", "ACAO usucapiao", '"ação de usucapião"', "ações -penhora"])
def test_words_without_accents_phrases_and_exclusions(typed: str) -> None:
    decision(9100001, "Ação de usucapião especial.")
    decision(9100002, "Ações e penhora; usucapião.")
    found = numbers(find(typed, NOTHING, 10))
    assert "REsp 9.100.001 (STJ)" in found
    if '"' in typed or "-" in typed:
        assert found == ["REsp 9.100.001 (STJ)"]


def test_the_judge_is_found_too() -> None:
    decision(9100001, "Prazo.", judge="NANCI EXEMPLO")
    assert numbers(find("nanci prazo", NOTHING, 10)) == ["REsp 9.100.001 (STJ)"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("súmula 9001 stj", "Súmula 9.001 do STJ"), ("tema 9001", "Tema 9.001 do STF"),
        ("REsp 9.100.001", "REsp 9.100.001 (STJ)"), ("9.100.001", "REsp 9.100.001 (STJ)"),
        ("5001234-32.2026.4.03.6100", "Apelação 5001234-32.2026.4.03.6100 (TRF3)"),
    ],
)  # fmt: skip
def test_what_is_asked_for_by_its_number_comes_first_and_once(typed: str, first: str) -> None:
    make_precedent(number=9001, text="Não cabe.")
    make_precedent(number=9002, text="Súmula 9001 do STJ: revista. Ver o tema 9001 e o REsp 9.100.001.")
    make_precedent("tema", "STF", 9001, text="Tese.")
    decision(9100001, "Aplica-se a Súmula 9001/STJ.")
    make_precedent("decisao", "TRF3", 0, reference="a", series="", case_class="Apelação",
                   case_number="50012343220264036100", text="Processo 5001234-32.2026.4.03.6100.")  # fmt: skip
    found = numbers(find(typed, NOTHING, 10))
    assert found[0] == first
    assert len(set(found)) == len(found)


def test_filters() -> None:
    make_precedent(number=9001, text="Prazo.", year=1990)
    make_precedent(number=9002, text="Prazo.", status="cancelada", year=2000)
    make_precedent("sumula", "TST", 9003, text="Prazo.", year=2010)
    decision(9100001, "Prazo.", 2020)
    decision(9100002, "Prazo.", 2022, court="TRF3")
    cases = [
        (Filters(kind="sumula"), {9001, 9002, 9003}), (Filters(kind="decisao"), {9100001, 9100002}),
        (Filters(court="TST"), {9003}), (Filters(court="TRF3"), {9100002}), (Filters(status="cancelada"), {9002}),
        (Filters(since=2000), {9002, 9003, 9100001, 9100002}), (Filters(until=2000), {9001, 9002}),
        (Filters(since=2005, until=2020), {9003, 9100001}),
        (Filters(kind="decisao", since=2022), {9100002}), (Filters(kind="tema"), set()),
    ]  # fmt: skip
    for filters, expected in cases:
        found = {int(hit.name.split()[1].replace(".", "")) for hit in find("prazo", filters, 10).hits}
        assert found == expected, filters


@pytest.mark.parametrize("typed", ["prazo", ""])
def test_pages_follow_one_another_without_gap_or_repetition(typed: str) -> None:
    for number in range(9001, 9013):
        make_precedent(number=number, text="Prazo. " * (number % 3 + 1))
        if typed:
            decision(9100000 + number, "Prazo. " * (number % 4 + 1), 2000 + number % 7)
    seen: list[str] = []
    after = ""
    for _ in range(20):
        page = find(typed, Filters(after=after), 5)
        seen += numbers(page)
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == (24 if typed else 12)


@pytest.mark.parametrize(
    "after",
    [
        "x",
        "1~y",
        "[1,2]",
        '["a","b","c","d"]',
        "nan~nan",
        '["a\\u0000","b","c",1]',
        "[]",
        '["\\ud800","b","c",1]',
        "[" * 3_000,
    ],
)
def test_a_cursor_of_ones_own_making_is_the_first_page(after: str) -> None:
    make_precedent(number=9001, text="Prazo.")
    for typed in ("prazo", ""):
        assert len(find(typed, Filters(after=after), 5).hits) <= 1


def test_decisions_without_a_date_are_found_last_and_in_no_range_of_years() -> None:
    decision(9100001, "Prazo.", 0)
    assert len(find("prazo", NOTHING, 5).hits) == 1
    assert find("prazo", Filters(since=1950), 5).hits == []


def test_of_very_many_the_newest_are_looked_at_and_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CANDIDATES", 3)
    for number in range(9100001, 9100007):
        decision(number, "Prazo.", 2000 + number % 10)
    page = find("prazo", NOTHING, 10)
    assert sorted(numbers(page)) == [f"REsp 9.100.00{n} (STJ)" for n in (4, 5, 6)]
    assert "entre as 3 mais recentes" in page.note


def test_snippets_are_marked_and_nothing_of_the_text_is_html() -> None:
    make_precedent(
        number=9001, title="<b>PRAZO</b>", text="Se 1 < 2, conta-se o <script>alert(1)</script> prazo & a ação."
    )
    snippet = find("prazo", NOTHING, 5).hits[0].snippet
    assert "<mark>prazo</mark>" in snippet
    assert "<script>" not in snippet
    assert "1 &lt; 2" in snippet
    assert "&amp;" in snippet


def test_only_exclusions_and_only_small_words() -> None:
    assert find("-prazo", NOTHING, 5).only_without
    assert find("de a o", NOTHING, 5).too_common


def test_the_queries_of_a_page_do_not_grow_with_it() -> None:
    taken = []
    for count in (10, 20):
        for number in range(9001, 9001 + count):
            Precedent.objects.filter(number=number).delete()
            make_precedent(number=number, text="Prazo.")
        with CaptureQueriesContext(
            connection,
        ) as queries:
            find("prazo", NOTHING, count)
        taken.append(len(queries))
    assert taken[0] == taken[1]
    bodies = [q["sql"] for q in queries if '"precedents"."text"' in q["sql"]]
    assert bodies == []


# Kept --------------------------------------------------------------------------------------------


def test_a_page_is_kept_for_everybody_and_asked_for_with_one_query() -> None:
    make_precedent(number=9001, text="Prazo.")
    first = search("prazo", NOTHING, 5)
    with CaptureQueriesContext(connection) as queries:
        assert search(" prazo ", NOTHING, 5) == first
    assert len(queries) == 1
    assert "precedent_imports" in queries[0]["sql"]
    assert first.hits[0].read_on == date(2026, 8, 1)


def test_each_question_filter_and_page_has_a_key_of_its_own() -> None:
    for number in range(9001, 9008):
        make_precedent(number=number, text="Prazo.")
    asked = [("prazo", NOTHING, 5), ("prazos", NOTHING, 5), ("prazo", Filters(court="TST"), 5), ("prazo", NOTHING, 6)]
    first = search(*asked[0])
    asked.append(("prazo", Filters(after=first.after), 5))
    for one in asked:
        assert search(*one) == find(*one)
        assert search(*one) == find(*one)
    assert len(cache.keys("precedents:*")) == 5
