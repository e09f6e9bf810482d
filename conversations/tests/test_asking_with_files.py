"""A question with files: who may attach what, what is remembered, and how it all is shown and exported."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from audit.models import AuditLog
from conversations import actions
from conversations.export import as_markdown
from conversations.models import Conversation, Message
from conversations.reading import Citation, Covered, Reading, in_words
from conversations.rendering import growing_html, render_message
from conversations.tests.filing import make_file
from conversations.tests.making import make_conversation, make_exchange
from projects.models import Project

pytestmark = pytest.mark.django_db


def post(client: Client, conversation: Conversation, *files: Any, **more: str) -> Any:
    data = {
        "content": "O que concluiu o perito?",
        "arquivo": [str(getattr(file, "pk", file)) for file in files],
        **more,
    }
    return client.post(f"/conversas/{conversation.pk}/mensagens/", data, headers={"HX-Request": "true"})


def question_of(conversation: Conversation) -> Message:
    return Message.objects.get(conversation=conversation, role="user")


def test_files_without_a_question_begin_nothing_and_stay_named(as_owner: Client, owner: User) -> None:
    laudo = make_file(owner)
    response = as_owner.post("/conversas/", {"content": "  ", "arquivo": [str(laudo.pk)]})
    assert response.status_code == 422
    html = response.content.decode()
    assert "Escreva o que quer saber dos arquivos." in html
    assert f'name="arquivo" value="{laudo.pk}"' in html
    assert not Conversation.objects.exists()


def test_files_of_a_question_are_remembered_with_it_and_belong_to_the_conversation(
    as_owner: Client, owner: User, conversation: Conversation
) -> None:
    laudo = make_file(owner)
    answer = post(as_owner, conversation, laudo)
    assert answer.status_code == 200
    assert "laudo.pdf" in answer.content.decode()
    assert question_of(conversation).metadata["files"] == [{"id": str(laudo.pk), "name": "laudo.pdf"}]
    laudo.refresh_from_db()
    assert laudo.conversation == conversation
    row = AuditLog.objects.get(action="mensagem.enviar")
    assert row.new_value == {"files": [str(laudo.pk)]}  # and no name


def test_in_a_project_a_new_file_becomes_the_projects(as_owner: Client, owner: User) -> None:
    project = Project.objects.create(user=owner, name="Caso")
    conversation = make_conversation(owner, project=project)
    laudo = make_file(owner)
    post(as_owner, conversation, laudo)
    laudo.refresh_from_db()
    assert laudo.project == project


def test_a_file_that_belongs_elsewhere_stays_there(as_owner: Client, owner: User, conversation: Conversation) -> None:
    other = make_conversation(owner)
    laudo = make_file(owner, conversation=other)
    post(as_owner, conversation, laudo)
    laudo.refresh_from_db()
    assert laudo.conversation == other
    assert question_of(conversation).metadata["files"]


@pytest.mark.parametrize("wanted", ["stranger", "deleted", "none", "nonsense"])
def test_a_file_that_cannot_be_seen_is_refused_in_words(
    as_owner: Client, owner: User, stranger: User, conversation: Conversation, wanted: str
) -> None:
    from django.utils import timezone

    file: Any = {
        "stranger": lambda: make_file(stranger),
        "deleted": lambda: make_file(owner, deleted_at=timezone.now()),
        "none": uuid4,
        "nonsense": lambda: "não é",
    }[wanted]()
    answer = post(as_owner, conversation, file)
    assert answer.status_code == 422
    assert "não foi encontrado" in answer.json()["error"]
    assert not Message.objects.filter(conversation=conversation).exists()


def test_too_many_files_are_refused(as_owner: Client, owner: User, conversation: Conversation) -> None:
    assert "o limite é 50" in post(as_owner, conversation, *[uuid4() for _ in range(51)]).json()["error"]


def test_the_first_question_of_a_conversation_takes_files_too(as_owner: Client, owner: User) -> None:
    laudo = make_file(owner)
    as_owner.post("/conversas/", {"content": "Leia.", "arquivo": [str(laudo.pk)]})
    laudo.refresh_from_db()
    assert laudo.conversation is not None
    assert question_of(laudo.conversation).metadata["files"]


def test_a_refused_form_shows_its_files_again(as_owner: Client, owner: User, conversation: Conversation) -> None:
    laudo = make_file(owner)
    page = as_owner.post(f"/conversas/{conversation.pk}/mensagens/", {"content": " ", "arquivo": [str(laudo.pk)]})
    assert page.status_code == 422
    assert f'name="arquivo" value="{laudo.pk}"' in page.content.decode()


def test_an_edited_question_keeps_its_files(owner: User, conversation: Conversation) -> None:
    question, _ = make_exchange(conversation)
    files = [{"id": str(uuid4()), "name": "laudo.pdf"}]
    Message.objects.filter(pk=question.pk).update(metadata={"files": files})
    question.refresh_from_db()
    asked = actions.edit(question, content="De outro modo?", user=owner)
    assert asked.question.metadata == {"files": files}


# What is shown ---------------------------------------------------------------------------------

FILE = "0192f0c1-0000-7000-8000-000000000001"
TEXT = "A assinatura é falsa. Diz o laudo: “é verdadeira e boa”."


def read_reply(conversation: Conversation, **more: Any) -> Message:
    reading = Reading(
        citations=[Citation(1, FILE, "laudo <b>.pdf", 2, "não partiu do “punho” & mão", found=True)],
        places=[(len("A assinatura é falsa."), 1)],
        unfound=[len(TEXT) - 1],
        steps=["Procurando “<script>” em 1 arquivo"],
        files=[Covered(FILE, "laudo <b>.pdf", 40, list(range(1, 41)), empty=3)],
        unread=2,
        limits=["O limite foi atingido."],
    )
    _, reply = make_exchange(conversation, answer=TEXT, metadata={"reading": reading.kept()}, **more)
    return reply


def test_a_note_stands_in_the_text_and_leads_to_its_page(conversation: Conversation) -> None:
    html = render_message(read_reply(conversation))
    href = f"/arquivos/{FILE}/paginas/2/?trecho=n%C3%A3o%20partiu%20do%20%E2%80%9Cpunho%E2%80%9D%20%26%20m%C3%A3o"
    assert f'A assinatura é falsa.<a class="note-ref" data-note="1" href="{href}"' in html
    assert 'aria-label="Nota 1: laudo &lt;b&gt;.pdf, página 2">[1]</a>' in html
    assert '“é verdadeira e boa”<span class="not-found">não encontrada na página</span>.' in html


def test_under_the_answer_stand_coverage_notes_limits_and_steps(conversation: Conversation) -> None:
    html = render_message(read_reply(conversation))
    assert "laudo &lt;b&gt;.pdf: páginas 1–40 de 40 (3 páginas sem texto); 2 outros arquivos não foram lidos." in html
    assert "O limite foi atingido." in html
    assert "Procurando “&lt;script&gt;” em 1 arquivo" in html
    assert re.search(r"<blockquote[^>]*>não partiu do “punho” &amp; mão</blockquote>", html)
    assert "<script>" not in html
    assert "<b>" not in html


def test_a_note_that_was_not_found_says_so(conversation: Conversation) -> None:
    reply = read_reply(conversation)
    reply.metadata["reading"]["citations"][0]["found"] = False
    html = render_message(reply)
    assert 'class="note-ref note-doubt"' in html
    assert "página 2, não encontrada na página" in html
    assert html.count("não encontrada na página</strong>") == 1


def test_a_reply_that_is_still_written_has_its_notes(conversation: Conversation) -> None:
    reply = read_reply(conversation)
    assert 'data-note="1"' in growing_html(reply)


def test_what_a_model_writes_that_looks_like_a_note_is_none(conversation: Conversation) -> None:
    _, reply = make_exchange(conversation, answer="Veja [^1], [1] e {1}.")
    assert "data-note" not in render_message(reply)


def test_an_export_has_the_notes_as_footnotes(conversation: Conversation, owner: User) -> None:
    read_reply(conversation)
    text = as_markdown(conversation, owner)
    assert "A assinatura é falsa.[^2-1] Diz o laudo" in text
    assert "[^2-1]: laudo <b>.pdf, p. 2: “não partiu do “punho” & mão”" in text
    assert "*Lido: laudo <b>.pdf: páginas 1–40 de 40" in text


def test_the_kept_reading_is_read_back_as_it_was(conversation: Conversation) -> None:
    kept = read_reply(conversation).metadata["reading"]
    assert kept["files"][0]["read"] == [[1, 40]]
    assert Reading.of({"reading": kept}).kept() == kept
    assert not Reading.of({})


@pytest.mark.parametrize(
    ("covered", "words"),
    [
        (Covered("x", "a.pdf", 40, list(range(1, 41))), "a.pdf: páginas 1–40 de 40"),
        (Covered("x", "a.pdf", 1, [1]), "a.pdf: página 1 de 1"),
        (Covered("x", "a.pdf", 1812, [1, 2, 7, 9]), "a.pdf: 4 de 1.812 páginas"),
        (Covered("x", "a.pdf", 812), "a.pdf: nenhuma de 812 páginas"),
        (Covered("x", "a.pdf", 0, state="failed"), "a.pdf: nada (não pôde ser lido)"),
        (Covered("x", "a.pdf", 9, [3, 4], cut=[4]), "a.pdf: páginas 3–4 de 9 (em parte: p. 4)"),
        (Covered("x", "a.pdf", 9, [1], empty=1, state="reading"), "a.pdf: página 1 de 9 (1 página sem texto; o restante ainda estava sendo lido)"),
    ],
)  # fmt: skip
def test_coverage_in_words(covered: Covered, words: str) -> None:
    assert in_words(covered) == words


def test_the_question_box_offers_to_attach_files(as_owner: Client, conversation: Conversation) -> None:
    html = as_owner.get(f"/conversas/{conversation.pk}/").content.decode()
    assert 'type="file" name="file" multiple' in html
    assert "data-panel" in html
    assert "data-panel" not in as_owner.get("/conversas/").content.decode()
