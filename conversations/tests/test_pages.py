"""The pages on which one conversation is worked on, through the browser's forms."""

import re
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Message
from conversations.tests.making import QUESTION, ask, make_conversation, make_exchange

pytestmark = pytest.mark.django_db


def test_the_way_in_is_the_start_page(as_owner: Client) -> None:
    response = as_owner.get("/")
    assert (response.status_code, response["Location"]) == (302, "/conversas/")
    html = as_owner.get("/conversas/").content.decode()
    assert "Dra. Helena." in html  # greeted by name
    assert 'name="content"' in html
    assert "Claude Opus 5.5" in html
    assert "Claude Opus 4.8" not in html  # not on offer


def test_a_first_question_makes_the_conversation_and_goes_there(as_owner: Client, owner: User) -> None:
    form = {"content": QUESTION, "mode": "pesquisa", "model": "claude-haiku-5-5", "submission_key": str(uuid4())}
    response = as_owner.post("/conversas/", form)
    conversation = Conversation.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/conversas/{conversation.pk}/")
    assert (conversation.user, conversation.mode, conversation.model) == (owner, "pesquisa", "claude-haiku-5-5")
    assert conversation.title == "Nova conversa"
    assert conversation.messages.count() == 2


def test_a_conversation_may_begin_without_a_question(as_owner: Client) -> None:
    as_owner.post("/conversas/", {"content": "  "})
    conversation = Conversation.objects.get()
    assert (conversation.mode, conversation.model) == ("juridico", "claude-opus-5-5")
    assert not conversation.messages.exists()
    assert as_owner.get(f"/conversas/{conversation.pk}/").status_code == 200


def test_a_first_question_that_is_too_long_is_refused_with_the_draft(as_owner: Client) -> None:
    response = as_owner.post("/conversas/", {"content": "ã" * 200_001})
    assert response.status_code == 422
    assert "O texto tem 200.001 caracteres" in response.content.decode()
    assert "ã" * 1000 in response.content.decode()
    assert not Conversation.objects.exists()


def test_a_first_question_that_is_wrong_is_said_to_code(as_owner: Client) -> None:
    response = as_owner.post("/conversas/", {"content": "ã" * 200_001}, headers={"accept": "text/event-stream"})
    assert (response.status_code, response["Content-Type"]) == (422, "application/json")


def test_renaming(as_owner: Client, conversation: Conversation) -> None:
    path = f"/conversas/{conversation.pk}/renomear/"
    response = as_owner.post(path, {"title": "  Ação <b>nova</b>  "})
    assert (response.status_code, response["Location"]) == (303, f"/conversas/{conversation.pk}/")
    conversation.refresh_from_db()
    assert conversation.title == "Ação <b>nova</b>"
    html = as_owner.get(response["Location"]).content.decode()
    assert "Ação &lt;b&gt;nova&lt;/b&gt;" in html
    assert "<b>nova" not in html


@pytest.mark.parametrize(
    ("title", "words"),
    [("", "Escreva um nome"), ("   ", "Escreva um nome"), ("x" * 501, "O nome é longo demais."), ("a\x00b", "")],
)
def test_a_name_that_cannot_be_is_refused_in_words(
    as_owner: Client, conversation: Conversation, title: str, words: str
) -> None:
    response = as_owner.post(f"/conversas/{conversation.pk}/renomear/", {"title": title})
    html = as_owner.get(response["Location"]).content.decode()
    assert words in html
    assert 'class="note error"' in html
    conversation.refresh_from_db()
    assert conversation.title == "Ação de cobrança"


@pytest.mark.parametrize(
    ("path", "field"), [("fixar", "pinned_at"), ("arquivar", "archived_at")], ids=["pin", "archive"]
)
def test_pinning_and_archiving(as_owner: Client, conversation: Conversation, path: str, field: str) -> None:
    response = as_owner.post(f"/conversas/{conversation.pk}/{path}/")
    assert (response.status_code, response["Location"]) == (303, f"/conversas/{conversation.pk}/")
    conversation.refresh_from_db()
    assert getattr(conversation, field)


def test_restoring(as_owner: Client, owner: User) -> None:
    conversation = make_conversation(owner, archived_at=timezone.now())
    assert "Esta conversa está arquivada" in as_owner.get(f"/conversas/{conversation.pk}/").content.decode()
    as_owner.post(f"/conversas/{conversation.pk}/restaurar/")
    assert "Esta conversa está arquivada" not in as_owner.get(f"/conversas/{conversation.pk}/").content.decode()


def test_deleting_can_be_undone_from_where_it_leads(as_owner: Client, conversation: Conversation) -> None:
    make_exchange(conversation)
    response = as_owner.post(f"/conversas/{conversation.pk}/excluir/")
    assert (response.status_code, response["Location"]) == (303, "/conversas/")
    html = as_owner.get("/conversas/").content.decode()
    assert "A conversa “Ação de cobrança” foi excluída." in html
    undo = re.search(r'<form method="post" action="([^"]+)">(?:(?!</form>).)*Desfazer', html)
    assert undo
    assert as_owner.get(f"/conversas/{conversation.pk}/").status_code == 404
    assert as_owner.post(undo[1]).status_code == 303
    assert QUESTION in as_owner.get(f"/conversas/{conversation.pk}/").content.decode()


def test_what_is_deleted_answers_to_nothing_but_the_undo(as_owner: Client, conversation: Conversation) -> None:
    question, reply = make_exchange(conversation)
    as_owner.post(f"/conversas/{conversation.pk}/excluir/")
    for path in ["", "exportar/"]:
        assert as_owner.get(f"/conversas/{conversation.pk}/{path}").status_code == 404
    for path in ["mensagens", "renomear", "fixar", "arquivar", "restaurar", "excluir", "retomar"]:
        assert as_owner.post(f"/conversas/{conversation.pk}/{path}/").status_code == 404, path
    assert as_owner.get(f"/mensagens/{reply.pk}/stream/").status_code == 404
    for path in ["parar", "refazer", "continuar"]:
        assert as_owner.post(f"/mensagens/{reply.pk}/{path}/").status_code == 404, path
    assert as_owner.get(f"/mensagens/{question.pk}/editar/").status_code == 404


def test_what_is_not_deleted_cannot_be_brought_back(as_owner: Client, conversation: Conversation) -> None:
    assert as_owner.post(f"/conversas/{conversation.pk}/desfazer-exclusao/").status_code == 404


def test_stopping_leads_back_to_the_reply(as_owner: Client, conversation: Conversation) -> None:
    reply = ask(conversation).reply
    response = as_owner.post(f"/mensagens/{reply.pk}/parar/")
    assert (response.status_code, response["Location"]) == (303, f"/conversas/{conversation.pk}/#mensagem-{reply.pk}")
    assert "Parada a pedido" in as_owner.get(f"/conversas/{conversation.pk}/").content.decode()


def test_code_that_stops_needs_no_page(as_owner: Client, conversation: Conversation) -> None:
    reply = ask(conversation).reply
    response = as_owner.post(f"/mensagens/{reply.pk}/parar/", headers={"accept": "text/event-stream"})
    assert (response.status_code, response.content) == (204, b"")


def test_continuing_leads_back_to_the_reply(as_owner: Client, conversation: Conversation) -> None:
    _, reply = make_exchange(conversation, stop_reason="max_tokens")
    response = as_owner.post(f"/mensagens/{reply.pk}/continuar/")
    assert (response.status_code, response["Location"]) == (303, f"/conversas/{conversation.pk}/#mensagem-{reply.pk}")
    reply.refresh_from_db()
    assert reply.status == Message.Status.QUEUED


def test_what_is_whole_is_not_continued_and_that_is_said(as_owner: Client, conversation: Conversation) -> None:
    _, reply = make_exchange(conversation)
    response = as_owner.post(f"/mensagens/{reply.pk}/continuar/", headers={"hx-request": "true"})
    assert response.status_code == 409
    assert response.json() == {"error": "Esta resposta não pode ser continuada agora."}


def test_the_page_of_a_reply_that_is_written_lets_one_stop_it_without_javascript(
    as_owner: Client, conversation: Conversation
) -> None:
    reply = ask(conversation).reply
    html = as_owner.get(f"/conversas/{conversation.pk}/").content.decode()
    assert f'formaction="/mensagens/{reply.pk}/parar/"' in html
    assert "<noscript>" in html


def test_the_simulation_is_announced_on_every_page(as_owner: Client, settings: object) -> None:
    words = "Respostas simuladas: defina ANTHROPIC_API_KEY"
    assert words not in as_owner.get("/conversas/").content.decode()
    settings.SIMULATED_API = True  # type: ignore[attr-defined]
    assert words in as_owner.get("/conversas/").content.decode()
    assert words in Client().get("/entrar/").content.decode()
