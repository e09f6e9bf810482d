"""The pages of precedents, as who is signed in sees them."""

from datetime import date
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jurisprudence.models import PrecedentChange, PrecedentImport
from jurisprudence.precedents import views
from jurisprudence.precedents.tests.making import make_precedent
from romagent.base.search import TooSlow

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    cache.clear()


def html(client: Client, path: str, **asked: Any) -> str:
    response = client.get(path, asked)
    assert response.status_code == 200
    return response.content.decode()


def test_an_empty_table_says_so(as_owner: Client) -> None:
    assert "Ainda não há precedentes" in html(as_owner, "/jurisprudencia/")


def test_the_search_and_its_filters(as_owner: Client) -> None:
    make_precedent(number=9001, text="Penhora de bem de família.")
    make_precedent("sumula", "TST", 9002, text="Penhora em execução.", status="cancelada")
    PrecedentImport.objects.create(file_name="a", as_of=date(2026, 5, 1), state="done", finished_at=timezone.now())
    page = html(as_owner, "/jurisprudencia/", q="penhora")
    assert "Súmula 9.001 do STJ" in page
    assert "<mark>Penhora</mark> de bem" in page
    assert '<span class="standing bad">Cancelada</span>' in page
    assert '<span class="standing ok">Em vigor</span>' in page
    assert 'conferido em <time datetime="2026-08-01">01/08/2026</time>' in page
    assert "Última importação:" in page
    only = html(as_owner, "/jurisprudencia/", q="penhora", tribunal="TST", situacao="cancelada")
    assert "Súmula 9.002 do TST" in only
    assert "Súmula 9.001" not in only
    assert "Nada com “usucapião”" in html(as_owner, "/jurisprudencia/", q="usucapião")
    assert "Isso não quer dizer que não exista" in html(as_owner, "/jurisprudencia/", q="usucapião")


def test_another_court_can_be_asked_for_and_stays_chosen(as_owner: Client) -> None:
    make_precedent("decisao", "TRF3", 9100001, text="Penhora.")
    page = html(as_owner, "/jurisprudencia/", q="penhora", tribunal="trf3")
    assert "9.100.001" in page
    assert '<option value="TRF3" selected>TRF3</option>' in page
    assert '<option value="TRE-SP" selected>' in html(as_owner, "/jurisprudencia/", q="penhora", tribunal="tre-sp")


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"de": "ontem"}, "não foi usado: de (ano)"), ({"tipo": "boato"}, "não foi usado: tipo"),
        ({"tribunal": "<b>"}, "não foi usado: tribunal"), ({"q": "-penhora"}, "Diga também o que procurar"),
        ({"q": "de a o"}, "em quase todos os textos"), ({"q": "palavra " * 80}, "os primeiros 500 caracteres"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_said(as_owner: Client, asked: dict[str, str], said: str) -> None:
    make_precedent()
    assert said in html(as_owner, "/jurisprudencia/", **asked)


def test_the_next_page_keeps_question_and_filters(as_owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "PAGE", 3)
    for number in range(9001, 9006):
        make_precedent(number=number, text="Penhora.")
    page = html(as_owner, "/jurisprudencia/", q="penhora", tribunal="STJ")
    link = page.split('class="button quiet" href="')[1].split('"')[0].replace("&amp;", "&")
    assert link.startswith("?q=penhora&tribunal=STJ&depois=")
    rest = html(as_owner, f"/jurisprudencia/{link}")
    assert rest.count('class="title"') == 2
    assert "Mais resultados" not in rest


def test_a_search_that_takes_too_long_says_what_to_do(as_owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*args: Any) -> None:
        raise TooSlow

    monkeypatch.setattr(views, "search", slow)
    assert "demorou demais" in html(as_owner, "/jurisprudencia/", q="penhora")


def test_the_page_of_one(as_owner: Client) -> None:
    found = make_precedent(
        "decisao", number=9100001, case_class="AgInt no REsp", text="Primeiro.\n\nSegundo <b>.", title="A tese.",
        judge="NANCI EXEMPLO", body="TERCEIRA TURMA", decided_on=date(2024, 5, 10), url="https://exemplo.jus.br/1",
        note="Ver também.", details={"decisao": "Negou-se provimento.", "referencias": ["LEG:FED"], "outra": "não"},
    )  # fmt: skip
    page = html(as_owner, f"/jurisprudencia/{found.pk}/")
    for words in [
        "AgInt no REsp 9.100.001 (STJ)", "Tese: </span>A tese.", "Segundo &lt;b&gt;.", "NANCI EXEMPLO", "10/05/2024",
        "TERCEIRA TURMA", "https://exemplo.jus.br/1", "Ver também.", "<summary>Decisão</summary>", "Negou-se provimento.",
        "LEG:FED", f'name="precedente" value="{found.pk}"', "teste",
    ]:  # fmt: skip
        assert words in page
    assert "não</p>" not in page
    assert 'class="standing' not in page  # a decision is no rule that could be cancelled


def test_the_page_of_one_without_text_says_so(as_owner: Client) -> None:
    found = make_precedent("orientacao", "TST", 9001, series="TP/OE", title="PRECATÓRIO", text="")
    page = html(as_owner, f"/jurisprudencia/{found.pk}/")
    assert "OJ 9.001 do TP/OE do TST" in page
    assert "A fonte só traz o título" in page


def test_what_it_said_before_stays_on_its_page(as_owner: Client) -> None:
    found = make_precedent(status="cancelada")
    PrecedentChange.objects.create(
        precedent=found,
        old={"status": "em vigor", "text": "O texto antigo.", "decided_on": "2024-05-10", "published_on": None},
        source="lista antiga",
        as_of=date(2025, 3, 1),
    )
    page = html(as_owner, f"/jurisprudencia/{found.pk}/")
    assert '<p class="standing bad">Cancelada</p>' in page
    for words in [
        "O que dizia antes",
        "01/03/2025",
        "lista antiga",
        "O texto antigo.",
        "<dd>em vigor</dd>",
        "<dd>10/05/2024</dd>",
        "(vazio)",
    ]:
        assert words in page


def test_what_a_newer_list_no_longer_has_says_so(as_owner: Client) -> None:
    gone, there = make_precedent(number=9001), make_precedent(number=9002, as_of=date(2026, 9, 1))
    assert "Não está na lista" not in html(as_owner, f"/jurisprudencia/{gone.pk}/")  # a few newer ones are no list
    make_precedent(number=9003, as_of=date(2026, 9, 1))
    assert "Não está na lista mais recente" in html(as_owner, f"/jurisprudencia/{gone.pk}/")
    assert "Não está na lista mais recente" not in html(as_owner, f"/jurisprudencia/{there.pk}/")


def test_a_precedent_begins_a_question(as_owner: Client) -> None:
    found = make_precedent(number=9007, text='Não cabe "reexame" <b>.')
    page = html(as_owner, "/conversas/", precedente=str(found.pk))
    assert "Considere: Súmula 9.007 do STJ, em vigor (conferido em 01/08/2026)." in page
    assert "“Não cabe &quot;reexame&quot; &lt;b&gt;.”" in page
    assert "data-begun" in page
    titled = make_precedent("orientacao", "TST", 9008, series="TP/OE", title="PRECATÓRIO.", text="")
    assert "A fonte só traz o título: “PRECATÓRIO.”" in html(as_owner, "/conversas/", precedente=str(titled.pk))
    for other in ("", "x", "0192e1a0-0000-7000-8000-000000000000"):
        assert "Considere:" not in html(as_owner, "/conversas/", precedente=other)


def test_the_search_of_everything_leads_here(as_owner: Client) -> None:
    assert 'href="/jurisprudencia/?q=penhora%20online"' in html(as_owner, "/busca/", q="penhora online")


def test_the_queries_of_both_pages_are_few(as_owner: Client) -> None:
    found = [make_precedent(number=number, text="Penhora.") for number in range(9001, 9021)]
    html(as_owner, "/jurisprudencia/")
    taken = {}
    for path in ("/jurisprudencia/?q=penhora", "/jurisprudencia/?q=penhora&de=1900", f"/jurisprudencia/{found[0].pk}/"):
        with CaptureQueriesContext(connection) as queries:
            html(as_owner, path)
        taken[path] = len(queries)
    assert max(taken.values()) <= 24, taken
    with CaptureQueriesContext(connection) as queries:
        html(as_owner, "/jurisprudencia/?q=penhora")
    assert len(queries) < taken["/jurisprudencia/?q=penhora"]  # kept


def test_the_administration_looks_and_changes_nothing(as_staff: Client) -> None:
    found = make_precedent(number=9007)
    run = PrecedentImport.objects.create(
        file_name="sumulas.jsonl", as_of=date(2026, 5, 1), problems=[[3, "não é JSON"]]
    )
    listed = html(as_staff, "/admin/jurisprudence/precedent/", kind__exact="sumula", tribunal="STJ")
    assert "Súmula 9.007 do STJ" in listed
    assert f'href="/jurisprudencia/{found.pk}/"' in html(as_staff, f"/admin/jurisprudence/precedent/{found.pk}/change/")
    assert "sumulas.jsonl" in html(as_staff, "/admin/jurisprudence/precedentimport/")
    assert "não é JSON" in html(as_staff, f"/admin/jurisprudence/precedentimport/{run.pk}/change/")
