"""Search: in Portuguese, with or without accents, in titles and contents, and only in one's own."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Message
from conversations.search import search
from conversations.tests.making import ask, make_conversation, make_exchange
from projects.models import Project, ProjectMember
from romagent.base.search import Filters, understand

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
    return [hit.title for hit in search(user, understand(query), Filters(), 30).hits]


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
    assert "arquivada" in as_owner.get("/busca/", {"q": "despejo"}).content.decode()


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
    html = as_owner.get("/busca/", {"q": "citacao"}).content.decode()
    assert "quinze dias após a <mark>citação</mark>" in html
    reply = office["despejo"].messages.get(role="assistant")
    assert f'href="/conversas/{office["despejo"].pk}/#mensagem-{reply.pk}"' in html


def test_what_the_person_wrote_cannot_do_anything_in_the_results(owner: User, as_owner: Client) -> None:
    content = "<script>alert(1)</script> <b>palavra</b> & \ue000marcada\ue001"
    make_exchange(make_conversation(owner, "<i>Título</i>"), content)
    html = as_owner.get("/busca/", {"q": "palavra"}).content.decode()
    assert "<script>alert" not in html
    assert "<b>" not in html
    assert "<mark>palavra</mark>" in html
    assert "&lt;i&gt;Título&lt;/i&gt;" in html


@pytest.mark.parametrize("content", ["5 < 6 & palavra", "palavra <img src=x onerror=alert(1) ", "palavra <<b>script>"])
def test_signs_of_html_in_what_is_found_are_shown_as_signs(owner: User, as_owner: Client, content: str) -> None:
    make_exchange(make_conversation(owner), content)
    html = as_owner.get("/busca/", {"q": "palavra"}).content.decode()
    snippet = re.search(r'<p class="snippet" dir="auto">(.*?)</p>', html, re.DOTALL)
    assert snippet
    text = snippet[1].replace("<mark>", "").replace("</mark>", "")
    assert "palavra" in text
    assert "<" not in text
    assert not re.search(r"&(?!lt;|gt;|amp;|quot;|#x27;)", text)


def test_signs_of_markdown_are_left_out_of_what_is_found(owner: User, as_owner: Client) -> None:
    make_exchange(make_conversation(owner), "A **palavra** da *audiência*, a *palavra*: 2 * 3, e `palavra`.")
    html = as_owner.get("/busca/", {"q": "palavra"}).content.decode()
    snippet = re.search(r'<p class="snippet" dir="auto">(.*?)</p>', html, re.DOTALL)
    assert snippet
    text = snippet[1].replace("<mark>", "").replace("</mark>", "")
    assert "da audiência, a palavra: 2 * 3, e palavra" in text


def test_the_query_cannot_do_anything_in_the_page(as_owner: Client) -> None:
    html = as_owner.get("/busca/", {"q": '"><script>alert(1)</script>'}).content.decode()
    assert "<script>alert" not in html
    assert 'value="&quot;&gt;&lt;script&gt;' in html


@pytest.mark.parametrize(
    "query",
    ["", "   ", "\x00", "'", '"', "\\", "(((", "& | !", ":*", "<->", "a" * 5000, "🙂", "\u202e", "%%%", "or or", "--"],
)
def test_no_query_breaks_the_page(office: dict[str, Conversation], as_owner: Client, query: str) -> None:
    assert as_owner.get("/busca/", {"q": query}).status_code == 200


def test_bytes_that_are_no_text_break_nothing(as_owner: Client) -> None:
    assert as_owner.get("/busca/?q=%ED%A0%80%FF%FE").status_code == 200


@pytest.mark.parametrize("rows", [10, 20])
def test_a_search_takes_as_many_queries_however_much_is_found(
    owner: User, rows: int, django_assert_num_queries: object
) -> None:
    for number in range(rows):
        make_exchange(make_conversation(owner, f"Caso {number}"), "a prova", "a posse")
    asked = understand("prova or posse")
    with django_assert_num_queries(7) as queries:  # type: ignore[operator]
        assert len(search(owner, asked, Filters(), 30).hits) == rows
    assert not [query for query in queries.captured_queries if '"messages"."content"' in query["sql"]]


def test_each_conversation_is_shown_once_however_often_it_matches(owner: User) -> None:
    conversation = make_conversation(owner, "Prova")
    for _ in range(10):
        make_exchange(conversation, "prova", "prova")
    assert names(owner, "prova") == ["Prova"]


def test_more_results_follow_without_a_gap_and_without_doubling(owner: User) -> None:
    for number in range(7):
        make_exchange(make_conversation(owner, f"Caso {number}"), "a prova" + " do caso" * number, "certo")
    whole = names(owner, "prova")
    seen, after = [], ""
    for _ in range(4):
        found = search(owner, understand("prova"), Filters(after=after), 2)
        seen += [hit.title for hit in found.hits]
        after = found.after
    assert (seen, after) == (whole, "")
    assert len(whole) == 7


# Projects ----------------------------------------------------------------------------------------


@pytest.fixture
def shared(owner: User, stranger: User) -> Conversation:
    project = Project.objects.create(user=owner, name="Caso Prado")
    ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    conversation = make_conversation(owner, "Enfiteuse do terreno", project=project)
    make_exchange(conversation, "E o laudêmio?", "É devido ao senhorio.")
    return conversation


def test_a_member_finds_what_is_in_the_project_until_she_leaves(shared: Conversation, stranger: User) -> None:
    assert names(stranger, "laudemio") == names(stranger, "enfiteuse") == ["Enfiteuse do terreno"]
    ProjectMember.objects.all().delete()
    assert names(stranger, "laudemio") == names(stranger, "enfiteuse") == []


def test_who_has_asked_in_a_project_finds_nothing_of_it_once_she_has_left(shared: Conversation, stranger: User) -> None:
    Message.objects.filter(role="user").update(user=stranger)
    ProjectMember.objects.all().delete()
    assert names(stranger, "laudemio") == []
    Conversation.objects.update(project=None)  # it is the owner's alone again
    assert names(stranger, "laudemio") == []


def test_what_a_colleague_has_asked_is_found_by_whose_the_conversation_is_now(
    shared: Conversation, owner: User, stranger: User
) -> None:
    Message.objects.filter(role="user").update(user=stranger)
    Conversation.objects.update(project=None)
    assert names(owner, "laudemio") == ["Enfiteuse do terreno"]
    Conversation.objects.update(deleted_at=timezone.now())
    assert names(owner, "laudemio") == []
    Conversation.objects.update(deleted_at=None, project=Project.objects.get())
    assert names(stranger, "laudemio") == names(owner, "laudemio") == ["Enfiteuse do terreno"]
    assert not Message.objects.exclude(owner_id=None).exists()


def test_only_one_project_is_looked_into_when_it_is_chosen(shared: Conversation, owner: User) -> None:
    make_exchange(make_conversation(owner, "Outro laudêmio"), "E o laudêmio?")
    assert len(names(owner, "laudemio")) == 2
    filters = Filters(project=shared.project_id)
    assert [hit.title for hit in search(owner, understand("laudemio"), filters, 9).hits] == ["Enfiteuse do terreno"]


def test_nothing_is_found_of_a_deleted_project(shared: Conversation, owner: User, stranger: User) -> None:
    Project.objects.update(deleted_at=timezone.now())
    assert names(owner, "laudemio") == names(stranger, "laudemio") == []


# The plan ----------------------------------------------------------------------------------------


def test_the_index_of_ones_own_rows_is_used(owner: User, stranger: User) -> None:
    """So that the search of one person does not read what a hundred others have written."""
    with connection.cursor() as cursor:
        for user in (owner, stranger):
            cursor.execute(MANY, [make_conversation(user).pk, user.pk])
        cursor.execute("SELECT gin_clean_pending_list('messages_search_idx')")
        cursor.execute("ANALYZE messages")
        with CaptureQueriesContext(connection) as queries:
            assert names(owner, "usucapião")
        (sql,) = [query["sql"] for query in queries.captured_queries if "own_titles" in query["sql"]]
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    condition = re.search(r"Bitmap Index Scan on messages_search_idx.*\n.*Index Cond: (.*)", plan)
    assert condition, plan
    assert "user_id" in condition[1]
    assert "search" in condition[1]
    assert "Seq Scan" not in plan


MANY = """
INSERT INTO messages (id, conversation_id, user_id, role, content, model, status, stop_reason, attempts, created_at, metadata)
SELECT gen_random_uuid(), %s, %s, 'user', 'mensagem número ' || n || CASE WHEN n %% 500 = 0 THEN ' usucapião' ELSE '' END,
    '', 'complete', '', 0, now(), '{}'
FROM generate_series(1, 3000) AS n
"""
