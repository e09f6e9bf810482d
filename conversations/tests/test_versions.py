"""Redo, edit, look back and resume: no version is lost, and the thread is one again."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Message
from conversations.tests.making import ask, make_conversation, make_exchange

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
Status = Message.Status


def thread(conversation: Conversation) -> list[str]:
    return list(conversation.messages.active().order_by("id").values_list("content", flat=True))


def answered(reply: Message, content: str) -> Message:
    """As when the worker has written it."""
    Message.objects.filter(pk=reply.pk).update(status=Status.COMPLETE, content=content)
    reply.refresh_from_db()
    return reply


@pytest.fixture
def long(conversation: Conversation) -> Conversation:
    """Three questions and their answers."""
    for number in (1, 2, 3):
        make_exchange(conversation, f"P{number}", f"R{number}")
    return conversation


def message(conversation: Conversation, content: str) -> Message:
    return conversation.messages.get(content=content)


# Redo --------------------------------------------------------------------------------------------


def test_another_answer_takes_the_place_of_the_last_one(as_owner: Client, long: Conversation) -> None:
    response = as_owner.post(f"/mensagens/{message(long, 'R3').pk}/refazer/")
    fresh = long.messages.get(status=Status.QUEUED)
    assert response.status_code == 303
    assert response["Location"] == f"/conversas/{long.pk}/#mensagem-{fresh.pk}"
    assert thread(long) == ["P1", "R1", "P2", "R2", "P3", ""]
    assert fresh.reply_to == message(long, "P3")
    assert message(long, "R3").superseded_at


def test_another_answer_in_the_middle_puts_what_followed_out_of_the_way(as_owner: Client, long: Conversation) -> None:
    as_owner.post(f"/mensagens/{message(long, 'R2').pk}/refazer/")
    assert thread(long) == ["P1", "R1", "P2", ""]
    assert long.messages.count() == 7


def test_another_answer_is_asked_of_the_conversations_present_model(owner: User, long: Conversation) -> None:
    Conversation.objects.filter(pk=long.pk).update(model="claude-haiku-5-5", mode="revisao")
    fresh = actions.redo(Message.objects.get(content="R3"), user=owner)
    assert (fresh.model, fresh.metadata["mode"]) == ("claude-haiku-5-5", "revisao")


@pytest.mark.parametrize("path", ["refazer", "continuar"])
def test_nothing_is_redone_while_an_answer_is_written(as_owner: Client, long: Conversation, path: str) -> None:
    reply = message(long, "R3")
    Message.objects.filter(pk=reply.pk).update(stop_reason="max_tokens")
    ask(long, "P4")
    response = as_owner.post(f"/mensagens/{reply.pk}/{path}/", headers={"hx-request": "true"})
    assert response.status_code == 409
    assert thread(long) == ["P1", "R1", "P2", "R2", "P3", "R3", "P4", ""]


def test_only_an_answer_that_stands_in_the_thread_is_redone(as_owner: Client, long: Conversation) -> None:
    old = message(long, "R3")
    as_owner.post(f"/mensagens/{old.pk}/refazer/")
    assert as_owner.post(f"/mensagens/{old.pk}/refazer/").status_code == 404
    assert as_owner.post(f"/mensagens/{message(long, 'P1').pk}/refazer/").status_code == 404


# Edit --------------------------------------------------------------------------------------------


def test_a_question_in_other_words_begins_anew_from_there(as_owner: Client, long: Conversation) -> None:
    question = message(long, "P2")
    response = as_owner.post(f"/mensagens/{question.pk}/editar/", {"content": "P2 em outras palavras"})
    assert response.status_code == 303
    assert thread(long) == ["P1", "R1", "P2 em outras palavras", ""]
    fresh = message(long, "P2 em outras palavras")
    assert fresh.reply_to_id == question.reply_to_id
    assert long.messages.get(status=Status.QUEUED).reply_to == fresh
    assert long.messages.count() == 8


def test_the_page_to_edit_shows_the_question_as_it_was_asked(as_owner: Client, conversation: Conversation) -> None:
    question, _ = make_exchange(conversation, "  <b>Prazo</b>\n\n  recuado  ")
    html = as_owner.get(f"/mensagens/{question.pk}/editar/").content.decode()
    assert "  &lt;b&gt;Prazo&lt;/b&gt;\n\n  recuado  </textarea>" in html


@pytest.mark.parametrize("content", ["", "  \n "])
def test_an_edit_to_nothing_is_refused_with_what_was_typed(as_owner: Client, long: Conversation, content: str) -> None:
    response = as_owner.post(f"/mensagens/{message(long, 'P2').pk}/editar/", {"content": content})
    assert response.status_code == 422
    assert "Escreva a pergunta antes de enviar." in response.content.decode()
    assert thread(long) == ["P1", "R1", "P2", "R2", "P3", "R3"]


def test_an_edit_that_is_too_long_is_refused_with_what_was_typed(as_owner: Client, long: Conversation) -> None:
    response = as_owner.post(f"/mensagens/{message(long, 'P2').pk}/editar/", {"content": "é" * 200_001})
    assert response.status_code == 422
    assert "O texto tem 200.001 caracteres" in response.content.decode()
    assert "é" * 1000 in response.content.decode()


def test_nothing_is_edited_while_an_answer_is_written(as_owner: Client, long: Conversation) -> None:
    ask(long, "P4")
    path = f"/mensagens/{message(long, 'P2').pk}/editar/"
    assert as_owner.post(path, {"content": "Outra"}, headers={"hx-request": "true"}).status_code == 409
    assert not long.messages.filter(content="Outra").exists()


def test_only_a_question_that_stands_in_the_thread_is_edited(as_owner: Client, long: Conversation) -> None:
    question = message(long, "P2")
    as_owner.post(f"/mensagens/{question.pk}/editar/", {"content": "Outra"})
    assert as_owner.get(f"/mensagens/{question.pk}/editar/").status_code == 404
    assert as_owner.get(f"/mensagens/{message(long, 'R1').pk}/editar/").status_code == 404


# Looking back ------------------------------------------------------------------------------------


def test_an_earlier_version_shows_the_thread_as_it_was_then_to_be_read_only(
    as_owner: Client, owner: User, long: Conversation
) -> None:
    old = message(long, "R2")
    answered(actions.redo(old, user=owner), "R2 nova")
    html = as_owner.get(f"/conversas/{long.pk}/?versao={old.pk}").content.decode()
    for content in ["P1", "R1", "P2", "R2", "P3", "R3"]:
        assert f">{content}<" in html
    assert "R2 nova" not in html
    assert "Você está vendo uma versão anterior" in html
    assert "data-ask" not in html
    for button in ["Refazer", "Continuar", "Editar a pergunta"]:
        assert button not in html


def test_each_answer_leads_to_its_other_versions(as_owner: Client, owner: User, long: Conversation) -> None:
    first = message(long, "R3")
    second = answered(actions.redo(first, user=owner), "R3b")
    third = answered(actions.redo(second, user=owner), "R3c")
    html = as_owner.get(f"/conversas/{long.pk}/").content.decode()
    assert "3 de 3" in html
    assert f'href="/conversas/{long.pk}/?versao={second.pk}#mensagem-{second.pk}"' in html
    html = as_owner.get(f"/conversas/{long.pk}/?versao={second.pk}").content.decode()
    assert "2 de 3" in html
    assert f"?versao={first.pk}#" in html
    assert f"?versao={third.pk}#" in html


def test_the_present_version_is_simply_the_conversation(as_owner: Client, long: Conversation) -> None:
    html = as_owner.get(f"/conversas/{long.pk}/?versao={message(long, 'R3').pk}").content.decode()
    assert "Você está vendo" not in html
    assert "data-ask" in html


@pytest.mark.parametrize("version", ["x", "1", pytest.param(str(uuid4()), id="unknown"), "\x00", "../.."])
def test_a_version_that_does_not_exist_is_not_found(as_owner: Client, long: Conversation, version: str) -> None:
    assert as_owner.get(f"/conversas/{long.pk}/", {"versao": version}).status_code == 404


def test_a_version_of_another_conversation_is_not_found(as_owner: Client, owner: User, long: Conversation) -> None:
    _, other = make_exchange(make_conversation(owner))
    actions.redo(other, user=owner)
    assert as_owner.get(f"/conversas/{long.pk}/", {"versao": other.pk}).status_code == 404
    assert as_owner.post(f"/conversas/{long.pk}/retomar/", {"versao": other.pk}).status_code == 404


# Resume ------------------------------------------------------------------------------------------


def test_an_earlier_version_becomes_the_present_one(as_owner: Client, owner: User, long: Conversation) -> None:
    old = message(long, "R2")
    answered(actions.redo(old, user=owner), "R2 nova")
    response = as_owner.post(f"/conversas/{long.pk}/retomar/", {"versao": old.pk})
    assert response.status_code == 303
    assert thread(long) == ["P1", "R1", "P2", "R2", "P3", "R3"]
    assert long.messages.count() == 7


def test_what_was_left_for_an_earlier_version_can_be_looked_at(
    as_owner: Client, owner: User, long: Conversation
) -> None:
    old = message(long, "R2")
    fresh = answered(actions.redo(old, user=owner), "R2 nova")
    as_owner.post(f"/conversas/{long.pk}/retomar/", {"versao": old.pk})
    html = as_owner.get(f"/conversas/{long.pk}/?versao={fresh.pk}").content.decode()
    assert "R2 nova" in html
    assert ">R3<" not in html


def test_one_can_go_back_and_forth_between_versions(as_owner: Client, owner: User, long: Conversation) -> None:
    old = message(long, "R2")
    fresh = answered(actions.redo(old, user=owner), "R2 nova")
    as_owner.post(f"/conversas/{long.pk}/retomar/", {"versao": old.pk})
    as_owner.post(f"/conversas/{long.pk}/retomar/", {"versao": fresh.pk})
    assert thread(long) == ["P1", "R1", "P2", "R2 nova"]


def test_an_earlier_wording_becomes_the_present_one(as_owner: Client, owner: User, long: Conversation) -> None:
    question = message(long, "P2")
    answered(actions.edit(question, content="P2 em outras palavras", user=owner).reply, "R2 de outras palavras")
    as_owner.post(f"/conversas/{long.pk}/retomar/", {"versao": question.pk})
    assert thread(long) == ["P1", "R1", "P2", "R2", "P3", "R3"]


def test_a_question_may_follow_what_was_resumed(owner: User, long: Conversation) -> None:
    old = message(long, "R3")
    answered(actions.redo(old, user=owner), "R3 nova")
    old.refresh_from_db()
    assert old.superseded_at
    actions.resume(long, old.pk, user=owner)
    answered(ask(long, "P4").reply, "R4")
    assert thread(long) == ["P1", "R1", "P2", "R2", "P3", "R3", "P4", "R4"]


def test_nothing_is_resumed_while_an_answer_is_written(as_owner: Client, owner: User, long: Conversation) -> None:
    old = message(long, "R3")
    actions.redo(old, user=owner)
    path = f"/conversas/{long.pk}/retomar/"
    assert as_owner.post(path, {"versao": old.pk}, headers={"hx-request": "true"}).status_code == 409
    assert thread(long) == ["P1", "R1", "P2", "R2", "P3", ""]


@pytest.mark.parametrize("version", ["", "x", pytest.param(str(uuid4()), id="unknown")])
def test_what_does_not_exist_is_not_resumed(as_owner: Client, long: Conversation, version: str) -> None:
    assert as_owner.post(f"/conversas/{long.pk}/retomar/", {"versao": version}).status_code == 404


def test_the_present_is_not_resumed(as_owner: Client, long: Conversation) -> None:
    version = message(long, "R3").pk
    assert as_owner.post(f"/conversas/{long.pk}/retomar/", {"versao": version}).status_code == 404
