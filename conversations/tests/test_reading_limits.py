"""Where reading for an answer ends: too many files, too many pages, pages that are not there yet. What is cut is said."""

import pytest

from accounts.models import User
from conversations.assistant import checking, preparing, shelf
from conversations.models import Conversation
from conversations.tests.filing import attached, long_pages, make_file
from conversations.tests.making import make_conversation
from conversations.tests.test_answers_from_files import answered, blocks_of, reading_of
from projects.models import Project
from tests.running import SimulatedApi
from uploads.models import Upload

pytestmark = pytest.mark.usefixtures("committed")


def test_of_too_many_files_the_questions_own_are_read_first_and_the_rest_is_said_to_be_left_out(
    owner: User, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf, "MOST_FILES", 3)
    project = Project.objects.create(user=owner, name="Caso do banco")
    for number in range(3):
        make_file(owner, f"apenso {number}.pdf", ["Nada."], project=project)
    conversation = make_conversation(owner, project=project)
    attached(conversation, "laudo.pdf", project=project)
    reply = answered(conversation)
    documents = [block["title"] for block in blocks_of(api.requests()[0]) if block["type"] == "document"]
    assert documents == ["laudo.pdf", "apenso 0.pdf", "apenso 1.pdf"]
    assert reading_of(reply).limits == [
        "Uma resposta alcança até 3 arquivos; os mais novos do projeto ficaram de fora."
    ]


def test_what_is_not_read_yet_is_not_put_down_to_a_limit(
    conversation: Conversation, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "PATIENCE_SECONDS", 0)
    attached(conversation, "autos.pdf", long_pages(150), upload_status=Upload.Status.PROCESSING, page_count=400)
    calls = [
        {"name": "ler_paginas", "input": {"arquivo": "a1", "de": first, "ate": last}}
        for first, last in [(149, 155), (200, 210), (1, 60)]
    ]
    api.script([{"kind": "tool_use", "calls": calls}])
    answered(conversation)
    results = api.requests()[1]["messages"][-1]["content"]
    assert [result["content"][-1]["text"].split(".")[0] for result in results] == [
        "Foram lidas as páginas até 150: do que falta ainda não há texto",
        "Nenhuma dessas páginas foi lida: do que falta ainda não há texto",
        "Foram lidas as páginas até 40: é o limite de uma leitura",
    ]


def test_a_quotation_that_may_be_on_more_pages_than_are_looked_at_is_not_called_missing(
    conversation: Conversation, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "MOST_PAGES", 4)
    for number in range(4):
        attached(conversation, f"volume {number}.pdf", ["Nada.", "Nada.", "Nada."])
    attached(conversation, "volume 4.pdf")
    named = "Diz o volume 1.pdf, p. 3: “partiu do punho do réu”."
    api.script([{"kind": "answer", "text": f"Na p. 2 lê-se “não partiu do punho da autora”.\n\n{named}"}])
    reply = answered(conversation)
    assert reading_of(reply).unfound == [reply.content.rindex("”") + 1]
