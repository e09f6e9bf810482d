"""Tools that the simulated Messages API calls, and the citations of what it was given."""

import base64
import json
import zlib
from typing import Any

import anthropic
import pytest

from romagent.embedded.messages_api.process import SimulatedApi
from romagent.embedded.messages_api.tests.asking import (
    ATRASO,
    CITED,
    CITED_SENTENCE,
    CONTRACT,
    OPUS,
    PDF_SOURCE,
    PLAIN,
    QUESTION,
    RESULT,
    SONNET,
    TOOL,
    ask,
    assistant,
    citations,
    deltas,
    events,
    refusal,
    text_of,
    user,
)

# Tools ---------------------------------------------------------------------------------------------


def test_a_scripted_tool_call_comes_in_fragments_the_first_of_them_empty(
    api: SimulatedApi, client: anthropic.Anthropic
) -> None:
    wanted = {"texto": "cláusula de não concorrência", "limite": 5}
    api.script([{"kind": "tool_use", "name": "buscar_arquivos", "input": wanted}])
    stream = events(client, tools=[TOOL])
    fragments = [delta.partial_json for delta in deltas(stream, "input_json_delta")]
    assert fragments[0] == ""
    assert len(fragments) > 3
    assert json.loads("".join(fragments)) == wanted
    block = next(e.content_block for e in stream if e.type == "content_block_start" and e.index == 1)
    assert (block.type, block.name, block.input) == ("tool_use", "buscar_arquivos", {})
    assert stream[-2].delta.stop_reason == "tool_use"


def test_several_calls_come_as_several_blocks(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    calls = [{"name": "buscar_arquivos", "input": {"texto": "a"}}, {"name": "buscar_arquivos", "input": {"texto": "b"}}]
    api.script([{"kind": "tool_use", "calls": calls}])
    found = [block for block in ask(client, tools=[TOOL]).content if block.type == "tool_use"]
    assert [block.input for block in found] == [{"texto": "a"}, {"texto": "b"}]
    assert found[0].id != found[1].id


def test_a_tool_asked_for_in_words_is_called_with_an_input_its_schema_accepts(client: anthropic.Anthropic) -> None:
    words = [user("Por favor, use a ferramenta buscar_arquivos para o contrato.")]
    call = ask(client, tools=[TOOL], messages=words).content[-1]
    assert call.type == "tool_use"
    assert isinstance(call.input["texto"], str)
    assert isinstance(call.input["limite"], int)
    assert ask(client, tools=[TOOL], tool_choice={"type": "none"}, messages=words).stop_reason == "end_turn"


def test_a_forced_tool_is_called(client: anthropic.Anthropic) -> None:
    other = TOOL | {"name": "ler_pagina"}
    for choice, called in (
        ({"type": "any"}, "buscar_arquivos"),
        ({"type": "tool", "name": "ler_pagina"}, "ler_pagina"),
    ):
        message = ask(client, model="claude-opus-5", tools=[TOOL, other], tool_choice=choice)
        assert [block.name for block in message.content if block.type == "tool_use"] == [called]


def test_the_tool_loop_goes_on_with_the_whole_content_sent_back(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "tool_use", "name": "buscar_arquivos", "input": {"texto": "multa"}}])
    first = ask(client, tools=[TOOL])
    result = {"type": "tool_result", "tool_use_id": first.content[-1].id, "content": "A multa é de dois salários."}
    history = [user(QUESTION), assistant([block.to_dict() for block in first.content]), user([result])]
    second = ask(client, tools=[TOOL], messages=history)
    assert second.stop_reason == "end_turn"
    assert "A multa é de dois salários." in text_of(second)


def test_a_thinking_block_belongs_to_its_text_place_model_and_conversation(client: anthropic.Anthropic) -> None:
    first = ask(client)
    thinking, text = (block.to_dict() for block in first.content)

    def sent_back(content: list[Any], question: str = QUESTION, model: str = OPUS) -> dict[str, Any]:
        return {"model": model, "messages": [user(question), assistant(content), user("E os prazos?")]}

    assert ask(client, **sent_back([thinking, text])).stop_reason == "end_turn"
    edited = thinking | {"thinking": "outra coisa"}
    for changes in (
        sent_back([edited, text]),
        sent_back([text, thinking]),
        sent_back([thinking, text], model=SONNET),
        sent_back([thinking, text], question="Outra conversa"),
    ):
        assert isinstance(refusal(client, **changes), anthropic.BadRequestError)


def test_a_tool_call_cut_by_max_tokens_has_no_whole_json(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script(
        [
            {"kind": "tool_use", "name": "buscar_arquivos", "input": {"texto": "x" * 100}}
            | {"also": [{"kind": "stop_reason", "stop_reason": "max_tokens", "after_tokens": 3}], "times": 2}
        ]
    )
    stream = events(client, tools=[TOOL])
    with pytest.raises(ValueError):
        json.loads("".join(delta.partial_json for delta in deltas(stream, "input_json_delta")))
    assert stream[-2].delta.stop_reason == "max_tokens"
    assert ask(client, tools=[TOOL]).content[-1].input == {}


def test_a_script_for_a_tool_that_is_not_offered_is_400(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "tool_use", "name": "apagar_tudo", "input": {}}])
    assert "apagar_tudo" in str(refusal(client, tools=[TOOL]).api_message)


# Citations -----------------------------------------------------------------------------------------


def simple_pdf(*pages: str) -> bytes:
    streams = [zlib.compress(f"BT /F1 12 Tf ({page}) Tj ET".encode("cp1252")) for page in pages]
    objects = [b"<< /Type /Page >>\nstream\n" + stream + b"\nendstream\n" for stream in streams]
    return b"%PDF-1.7\n" + b"".join(objects) + b"<< /Type /Pages >>"


def test_plain_text_is_cited_by_characters(client: anthropic.Anthropic) -> None:
    source = PLAIN | {"data": CONTRACT}
    (found,) = citations(client, {"type": "document", "title": "Contrato", "source": source} | CITED)
    assert (found.type, found.document_index, found.document_title) == ("char_location", 0, "Contrato")
    assert found.cited_text == CITED_SENTENCE == CONTRACT[found.start_char_index : found.end_char_index]


def test_a_pdf_is_cited_by_pages_from_1_with_an_exclusive_end(client: anthropic.Anthropic) -> None:
    data = base64.b64encode(simple_pdf("Capa do processo.", CONTRACT)).decode()
    (found,) = citations(client, {"type": "document", "source": PDF_SOURCE | {"data": data}} | CITED)
    assert (found.type, found.start_page_number, found.end_page_number) == ("page_location", 2, 3)
    assert found.cited_text == CITED_SENTENCE


def test_a_pdf_without_text_is_not_cited(client: anthropic.Anthropic) -> None:
    assert citations(client, {"type": "document", "source": PDF_SOURCE} | CITED) == []


def test_custom_content_is_cited_by_whole_blocks(client: anthropic.Anthropic) -> None:
    content = [{"type": "text", "text": "Capa."}, {"type": "text", "text": CONTRACT}]
    (found,) = citations(client, {"type": "document", "source": {"type": "content", "content": content}} | CITED)
    assert (found.type, found.start_block_index, found.end_block_index) == ("content_block_location", 1, 2)
    assert found.cited_text == CONTRACT


def test_search_results_are_counted_across_turns_and_tool_results(
    api: SimulatedApi, client: anthropic.Anthropic
) -> None:
    api.script([{"kind": "tool_use", "name": "buscar_arquivos", "input": {"texto": "multa"}}])
    first = ask(client, tools=[TOOL], messages=[user(ATRASO)])
    inside = RESULT | CITED | {"title": "Acordo", "content": [{"type": "text", "text": CONTRACT}]}
    result = {"type": "tool_result", "tool_use_id": first.content[-1].id, "content": [RESULT | CITED, inside]}
    history = [user(ATRASO), assistant([block.to_dict() for block in first.content]), user([result])]
    blocks = ask(client, tools=[TOOL], messages=history).content
    found = [citation for block in blocks if block.type == "text" for citation in block.citations or []]
    assert [citation.type for citation in found] == ["search_result_location"] * 2
    assert [citation.search_result_index for citation in found] == [0, 1]
    assert (found[1].title, found[1].source, found[1].cited_text) == ("Acordo", "peça", CONTRACT)


def test_citations_come_in_a_stream_as_deltas_of_their_own_block(client: anthropic.Anthropic) -> None:
    document = {"type": "document", "source": PLAIN | {"data": CONTRACT}} | CITED
    stream = events(client, messages=[user([document, {"type": "text", "text": ATRASO}])])
    (delta,) = deltas(stream, "citations_delta")
    at = next(e.index for e in stream if e.type == "content_block_delta" and e.delta is delta)
    words = [e.delta.text for e in stream if e.type == "content_block_delta" and e.index == at and e.delta is not delta]
    assert CITED_SENTENCE in "".join(words)
    assert delta.citation.cited_text == CITED_SENTENCE


def test_nothing_is_cited_where_citations_are_off(client: anthropic.Anthropic) -> None:
    assert citations(client, {"type": "document", "source": PLAIN | {"data": CONTRACT}}, RESULT) == []


def test_a_script_can_cite_what_it_likes_even_what_is_not_there(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    content = [{"type": "text", "text": "[p. 1]"}, {"type": "text", "text": CONTRACT}]
    document = {"type": "document", "source": {"type": "content", "content": content}} | CITED
    wanted = next(word for word in CONTRACT.split() if len(word) > 6)
    api.script([{"kind": "answer", "passages": [["Antes. "], ["Dito.", wanted], [" Falso.", wanted, "nunca dito"]]}])
    blocks = ask(client, messages=[user([document, {"type": "text", "text": ATRASO}])]).content
    said = [(block.text, [c.cited_text for c in block.citations or []]) for block in blocks if block.type == "text"]
    assert said == [("Antes. ", []), ("Dito.", [CONTRACT]), (" Falso.", ["nunca dito"])]


def test_a_script_that_cites_what_was_not_sent_is_400(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "answer", "passages": [["Dito.", "em lugar nenhum"]]}])
    with pytest.raises(anthropic.BadRequestError, match="no citable source"):
        ask(client)


def test_a_pages_number_is_not_cited_where_there_are_words(client: anthropic.Anthropic) -> None:
    content = [{"type": "text", "text": text} for text in ("[p. 1]", "Nada que se pareça.")]
    (found,) = citations(client, {"type": "document", "source": {"type": "content", "content": content}} | CITED)
    assert found.cited_text == "Nada que se pareça."


def test_a_tool_that_takes_a_query_is_called_once_for_a_question(client: anthropic.Anthropic) -> None:
    properties = {"consulta": {"type": "string"}, "arquivos": {"type": "array", "items": {"type": "string"}}}
    tool = {"name": "procurar", "input_schema": {"type": "object", "properties": properties}}
    first = ask(client, tools=[tool], messages=[user("Houve tutela antecipada?")])
    call = first.content[-1]
    assert (first.stop_reason, call.input) == (
        "tool_use",
        {"consulta": "antecipada or tutela or Houve", "arquivos": []},
    )
    result = {"type": "tool_result", "tool_use_id": call.id, "content": "nada"}
    said = assistant([block.to_dict() for block in first.content])
    second = ask(client, tools=[tool], messages=[user("Houve tutela antecipada?"), said, user([result])])
    assert second.stop_reason == "end_turn"
