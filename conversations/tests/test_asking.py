"""Sending a question: what is accepted, what is refused in words, and in which form the answer comes."""

import json
from uuid import uuid4

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from conversations.models import Conversation, Message
from conversations.tests.making import MODEL, QUESTION, ask, make_conversation, make_exchange

pytestmark = pytest.mark.django_db
STREAM = {"accept": "text/event-stream"}
FRAGMENT = {"hx-request": "true"}


@pytest.fixture
def path(conversation: Conversation) -> str:
    return f"/conversas/{conversation.pk}/mensagens/"


# Accepted ----------------------------------------------------------------------------------------


def test_a_question_goes_on_to_the_conversations_page(
    as_owner: Client, conversation: Conversation, path: str, owner: User
) -> None:
    response = as_owner.post(path, {"content": QUESTION})
    question, reply = conversation.messages.order_by("id")
    assert response.status_code == 303
    assert response["Location"] == f"/conversas/{conversation.pk}/#mensagem-{reply.pk}"
    assert (question.role, question.content, question.user, question.status) == ("user", QUESTION, owner, "complete")
    assert (reply.role, reply.content, reply.reply_to, reply.status) == ("assistant", "", question, "queued")
    page = as_owner.get(f"/conversas/{conversation.pk}/")
    assert QUESTION in page.content.decode()
    assert "Na fila" in page.content.decode()


def test_code_that_asks_for_a_fragment_gets_the_two_messages(
    as_owner: Client, conversation: Conversation, path: str
) -> None:
    response = as_owner.post(path, {"content": QUESTION}, headers=FRAGMENT)
    html = response.content.decode()
    assert response.status_code == 200
    assert "<html" not in html
    assert html.count("<article") == 2
    reply = conversation.messages.get(role="assistant")
    assert f'data-stream="/mensagens/{reply.pk}/stream/"' in html
    assert f'data-stop="/mensagens/{reply.pk}/parar/"' in html


def test_the_fragment_is_the_same_as_on_the_page(as_owner: Client, conversation: Conversation, path: str) -> None:
    fragment = as_owner.post(path, {"content": QUESTION}, headers=FRAGMENT).content.decode().strip()
    page = as_owner.get(f"/conversas/{conversation.pk}/").content.decode()
    for article in fragment.split("<li>")[1:]:
        assert article.strip().removesuffix("</li>") in page


def test_mode_and_model_of_the_question_become_the_conversations(
    as_owner: Client, conversation: Conversation, path: str
) -> None:
    as_owner.post(path, {"content": QUESTION, "mode": "revisao", "model": "claude-haiku-5-5"})
    conversation.refresh_from_db()
    reply = conversation.messages.get(role="assistant")
    assert (conversation.mode, conversation.model) == ("revisao", "claude-haiku-5-5")
    assert (reply.model, reply.metadata["mode"]) == ("claude-haiku-5-5", "revisao")


def test_what_the_form_leaves_out_stays_as_it_is(as_owner: Client, owner: User) -> None:
    conversation = make_conversation(owner, mode="resumo")
    as_owner.post(f"/conversas/{conversation.pk}/mensagens/", {"content": QUESTION})
    reply = conversation.messages.get(role="assistant")
    assert (reply.model, reply.metadata["mode"]) == (MODEL, "resumo")


def test_a_conversation_may_go_on_with_its_model_after_it_is_no_longer_offered(as_owner: Client, owner: User) -> None:
    conversation = make_conversation(owner, model="claude-opus-4-8")
    path = f"/conversas/{conversation.pk}/mensagens/"
    assert as_owner.post(path, {"content": QUESTION, "model": "claude-opus-4-8"}).status_code == 303


def test_a_question_moves_its_conversation_to_the_top(as_owner: Client, owner: User, path: str) -> None:
    make_conversation(owner, "A mais nova")
    as_owner.post(path, {"content": QUESTION})
    titles = list(Conversation.objects.for_user(owner).order_by("-updated_at").values_list("title", flat=True))
    assert titles == ["Ação de cobrança", "A mais nova"]


def test_an_archived_conversation_can_still_be_asked_in(
    as_owner: Client, conversation: Conversation, path: str
) -> None:
    as_owner.post(f"/conversas/{conversation.pk}/arquivar/")
    assert as_owner.post(path, {"content": QUESTION}).status_code == 303


# The same form, sent twice -----------------------------------------------------------------------


def test_the_same_form_sent_twice_is_one_question(as_owner: Client, conversation: Conversation, path: str) -> None:
    form = {"content": QUESTION, "submission_key": str(uuid4())}
    first, second = as_owner.post(path, form), as_owner.post(path, form)
    assert first["Location"] == second["Location"]
    assert conversation.messages.count() == 2
    assert ProcrastinateJob.objects.count() == 1
    assert AuditLog.objects.filter(action="mensagem.enviar").count() == 1


def test_the_same_form_sent_twice_gives_code_the_same_messages(as_owner: Client, path: str) -> None:
    form = {"content": QUESTION, "submission_key": str(uuid4())}
    first, second = (as_owner.post(path, form, headers=FRAGMENT) for _ in range(2))
    assert first.content == second.content


def test_two_people_may_happen_to_send_the_same_key(
    as_owner: Client, as_stranger: Client, stranger: User, path: str
) -> None:
    form = {"content": QUESTION, "submission_key": str(uuid4())}
    assert as_owner.post(path, form).status_code == 303
    other = make_conversation(stranger)
    response = as_stranger.post(f"/conversas/{other.pk}/mensagens/", form)
    assert response["Location"].startswith(f"/conversas/{other.pk}/")
    assert other.messages.count() == 2


# Refused -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [STREAM, FRAGMENT], ids=["stream", "fragment"])
def test_a_second_question_while_the_first_is_answered_is_refused_to_code(
    as_owner: Client, conversation: Conversation, path: str, headers: dict[str, str]
) -> None:
    ask(conversation)
    response = as_owner.post(path, {"content": "E outra coisa?"}, headers=headers)
    assert (response.status_code, response["Content-Type"]) == (409, "application/json")
    assert "O rascunho foi mantido" in json.loads(response.content)["error"]
    assert not Message.objects.filter(content="E outra coisa?").exists()


def after_a_second_question(client: Client, conversation: Conversation, path: str) -> str:
    """What a person without JavaScript sees when she sends it from the conversation's page."""
    page = f"/conversas/{conversation.pk}/"
    response = client.post(path, {"content": "E outra coisa?"}, headers={"referer": page})
    return client.get(response["Location"]).content.decode() if response.has_header("Location") else response.text


def test_a_second_question_while_the_first_is_answered_is_refused_on_the_page(
    as_owner: Client, conversation: Conversation, path: str
) -> None:
    ask(conversation)
    html = after_a_second_question(as_owner, conversation, path)
    assert "Aguarde o fim da resposta anterior" in html
    assert conversation.title in html
    assert not Message.objects.filter(content="E outra coisa?").exists()


def test_without_javascript_the_draft_of_a_second_question_is_kept_as_is_said(
    as_owner: Client, conversation: Conversation, path: str
) -> None:
    ask(conversation)
    html = after_a_second_question(as_owner, conversation, path)
    assert "O rascunho foi mantido" in html
    assert "E outra coisa?" in html


def test_a_stopped_reply_makes_room_for_the_next_question(
    as_owner: Client, conversation: Conversation, path: str
) -> None:
    reply = ask(conversation).reply
    as_owner.post(f"/mensagens/{reply.pk}/parar/")
    assert as_owner.post(path, {"content": "E outra coisa?"}).status_code == 303
    assert conversation.messages.count() == 4


WRONG = [
    ({"content": ""}, "Escreva a pergunta antes de enviar."),
    ({}, "Escreva a pergunta antes de enviar."),
    ({"content": " \n\t "}, "Escreva a pergunta antes de enviar."),
    ({"content": "x" * 200_001}, "O texto tem 200.001 caracteres, e o limite é 200.000."),
    ({"content": QUESTION, "model": "claude-opus-4-8"}, "Este modelo não está disponível."),
    ({"content": QUESTION, "model": "gpt"}, "Este modelo não está disponível."),
    ({"content": QUESTION, "mode": "hacker"}, "hacker"),
    ({"content": QUESTION, "submission_key": "não é"}, "UUID"),
]


@pytest.mark.parametrize(("form", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_what_is_wrong_is_said_and_the_draft_kept(
    as_owner: Client, conversation: Conversation, path: str, form: dict[str, str], words: str
) -> None:
    response = as_owner.post(path, form)
    html = response.content.decode()
    assert response.status_code == 422
    assert words in html
    assert form.get("content", "").strip()[:1000] in html
    assert not conversation.messages.exists()
    assert not AuditLog.objects.exists()


@pytest.mark.parametrize("headers", [STREAM, FRAGMENT], ids=["stream", "fragment"])
@pytest.mark.parametrize(("form", "words"), WRONG, ids=lambda value: str(value)[:40])
def test_what_is_wrong_is_said_to_code(
    as_owner: Client, path: str, form: dict[str, str], words: str, headers: dict[str, str]
) -> None:
    response = as_owner.post(path, form, headers=headers)
    assert (response.status_code, response["Content-Type"]) == (422, "application/json")
    assert words in json.loads(response.content)["error"]


# Limits ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [STREAM, FRAGMENT], ids=["stream", "fragment"])
def test_more_messages_than_a_minute_allows_are_refused_to_code_with_the_time_to_wait(
    as_owner: Client, path: str, settings: Settings, headers: dict[str, str]
) -> None:
    settings.MESSAGES_PER_MINUTE = 1
    as_owner.post(path, {"content": QUESTION})
    response = as_owner.post(path, {"content": QUESTION}, headers=headers)
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    assert "Tente de novo em" in json.loads(response.content)["error"]


def test_more_messages_than_a_minute_allows_are_refused_on_a_page(
    as_owner: Client, path: str, settings: Settings
) -> None:
    settings.MESSAGES_PER_MINUTE = 1
    as_owner.post(path, {"content": QUESTION})
    response = as_owner.post(path, {"content": QUESTION})
    assert response.status_code == 429
    assert 1 <= int(response["Retry-After"]) <= 60
    html = response.content.decode()
    assert f"Tente de novo em {response['Retry-After']} segundo" in html
    assert "O que você escreveu foi mantido." in html


def test_the_limit_is_each_persons_own_and_covers_all_that_costs_a_call(
    as_owner: Client, as_stranger: Client, owner: User, stranger: User, settings: Settings
) -> None:
    settings.MESSAGES_PER_MINUTE = 1
    conversation = make_conversation(owner)
    question, reply = make_exchange(conversation, stop_reason="max_tokens")
    assert as_owner.post("/conversas/", {"content": QUESTION}).status_code == 303
    for url in [
        "/conversas/",
        f"/conversas/{conversation.pk}/mensagens/",
        f"/mensagens/{reply.pk}/refazer/",
        f"/mensagens/{reply.pk}/continuar/",
        f"/mensagens/{question.pk}/editar/",
    ]:
        assert as_owner.post(url, {"content": QUESTION}).status_code == 429, url
    other = make_conversation(stranger)
    assert as_stranger.post(f"/conversas/{other.pk}/mensagens/", {"content": QUESTION}).status_code == 303


def test_reading_is_not_limited(as_owner: Client, path: str, settings: Settings) -> None:
    settings.MESSAGES_PER_MINUTE = 1
    as_owner.post(path, {"content": QUESTION})
    assert [as_owner.get("/conversas/").status_code for _ in range(5)] == [200] * 5
