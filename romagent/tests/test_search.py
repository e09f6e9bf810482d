"""The search page: what is found, by whom, how it is shown, and what it costs."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conftest import signed_in
from conversations.tests.making import make_conversation, make_exchange
from projects.models import Project, ProjectMember
from romagent import search as everywhere
from romagent.base import search as base
from romagent.base.search import Asked, understand
from uploads.models import Upload
from uploads.tests.test_find_pages import make_file

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]

NUMBER = "0001234-56.2024.8.26.0100"
WAYS = [
    NUMBER, "00012345620248260100", "0001234 56 2024 8 26 0100", "0001234 - 56 . 2024 . 8 . 26 . 0100",
    "0001234.56.2024.8.26.0100", "0001234–56.2024.8.26.0100", "1234-56.2024.8.26.0100", "0001234-56.2024.826.0100",
]  # fmt: skip


def found(client: Client, q: str, **filters: object) -> str:
    response = client.get("/busca/", {"q": q, **filters})
    assert response.status_code == 200
    return response.content.decode()


def titles(client: Client, q: str, **filters: object) -> list[str]:
    return re.findall(r"data-hit>(.*?)</a>", found(client, q, **filters))


# What is found -----------------------------------------------------------------------------------


@pytest.fixture
def case(owner: User) -> Project:
    project = Project.objects.create(
        user=owner, name="Prado contra Horizonte", client="Cecília Prado", opposing_party="Construtora Horizonte",
        case_number=NUMBER, court="3ª Vara Cível", description="Atraso na entrega do imóvel",
    )  # fmt: skip
    make_file(owner, "Capa", "O laudo aponta infiltração no apartamento.", name="laudo_pericial.pdf", project=project)
    make_exchange(
        make_conversation(owner, "Danos", project=project), "Cabe indenização?", "A infiltração é vício oculto."
    )
    return project


def test_one_word_is_looked_for_everywhere(case: Project, as_owner: Client) -> None:
    html = found(as_owner, "infiltracao")
    assert titles(as_owner, "infiltracao") == ["Danos", "laudo_pericial.pdf"]
    assert html.count("<mark>infiltração</mark>") == 2
    assert "página 2" in html
    assert titles(as_owner, "infiltração", tipo="arquivos") == ["laudo_pericial.pdf"]
    assert titles(as_owner, "infiltração", tipo="conversas") == ["Danos"]
    assert titles(as_owner, "infiltração", tipo="projetos") == []


@pytest.mark.parametrize(
    "q", ["prado", "cecilia", "Horizonte construtora", "vara civel", "imóveis", '"entrega do imóvel"', "hori", "Cecí"]
)
def test_a_project_is_found_by_all_that_is_said_of_it(case: Project, as_owner: Client, q: str) -> None:
    assert titles(as_owner, q, tipo="projetos") == ["Prado contra Horizonte"]


@pytest.mark.parametrize(
    "q", ["laudo", "pericial", "laudo_pericial", "laudo_pericial.pdf", "laudo peri", "pericial -capa"]
)
def test_a_file_is_found_by_its_name(case: Project, as_owner: Client, q: str) -> None:
    assert f'href="/arquivos/{Upload.objects.get().pk}/"' in found(as_owner, q, tipo="arquivos")


def test_a_page_opens_where_the_words_are(case: Project, as_owner: Client) -> None:
    html = found(as_owner, '"infiltração no apartamento"')
    path = f"/arquivos/{Upload.objects.get().pk}/paginas/2/?trecho=infiltra%C3%A7%C3%A3o+no+apartamento"
    assert f'href="{path}"' in html


@pytest.mark.parametrize("asked", WAYS)
@pytest.mark.parametrize("written", WAYS)
def test_a_case_number_is_found_in_whatever_way_it_is_written(owner: User, written: str, asked: str) -> None:
    client = signed_in(owner)
    make_file(owner, f"Autos nº {written}, fls. 2.", name="um.pdf")
    make_file(owner, "Autos nº 0001234-56.2024.8.26.0101", name="outro.pdf")
    assert titles(client, asked) == titles(client, f"autos {asked}") == titles(client, f'"{asked}"') == ["um.pdf"]
    assert titles(client, f"autos -{asked}") == ["outro.pdf"]


def test_a_case_number_is_marked_as_a_whole_and_its_pieces_elsewhere_are_not(owner: User, as_owner: Client) -> None:
    make_file(owner, f"Autos {NUMBER}, página 8 de 26, em 2024.", name="um.pdf")
    make_file(owner, "Autos 0001234 56 2024 8 26 0100", name="outro.pdf")
    html = found(as_owner, NUMBER)
    assert re.findall("<mark>(.*?)</mark>", html) == [NUMBER, "0001234 56 2024 8 26 0100"]
    assert titles(as_owner, NUMBER) == ["um.pdf", "outro.pdf"]


@pytest.mark.parametrize("asked", ["0001234-56", "0001234-56.2024", "0001234-56.2024.8.", "0001234-56.2024.8.26.01"])
def test_a_case_number_is_found_while_it_is_being_typed(case: Project, as_owner: Client, asked: str) -> None:
    assert titles(as_owner, asked) == ["Prado contra Horizonte"]


def test_words_phrases_exclusions_and_alternatives(owner: User, as_owner: Client) -> None:
    make_file(owner, "A ação de despejo por falta de pagamento.", name="despejo.pdf")
    make_file(owner, "Ações possessórias: a reintegração de posse.", name="posse.pdf")
    for q, expected in {
        "ações": ["despejo.pdf", "posse.pdf"],
        "acao": ["despejo.pdf", "posse.pdf"],
        '"falta de pagamento"': ["despejo.pdf"],
        "“reintegração de posse”": ["posse.pdf"],
        '"posse de reintegração"': [],
        "ação -despejo": ["posse.pdf"],
        "reintegração OU pagamento": ["despejo.pdf", "posse.pdf"],
        "reintegração or pagamento": ["despejo.pdf", "posse.pdf"],
    }.items():
        assert sorted(titles(as_owner, q)) == expected, q


# By whom -----------------------------------------------------------------------------------------


def test_members_find_the_projects_things_and_nobody_else(case: Project, stranger: User) -> None:
    client = signed_in(stranger)
    member = ProjectMember.objects.create(project=case, user=stranger, role="viewer")
    for q in ("infiltração", "horizonte", "laudo", NUMBER):
        assert titles(client, q), q
    member.delete()
    for q in ("infiltração", "horizonte", "laudo", NUMBER):
        assert titles(client, q) == [], q
        assert "0001234-56" not in found(client, q).replace(q, "")


def test_a_filter_opens_no_door(case: Project, as_stranger: Client) -> None:
    upload = Upload.objects.get()
    for filters in ({"projeto": case.pk}, {"arquivo": upload.pk}, {"projeto": case.pk, "tipo": "arquivos"}):
        html = found(as_stranger, "infiltração", **filters)
        assert "data-hit" not in html
        assert "laudo_pericial" not in html
        assert "Prado contra" not in html


def test_what_is_deleted_is_not_found(case: Project, as_owner: Client) -> None:
    Upload.objects.update(deleted_at=timezone.now())
    assert titles(as_owner, "infiltração") == ["Danos"]
    assert titles(as_owner, "laudo") == []
    Project.objects.update(deleted_at=timezone.now())
    assert titles(as_owner, "horizonte infiltração") == titles(as_owner, "infiltração") == []


def test_a_file_that_leaves_a_project_is_its_owners_again(case: Project, as_owner: Client, stranger: User) -> None:
    ProjectMember.objects.create(project=case, user=stranger, role="editor")
    Upload.objects.update(project=None)
    assert titles(as_owner, "infiltração", tipo="arquivos") == ["laudo_pericial.pdf"]
    assert titles(signed_in(stranger), "infiltração", tipo="arquivos") == []


# Filters and pages -------------------------------------------------------------------------------


def test_one_project_one_file_and_a_period(case: Project, owner: User, as_owner: Client) -> None:
    other = make_file(owner, "Outra infiltração", name="outro.pdf")
    assert len(titles(as_owner, "infiltração", tipo="arquivos")) == 2
    assert titles(as_owner, "infiltração", projeto=case.pk) == ["Danos", "laudo_pericial.pdf"]
    assert titles(as_owner, "infiltração", arquivo=other.pk) == ["outro.pdf"]
    today = timezone.localdate()
    assert len(titles(as_owner, "infiltração", de=today, ate=today)) == 3
    assert titles(as_owner, "infiltração", ate="2020-01-01") == titles(as_owner, "infiltração", de="2999-01-01") == []


@pytest.mark.parametrize(
    "filters",
    [
        {"de": "ontem"},
        {"projeto": "x"},
        {"arquivo": "x"},
        {"tipo": "peças"},
        {"ate": "0001-01-01"},
        {"ate": "9999-12-31"},
        {"depois": "x~y"},
        {"depois": "nan~1"},
        {"depois": "1e99~99999999999999999999"},
        {"tipo": "arquivos", "depois": "0.1~-5"},
        {"tipo": "conversas", "depois": "inf~0"},
    ],
)
def test_a_filter_that_means_nothing_breaks_nothing(case: Project, as_owner: Client, filters: dict[str, str]) -> None:
    found(as_owner, "infiltração", **filters)


def test_a_filter_that_was_not_understood_is_said(case: Project, as_owner: Client) -> None:
    assert "não foi usado: de." in found(as_owner, "infiltração", de="ontem")


def test_more_results_follow_by_kind_without_a_gap(owner: User, as_owner: Client) -> None:
    for number in range(45):
        make_file(owner, "prescrição" + " intercorrente" * (number % 7), name=f"{number:02}.pdf")
    html, seen = found(as_owner, "prescrição"), []
    assert len(re.findall("data-hit", html)) == 5
    while link := re.search(r'href="([^"]*)" data-more', html):
        html = as_owner.get(link[1].replace("&amp;", "&")).content.decode()
        seen += re.findall(r"data-hit>(.*?)</a>", html)
    first = titles(as_owner, "prescrição")
    assert sorted(first + seen) == [f"{number:02}.pdf" for number in range(45)]


def test_one_file_does_not_crowd_out_the_others(owner: User, as_owner: Client) -> None:
    autos = make_file(owner, *["prescrição prescrição"] * 8, name="autos.pdf")
    make_file(owner, "a prescrição", name="parecer.pdf")
    html = found(as_owner, "prescrição")
    assert titles(as_owner, "prescrição") == ["autos.pdf"] * 3 + ["parecer.pdf"]
    assert "8 páginas deste arquivo" in html
    assert len(titles(as_owner, "prescrição", tipo="arquivos", arquivo=autos.pk)) == 8


def test_it_is_said_when_not_all_that_matches_was_ranked(
    owner: User, as_owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_file(owner, *["a prescrição ocorre"] * 6)
    assert "melhores entre as" not in found(as_owner, "prescrição")
    monkeypatch.setattr(base, "CANDIDATES", 5)
    assert "Mais de 5 páginas têm o que você procura: estas são as melhores entre as primeiras 5." in found(
        as_owner, "prescrição"
    )
    monkeypatch.undo()
    monkeypatch.setattr("uploads.search.PHRASE_PAGES", 5)
    assert "a expressão exata foi procurada nas primeiras 5." in found(as_owner, '"ocorre prescrição"')


def test_a_search_that_takes_too_long_is_given_up_and_said(
    case: Project, as_owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uploads.search.NAMES", "SELECT pg_sleep(9)::text -- %(names)s")
    monkeypatch.setattr(base, "TIMEOUT_MS", 50)
    html = found(as_owner, "infiltração")
    assert "demorou demais" in html
    assert "Danos" in html  # what the others found is there


# What was typed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "q",
    ["", " ", "\x00", "'", '"', "\\", "(((", "& | !", ":*", "<->", "a" * 10_000, "á" * 10_000, "-" * 600, '"' * 501, "🙂",
     "\u202e", "%%%", "%s %(x)s", "or or", "OU", "--", "-", "a:*", "'; DROP TABLE users; --", "x or", "0001234-", "1-2",
     "-0001234-56.2024.8.26.0100", '"0001234-56.2024.8.26.0100', "ŉ ŉ", "x'y", "\\' ::", "\ue000x\ue001", "word " * 120,
     "- " * 250, "-(" * 250, "(-" * 250 + "x", '-"' * 250, "-x " * 160, "--x", "-.-" * 160, "- -x", "--0001234-56.2024"],
)  # fmt: skip
def test_no_query_breaks_the_page(case: Project, as_owner: Client, q: str) -> None:
    found(as_owner, q)
    found(as_owner, f"infiltração {q}")


def test_a_project_that_is_filtered_by_stays_chosen_however_old(
    as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(everywhere, "PROJECTS", 1)
    old = Project.objects.create(user=owner, name="Antigo")
    Project.objects.create(user=owner, name="Novo")
    assert f'value="{old.pk}" selected' in found(as_owner, "infiltração", projeto=str(old.pk))
    assert f'value="{old.pk}"' not in found(as_owner, "infiltração")


def test_bytes_that_are_no_text_break_nothing(as_owner: Client) -> None:
    assert as_owner.get("/busca/?q=%ED%A0%80%FF%FE").status_code == 200


def test_it_is_said_when_not_all_that_was_typed_was_read(as_owner: Client) -> None:
    assert "A busca lê os primeiros 500 caracteres" in found(as_owner, "palavra " * 70)
    assert "A busca lê os primeiros" not in found(as_owner, "palavra")


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("-despejo", "não só o que deixar de fora"),
        ("de a o", "quase todos os textos"),
        ("", "Escreva uma ou mais"),
        ("xyzw", "Nada com “xyzw”"),
    ],
)
def test_why_nothing_is_found(as_owner: Client, q: str, words: str) -> None:
    assert words in found(as_owner, q)


def test_what_was_typed_is_one_query_and_no_text_for_nothing(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert understand("posse OU 0001234-56.2024.8.26.0100 -mansa")
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert not understand(" \x00 ")
    assert isinstance(understand("posse"), Asked)


# How it is shown ---------------------------------------------------------------------------------


def test_nothing_that_was_written_can_do_anything_in_the_results(owner: User, as_owner: Client) -> None:
    text = "<script>alert(1)</script> <img src=x onerror=alert(2)> 5 < 6 & palavra \ue000falsa\ue001"
    make_file(owner, text, name='"><script>alert(3)</script>palavra.pdf')
    Project.objects.create(user=owner, name="<i>palavra</i>", description=text)
    make_exchange(make_conversation(owner, "<i>palavra</i>"), text)
    html = found(as_owner, "palavra")
    for evil in ("<script>alert", "<img src=x", "<i>", "<mark>falsa"):
        assert evil not in html
    assert html.count("<mark>palavra</mark>") >= 3


def test_what_was_typed_can_do_nothing_in_the_page(as_owner: Client) -> None:
    html = found(as_owner, '"><script>alert(1)</script>')
    assert "<script>alert" not in html
    assert 'value="&quot;&gt;&lt;script&gt;' in html


def test_code_that_asks_as_one_types_gets_the_results_only(case: Project, as_owner: Client) -> None:
    response = as_owner.get("/busca/", {"q": "infiltração"}, headers={"hx-request": "true"})
    html = response.content.decode()
    assert "<html" not in html
    assert "data-hit" in html
    assert "HX-Request" in response["Vary"]


def test_the_old_address_leads_to_the_new_one(as_owner: Client) -> None:
    response = as_owner.get("/conversas/busca/", {"q": "posse & mansa"})
    assert (response.status_code, response["Location"]) == (302, "/busca/?q=posse+%26+mansa")


def test_the_form_of_the_left_column_leads_here(as_owner: Client) -> None:
    html = as_owner.get("/conversas/").content.decode()
    assert re.search(r'<form class="search"[^>]* action="/busca/"', html)


# What it costs -----------------------------------------------------------------------------------


def fill(owner: User, rows: int) -> None:
    for number in range(rows):
        Project.objects.create(user=owner, name=f"Prescrição {number}")
        make_file(owner, "a prescrição", name=f"prescrição {number}.pdf")
        make_exchange(make_conversation(owner, f"Caso {number}"), "a prescrição")


def test_as_many_queries_however_much_is_found_and_no_body(owner: User, as_owner: Client) -> None:
    counts = []
    found(as_owner, "antes")  # once in a while a request notes that she was here
    for rows in (10, 20):
        fill(owner, rows)
        with CaptureQueriesContext(connection) as queries:
            assert "data-more" in found(as_owner, "prescrição")
        counts.append(len(queries))
        for query in queries.captured_queries:
            for body in ('"upload_pages"."text"', '"messages"."content"', '"search"', '"description"'):
                assert body not in query["sql"]
    assert counts[0] == counts[1] <= 34


def test_pages_are_found_by_their_index(owner: User, stranger: User) -> None:
    """By whose they are and by their words at once, not by one of the two, and never by reading the table."""
    with connection.cursor() as cursor:
        for user in (owner, stranger):
            cursor.execute(MANY, [make_file(user).pk])
        cursor.execute("SELECT gin_clean_pending_list('upload_pages_search_idx')")
        cursor.execute("ANALYZE upload_pages")
        with CaptureQueriesContext(connection) as queries:
            assert len(titles(signed_in(owner), "usucapião", tipo="arquivos")) == 3
        (sql,) = [query["sql"] for query in queries.captured_queries if "ts_rank(pages.search" in query["sql"]]
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    condition = re.search(r"Bitmap Index Scan on upload_pages_search_idx.*\n.*Index Cond: (.*)", plan)
    assert condition, plan
    assert "scope" in condition[1]
    assert "search" in condition[1]
    assert "Seq Scan" not in plan


MANY = """
INSERT INTO upload_pages (upload_id, number, text, source)
SELECT %s, n, 'página número ' || n || CASE WHEN n %% 500 = 0 THEN ' usucapião' ELSE '' END, 'text'
FROM generate_series(1, 3000) AS n
"""


def test_of_many_files_with_that_name_it_is_said_that_not_all_are_shown(owner: User, as_owner: Client) -> None:
    for number in range(21):
        make_file(owner, name=f"procuração {number:02}.pdf")
    few = "Mais de 5 arquivos têm isso no nome: estes são os mais recentes."
    html = found(as_owner, "procuração")
    assert few in html
    assert len(titles(as_owner, "procuração")) == 5
    html = found(as_owner, "procuração", tipo="arquivos")
    assert "Mais de 20 arquivos têm isso no nome" in html
    assert len(titles(as_owner, "procuração", tipo="arquivos")) == 20
    assert "Mais de" not in found(as_owner, "procuração 07")
