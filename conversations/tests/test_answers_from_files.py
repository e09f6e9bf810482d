"""Answers to questions with files: what is sent, what is done, what is kept. The API is simulated, at the wire."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from audit.models import AIOperation
from conversations.assistant import preparing, tools
from conversations.models import Conversation, Message
from conversations.reading import Reading
from conversations.tests.filing import PAGES, attached, long_pages, make_file
from conversations.tests.making import ask, make_conversation, make_exchange
from projects.models import Project, ProjectMember
from tests.running import SimulatedApi, write
from uploads.models import Upload

pytestmark = pytest.mark.usefixtures("committed")
Status = Message.Status


@pytest.fixture
def conversation(owner: User) -> Conversation:
    return make_conversation(owner)


def answered(conversation: Conversation, question: str = "O que concluiu o perito?", **options: Any) -> Message:
    reply = ask(conversation, question, **options).reply
    write(reply)
    return reply


def reading_of(reply: Message) -> Reading:
    return Reading.of(reply.metadata)


def blocks_of(request: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        block for message in request["messages"] if isinstance(message["content"], list) for block in message["content"]
    ]


# Whole files -----------------------------------------------------------------------------------


def test_a_small_file_goes_whole_into_the_request_before_the_question(
    conversation: Conversation, api: SimulatedApi
) -> None:
    attached(conversation)
    answered(conversation)
    (request,) = api.requests()
    document, question = request["messages"][0]["content"]
    assert (document["type"], document["title"], document["citations"]) == ("document", "laudo.pdf", {"enabled": True})
    texts = [block["text"] for block in document["source"]["content"]]
    assert texts == [piece for number, page in enumerate(PAGES, 1) for piece in (f"[p. {number}]", page)]
    assert document["cache_control"] == {"type": "ephemeral"}
    assert question == {"type": "text", "text": "O que concluiu o perito?"}
    assert "tools" not in request


def test_the_next_question_reads_the_file_from_the_cache(conversation: Conversation, api: SimulatedApi) -> None:
    attached(conversation, pages=long_pages(12))
    answered(conversation)
    answered(conversation, "E o que mais consta?")
    first, second = AIOperation.objects.filter(operation_type="answer").order_by("created_at")
    assert first.cache_write_tokens > 6_000
    assert second.cache_read_tokens >= first.cache_write_tokens - 100


def test_under_the_answer_stands_what_was_read(conversation: Conversation, api: SimulatedApi) -> None:
    attached(conversation, pages=[*PAGES, "", "Fim."])
    reply = answered(conversation)
    assert reading_of(reply).coverage == "laudo.pdf: páginas 1–5 de 5 (1 página sem texto)"


def test_a_statement_of_the_files_has_a_note_with_its_page(conversation: Conversation, api: SimulatedApi) -> None:
    laudo = attached(conversation)
    api.script(
        [{"kind": "answer", "passages": [["O perito foi claro. "], ["A assinatura é falsa.", "punho"], [" Fim."]]}]
    )
    reply = answered(conversation)
    assert reply.content == "O perito foi claro. A assinatura é falsa. Fim."
    reading = reading_of(reply)
    (citation,) = reading.citations
    assert (citation.file, citation.page, citation.quote, citation.found) == (str(laudo.pk), 2, PAGES[1], True)
    assert reading.places == [(len("O perito foi claro. A assinatura é falsa."), 1)]


def test_a_quotation_that_is_not_on_its_page_is_said_to_be_so(conversation: Conversation, api: SimulatedApi) -> None:
    attached(conversation)
    wrong = "a assinatura partiu do punho da autora"
    api.script([{"kind": "answer", "passages": [["A assinatura é verdadeira.", "punho", wrong]]}])
    (citation,) = reading_of(answered(conversation)).citations
    assert (citation.quote, citation.found) == (wrong, False)


@pytest.mark.parametrize(
    ("text", "unfound"),
    [
        ("Diz o laudo.pdf: “não partiu do punho da autora”.", 0),
        ("Diz o laudo.pdf: “partiu do punho do réu”.", 1),
        ("Na p. 2 lê-se “não partiu do punho da autora”.", 0),
        ("Na página 3 lê-se “não partiu do punho da autora”.", 1),  # it is on another page
        ("Às fls. 2-3: “defiro a **tutela** de urgência [...] multa diária”.", 0),
        ("Às fls. 2-3: “multa diária [...] defiro a tutela”.", 1),  # in another order
        ("A chamada “inversão do ônus da prova” é regra de julgamento.", 0),  # said of no file
        ("Na p. 3, “multa” é o termo.", 0),  # a word is no quotation
    ],
)
def test_what_the_text_quotes_of_a_page_is_looked_up_there(
    conversation: Conversation, api: SimulatedApi, text: str, unfound: int
) -> None:
    attached(conversation)
    api.script([{"kind": "answer", "text": text}])
    reading = reading_of(answered(conversation))
    assert reading.unfound == ([text.index("”") + 1] if unfound else [])


def test_a_question_without_files_is_sent_as_before(conversation: Conversation, api: SimulatedApi, owner: User) -> None:
    make_file(owner, "outro.pdf")  # in no conversation
    attached(make_conversation(owner), "alheio.pdf")
    reply = answered(conversation)
    (request,) = api.requests()
    assert request["messages"] == [{"role": "user", "content": "O que concluiu o perito?"}]
    assert reply.metadata == {"mode": "juridico"}


# Through tools ---------------------------------------------------------------------------------


@pytest.fixture
def autos(conversation: Conversation) -> Upload:
    pages = long_pages(300)
    pages[11] = PAGES[1]
    pages[17] = PAGES[2]
    return attached(conversation, "autos.pdf", pages)


def test_what_does_not_fit_is_read_through_tools(conversation: Conversation, autos: Upload, api: SimulatedApi) -> None:
    api.script(
        [
            {"kind": "tool_use", "name": "procurar_nos_arquivos", "input": {"consulta": "tutela", "arquivos": []}},
            {"kind": "tool_use", "name": "ler_paginas", "input": {"arquivo": "a1", "de": 12, "ate": 14}},
            {"kind": "answer", "passages": [["Deferida.", "tutela"], [" A assinatura é falsa.", "punho"]]},
        ]
    )
    reply = answered(conversation, "Houve tutela?")
    assert (reply.status, reply.stop_reason, reply.content) == (
        Status.COMPLETE,
        "end_turn",
        "Deferida. A assinatura é falsa.",
    )
    reading = reading_of(reply)
    assert reading.steps == ["Procurando “tutela” em 1 arquivo", "Lendo autos.pdf, páginas 12 a 14"]
    assert [(one.page, one.found) for one in reading.citations] == [(18, True), (12, True)]
    assert reading.coverage == "autos.pdf: 4 de 300 páginas"
    first, second, third = api.requests()
    assert [tool["name"] for tool in first["tools"]] == ["listar_arquivos", "procurar_nos_arquivos", "ler_paginas"]
    assert all(tool["strict"] for tool in first["tools"])
    assert "a1: “autos.pdf”, 300 páginas" in first["messages"][0]["content"][0]["text"]
    assert not any(block["type"] == "document" for block in blocks_of(first))
    (result,) = second["messages"][-1]["content"]
    assert [(block["title"], block["source"]) for block in result["content"]] == [("autos.pdf, p. 18", "a1/18")]
    assert third["messages"][: len(second["messages"])] == second["messages"]


def test_the_loop_sends_back_what_the_model_said_unchanged(
    conversation: Conversation, autos: Upload, api: SimulatedApi
) -> None:
    """The simulated API refuses a thinking block that was touched or left out of its place."""
    api.script([{"kind": "tool_use", "name": "listar_arquivos", "input": {}, "text": "Vou ver."}])
    reply = answered(conversation)
    assert reply.status == Status.COMPLETE
    said = api.requests()[1]["messages"][1]["content"]
    assert [block["type"] for block in said] == ["thinking", "text", "tool_use"]
    assert said[0]["signature"]
    assert reply.content.startswith("Vou ver.\n\n## ")


def test_every_call_of_the_loop_is_an_operation_of_its_own(
    conversation: Conversation, autos: Upload, api: SimulatedApi
) -> None:
    api.script([{"kind": "tool_use", "name": "listar_arquivos", "input": {}}] * 2)
    reply = answered(conversation)
    calls = AIOperation.objects.filter(message_id=reply.pk, operation_type="answer")
    assert [call.status for call in calls] == ["complete"] * 3
    assert reply.tokens_output == sum(call.tokens_output for call in calls)


def test_calls_in_parallel_are_all_answered(conversation: Conversation, autos: Upload, api: SimulatedApi) -> None:
    calls = [
        {"name": "ler_paginas", "input": {"arquivo": "a1", "de": 1, "ate": 1}},
        {"name": "ler_paginas", "input": {"arquivo": "a9", "de": 1, "ate": 1}},  # there is none
        {"name": "ler_paginas", "input": {"arquivo": "a1", "de": 299, "ate": 500}},
        {"name": "procurar_nos_arquivos", "input": {"consulta": "usucapião", "arquivos": ["a1"]}},
    ]
    api.script([{"kind": "tool_use", "calls": calls}])
    reply = answered(conversation)
    results = api.requests()[1]["messages"][-1]["content"]
    assert [len(result["content"]) for result in results] == [1, 1, 2, 1]
    assert "Não há arquivo com este código" in results[1]["content"][0]["text"]
    assert "Nenhuma página encontrada" in results[3]["content"][0]["text"]
    assert reading_of(reply).coverage == "autos.pdf: 3 de 300 páginas"


def test_pages_beyond_the_limit_of_one_call_are_said_to_be_missing(
    conversation: Conversation, autos: Upload, api: SimulatedApi
) -> None:
    api.script([{"kind": "tool_use", "name": "ler_paginas", "input": {"arquivo": "a1", "de": 1, "ate": 300}}])
    answered(conversation)
    (result,) = api.requests()[1]["messages"][-1]["content"]
    last = result["content"][-1]["text"]
    read = sum(block["type"] == "search_result" for block in result["content"])
    assert 0 < read <= tools.PAGES_A_CALL
    assert f"Foram lidas as páginas até {read}" in last


def test_a_limit_of_the_whole_answer_is_said_under_it(
    conversation: Conversation, autos: Upload, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tools, "MOST_CALLS", 3)
    api.script([{"kind": "tool_use", "name": "ler_paginas", "input": {"arquivo": "a1", "de": 1, "ate": 2}, "times": 3}])
    reply = answered(conversation)
    assert api.requests()[-1]["tool_choice"] == {"type": "none"}
    assert reply.status == Status.COMPLETE
    assert reading_of(reply).limits == [
        "O limite de leitura de uma resposta foi atingido: nem tudo o que se procurou foi lido."
    ]


def test_the_files_of_the_question_go_whole_and_the_cases_through_tools(owner: User, api: SimulatedApi) -> None:
    project = Project.objects.create(user=owner, name="Caso do banco")
    conversation = make_conversation(owner, project=project)
    make_file(owner, "autos.pdf", long_pages(300), project=project)
    make_file(owner, "procuração.pdf", project=project)
    attached(conversation, "laudo.pdf", project=project)
    reply = answered(conversation)
    request = api.requests()[0]
    assert [block["title"] for block in blocks_of(request) if block["type"] == "document"] == ["laudo.pdf"]
    assert request["tools"]
    assert reading_of(reply).coverage.startswith("laudo.pdf: páginas 1–3 de 3")


def test_files_that_were_not_read_are_counted(owner: User, api: SimulatedApi) -> None:
    project = Project.objects.create(user=owner, name="Caso do banco")
    conversation = make_conversation(owner, project=project)
    make_file(owner, "autos.pdf", long_pages(300), project=project)
    make_file(owner, "apenso.pdf", long_pages(300), project=project)
    api.script([{"kind": "tool_use", "name": "ler_paginas", "input": {"arquivo": "a2", "de": 1, "ate": 1}}])
    reply = answered(conversation)
    assert reading_of(reply).coverage == "apenso.pdf: página 1 de 300; 1 outro arquivo não foi lido"


def test_a_file_that_cannot_be_counted_is_read_page_by_page(conversation: Conversation, api: SimulatedApi) -> None:
    attached(conversation, "autos.pdf", long_pages(60))
    api.script([{"kind": "status", "status": 529, "path": "/v1/messages/count_tokens"}])
    reply = answered(conversation)
    assert reply.status == Status.COMPLETE
    assert api.requests()[0]["tools"]


def test_the_window_leaves_out_old_turns_and_never_pages(conversation: Conversation, api: SimulatedApi) -> None:
    make_exchange(conversation, "Pergunta antiga " * 20_000, "Resposta antiga")
    attached(conversation, pages=long_pages(12))
    Conversation.objects.filter(pk=conversation.pk).update(model="claude-haiku-4-5")
    api.configure(models={"claude-haiku-4-5": {"max_input_tokens": 200_000}})
    conversation.refresh_from_db()
    reply = answered(conversation)
    request = api.requests()[-1]
    assert len(blocks_of(request)[0]["source"]["content"]) >= 24
    assert reading_of(reply).coverage == "laudo.pdf: páginas 1–12 de 12"
    assert reply.status == Status.COMPLETE


# Who may read ----------------------------------------------------------------------------------


def test_a_file_is_not_read_for_somebody_who_may_not_see_it(owner: User, stranger: User, api: SimulatedApi) -> None:
    conversation = make_conversation(owner)
    make_file(stranger, "segredo.pdf", conversation=conversation)
    reply = answered(conversation)
    assert reply.status == Status.COMPLETE
    assert "segredo" not in str(api.requests())
    assert "files" not in reply.metadata.get("reading", {})


def test_who_leaves_the_project_in_mid_answer_reads_nothing_more_of_it(
    owner: User, stranger: User, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = Project.objects.create(user=stranger, name="Caso do banco")
    member = ProjectMember.objects.create(project=project, user=owner)
    conversation = make_conversation(owner, project=project)
    make_file(stranger, "autos.pdf", long_pages(300), project=project)
    run = tools.run

    def leaving(*args: Any) -> dict[str, Any]:
        """She is taken out of it after the call was announced, and before it is done."""
        ProjectMember.objects.filter(pk=member.pk).delete()
        return run(*args)

    monkeypatch.setattr(tools, "run", leaving)
    search = {"kind": "tool_use", "name": "procurar_nos_arquivos", "input": {"consulta": "contrato", "arquivos": []}}
    read = {"kind": "tool_use", "name": "ler_paginas", "input": {"arquivo": "a1", "de": 1, "ate": 2}}
    api.script([read, search, {"kind": "answer", "text": "Nada li."}])
    reply = answered(conversation)
    assert reply.status == Status.COMPLETE
    assert not any(block["type"] == "search_result" for block in _results(api.requests()[-1]))


def _results(request: dict[str, Any]) -> list[dict[str, Any]]:
    return [inner for block in blocks_of(request) if block["type"] == "tool_result" for inner in block["content"]]


# The case --------------------------------------------------------------------------------------


def test_the_case_and_the_offices_instructions_come_after_the_modes(owner: User, api: SimulatedApi) -> None:
    project = Project.objects.create(
        user=owner, name="Caso do banco", case_number="00012345620248260100", client="Maria", opposing_party="Banco S.A.",
        instructions="Trate a cliente por Dona Maria.",
    )  # fmt: skip
    answered(make_conversation(owner, project=project))
    system = api.requests()[0]["system"]
    assert system.index("Modo jurídico") < system.index("# O caso desta conversa")
    assert "- Número do processo: 0001234-56.2024.8.26.0100" in system
    assert "- Parte contrária: Banco S.A." in system
    assert "Trate a cliente por Dona Maria." in system
    assert "Juízo" not in system  # nothing is known of it


def test_the_case_is_not_told_to_who_has_left_it(owner: User, stranger: User, api: SimulatedApi) -> None:
    project = Project.objects.create(user=stranger, name="Caso do banco", instructions="Segredo.")
    answered(make_conversation(owner, project=project))
    assert "banco" not in api.requests()[0]["system"]


# Waiting ---------------------------------------------------------------------------------------


def test_the_answer_waits_for_a_file_that_is_being_read_up_to_a_bound(
    conversation: Conversation, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(preparing, "LOOK_SECONDS", 0.05)
    attached(conversation, upload_status=Upload.Status.PROCESSING, page_count=40)
    reading = reading_of(answered(conversation))
    assert reading.coverage == "laudo.pdf: páginas 1–3 de 40 (o restante ainda estava sendo lido)"
    assert reading.limits == ["A resposta não esperou pelo fim da leitura dos arquivos que ainda estavam sendo lidos."]


def test_the_answer_goes_on_when_the_file_is_read(
    conversation: Conversation, api: SimulatedApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    laudo = attached(conversation, upload_status=Upload.Status.PROCESSING)
    said: list[str] = []
    look = preparing._waiting_for

    def finish() -> None:
        Upload.objects.filter(pk=laudo.pk).update(upload_status=Upload.Status.READY)
        connection.close()

    def waiting_for(file: Any) -> str:
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(finish).result()
        said.append(look(file))
        return said[-1]

    monkeypatch.setattr(preparing, "_waiting_for", waiting_for)
    monkeypatch.setattr(preparing, "LOOK_SECONDS", 0.01)
    reading = reading_of(answered(conversation))
    assert said == ["Lendo laudo.pdf: página 3 de 3…"]
    assert reading.coverage == "laudo.pdf: páginas 1–3 de 3"
    assert not reading.limits
