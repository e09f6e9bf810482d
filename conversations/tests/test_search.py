"""Search: in Portuguese, with or without accents, in titles and contents, and only in one's own."""

import re

import pytest
from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Message
from conversations.search import CONFIGURATION, search_conversations
from conversations.tests.making import ask, make_conversation, make_exchange

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


@pytest.fixture
def office(owner: User) -> dict[str, Conversation]:
    """Three conversations of the owner's, by what they are about."""
    about = {
        "usucapião": ("Usucapião extraordinária", "O imóvel é urbano?", "A posse mansa e pacífica exige prova."),
        "despejo": ("Ação de despejo", "Qual o prazo para a purgação da mora?", "São quinze dias após a citação."),
        "alimentos": ("Revisão de alimentos", "Ele perdeu o emprego?", "A prova documental é suficiente."),
    }
    found = {}
    for name, (title, question, answer) in about.items():
        found[name] = make_conversation(owner, title)
        make_exchange(found[name], question, answer)
    return found


def names(user: User, query: str) -> list[str]:
    return [result["conversation"].title for result in search_conversations(user, query)]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("usucapião", ["Usucapião extraordinária"]),
        ("usucapiao", ["Usucapião extraordinária"]),
        ("USUCAPIÃO", ["Usucapião extraordinária"]),
        ("purgacao", ["Ação de despejo"]),
        ("prazos", ["Ação de despejo"]),  # another number of the same word
        ("citação após", ["Ação de despejo"]),  # in any order
        ('"posse mansa"', ["Usucapião extraordinária"]),
        ('"mansa posse"', []),
        ("prova -documental", ["Usucapião extraordinária"]),
        ("usucapião or despejo", ["Ação de despejo", "Usucapião extraordinária"]),
        ("habeas corpus", []),
        ("de a o que", []),  # nothing but words that are everywhere
    ],
)
def test_what_is_asked_for_is_found(
    office: dict[str, Conversation], owner: User, query: str, titles: list[str]
) -> None:
    assert sorted(names(owner, query)) == titles


def test_a_title_alone_is_enough(owner: User) -> None:
    make_conversation(owner, "Inventário da família Prado")
    assert names(owner, "inventario") == ["Inventário da família Prado"]


def test_a_new_title_is_found_at_once_and_the_old_one_no_longer(owner: User) -> None:
    conversation = make_conversation(owner, "Inventário")
    actions.rename(conversation, "Divórcio", user=owner)
    assert (names(owner, "divorcio"), names(owner, "inventario")) == (["Divórcio"], [])


def test_only_ones_own_is_found(office: dict[str, Conversation], stranger: User) -> None:
    make_exchange(make_conversation(stranger, "Do colega"), "Sobre usucapião")
    assert names(stranger, "usucapião") == ["Do colega"]
    assert names(stranger, "despejo") == []


def test_what_is_deleted_is_not_found_and_comes_back(office: dict[str, Conversation], owner: User) -> None:
    actions.delete(office["despejo"], user=owner)
    assert names(owner, "despejo") == names(owner, "purgação") == []
    actions.undelete(office["despejo"], user=owner)
    assert names(owner, "purgação") == ["Ação de despejo"]


def test_what_is_archived_is_found_and_says_so(office: dict[str, Conversation], owner: User, as_owner: Client) -> None:
    actions.archive(office["despejo"], user=owner)
    assert "arquivada" in as_owner.get("/conversas/busca/", {"q": "despejo"}).content.decode()


def test_what_was_put_out_of_the_way_is_not_found(office: dict[str, Conversation], owner: User) -> None:
    Message.objects.filter(content__contains="mansa").update(superseded_at=timezone.now())
    assert names(owner, "mansa") == []


def test_an_answer_is_found_as_soon_as_it_has_ended(owner: User) -> None:
    reply = ask(make_conversation(owner)).reply
    Message.objects.filter(pk=reply.pk).update(content="sobre a enfiteuse", status=Message.Status.STREAMING)
    assert names(owner, "enfiteuse") == []
    Message.objects.filter(pk=reply.pk).update(status=Message.Status.COMPLETE)
    assert names(owner, "enfiteuse") == ["Ação de cobrança"]


def test_the_best_message_is_shown_with_the_words_marked(office: dict[str, Conversation], as_owner: Client) -> None:
    html = as_owner.get("/conversas/busca/", {"q": "citacao"}).content.decode()
    assert "quinze dias após a <mark>citação</mark>" in html
    reply = office["despejo"].messages.get(role="assistant")
    assert f'href="/conversas/{office["despejo"].pk}/#mensagem-{reply.pk}"' in html


def test_what_the_person_wrote_cannot_do_anything_in_the_results(owner: User, as_owner: Client) -> None:
    content = "<script>alert(1)</script> <b>palavra</b> & \ue000marcada\ue001"
    make_exchange(make_conversation(owner, "<i>Título</i>"), content)
    html = as_owner.get("/conversas/busca/", {"q": "palavra"}).content.decode()
    assert "<script>alert" not in html
    assert "<b>" not in html
    assert "<mark>palavra</mark>" in html
    assert "&lt;i&gt;Título&lt;/i&gt;" in html


@pytest.mark.parametrize("content", ["5 < 6 & palavra", "palavra <img src=x onerror=alert(1) ", "palavra <<b>script>"])
def test_signs_of_html_in_what_is_found_are_shown_as_signs(owner: User, as_owner: Client, content: str) -> None:
    make_exchange(make_conversation(owner), content)
    html = as_owner.get("/conversas/busca/", {"q": "palavra"}).content.decode()
    snippet = re.search(r'<p class="snippet" dir="auto">(.*?)</p>', html, re.DOTALL)
    assert snippet
    text = snippet[1].replace("<mark>", "").replace("</mark>", "")
    assert "palavra" in text
    assert "<" not in text
    assert not re.search(r"&(?!lt;|gt;|amp;|quot;|#x27;)", text)


def test_only_ones_own_rows_are_read_at_all(office: dict[str, Conversation], owner: User) -> None:
    with CaptureQueriesContext(connection) as queries:
        search_conversations(owner, "prova")
    for query in queries.captured_queries[:2]:
        assert owner.pk.hex in query["sql"]


def test_the_query_cannot_do_anything_in_the_page(as_owner: Client) -> None:
    html = as_owner.get("/conversas/busca/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in html
    assert 'value="&quot;&gt;&lt;script&gt;' in html


@pytest.mark.parametrize(
    "query",
    ["", "   ", "\x00", "'", '"', "\\", "(((", "& | !", ":*", "<->", "a" * 5000, "🙂", "\u202e", "%%%", "or or", "--"],
)
def test_no_query_breaks_the_page(office: dict[str, Conversation], as_owner: Client, query: str) -> None:
    assert as_owner.get("/conversas/busca/", {"q": query}).status_code == 200


def test_bytes_that_are_no_text_break_nothing(as_owner: Client) -> None:
    assert as_owner.get("/conversas/busca/?q=%ED%A0%80%FF%FE").status_code == 200


def test_a_search_takes_three_queries_at_most(
    office: dict[str, Conversation], owner: User, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        assert search_conversations(owner, "prova or posse or prazo")


def test_each_conversation_is_shown_once_however_often_it_matches(owner: User) -> None:
    conversation = make_conversation(owner, "Prova")
    for _ in range(10):
        make_exchange(conversation, "prova", "prova")
    assert names(owner, "prova") == ["Prova"]


def test_the_index_of_ones_own_rows_is_used(owner: User, stranger: User) -> None:
    """So that the search of one person does not read what a hundred others have written."""
    query = SearchQuery("usucapião", config=CONFIGURATION, search_type="websearch")
    with connection.cursor() as cursor:
        for user in (owner, stranger):
            cursor.execute(MANY, [make_conversation(user).pk, user.pk])
        cursor.execute("SELECT gin_clean_pending_list('messages_search_idx')")
        cursor.execute("ANALYZE messages")
        cursor.execute("SET LOCAL enable_seqscan = off")  # so small a table would be read whole
    plan = Message.objects.for_user(owner).filter(user=owner).active().filter(search=query).values("pk").explain()
    condition = re.search(r"Bitmap Index Scan on messages_search_idx.*\n.*Index Cond: (.*)", plan)
    assert condition, plan
    assert "user_id" in condition[1]
    assert "search" in condition[1]


MANY = """
INSERT INTO messages (id, conversation_id, user_id, role, content, model, status, stop_reason, attempts, created_at, metadata)
SELECT gen_random_uuid(), %s, %s, 'user', 'mensagem número ' || n || CASE WHEN n %% 500 = 0 THEN ' usucapião' ELSE '' END,
    '', 'complete', '', 0, now(), '{}'
FROM generate_series(1, 3000) AS n
"""
