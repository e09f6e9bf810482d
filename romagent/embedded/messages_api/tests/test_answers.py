"""The simulated Messages API, driven as a real process by the real `anthropic` SDK: what an answer is."""

import json
import re
from typing import Any

import anthropic
import pytest

from romagent.embedded.messages_api import wire
from romagent.embedded.messages_api.catalogue import CATALOGUE
from romagent.embedded.messages_api.faults import Effects
from romagent.embedded.messages_api.process import SimulatedApi
from romagent.embedded.messages_api.reply import Reply, Text
from romagent.embedded.messages_api.settings import Settings
from romagent.embedded.messages_api.tests.asking import (
    FABLE,
    HAIKU,
    OLD,
    OPUS,
    QUESTION,
    SONNET,
    ask,
    assistant,
    body,
    deltas,
    events,
    raw,
    raw_chunks,
    refusal,
    streamed_text,
    text_of,
    user,
    with_async_client,
)
from romagent.embedded.messages_api.usage import Usage

# The shape of an answer ----------------------------------------------------------------------------


def test_events_come_in_the_order_of_the_api(client: anthropic.Anthropic) -> None:
    stream = events(client)
    kinds = [event.type for event in stream]
    text_at = kinds.index("content_block_start", 2)
    assert kinds[:4] == ["message_start", "content_block_start", "content_block_delta", "content_block_stop"]
    assert set(kinds[text_at + 1 : -3]) == {"content_block_delta"}
    assert kinds[-3:] == ["content_block_stop", "message_delta", "message_stop"]
    start, thinking, text = stream[0].message, stream[1], stream[text_at]
    assert (start.content, start.stop_reason, start.role) == ([], None, "assistant")
    assert start.id.startswith("msg_")
    assert start.usage.input_tokens > 0
    assert (thinking.index, thinking.content_block.type, thinking.content_block.thinking) == (0, "thinking", "")
    assert (text.index, text.content_block.type, text.content_block.text) == (1, "text", "")
    assert stream[-2].delta.stop_reason == "end_turn"


@pytest.mark.parametrize("model", [OPUS, SONNET, HAIKU, FABLE, "claude-fable-5-2"])
def test_the_5_5_line_thinks_first_with_an_empty_text_and_a_signature(client: anthropic.Anthropic, model: str) -> None:
    block = ask(client, model=model).content[0]
    assert block.type == "thinking"
    assert block.thinking == ""
    assert len(block.signature) > 40


def test_thinking_is_shown_when_its_display_is_summarized(client: anthropic.Anthropic) -> None:
    stream = events(client, thinking={"type": "adaptive", "display": "summarized"})
    shown = "".join(delta.thinking for delta in deltas(stream, "thinking_delta"))
    assert shown.startswith("Simulação:")
    assert len(deltas(stream, "signature_delta")) == 1


def test_models_that_do_not_think_unasked_begin_with_text(client: anthropic.Anthropic) -> None:
    assert [block.type for block in ask(client, model=OLD).content] == ["text"]
    assert [block.type for block in ask(client, model=SONNET, thinking={"type": "between_tools"}).content] == ["text"]


def test_a_message_without_stream_holds_the_same_as_the_stream(client: anthropic.Anthropic) -> None:
    message, stream = ask(client), events(client)
    assert text_of(message) == streamed_text(stream)
    assert message.usage.output_tokens == stream[-2].usage.output_tokens
    assert message.stop_reason == "end_turn"


def test_the_async_client_reads_the_same_answer(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    async def use(other: anthropic.AsyncAnthropic) -> list[Any]:
        return [event async for event in await other.messages.create(**body(), stream=True)]

    assert streamed_text(with_async_client(api, use)) == text_of(ask(client))


def test_each_event_is_one_chunk_with_its_two_lines(api: SimulatedApi) -> None:
    chunks = raw_chunks(api)
    for chunk in chunks:
        name, data, *rest = chunk.split(b"\n")
        assert name.startswith(b"event: ")
        assert data.startswith(b"data: ")
        assert rest == [b"", b""]
        assert json.loads(data[6:])["type"] == name[7:].decode()
    assert wire.PING in chunks


@pytest.mark.parametrize(
    ("pace", "pings"),
    [
        ({"first_token_ms": 25_000}, [10.0, 20.0, 25.0]),
        ({"first_token_ms": 0, "tokens_per_second": 0.08}, [0.0, 10.0, 22.5]),  # a token every 12.5 s
    ],
)
def test_a_long_wait_for_a_token_is_filled_with_pings(pace: dict[str, float], pings: list[float]) -> None:
    reply = Reply(CATALOGUE[OPUS], Usage(1), blocks=[Text(["Bom", " dia", "!"])])
    line = wire.timeline(reply, Settings(**pace), Effects(None), "req_1")
    assert [frame.due for frame in line.frames if frame.data == wire.PING] == pings


# Headers -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/v1/messages", "/v1/models", "/v1/nada"])
def test_every_answer_carries_a_request_id(api: SimulatedApi, path: str) -> None:
    status, headers, _ = raw(api, "GET", path)
    assert headers["request-id"].startswith("req_")
    assert status == {"/v1/messages": 405, "/v1/models": 200, "/v1/nada": 404}[path]


def test_a_stream_and_a_refusal_carry_a_request_id(client: anthropic.Anthropic) -> None:
    with client.messages.with_streaming_response.create(**body(), stream=True) as response:
        assert response.headers["request-id"].startswith("req_")
        assert response.headers["transfer-encoding"] == "chunked"
    error = refusal(client, max_tokens=-1)
    assert error.request_id == error.body["request_id"]


@pytest.mark.parametrize("authorization", [None, "Bearer ", "Basic c2ltdWxhdGVk"])
def test_a_missing_bearer_key_is_401(api: SimulatedApi, authorization: str | None) -> None:
    status, _, data = raw(api, "GET", "/v1/models", authorization=authorization, x_api_key="simulated")
    assert (status, json.loads(data)["error"]["type"]) == (401, "authentication_error")


@pytest.mark.parametrize("version", [None, "2023-06-01"])
def test_another_version_of_the_api_is_400(api: SimulatedApi, version: str | None) -> None:
    status, _, data = raw(api, "GET", "/v1/models", anthropic_version=version)
    assert (status, json.loads(data)["error"]["type"]) == (400, "invalid_request_error")


# The text ------------------------------------------------------------------------------------------


def test_the_answer_says_that_it_is_simulated_and_how_to_get_real_ones(client: anthropic.Anthropic) -> None:
    text = text_of(ask(client))
    assert "Esta é uma resposta simulada" in text
    assert "ANTHROPIC_API_KEY" in text


def test_the_answer_is_markdown_about_the_question_and_cites_no_law(client: anthropic.Anthropic) -> None:
    texts = [text_of(ask(client, messages=[user(f"Pergunta {letter}")])) for letter in "abcdef"]
    for text in texts:
        assert re.search(r"^## ", text, re.M)
        assert re.search(r"^- \*\*", text, re.M)
        assert re.search(r"[ãçéí]", text)
        assert not re.search(r"\d", text)  # a law, a precedent and a case have numbers
    assert len(set(texts)) == len(texts)
    assert any("| --- |" in text for text in texts)
    assert not all("| --- |" in text for text in texts)


def test_the_same_question_gives_the_same_text(client: anthropic.Anthropic) -> None:
    assert text_of(ask(client)) == text_of(ask(client, model=HAIKU))


def test_a_title_is_at_most_8_words_of_the_question(client: anthropic.Anthropic) -> None:
    system = "Escreva um título curto para a conversa."
    title = text_of(
        ask(client, system=system, max_tokens=60, messages=[user("Um dois três quatro cinco seis sete oito nove dez.")])
    )
    assert title == "Dois três quatro cinco seis sete oito nove"
    title = text_of(ask(client, system=system, max_tokens=60, messages=[user(QUESTION)]))
    assert title == "Quais são os riscos da ação de indenização"
    assert len(text_of(ask(client, system="Com título e subtítulos.", max_tokens=1000))) > 200


def test_a_structured_answer_fits_its_schema(client: anthropic.Anthropic) -> None:
    schema = {
        "type": "object",
        "properties": {
            "partes": {"type": "array", "items": {"$ref": "#/$defs/parte"}},
            "urgente": {"type": "boolean"},
            "tipo": {"enum": ["ação", "recurso"]},
        },
        "$defs": {"parte": {"type": "object", "properties": {"nome": {"type": "string"}}}},
    }
    answer = json.loads(text_of(ask(client, output_config={"format": {"type": "json_schema", "schema": schema}})))
    assert (answer["urgente"], answer["tipo"]) == (False, "ação")
    assert "simulada" in answer["partes"][0]["nome"]


@pytest.mark.parametrize("tokens", [1, 7, 90, 1_000])
def test_an_answer_can_have_an_exact_number_of_tokens(
    api: SimulatedApi, client: anthropic.Anthropic, tokens: int
) -> None:
    api.configure(answer_tokens=tokens)
    stream = events(client)
    assert len(deltas(stream)) == tokens
    assert stream[-2].delta.stop_reason == "end_turn"


def continued(client: anthropic.Anthropic, beginning: str) -> str:
    return text_of(ask(client, messages=[user(QUESTION), assistant(beginning), user("Continue de onde parou.")]))


@pytest.mark.parametrize("ends_with", ["risc", "simulada:", "resposta ", "jurídica. ", "\n\n### A sua pergunta\n\n"])
def test_continue_gives_just_what_is_left(client: anthropic.Anthropic, ends_with: str) -> None:
    whole = text_of(ask(client))
    beginning = whole[: whole.index(ends_with) + len(ends_with)]
    assert beginning + continued(client, beginning) == whole


def test_continue_passes_over_blanks_that_the_answer_does_not_have(client: anthropic.Anthropic) -> None:
    whole = text_of(ask(client))
    beginning = whole[: whole.index(" simulada")]
    assert beginning + continued(client, beginning + "\n \n") == whole


def test_an_answer_can_be_continued_several_times(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.configure(answer_tokens=120)
    whole, history, pieces = text_of(ask(client)), [user(QUESTION)], []
    for _ in range(10):
        message = ask(client, messages=history, max_tokens=60)
        pieces.append(text_of(message))
        if message.stop_reason == "end_turn":
            break
        assert message.stop_reason == "max_tokens"
        history += [assistant(pieces[-1]), user("continue")]
    assert len(pieces) > 2
    assert "".join(pieces) == whole


def test_continue_after_the_whole_answer_gives_nothing(client: anthropic.Anthropic) -> None:
    messages = [user(QUESTION), assistant(text_of(ask(client))), user("Continue de onde parou.")]
    message = ask(client, messages=messages)
    assert (text_of(message), message.stop_reason) == ("", "end_turn")


def test_continue_after_another_text_is_a_question_like_any_other(client: anthropic.Anthropic) -> None:
    history = [user(QUESTION), assistant("Outro texto."), user("Continue")]
    assert text_of(ask(client, messages=history)).startswith("## Continue")


def test_a_stop_sequence_ends_the_text_before_it(client: anthropic.Anthropic) -> None:
    message = ask(client, stop_sequences=["simulada"])
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", "simulada")
    assert text_of(message).endswith("Esta é uma resposta ")


def test_a_script_can_give_the_text(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    text = "# Título\u2028<script>alert('oi')</script> \ud83d\ude00 fim"
    api.script([{"kind": "answer", "text": text}])
    assert streamed_text(events(client)) == text.encode("utf-16", "surrogatepass").decode("utf-16")
