"""A conversation as a file: word for word what was asked and answered."""

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from conversations import actions
from conversations.models import Conversation, Message
from conversations.tests.making import make_conversation, make_exchange

pytestmark = pytest.mark.django_db


def export(client: Client, conversation: Conversation) -> str:
    response = client.get(f"/conversas/{conversation.pk}/exportar/")
    assert response.status_code == 200
    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    return response.content.decode()


def test_everything_is_there_word_for_word_and_in_order(as_owner: Client, conversation: Conversation) -> None:
    question = "  Cláusula 5ª:\n\n<b>texto</b> & “aspas”\t\u202e fim  "
    answer = "# Título\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nArt. 5º, *caput* 👩🏽‍⚖️"
    make_exchange(conversation, question, answer)
    make_exchange(conversation, "Segunda", "Outra")
    text = export(as_owner, conversation)
    assert question in text
    assert answer in text
    assert text.index(question) < text.index(answer) < text.index("Segunda") < text.index("Outra")
    assert text.startswith("# Ação de cobrança\n")
    assert text.count("## Você, ") == text.count("## ROM Agent, ") == 2


def test_what_was_cut_short_says_so(as_owner: Client, conversation: Conversation) -> None:
    make_exchange(conversation, "P", "Até aqui", status=Message.Status.INTERRUPTED)
    assert "Até aqui\n\n*(interrompida)*" in export(as_owner, conversation)


def test_only_the_thread_as_it_is_now_is_exported(as_owner: Client, owner: User, conversation: Conversation) -> None:
    _, old = make_exchange(conversation, "P", "Resposta antiga")
    fresh = actions.redo(old, user=owner)
    Message.objects.filter(pk=fresh.pk).update(content="Resposta nova", status=Message.Status.COMPLETE)
    text = export(as_owner, conversation)
    assert "Resposta nova" in text
    assert "Resposta antiga" not in text


def test_exporting_is_in_the_log(as_owner: Client, owner: User, conversation: Conversation) -> None:
    export(as_owner, conversation)
    row = AuditLog.objects.get()
    assert (row.action, row.user, row.entity_id) == ("conversa.exportar", owner, conversation.pk)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Ação de cobrança", "utf-8''A%C3%A7%C3%A3o_de_cobran%C3%A7a.md"),
        ("../../etc/passwd", '"..etcpasswd.md"'),
        ('aspas " e\nlinha', '"aspas__elinha.md"'),
        ("a" * 300, f'"{"a" * 80}.md"'),
        ("...", '"conversa.md"'),
    ],
)
def test_the_file_is_named_after_the_conversation_and_nothing_else(
    as_owner: Client, owner: User, title: str, name: str
) -> None:
    response = as_owner.get(f"/conversas/{make_conversation(owner, title).pk}/exportar/")
    assert response.status_code == 200
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert name in response["Content-Disposition"]


@pytest.mark.parametrize("title", ["???", "—", "§", "🙂", "../.."])
def test_a_title_of_signs_alone_can_be_exported_too(as_owner: Client, owner: User, title: str) -> None:
    assert as_owner.get(f"/conversas/{make_conversation(owner, title).pk}/exportar/").status_code == 200


def test_an_empty_conversation_is_exported_too(as_owner: Client, conversation: Conversation) -> None:
    assert "Conversa de " in export(as_owner, conversation)
