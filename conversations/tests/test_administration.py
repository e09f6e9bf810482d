"""Conversations in the administration: seen from outside by the staff, read only with a right, a reason and a row."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from audit.models import AIOperation, AuditLog
from conftest import signed_in
from conversations import admin
from conversations.models import Conversation, Message
from conversations.tests.making import make_conversation, make_conversations, make_exchange
from projects.models import Project

pytestmark = pytest.mark.django_db
LIST = "/admin/conversations/conversation/"
REASON = "Pedido da titular, protocolo 12"


@pytest.fixture
def conversation(owner: User) -> Conversation:
    found = make_conversation(owner)
    make_exchange(found)
    return found


@pytest.fixture
def manager() -> User:
    """Of the administration, whose role has every right but the one to read."""
    return User.objects.create_user("gestora@exemplo.adv.br", role=User.Role.ADMIN)


@pytest.fixture
def reader(manager: User) -> User:
    """The same, with the right to read given by name."""
    manager.user_permissions.add(Permission.objects.get(codename="read_contents"))
    return manager


def page(conversation: Conversation) -> str:
    return f"{LIST}{conversation.pk}/change/"


def reading(conversation: Conversation) -> str:
    return f"{LIST}{conversation.pk}/ler/"


def titles(client: Client, **query: str) -> list[str]:
    response = client.get(LIST, query)
    assert response.status_code == 200
    return [row.title for row in response.context["cl"].result_list]


# From outside ------------------------------------------------------------------------------------


def test_the_list_says_whose_of_what_and_since_when(manager: User, owner: User) -> None:
    project = Project.objects.create(user=owner, name="Silva x Souza")
    make_conversation(owner, project=project, archived_at=timezone.now())
    html = signed_in(manager).get(LIST).content.decode()
    for words in ["Ação de cobrança", "Dra. Helena Prado", "Silva x Souza", "arquivada"]:
        assert words in html


def test_the_newest_come_first_whatever_their_ids_are(manager: User, owner: User) -> None:
    now = timezone.now()
    for title, age, pk in [("velha", 2, uuid4()), ("nova", 0, uuid4()), ("média", 1, uuid4())]:
        make_conversation(owner, title, id=pk, created_at=now - timedelta(days=age))
    assert titles(signed_in(manager)) == ["nova", "média", "velha"]


@pytest.mark.parametrize("count", [10, 20])
def test_the_list_asks_the_same_of_the_database_whatever_it_shows(
    count: int, manager: User, owner: User, django_assert_num_queries: Callable[..., AbstractContextManager[Any]]
) -> None:
    make_conversations(owner, count)
    client = signed_in(manager)
    client.get(LIST)
    with django_assert_num_queries(6):  # the person, her rights in two, a capped count, the rows, their people
        client.get(LIST)


def test_neither_list_nor_page_loads_a_word_of_what_was_written(manager: User, conversation: Conversation) -> None:
    client = signed_in(manager)
    with CaptureQueriesContext(connection) as queries:
        pages = [client.get(LIST), client.get(page(conversation)), client.get(LIST, {"q": "cobrança"})]
    assert not any('"content"' in query["sql"] for query in queries)
    assert not any('conversations"."metadata"' in query["sql"] for query in queries)
    for response in pages:
        assert "contestar" not in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("cobranca", ["Ação de cobrança"]),
        ("cobranças", ["Ação de cobrança"]),
        ("helena@exemplo.adv.br", ["Ação de cobrança"]),
        ("HELENA", ["Ação de cobrança"]),
        ("rui@", ["Inventário"]),
        ("nada disso", []),
        ("\x00", ["Inventário", "Ação de cobrança"]),
    ],
)
def test_a_search_finds_by_title_and_by_person(
    manager: User, owner: User, stranger: User, typed: str, found: list[str]
) -> None:
    make_conversation(owner)
    make_conversation(stranger, "Inventário")
    assert titles(signed_in(manager), q=typed) == found


def test_a_search_finds_by_id_of_the_conversation_and_of_the_person(
    manager: User, conversation: Conversation, stranger: User
) -> None:
    make_conversation(stranger, "Inventário")
    client = signed_in(manager)
    assert titles(client, q=str(conversation.pk)) == titles(client, q=str(conversation.user_id)) == ["Ação de cobrança"]


def test_the_list_by_state(manager: User, owner: User) -> None:
    now = timezone.now()
    make_conversation(owner, "em uso")
    make_conversation(owner, "arquivada", archived_at=now)
    make_conversation(owner, "excluída", archived_at=now, deleted_at=now)
    client = signed_in(manager)
    assert titles(client, situacao="arquivadas") == ["arquivada"]
    assert titles(client, situacao="excluidas") == ["excluída"]
    assert len(titles(client)) == 3


@pytest.mark.parametrize("lookup", ["messages__content__contains", "messages__content", "user__password__startswith"])
def test_the_list_cannot_be_asked_what_was_written(manager: User, conversation: Conversation, lookup: str) -> None:
    response = signed_in(manager).get(LIST, {lookup: "prazo"})
    assert response.status_code in {302, 400}
    if response.status_code == 302:
        assert response["Location"].endswith("?e=1")


def test_the_page_says_what_there_is_and_what_it_cost(manager: User, conversation: Conversation) -> None:
    make_exchange(conversation)
    Message.objects.filter(pk=conversation.messages.order_by("pk")[0].pk).update(superseded_at=timezone.now())
    for cost in ("0.0100", "0.0023", None):
        AIOperation.objects.create(
            conversation_id=conversation.pk, operation_type="answer", model="claude-opus-5-5", status="complete",
            tokens_input=1_200, tokens_output=30, cost_usd=cost,
        )  # fmt: skip
    html = signed_in(manager).get(page(conversation)).content.decode()
    assert "1 pergunta, 2 respostas; 1 de versões anteriores" in html
    assert "US$ 0,0123 em 3 chamadas ao modelo, 3.600 tokens lidos e 90 escritos; 1 sem preço conhecido" in html
    assert "Claude Opus 5.5" in html


def test_who_may_not_see_costs_sees_none(monkeypatch: pytest.MonkeyPatch, conversation: Conversation) -> None:
    monkeypatch.setattr("accounts.roles.STAFF", frozenset({"conversations.view_conversation"}))
    helper = User.objects.create_user("ajuda@exemplo.adv.br", role=User.Role.STAFF)
    html = signed_in(helper).get(page(conversation)).content.decode()
    assert "US$" not in html
    assert "Tudo o que houve" not in html


def test_nobody_adds_changes_or_deletes_there(as_staff: Client, conversation: Conversation) -> None:
    for path in [f"{LIST}add/", f"{LIST}{conversation.pk}/delete/"]:
        assert as_staff.post(path, {"title": "x", "post": "yes"}).status_code == 403
    assert as_staff.post(page(conversation), {"title": "x"}).status_code == 405
    as_staff.post(LIST, {"action": "delete_selected", "_selected_action": str(conversation.pk), "post": "yes"})
    assert Conversation.objects.get().title == "Ação de cobrança"


def test_what_is_not_there_is_404(as_staff: Client) -> None:
    nowhere = "01890000-0000-7000-8000-000000000000"
    for path in [f"{LIST}{nowhere}/change/", f"{LIST}x/change/", f"{LIST}{nowhere}/ler/"]:
        assert as_staff.get(path).status_code == 404
    assert as_staff.post(f"{LIST}{nowhere}/ler/", {"reason": REASON}).status_code == 404


# Reading -----------------------------------------------------------------------------------------


def test_reading_takes_a_reason_and_is_a_row(reader: User, conversation: Conversation) -> None:
    response = signed_in(reader).post(reading(conversation), {"reason": f"  {REASON} "})
    html = response.content.decode()
    assert "Qual o prazo para contestar?" in html
    assert "<strong>quinze dias</strong>" in html
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.entity_type, row.entity_id) == (
        "conversa.ler-conteudo", reader, "conversations", conversation.pk,
    )  # fmt: skip
    assert row.new_value == {"reason": REASON}


@pytest.mark.parametrize("reason", ["", "   ", "curto", "  curto     ", "a\x00" * 10, "x" * 501])
def test_without_a_proper_reason_nothing_is_shown_and_nothing_written(
    reader: User, conversation: Conversation, reason: str
) -> None:
    response = signed_in(reader).post(reading(conversation), {"reason": reason})
    assert response.status_code == 422
    assert response.context["form"].errors["reason"]
    assert "contestar" not in response.content.decode()
    assert not AuditLog.objects.exists()


def test_asking_to_read_shows_the_form_only(reader: User, conversation: Conversation) -> None:
    response = signed_in(reader).get(reading(conversation), {"reason": REASON})
    assert response.status_code == 200
    assert "Motivo da leitura" in response.content.decode()
    assert "contestar" not in response.content.decode()
    assert not AuditLog.objects.exists()


def test_every_opening_is_a_new_row(reader: User, conversation: Conversation) -> None:
    client = signed_in(reader)
    for reason in ["Primeiro motivo", "Segundo motivo"]:
        client.post(reading(conversation), {"reason": reason})
    assert [row.new_value["reason"] for row in AuditLog.objects.order_by("created_at")] == [
        "Primeiro motivo",
        "Segundo motivo",
    ]


@pytest.mark.parametrize("method", ["get", "post"])
def test_without_the_right_it_is_403_and_a_row(manager: User, conversation: Conversation, method: str) -> None:
    client = signed_in(manager)
    assert "Motivo da leitura" not in client.get(page(conversation)).content.decode()
    response = getattr(client, method)(reading(conversation), {"reason": REASON})
    assert response.status_code == 403
    assert "contestar" not in response.content.decode()
    row = AuditLog.objects.get()
    assert (row.action, row.user) == ("acesso.negado", manager)
    assert row.new_value == {"method": method.upper(), "path": reading(conversation)}


def test_the_right_alone_opens_no_door_to_who_is_not_of_the_staff(stranger: User, conversation: Conversation) -> None:
    stranger.user_permissions.add(Permission.objects.get(codename="read_contents"))
    response = signed_in(stranger).post(reading(conversation), {"reason": REASON})
    assert response.status_code == 403
    assert not AuditLog.objects.filter(action="conversa.ler-conteudo").exists()


def test_the_thread_has_nothing_to_press_and_nothing_of_scripts(reader: User, conversation: Conversation) -> None:
    _, reply = make_exchange(conversation, "E <b>agora</b>?", "Texto <script>x</script>", status="stopped")
    Message.objects.filter(pk=reply.pk).update(status=Message.Status.STREAMING)
    html = signed_in(reader).post(reading(conversation), {"reason": REASON}).content.decode()
    for nothing in ["Refazer", "Editar", "Continuar", "Copiar", "data-stream", "data-stop", "<form"]:
        assert nothing not in html, nothing
    assert re.findall(r"<script[^>]*>", html) == ['<script type="module" src="/static/js/once.js">']  # every page's
    assert "E &lt;b&gt;agora&lt;/b&gt;?" in html


def test_that_it_was_stopped_is_said_and_not_by_whom(reader: User, conversation: Conversation) -> None:
    make_exchange(conversation, status="stopped")
    html = signed_in(reader).post(reading(conversation), {"reason": REASON}).content.decode()
    assert "Parada a pedido: o texto até aqui está salvo." in html


def test_it_is_kept_by_no_browser_and_shows_only_the_present_thread(reader: User, conversation: Conversation) -> None:
    make_exchange(conversation, "Pergunta retirada", superseded_at=timezone.now())
    Message.objects.filter(content="Pergunta retirada").update(superseded_at=timezone.now())
    response = signed_in(reader).post(reading(conversation), {"reason": REASON})
    assert "no-store" in response["Cache-Control"]  # going back to it would be an opening without a reason
    assert "Pergunta retirada" not in response.content.decode()


def test_a_deleted_conversation_can_still_be_read_for_a_reason(reader: User, conversation: Conversation) -> None:
    Conversation.objects.update(deleted_at=timezone.now())
    client = signed_in(reader)
    assert "excluída em" in client.get(page(conversation)).content.decode()
    assert "contestar" in client.post(reading(conversation), {"reason": REASON}).content.decode()


def test_a_long_conversation_is_read_in_parts_each_with_its_row(
    monkeypatch: pytest.MonkeyPatch, reader: User, owner: User
) -> None:
    monkeypatch.setattr(admin, "PART", 4)
    conversation = make_conversation(owner)
    for number in range(5):
        make_exchange(conversation, f"Pergunta {number}", f"Resposta {number}")
    client, seen, before = signed_in(reader), [], ""
    for _ in range(3):
        response = client.post(reading(conversation), {"reason": REASON, "before": before})
        seen = [shown.message.content for shown in response.context["thread"]] + seen
        before = response.context["earlier"]
    assert seen == [f"{kind} {number}" for number in range(5) for kind in ("Pergunta", "Resposta")]
    assert before is None
    assert AuditLog.objects.filter(action="conversa.ler-conteudo").count() == 3
    other = make_exchange(make_conversation(owner))[0]
    assert client.post(reading(conversation), {"reason": REASON, "before": other.pk}).status_code == 404
    assert AuditLog.objects.count() == 3


def test_an_empty_conversation_opens_too(reader: User, owner: User) -> None:
    response = signed_in(reader).post(reading(make_conversation(owner)), {"reason": REASON})
    assert "Esta conversa não tem mensagens." in response.content.decode()


# What the owner sees -----------------------------------------------------------------------------


def test_the_owner_sees_that_it_was_read_when_and_why(
    reader: User, as_owner: Client, conversation: Conversation
) -> None:
    own = f"/conversas/{conversation.pk}/"
    assert "Lida pela administração" not in as_owner.get(own).content.decode()
    signed_in(reader).post(reading(conversation), {"reason": "Motivo <b> escrito"})
    when = timezone.localtime(AuditLog.objects.get(action="conversa.ler-conteudo").created_at)
    html = as_owner.get(own).content.decode()
    words = f"Lida pela administração em {when:%d/%m/%Y} às {when:%H:%M}: <bdi>Motivo &lt;b&gt; escrito</bdi>"
    assert words in html
    assert reader.email not in html


def test_the_owner_sees_the_last_three_readings_of_this_conversation_only(
    reader: User, as_owner: Client, conversation: Conversation, owner: User
) -> None:
    client = signed_in(reader)
    for number in range(5):
        client.post(reading(conversation), {"reason": f"Motivo número {number}"})
    html = as_owner.get(f"/conversas/{conversation.pk}/").content.decode()
    assert html.count("Lida pela administração") == 3
    assert html.index("número 4") < html.index("número 3") < html.index("número 2")
    assert "Lida pela" not in as_owner.get(f"/conversas/{make_conversation(owner).pk}/").content.decode()


def test_looking_for_readings_is_one_query_through_an_index_of_readings_alone(
    as_owner: Client, conversation: Conversation
) -> None:
    with CaptureQueriesContext(connection) as queries:
        as_owner.get(f"/conversas/{conversation.pk}/")
    (sql,) = [query["sql"] for query in queries if 'FROM "audit_log"' in query["sql"]]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        assert "audit_log_reading_idx" in str(cursor.fetchall())
