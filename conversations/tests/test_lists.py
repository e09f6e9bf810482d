"""The lists: pages without gaps or doubles, the same few queries however long, and never a body."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from conversations import listing, views
from conversations.listing import Item, build_rail, by_day, day_label
from conversations.models import Message
from conversations.tests.making import make_conversation, make_conversations, make_exchange

pytestmark = pytest.mark.django_db


def titles(html: str) -> list[str]:
    return re.findall(r'<span class="title" dir="auto">(.*?)</span>', html)


def walk(client: Client, path: str) -> list[str]:
    """The titles of all pages, one after the other."""
    found: list[str] = []
    while path:
        html = client.get(path).content.decode()
        found += titles(html)
        following = re.search(r'<a class="button quiet" href="([^"]*depois=[^"]*)">Mais antigas', html)
        path = following[1].replace("&amp;", "&") if following else ""
    return found


def test_the_pages_have_every_conversation_once_newest_first(as_owner: Client, owner: User) -> None:
    expected = [conversation.title for conversation in make_conversations(owner, 70)]
    assert walk(as_owner, "/conversas/") == expected


def test_rows_of_the_same_moment_are_neither_lost_nor_doubled(as_owner: Client, owner: User) -> None:
    moment = timezone.now()
    expected = {make_conversation(owner, f"Igual {number}", updated_at=moment).title for number in range(65)}
    found = walk(as_owner, "/conversas/")
    assert len(found) == 65
    assert set(found) == expected


def test_what_arrives_while_one_reads_on_moves_no_row(as_owner: Client, owner: User) -> None:
    make_conversations(owner, 40)
    first = as_owner.get("/conversas/").content.decode()
    make_conversation(owner, "Nova", updated_at=timezone.now() + timedelta(hours=1))
    following = re.search(r'href="(/conversas/\?depois=[^"]*)">Mais antigas</a></p>', first)
    assert following
    second = as_owner.get(following[1]).content.decode()
    assert titles(second) == [f"Conversa {number:02}" for number in range(30, 40)]


def test_archived_ones_have_a_list_of_their_own(as_owner: Client, owner: User) -> None:
    now = timezone.now()
    for number in range(35):
        make_conversation(owner, f"Arquivada {number:02}", archived_at=now - timedelta(minutes=number))
    make_conversation(owner, "Atual")
    assert walk(as_owner, "/conversas/") == ["Atual"]
    assert walk(as_owner, "/conversas/arquivadas/") == [f"Arquivada {number:02}" for number in range(35)]


def test_nobody_sees_what_is_not_hers_or_deleted(as_owner: Client, owner: User, stranger: User) -> None:
    make_conversation(stranger, "Do colega")
    make_conversation(owner, "Excluída", deleted_at=timezone.now())
    for path in ["/conversas/", "/conversas/arquivadas/", "/conversas/lateral/"]:
        html = as_owner.get(path).content.decode()
        assert "Do colega" not in html
        assert "Excluída" not in html


@pytest.mark.parametrize("cursor", ["x", "~", "2026-01-01~x", "\x00", "0001-01-01T00:00:00+23:59~" + "0" * 32])
def test_a_cursor_that_cannot_be_read_is_the_beginning_or_the_end(as_owner: Client, owner: User, cursor: str) -> None:
    make_conversation(owner)
    assert as_owner.get("/conversas/", {"depois": cursor}).status_code == 200


def test_an_empty_office_has_words_for_it(as_owner: Client) -> None:
    assert "Nenhuma conversa arquivada" in as_owner.get("/conversas/arquivadas/").content.decode()
    assert as_owner.get("/conversas/").status_code == 200


# Queries -----------------------------------------------------------------------------------------


def queries(client: Client, path: str) -> list[str]:
    client.get(path)  # the session is read and renewed
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def full_conversation(owner: User, count: int) -> str:
    conversation = make_conversation(owner)
    for number in range(count):
        make_exchange(conversation, f"Pergunta {number}", "Resposta **em negrito**")
    return f"/conversas/{conversation.pk}/"


def found_conversations(owner: User, count: int) -> str:
    for conversation in make_conversations(owner, count):
        make_exchange(conversation, "Sobre a usucapião", "A usucapião exige posse")
    return "/busca/?q=usucapi%C3%A3o"


def listed(path: str, **fields: object) -> Callable[[User, int], str]:
    def make(owner: User, count: int) -> str:
        make_conversations(owner, count, **fields)
        return path

    return make


PAGES = {
    "list": listed("/conversas/"),
    "archived": listed("/conversas/arquivadas/", archived_at=timezone.now()),
    "rail": listed("/conversas/lateral/"),
    "pinned": listed("/conversas/lateral/", pinned_at=timezone.now()),
    "conversation": full_conversation,
    "search": found_conversations,
}


# The search asks three apps; its questions are counted in romagent/tests/test_search.py.
@pytest.mark.parametrize("name", [name for name in PAGES if name != "search"])
def test_a_page_with_twenty_rows_asks_as_many_questions_as_one_with_ten(
    as_owner: Client, owner: User, name: str
) -> None:
    ten = queries(as_owner, PAGES[name](owner, 10))
    twenty = queries(as_owner, PAGES[name](owner, 10))
    assert len(ten) == len(twenty) <= 10, "\n".join(twenty)


@pytest.mark.parametrize("name", ["list", "archived", "rail", "pinned"])
def test_a_list_reads_no_body_and_no_search_column(as_owner: Client, owner: User, name: str) -> None:
    for sql in queries(as_owner, PAGES[name](owner, 3)):
        columns = sql.partition(" FROM ")[0]
        assert '"content"' not in columns, sql
        assert '"search"' not in columns, sql


def test_a_long_conversation_is_shown_from_its_end_and_read_page_by_page(as_owner: Client, owner: User) -> None:
    path = full_conversation(owner, 75)
    found: list[str] = []
    pages = 0
    while path:
        html = as_owner.get(path).content.decode()
        found = re.findall(r">(Pergunta \d+)<", html) + found
        older = re.search(r'href="(\?[^"]*antes=[^"]*)">Mensagens anteriores', html)
        path = f"{path.partition('?')[0]}{older[1]}".replace("&amp;", "&") if older else ""
        pages += 1
    assert pages == 3
    assert found == [f"Pergunta {number}" for number in range(75)]


def test_a_page_of_a_conversation_has_no_more_than_it_says(as_owner: Client, owner: User) -> None:
    path = full_conversation(owner, 75)
    html = as_owner.get(path).content.decode()
    assert html.count("<article") == views.THREAD_SIZE
    bodies = [sql for sql in queries(as_owner, path) if '"messages"."content"' in sql]
    assert bodies
    assert all(f"LIMIT {views.THREAD_SIZE + 1}" in sql for sql in bodies)


# The rail ----------------------------------------------------------------------------------------

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("day", "label"),
    [
        (date(2026, 11, 23), "Hoje"),
        (TODAY, "Hoje"),
        (date(2026, 11, 21), "Ontem"),
        (date(2026, 11, 20), "Últimos 7 dias"),
        (date(2026, 11, 16), "Últimos 7 dias"),
        (date(2026, 11, 15), "Este mês"),
        (date(2026, 11, 1), "Este mês"),
        (date(2026, 10, 31), "outubro de 2026"),
        (date(2026, 3, 5), "março de 2026"),
        (date(2025, 11, 22), "novembro de 2025"),
    ],
)
def test_a_day_has_its_name(day: date, label: str) -> None:
    assert day_label(day, TODAY) == label


def test_the_office_counts_its_days_in_brazil() -> None:
    """At 01:00 in UTC it is still yesterday evening in São Paulo."""
    late = Item(uuid4(), "Tarde", datetime(2026, 11, 22, 1, 0, tzinfo=UTC))
    assert by_day([late], TODAY)[0]["label"] == "Ontem"


def test_pinned_ones_stand_above_and_only_there(as_owner: Client, owner: User) -> None:
    make_conversation(owner, "Fixada", pinned_at=timezone.now(), updated_at=timezone.now() - timedelta(days=90))
    make_conversation(owner, "Comum")
    groups = [(group["label"], [one.title for one in group["conversations"]]) for group in build_rail(owner).groups]
    assert groups == [("Fixadas", ["Fixada"]), ("Hoje", ["Comum"])]
    html = as_owner.get("/conversas/lateral/").content.decode()
    assert html.index("Fixadas") < html.index("Fixada<") < html.index("Hoje") < html.index("Comum")


def test_the_rail_leads_to_what_it_does_not_show(as_owner: Client, owner: User) -> None:
    make_conversations(owner, listing.SIZE + 3)
    html = as_owner.get("/conversas/lateral/").content.decode()
    more = re.search(r'<a class="more" href="([^"]+)">', html)
    assert more
    shown = titles(as_owner.get(more[1]).content.decode())
    assert shown == [f"Conversa {number}" for number in range(listing.SIZE, listing.SIZE + 3)]


def test_the_rail_tells_the_page_its_conversations_present_title(as_owner: Client, owner: User, stranger: User) -> None:
    mine, other = make_conversation(owner, "Ação de despejo"), make_conversation(stranger)
    response = as_owner.get("/conversas/lateral/", {"atual": str(mine.pk)})
    assert response["X-Conversation-Title"] == "A%C3%A7%C3%A3o%20de%20despejo"
    for wrong in [str(other.pk), "x", ""]:
        assert not as_owner.get("/conversas/lateral/", {"atual": wrong}).has_header("X-Conversation-Title")


def test_the_conversation_that_is_open_is_marked(as_owner: Client, owner: User) -> None:
    conversation = make_conversation(owner)
    make_conversation(owner, "Outra")
    html = as_owner.get(f"/conversas/{conversation.pk}/").content.decode()
    assert html.count('aria-current="page"') == 1
    assert re.search(rf'href="/conversas/{conversation.pk}/"[^>]* aria-current="page"', html)


def test_messages_are_counted_for_nobody_else(owner: User, stranger: User) -> None:
    make_exchange(make_conversation(owner))
    assert Message.objects.for_user(owner).count() == 2
    assert Message.objects.for_user(stranger).count() == 0
