"""What the search of all apps stands on: Portuguese words without accents, whatever the text's length."""

import pytest
from django.db import connection

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def matches(text: str, query: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_document(%s) @@ search_query(%s)", [text, query])
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("A denunciação da lide", "denunciacao"),
        ("a denunciacao da lide", "denunciação"),
        ("CITAÇÃO", "citação"),
        ("as citadas", "citada"),
        ("contestar", "contestou"),
        ("art. 5º, LV, da Constituição", "constituição"),
        ("processo nº 0001234-55.2026.8.09.0051", '"0001234-55.2026.8.09.0051"'),
        ("guarda-roupa", "guarda-roupa"),
        ("e-mail: x@exemplo.adv.br", "x@exemplo.adv.br"),
    ],
)
def test_words_are_found(text: str, query: str) -> None:
    assert matches(text, query)


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("ação", "ações"), ("citação", "citações"), ("petição", "petições"), ("decisão", "decisões"),
        ("contestação", "contestações"), ("obrigação", "obrigações"), ("certidão", "certidões"),
        ("tribunal", "tribunais"), ("penal", "penais"), ("imóvel", "imóveis"), ("civil", "civis"), ("fácil", "fáceis"),
        ("bem", "bens"), ("réu", "réus"), ("lei", "leis"), ("mãe", "mães"), ("juiz", "juízes"), ("mês", "meses"),
        ("cidadão", "cidadãos"), ("tabelião", "tabeliães"), ("acao", "ações"), ("AÇÃO", "acoes"),
    ],
)  # fmt: skip
def test_the_commonest_words_of_the_trade_are_found_in_either_number(one: str, many: str) -> None:
    assert matches(one, many)
    assert matches(many, one)


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("duas ações penais", '"ação penal"', True),
        ("ação rescisória penal", '"ação penal"', False),
        ("as decisões e os embargos", "decisão -embargos", False),
        ("as decisões e os agravos", "decisão -embargos", True),
        ("as citações", "citação or intimação", True),
        ("a ação e as ações", "ação ações", True),
        ("a citação", "decisões citações", False),
        ("a mão direita", "mães", False),
        ("as mães", "mãe", True),
    ],
)
def test_phrases_and_signs_keep_their_meaning(text: str, query: str, found: bool) -> None:
    assert matches(text, query) is found


@pytest.mark.parametrize("query", ["", "não", "ão", "'ao' \\ : & | !", "ações " * 200])
def test_whatever_is_asked_gets_an_answer(query: str) -> None:
    matches("a ação", query)


@pytest.mark.parametrize(("text", "query"), [("réu", "autor"), ("avó", "avião"), ("", "palavra")])
def test_other_words_are_not(text: str, query: str) -> None:
    assert not matches(text, query)


def test_the_beginning_of_a_text_beyond_the_indexs_limit_is_indexed() -> None:
    text = "primeira " + " ".join(f"palavra{number:x}" for number in range(400_000))
    assert matches(text, "primeira")


def test_no_text_is_no_document() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT search_document(NULL)")
        assert cursor.fetchone() == (None,)


def test_it_works_whatever_the_search_path_of_the_session() -> None:
    """As in a restore of a dump, which sets it to nothing."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path = ''")
        cursor.execute("SELECT public.search_document('citação')::text")
        assert "citac" in cursor.fetchone()[0]
