"""A question beside a document, from the box to the proposals, with the worker's assistant and the simulated API."""

import pytest

from accounts.models import User
from audit.models import AIModel, AIOperation
from conversations import actions as talk
from conversations.models import Conversation, Message
from conversations.tests.filing import attached, long_pages
from conversations.tests.making import MODEL, make_conversation
from documents import actions as papers
from documents.drafting import proposal_actions as actions
from documents.drafting.models import Proposal
from documents.models import Document
from projects.models import Project, ProjectMember
from tests.running import SimulatedApi, write

pytestmark = pytest.mark.usefixtures("committed")


def test_a_question_beside_a_document_brings_proposals(owner: User, api: SimulatedApi) -> None:
    text = "<p>O réu pagou a dívida inteira no dia combinado.</p>"
    document = papers.create("Contestação", text, user=owner)
    asked = actions.ask(document, "Deixe mais claro.", user=owner, model=MODEL)
    write(asked.reply)
    assert asked.reply.status == "complete"
    calls = AIOperation.objects.filter(operation_type="answer", message_id=asked.reply.pk)
    assert set(calls.values_list("document_id", flat=True)) == {document.pk}
    assert Proposal.objects.filter(document=document, message=asked.reply.pk).count() == 2
    first = api.requests()[0]
    material, question = first["messages"][0]["content"]
    assert "[1] O réu pagou" in material["text"]
    assert question["text"] == "Deixe mais claro."
    assert [tool["name"] for tool in first["tools"]] == ["propor_alteracao"]
    assert "Propondo uma alteração no parágrafo 1" in asked.reply.metadata["reading"]["steps"]
    document.refresh_from_db()
    assert document.revision == 1
    assert Message.objects.get(pk=asked.question.pk).content == "Deixe mais claro.", "the text is not kept twice"


def test_the_next_question_is_in_the_same_conversation(owner: User, api: SimulatedApi) -> None:
    document = papers.create("Contestação", "<p>O prazo corre.</p>", user=owner)
    first = actions.ask(document, "Resuma.", user=owner, model=MODEL)
    with pytest.raises(talk.BeingAnswered):
        actions.ask(document, "E mais.", user=owner, model=MODEL)
    write(first.reply)
    second = actions.ask(document, "E mais.", user=owner, model=MODEL)
    assert second.question.conversation_id == first.question.conversation_id


def test_two_who_ask_at_one_moment_ask_in_one_conversation(owner: User, stranger: User) -> None:
    project = Project.objects.create(user=owner, name="Silva x Souza")
    ProjectMember.objects.create(project=project, user=stranger, role="editor")
    made = papers.create("Contestação", "<p>O prazo corre.</p>", user=owner, project=project)
    first, second = (Document.objects.select_related("project").get(pk=made.pk) for _ in range(2))
    asked = actions.ask(first, "Resuma.", user=owner, model=MODEL)
    with pytest.raises(talk.BeingAnswered):
        actions.ask(second, "E mais.", user=stranger, model=MODEL)
    assert Document.objects.get().conversation_id == asked.question.conversation_id
    assert Conversation.objects.count() == 1


def test_files_are_read_page_by_page_beside_a_document_that_fills_the_window(owner: User, api: SimulatedApi) -> None:
    AIModel.objects.update(context_tokens=200_000)
    document = papers.create("Apelação", "<p>O prazo corre.</p>" * 20_000, user=owner)
    conversation = make_conversation(owner)
    Document.objects.update(conversation=conversation)
    document.refresh_from_db()
    attached(conversation, "autos.pdf", long_pages(20))
    write(actions.ask(document, "Resuma?", user=owner, model=MODEL).reply)
    request = api.requests()[0]
    assert "ler_paginas" in [tool["name"] for tool in request["tools"]]
    assert "document" not in [block["type"] for block in request["messages"][0]["content"]]
