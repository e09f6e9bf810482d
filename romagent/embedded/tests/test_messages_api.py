"""The simulated Messages API, driven as a real process by the real `anthropic` SDK.

One file, longer than the house likes: it is the contract of one small server, and it reads top to bottom.
"""

import asyncio
import base64
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import anthropic
import httpx2
import pytest

from romagent.embedded.messages_api import server, wire
from romagent.embedded.messages_api.catalogue import CATALOGUE
from romagent.embedded.messages_api.faults import Effects
from romagent.embedded.messages_api.process import ROOT, SimulatedApi
from romagent.embedded.messages_api.reply import Reply, Text
from romagent.embedded.messages_api.settings import Settings
from romagent.embedded.messages_api.stream import MOST_UNSENT, Pacer
from romagent.embedded.messages_api.usage import Usage
from tests.client import PATIENCE

OPUS, SONNET, HAIKU, FABLE = "claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5-1"
OLD = "claude-haiku-4-5"
QUESTION = "Quais são os riscos da ação de indenização por atraso de voo?"
EPHEMERAL = {"type": "ephemeral"}
TOOL = {
    "name": "buscar_arquivos",
    "description": "Procura um trecho nos arquivos do caso.",
    "input_schema": {
        "type": "object",
        "properties": {"texto": {"type": "string"}, "limite": {"type": "integer"}},
        "required": ["texto"],
    },
}
HEADERS = {"authorization": "Bearer simulated", "anthropic-version": "2026-10-21", "content-type": "application/json"}


@pytest.fixture(scope="module")
def process() -> Iterator[SimulatedApi]:
    with SimulatedApi.start(SIMULATED_FIRST_TOKEN_MS=5, SIMULATED_TOKENS_PER_SECOND=20_000) as api:
        yield api


@pytest.fixture
def api(process: SimulatedApi) -> SimulatedApi:
    process.reset()
    return process


@pytest.fixture(scope="module")
def sdk(process: SimulatedApi) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key="simulated", base_url=process.url, max_retries=0) as sdk:
        yield sdk


@pytest.fixture
def client(api: SimulatedApi, sdk: anthropic.Anthropic) -> anthropic.Anthropic:
    """One SDK client for all tests, since making one costs more than most tests; `api` clears what came before."""
    return sdk


def user(content: Any) -> dict[str, Any]:
    return {"role": "user", "content": content}


def assistant(content: Any) -> dict[str, Any]:
    return {"role": "assistant", "content": content}


def body(**changes: Any) -> dict[str, Any]:
    return {"model": OPUS, "max_tokens": 4_000, "messages": [user(QUESTION)]} | changes


def ask(client: anthropic.Anthropic, **changes: Any) -> anthropic.types.Message:
    """A whole message; the body goes out as it is, also what the SDK's own arguments would not let pass."""
    return client.post("/v1/messages", body=body(**changes), cast_to=anthropic.types.Message)


def refusal(client: anthropic.Anthropic, **changes: Any) -> anthropic.APIStatusError:
    with pytest.raises(anthropic.APIStatusError) as caught:
        ask(client, **changes)
    return caught.value


def events(client: anthropic.Anthropic, **changes: Any) -> list[Any]:
    return list(client.messages.create(**body(**changes), stream=True))


def text_of(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def deltas(stream: list[Any], kind: str = "text_delta") -> list[Any]:
    found = [event.delta for event in stream if event.type == "content_block_delta"]
    return [delta for delta in found if delta.type == kind]


def streamed_text(stream: list[Any]) -> str:
    return "".join(delta.text for delta in deltas(stream))


def with_async_client(api: SimulatedApi, use: Callable[[anthropic.AsyncAnthropic], Awaitable[Any]]) -> Any:
    """Run `use` with the client that the product uses: the aiohttp transport, no tracing."""

    async def run() -> Any:
        async with anthropic.AsyncAnthropic(
            api_key="simulated",
            base_url=api.url,
            http_client=anthropic.DefaultAioHttpClient(),
            open_telemetry=False,
            max_retries=0,
        ) as client:
            return await use(client)

    return asyncio.run(run())


def eventually(condition: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()


def raw(api: SimulatedApi, method: str, path: str, data: bytes = b"", **headers: str | None) -> tuple[int, Any, bytes]:
    """One call without the SDK: status, headers, body. A header of None is left out."""
    given = HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", api.port, timeout=PATIENCE)
    try:
        sent = {name: value for name, value in given.items() if value is not None}
        connection.request(method, path, data or None, sent)
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    finally:
        connection.close()


def streaming_request(**changes: Any) -> bytes:
    """The bytes of a request for a stream, for tests that need the bare connection."""
    data = json.dumps(body(stream=True, **changes)).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    return f"POST /v1/messages HTTP/1.1\r\nhost: x\r\n{head}content-length: {len(data)}\r\n\r\n".encode() + data


def raw_chunks(api: SimulatedApi, **changes: Any) -> list[bytes]:
    """The HTTP chunks of a streamed answer as the server cut them."""
    with socket.create_connection(("127.0.0.1", api.port), timeout=PATIENCE) as connection:
        connection.sendall(streaming_request(**changes))
        with connection.makefile("rb") as received:
            while received.readline() != b"\r\n":
                pass
            chunks = []
            while size := int(received.readline(), 16):
                chunks.append(received.read(size))
                received.readline()
            return chunks


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


# What is refused -----------------------------------------------------------------------------------

PDF_SOURCE = {"type": "base64", "media_type": "application/pdf", "data": base64.b64encode(b"%PDF-1.7").decode()}
PLAIN = {"type": "text", "media_type": "text/plain", "data": "Olá."}
CITED = {"citations": {"enabled": True}}
CITATION = {"type": "char_location", "cited_text": "Olá.", "document_index": 0, "document_title": None}
RESULT = {"type": "search_result", "source": "peça", "title": "Peça", "content": [{"type": "text", "text": "Olá."}]}
SCHEMA = {"type": "object", "properties": {"nome": {"type": "string"}}, "required": ["nome"]}
FORMAT = {"format": {"type": "json_schema", "schema": SCHEMA}}

REFUSED: dict[str, tuple[str, dict[str, Any]]] = {  # what the refusal says, and what was sent
    "temperature": ("temperature:", {"temperature": 1.0}),
    "top_p": ("top_p:", {"top_p": 1}),
    "top_k": ("top_k:", {"top_k": 5}),
    "unknown field": ("Extra inputs", {"betas": ["x"]}),
    "number as text": ("text: Input should be", {"messages": [user([{"type": "text", "text": 1}])]}),
    "text as tools": ("tools: Input should be", {"tools": "buscar"}),
    "no messages": ("at least one message", {"messages": []}),
    "empty content": ("non-empty content", {"messages": [user("")]}),
    "blank text": ("non-whitespace", {"messages": [user([{"type": "text", "text": " \n"}])]}),
    "unknown role": ("role", {"messages": [{"role": "tool", "content": "x"}]}),
    "unknown block": ("'audio'", {"messages": [user([{"type": "audio"}])]}),
    "assistant first": ("first message", {"messages": [assistant("Olá"), user("Olá")]}),
    "too many tokens": ("128001 > 128000", {"max_tokens": 128_001}),
    "document of the assistant": (
        "`document` blocks are not permitted",
        {"messages": [user("a"), assistant([{"type": "document", "source": PLAIN}]), user("b")]},
    ),
    "citations in a user's text": (
        "text.citations",
        {"messages": [user([{"type": "text", "text": "a", "citations": [CITATION]}])]},
    ),
    "citations in a search result": (
        "search_result.content.citations",
        {"messages": [user([RESULT | {"content": [{"type": "text", "text": "a", "citations": [CITATION]}]}])]},
    ),
    "citations on some documents": (
        "on all `document`",
        {"messages": [user([{"type": "document", "source": PLAIN} | CITED, {"type": "document", "source": PLAIN}])]},
    ),
    "citations and structured output": (
        "structured outputs",
        {
            "output_config": FORMAT,
            "messages": [user([{"type": "document", "source": PLAIN} | CITED, {"type": "text", "text": "a"}])],
        },
    ),
    "word file as document": (
        "media_type",
        {"messages": [user([{"type": "document", "source": PDF_SOURCE | {"media_type": "application/msword"}}])]},
    ),
    "broken base64": (
        "base64.data",
        {"messages": [user([{"type": "document", "source": PDF_SOURCE | {"data": "%%%"}}])]},
    ),
    "encrypted PDF": (
        "password protected",
        {
            "messages": [
                user([{"type": "document", "source": PDF_SOURCE | {"data": base64.b64encode(b"/Encrypt").decode()}}])
            ]
        },
    ),
    "prefill on Haiku 5.5": ("prefill", {"model": HAIKU, "messages": [user("a"), assistant("b")]}),
    "prefill on Opus 5.5": ("prefill", {"messages": [user("a"), assistant("b")]}),
    "budget on Opus 5.5": ("thinking.type", {"thinking": {"type": "enabled", "budget_tokens": 2_000}}),
    "budget on Fable 5.1": ("thinking.type", {"model": FABLE, "thinking": {"type": "enabled", "budget_tokens": 2_000}}),
    "budget on Sonnet 5": (
        "thinking.type",
        {"model": "claude-sonnet-5", "thinking": {"type": "enabled", "budget_tokens": 2_000}},
    ),
    "budget on Haiku 5.5": ("thinking.type", {"model": HAIKU, "thinking": {"type": "enabled", "budget_tokens": 2_000}}),
    "budget above max_tokens": (
        "budget_tokens",
        {"model": OLD, "thinking": {"type": "enabled", "budget_tokens": 4_000}},
    ),
    "no thinking on Opus 5.5": ("thinking.type", {"thinking": {"type": "disabled"}}),
    "no thinking on Fable 5.1": ("thinking.type", {"model": FABLE, "thinking": {"type": "disabled"}}),
    "no thinking on Sonnet 5.5": ("thinking.type", {"model": SONNET, "thinking": {"type": "disabled"}}),
    "no thinking at effort xhigh": (
        "'xhigh'",
        {
            "model": HAIKU,
            "thinking": {"type": "disabled"},
            "output_config": {"effort": "xhigh"},
        },
    ),
    "between_tools on Opus 5.5": ("thinking.type", {"thinking": {"type": "between_tools"}}),
    "unknown effort": ("'huge'", {"output_config": {"effort": "huge"}}),
    "effort on a model without it": ("effort", {"model": OLD, "output_config": {"effort": "low"}}),
    "tool_choice any on Opus 5.5": ("tool_choice.type", {"tools": [TOOL], "tool_choice": {"type": "any"}}),
    "tool_choice tool on Sonnet 5.5": (
        "tool_choice.type",
        {
            "model": SONNET,
            "tools": [TOOL],
            "tool_choice": {"type": "tool", "name": "buscar_arquivos"},
        },
    ),
    "tool_choice any on Haiku 5.5": (
        "tool_choice.type",
        {"model": HAIKU, "tools": [TOOL], "tool_choice": {"type": "any"}},
    ),
    "two tools of one name": ("unique", {"tools": [TOOL, TOOL]}),
    "tool without schema": ("input_schema", {"tools": [{"name": "x"}]}),
    "result of no call": (
        "unexpected `tool_use_id`",
        {"messages": [user([{"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}])]},
    ),
    "call without result": (
        "without `tool_result`",
        {
            "messages": [
                user("a"),
                assistant([{"type": "tool_use", "id": "toolu_1", "name": "x", "input": {}}]),
                user("b"),
            ]
        },
    ),
    "invented thinking": (
        "Invalid `signature`",
        {
            "messages": [user("a"), assistant([{"type": "thinking", "thinking": "", "signature": "x"}]), user("b")],
        },
    ),
    "five cache marks": (
        "maximum of 4",
        {"messages": [user([{"type": "text", "text": "a", "cache_control": EPHEMERAL} for _ in range(5)])]},
    ),
    "unknown ttl": ("cache_control", {"cache_control": {"type": "ephemeral", "ttl": "1d"}}),
    "e-mail as user id": ("user_id", {"metadata": {"user_id": "ana@escritorio.adv.br"}}),
}


@pytest.mark.parametrize(("says", "changes"), REFUSED.values(), ids=REFUSED.keys())
def test_what_the_api_refuses_is_400(client: anthropic.Anthropic, says: str, changes: dict[str, Any]) -> None:
    error = refusal(client, **changes)
    assert isinstance(error, anthropic.BadRequestError)
    assert error.type == "invalid_request_error"
    assert says in str(error.api_message)


ACCEPTED: dict[str, dict[str, Any]] = {
    "prefill on an old model": {"model": OLD, "messages": [user("a"), assistant("b")]},
    "budget on an old model": {"model": OLD, "thinking": {"type": "enabled", "budget_tokens": 2_000}},
    "no thinking on Haiku 5.5": {"model": HAIKU, "thinking": {"type": "disabled"}, "output_config": {"effort": "high"}},
    "no thinking on Opus 5": {"model": "claude-opus-5", "thinking": {"type": "disabled"}},
    "tool_choice any on Opus 5": {"model": "claude-opus-5", "tools": [TOOL], "tool_choice": {"type": "any"}},
    "neighbouring turns of one role": {"messages": [user("a"), user("b"), assistant("c"), user("d")]},
    "tool results in two messages": {
        "messages": [
            user("a"),
            assistant([{"type": "tool_use", "id": f"toolu_{n}", "name": "x", "input": {}} for n in (1, 2)]),
            user([{"type": "tool_result", "tool_use_id": "toolu_1", "content": "x"}]),
            user([{"type": "tool_result", "tool_use_id": "toolu_2", "content": "y"}]),
        ]
    },
    "a system message between turns": {"messages": [user("a"), {"role": "system", "content": "b"}, user("c")]},
    "effort max": {"output_config": {"effort": "max"}},
    "an opaque user id": {"metadata": {"user_id": "0198c0de-7000-8000-9000-000000000000"}},
    "four cache marks": {
        "messages": [user([{"type": "text", "text": "a", "cache_control": EPHEMERAL} for _ in range(4)])]
    },
    "citations off on every document": {
        "messages": [user([{"type": "document", "source": PLAIN}, {"type": "document", "source": PLAIN}])]
    },
}


@pytest.mark.parametrize("changes", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_what_the_api_accepts_is_answered(client: anthropic.Anthropic, changes: dict[str, Any]) -> None:
    assert ask(client, **changes).stop_reason in ("end_turn", "tool_use")


@pytest.mark.parametrize("missing", ["model", "max_tokens", "messages"])
def test_a_missing_field_is_400(client: anthropic.Anthropic, missing: str) -> None:
    with pytest.raises(anthropic.BadRequestError):
        client.post("/v1/messages", body={k: v for k, v in body().items() if k != missing}, cast_to=object)


@pytest.mark.parametrize("model", ["claude-2.1", "claude-sonnet-4-20250514"])
def test_an_unknown_and_a_retired_model_are_404(client: anthropic.Anthropic, model: str) -> None:
    error = refusal(client, model=model)
    assert (error.status_code, error.type) == (404, "not_found_error")


def test_a_body_that_is_not_json_is_400(api: SimulatedApi) -> None:
    assert raw(api, "POST", "/v1/messages", b"{")[0] == 400
    assert raw(api, "POST", "/v1/messages", b"[1]")[0] == 400


def test_a_body_over_32_mb_is_413_in_the_shape_of_the_api(client: anthropic.Anthropic) -> None:
    error = refusal(client, messages=[user("a" * (32 * 1024 * 1024))])
    assert isinstance(error, anthropic.ContentTooLargeError)
    assert error.type == "request_too_large"


def test_a_prompt_above_the_window_is_400(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.configure(models={OPUS: {"max_input_tokens": 10}})
    assert "too long" in str(refusal(client).api_message)


def test_an_answer_that_reaches_the_window_says_so(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    length = client.messages.count_tokens(model=OPUS, messages=[user(QUESTION)]).input_tokens
    api.configure(models={OPUS: {"max_input_tokens": length + 60}})
    message = ask(client)
    assert (message.stop_reason, message.usage.output_tokens) == ("model_context_window_exceeded", 60)


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

CONTRACT = "Este contrato vale por um ano. O atraso na entrega gera multa de dez por cento. Foro de Curitiba."
ATRASO = "Qual é a multa por atraso na entrega?"
CITED_SENTENCE = "O atraso na entrega gera multa de dez por cento."


def simple_pdf(*pages: str) -> bytes:
    streams = [zlib.compress(f"BT /F1 12 Tf ({page}) Tj ET".encode("cp1252")) for page in pages]
    objects = [b"<< /Type /Page >>\nstream\n" + stream + b"\nendstream\n" for stream in streams]
    return b"%PDF-1.7\n" + b"".join(objects) + b"<< /Type /Pages >>"


def citations(client: anthropic.Anthropic, *blocks: dict[str, Any]) -> list[Any]:
    message = ask(client, messages=[user([*blocks, {"type": "text", "text": ATRASO}])])
    return [citation for block in message.content if block.type == "text" for citation in block.citations or []]


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


# Usage and the prompt cache ------------------------------------------------------------------------

LONG = "Instruções do escritório. " * 400  # 10,400 characters: 2,600 tokens by the simulation's rule


def cached(text: str = LONG, ttl: str = "5m") -> list[dict[str, Any]]:
    return [{"type": "text", "text": text, "cache_control": {"type": "ephemeral", "ttl": ttl}}]


def used(client: anthropic.Anthropic, **changes: Any) -> tuple[int, int, int]:
    """Tokens read from the cache, written to it, and neither."""
    usage = ask(client, **changes).usage
    return usage.cache_read_input_tokens, usage.cache_creation_input_tokens, usage.input_tokens


def test_a_token_is_counted_for_every_4_characters_begun(client: anthropic.Anthropic) -> None:
    count = client.messages.count_tokens(model=OPUS, system="a" * 9, messages=[user("b" * 8)]).input_tokens
    assert count == 3 + 2 + 3  # system, message, and 3 for the message itself


def test_count_tokens_and_usage_agree(client: anthropic.Anthropic) -> None:
    messages = [user([{"type": "document", "source": PLAIN | {"data": CONTRACT}}, {"type": "text", "text": "a"}])]
    counted = client.messages.count_tokens(model=OPUS, system=LONG, tools=[TOOL], messages=messages).input_tokens
    read, written, fresh = used(client, system=cached(), tools=[TOOL], messages=messages)
    assert (read, written + fresh) == (0, counted)


def test_a_prefix_is_written_once_and_then_read(client: anthropic.Anthropic) -> None:
    _, written, fresh = used(client, system=cached())
    assert written == 2_600
    assert used(client, system=cached()) == (2_600, 0, fresh)
    assert used(client, system=cached(), messages=[user("Outra pergunta")])[:2] == (2_600, 0)


def test_a_top_level_mark_moves_with_the_conversation(client: anthropic.Anthropic) -> None:
    first = used(client, system=LONG, cache_control=EPHEMERAL)
    assert first[0] == first[2] == 0
    history = [user(QUESTION), assistant("Resposta."), user("E os prazos?")]
    read, written, fresh = used(client, system=LONG, cache_control=EPHEMERAL, messages=history)
    assert (read, fresh) == (first[1], 0)
    assert written > 0


@pytest.mark.parametrize(("model", "minimum"), [(HAIKU, 512), (OPUS, 1_024), ("claude-opus-4-7", 2_048), (OLD, 4_096)])
def test_below_the_minimum_of_the_model_nothing_is_cached(
    client: anthropic.Anthropic, model: str, minimum: int
) -> None:
    too_short, enough = cached("a" * (minimum * 4 - 4)), cached("a" * minimum * 4)
    assert used(client, model=model, system=too_short)[:2] == (0, 0)
    assert used(client, model=model, system=enough)[:2] == (0, minimum)


def test_a_prefix_expires_after_its_time_and_a_read_renews_it(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    used(client, system=cached())
    for _ in range(2):
        api.configure(advance_seconds=250)
        assert used(client, system=cached())[:2] == (2_600, 0)
    api.configure(advance_seconds=301)
    assert used(client, system=cached())[:2] == (0, 2_600)


def test_a_prefix_read_from_a_later_mark_is_renewed_too(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    used(client, system=cached())
    longer = [{"type": "text", "text": LONG}, {"type": "text", "text": "b", "cache_control": EPHEMERAL}]
    api.configure(advance_seconds=250)
    assert used(client, system=longer)[0] == 2_600
    api.configure(advance_seconds=250)
    assert used(client, system=cached())[0] == 2_600


def test_an_hour_is_counted_apart_and_lasts_an_hour(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    split = ask(client, system=cached(ttl="1h")).usage.cache_creation
    assert (split.ephemeral_1h_input_tokens, split.ephemeral_5m_input_tokens) == (2_600, 0)
    api.configure(advance_seconds=3_500)
    assert used(client, system=cached(ttl="1h"))[0] == 2_600


def test_changing_model_tools_or_system_rebuilds_the_prefix(client: anthropic.Anthropic) -> None:
    used(client, system=cached())
    for changes in ({"model": SONNET}, {"tools": [TOOL]}, {"system": cached("x" + LONG)}):
        assert used(client, **({"system": cached()} | changes))[0] == 0


def test_a_mark_looks_back_at_most_20_blocks(client: anthropic.Anthropic) -> None:
    def grown(blocks: int) -> list[dict[str, Any]]:
        texts = [{"type": "text", "text": f"{LONG if number == 0 else number}"} for number in range(blocks)]
        return [user([*texts[:-1], texts[-1] | {"cache_control": EPHEMERAL}])]

    used(client, messages=grown(1))
    assert used(client, messages=grown(20))[0] > 2_600
    assert used(client, messages=grown(45))[0] == 0


def test_max_tokens_0_only_fills_the_cache(client: anthropic.Anthropic) -> None:
    message = ask(client, system=cached(), max_tokens=0)
    assert (message.content, message.usage.output_tokens) == ([], 0)
    assert used(client, system=cached())[0] == 2_600


def test_usage_at_the_end_of_a_stream_is_cumulative(client: anthropic.Anthropic) -> None:
    stream = events(client, system=cached())
    start, end = stream[0].message.usage, stream[-2].usage
    assert (end.input_tokens, end.cache_creation_input_tokens) == (start.input_tokens, 2_600)
    assert end.output_tokens == len(deltas(stream)) + end.output_tokens_details.thinking_tokens


def test_diagnostics_say_why_the_cache_was_missed(client: anthropic.Anthropic) -> None:
    first = ask(client, system=LONG, diagnostics={"previous_message_id": None})
    assert first.diagnostics is None

    def reason(previous: str, **changes: Any) -> str | None:
        found = ask(client, **({"system": LONG} | changes), diagnostics={"previous_message_id": previous}).diagnostics
        return found.cache_miss_reason.type if found else None

    assert reason(first.id, messages=[user(QUESTION), assistant("a"), user("b")]) is None
    assert reason(first.id, model=SONNET) == "model_changed"
    assert reason(first.id, system="x") == "system_changed"
    assert reason(first.id, tools=[TOOL]) == "tools_changed"
    assert reason(first.id, messages=[user("outra")]) == "messages_changed"
    assert reason("msg_nenhum") == "previous_message_not_found"


# Models and files ----------------------------------------------------------------------------------


def test_models_are_listed_newest_first_and_retired_ones_only_on_request(client: anthropic.Anthropic) -> None:
    shown = list(client.models.list())
    assert [model.created_at for model in shown] == sorted((m.created_at for m in shown), reverse=True)
    assert {model.lifecycle for model in shown} == {"active", "deprecated"}
    assert {model.lifecycle for model in client.models.list(lifecycle=["retired"])} == {"retired"}


def test_models_come_in_pages(client: anthropic.Anthropic) -> None:
    page = client.models.list(limit=4)
    assert (len(page.data), page.has_more, page.first_id) == (4, True, page.data[0].id)
    assert [model.id for model in page] == [model.id for model in client.models.list(limit=1_000)]
    before = client.models.list(limit=2, before_id=page.data[3].id)
    assert [model.id for model in before.data] == [model.id for model in page.data[1:3]]


def test_a_model_says_what_it_accepts(client: anthropic.Anthropic) -> None:
    model = client.models.retrieve(HAIKU)
    assert (model.max_input_tokens, model.max_tokens, model.line) == (1_000_000, 128_000, "haiku")
    types = model.capabilities.thinking.types
    assert types.adaptive.supported
    assert types.disabled.supported
    assert not types.enabled.supported
    assert model.capabilities.effort.max.supported
    assert model.capabilities.citations.supported
    assert not client.models.retrieve(OLD).capabilities.effort.supported
    with pytest.raises(anthropic.NotFoundError):
        client.models.retrieve("claude-2.1")


def test_a_test_can_retire_a_model(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.configure(models={OPUS: {"lifecycle": "deprecated", "retires_at": "2027-01-01T00:00:00Z"}})
    assert client.models.retrieve(OPUS).retires_at.year == 2027
    api.configure(models={OPUS: {"lifecycle": "retired"}})
    assert isinstance(refusal(client), anthropic.NotFoundError)


def upload(client: anthropic.Anthropic, data: bytes = CONTRACT.encode(), **more: Any) -> anthropic.types.FileMetadata:
    return client.files.upload(file=("petição.txt", data, "text/plain"), **more)


def test_a_file_is_kept_listed_and_deleted(client: anthropic.Anthropic) -> None:
    first, second = upload(client), upload(client, expires_in_seconds=3_600)
    assert (first.filename, first.mime_type, first.expires_at) == ("petição.txt", "text/plain", None)
    assert first.size_bytes == len(CONTRACT.encode())
    assert (second.expires_at - second.created_at).total_seconds() == pytest.approx(3_600)
    assert [file.id for file in client.files.list(limit=1)] == [second.id, first.id]
    assert [file.id for file in client.files.list(ids=[first.id, "file_x"])] == [first.id]
    assert client.files.retrieve_metadata(first.id).id == first.id
    assert client.files.delete(first.id).type == "file_deleted"
    with pytest.raises(anthropic.NotFoundError):
        client.files.retrieve_metadata(first.id)


def test_a_file_can_be_a_document(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    file = upload(client, expires_in_seconds=3_600)
    document = {"type": "document", "source": {"type": "file", "file_id": file.id}} | CITED
    (found,) = citations(client, document)
    assert (found.type, found.file_id, found.cited_text) == ("char_location", file.id, CITED_SENTENCE)
    api.configure(advance_seconds=3_601)
    error = refusal(client, messages=[user([document, {"type": "text", "text": "a"}])])
    assert (error.status_code, error.error_code) == (404, "file_expired")


def test_an_uploaded_file_cannot_be_downloaded_unless_configured(
    api: SimulatedApi, client: anthropic.Anthropic
) -> None:
    file = upload(client)
    assert file.downloadable is False
    with pytest.raises(anthropic.BadRequestError) as caught:
        client.files.download(file.id)
    assert caught.value.error_code == "file_not_downloadable"
    api.configure(files_downloadable=True)
    assert client.files.download(file.id).read() == CONTRACT.encode()


def test_a_file_over_32_mb_is_413(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.ContentTooLargeError):
        upload(client, b"a" * (32 * 1024 * 1024 + 1))


@pytest.mark.parametrize("seconds", [3_599, 7_776_001])
def test_an_expiry_outside_its_limits_is_400(client: anthropic.Anthropic, seconds: int) -> None:
    with pytest.raises(anthropic.BadRequestError):
        upload(client, expires_in_seconds=seconds)


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


# Faults before the first byte ----------------------------------------------------------------------

STATUSES = {
    400: (anthropic.BadRequestError, "invalid_request_error"),
    401: (anthropic.AuthenticationError, "authentication_error"),
    402: (anthropic.PaymentRequiredError, "billing_error"),
    403: (anthropic.PermissionDeniedError, "permission_error"),
    404: (anthropic.NotFoundError, "not_found_error"),
    413: (anthropic.ContentTooLargeError, "request_too_large"),
    429: (anthropic.RateLimitError, "rate_limit_error"),
    500: (anthropic.InternalServerError, "api_error"),
    503: (anthropic.ServiceUnavailableError, "api_error"),
    529: (anthropic.OverloadedError, "overloaded_error"),
}


@pytest.mark.parametrize("status", STATUSES)
def test_a_scripted_status_is_the_error_the_sdk_knows(
    api: SimulatedApi, client: anthropic.Anthropic, status: int
) -> None:
    api.script([{"kind": "status", "status": status}])
    kind, name = STATUSES[status]
    error = refusal(client)
    assert isinstance(error, kind)
    assert error.type == name
    assert error.request_id
    assert "retry-after" not in error.response.headers
    assert ask(client).stop_reason == "end_turn"


def test_a_refusal_can_say_when_to_come_back_and_why(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "status", "status": 429, "retry_after": 7, "error_code": "ramp_limit_exceeded"}])
    error = refusal(client)
    assert (error.response.headers["retry-after"], error.error_code) == ("7", "ramp_limit_exceeded")


def test_the_sdk_tries_again_when_told_to(api: SimulatedApi) -> None:
    api.script([{"kind": "status", "status": 529, "retry_after_ms": 20, "times": 2}])
    with anthropic.Anthropic(api_key="simulated", base_url=api.url, max_retries=2) as patient:
        assert ask(patient).stop_reason == "end_turn"
    api.script([{"kind": "status", "status": 529, "x_should_retry": False}])
    with anthropic.Anthropic(api_key="simulated", base_url=api.url, max_retries=2) as patient:
        assert isinstance(refusal(patient), anthropic.OverloadedError)
    assert api.counters()["started"] == 4


def test_a_reset_connection_is_a_connection_error(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    async def use(other: anthropic.AsyncAnthropic) -> None:
        await other.messages.create(**body(), stream=True)

    api.script([{"kind": "reset", "times": 2}])
    with pytest.raises(anthropic.APIConnectionError):
        ask(client)
    with pytest.raises(anthropic.APIConnectionError):
        with_async_client(api, use)
    assert api.counters()["finished"] == 2


def test_a_server_that_hangs_is_a_timeout_and_the_client_leaves(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "hang", "seconds": 30}])
    with pytest.raises(anthropic.APITimeoutError):
        events(client.with_options(timeout=0.2))
    assert eventually(lambda: api.counters()["aborted"] == 1)


def test_a_server_that_hangs_a_while_answers_then(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "hang", "seconds": 0.2}])
    came = arrivals(client)
    assert came[0] >= 0.2
    api.script([{"kind": "hang", "seconds": 0.2, "first_token_ms": 200}])
    assert arrivals(client)[0] >= 0.39  # the wait is not taken off the time to the first token


def test_a_fault_waits_for_its_text_its_turn_and_its_kind_of_request(
    api: SimulatedApi, client: anthropic.Anthropic
) -> None:
    api.script(
        [
            {"kind": "status", "status": 500, "match": "prescrição"},
            {"kind": "status", "status": 529, "for": "title"},
            {"kind": "status", "status": 429, "times": 2},
        ]
    )
    title = {"system": "Dê um título.", "max_tokens": 50}
    statuses = [refusal(client).status_code, refusal(client).status_code]
    assert statuses == [429, 429]
    assert refusal(client, **title).status_code == 529
    assert refusal(client, messages=[user("E a prescrição?")]).status_code == 500
    assert api.counters()["scripted_left"] == 0
    assert ask(client).stop_reason == "end_turn"


def test_a_fault_can_be_for_another_path(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "status", "status": 503, "path": "/v1/models"}])
    assert ask(client).stop_reason == "end_turn"
    with pytest.raises(anthropic.ServiceUnavailableError):
        client.models.list()
    assert client.models.list().data


@pytest.mark.parametrize(
    "entry",
    [
        {"kind": "explode"},
        {"kind": "cut"},
        {"kind": "cut", "after_tokens": "3"},
        {"kind": "status", "status": 200},
        {"kind": "status", "status": 500, "retry": 3},
        {"kind": "stop_reason", "stop_reason": "tired"},
        {"kind": "cut", "after_tokens": 1, "path": "/v1/models"},
        {"kind": "slow", "tokens_per_second": 0},
        {"kind": "answer", "text": "a", "also": [{"kind": "explode"}]},
    ],
)
def test_a_misspelt_fault_is_refused(api: SimulatedApi, entry: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        api.script([entry])
    assert api.counters()["scripted_left"] == 0


# Faults in mid-stream ------------------------------------------------------------------------------


def broken(client: anthropic.Anthropic, error: type[Exception]) -> tuple[list[Any], Any]:
    """What came before the error, and the error."""
    came: list[Any] = []
    with pytest.raises(error) as caught:
        came.extend(client.messages.create(**body(), stream=True))
    return came, caught.value


async def broken_async(client: anthropic.AsyncAnthropic, error: type[Exception]) -> list[Any]:
    came: list[Any] = []

    async def read() -> None:
        async for event in await client.messages.create(**body(), stream=True):
            came.append(event)  # noqa: PERF401  # what came before the error is what matters

    with pytest.raises(error):
        await read()
    return came


def test_an_error_event_is_a_plain_status_error_with_status_200(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script(
        [{"kind": "error_event", "after_tokens": 6}, {"kind": "error_event", "after_tokens": 0, "type": "api_error"}]
    )
    came, error = broken(client, anthropic.APIStatusError)
    assert len(deltas(came)) == 6
    assert (type(error), error.status_code, error.type) == (anthropic.APIStatusError, 200, "overloaded_error")
    came, error = broken(client, anthropic.APIStatusError)
    assert (deltas(came), error.type) == ([], "api_error")


def test_a_cut_connection_keeps_the_tokens_before_it(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "cut", "after_tokens": 9, "times": 2}])
    came, _ = broken(client, httpx2.RemoteProtocolError)
    assert len(deltas(came)) == 9
    came = with_async_client(api, lambda other: broken_async(other, httpx2.ReadError))
    assert len(deltas(came)) == 9
    assert api.counters()["finished"] == 2


def test_silence_in_mid_stream_is_a_read_timeout(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "silence", "after_tokens": 4, "seconds": 30, "times": 2}])
    timeout = httpx2.Timeout(5, read=0.2)
    came, _ = broken(client.with_options(timeout=timeout), httpx2.ReadTimeout)
    assert len(deltas(came)) == 4
    came = with_async_client(api, lambda other: broken_async(other.with_options(timeout=timeout), httpx2.ReadTimeout))
    assert len(deltas(came)) == 4
    assert eventually(lambda: api.counters()["aborted"] == 2)


def test_after_a_silence_the_stream_goes_on_or_ends(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script(
        [
            {"kind": "silence", "after_tokens": 4, "seconds": 0.2},
            {"kind": "silence", "after_tokens": 4, "seconds": 0.2, "then": "end"},
            {"kind": "silence", "after_tokens": 4, "seconds": 0.2, "then": "cut"},
        ]
    )
    begun = time.monotonic()
    assert events(client)[-1].type == "message_stop"
    assert time.monotonic() - begun >= 0.2
    for ends in (lambda: events(client), lambda: broken(client, httpx2.RemoteProtocolError)[0]):
        begun = time.monotonic()
        assert len(deltas(ends())) == 4
        assert time.monotonic() - begun >= 0.2


def test_an_end_without_message_stop_raises_nothing(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "end_without_stop"}, {"kind": "end_without_stop", "after_tokens": 3}])
    whole, short = events(client), events(client)
    assert {"message_stop", "message_delta"}.isdisjoint(event.type for event in whole + short)
    assert len(deltas(whole)) > 50
    assert len(deltas(short)) == 3


def test_unknown_events_and_deltas_pass_through(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "unknown_event", "after_tokens": 2, "also": [{"kind": "unknown_delta", "after_tokens": 5}]}])
    stream = events(client)
    assert [event.type for event in stream].count("future_event") == 1
    (future,) = deltas(stream, "future_delta")
    assert getattr(future, "text", None) is None
    assert streamed_text(stream) == text_of(ask(client))


def test_a_ping_can_come_anywhere(api: SimulatedApi) -> None:
    api.script([{"kind": "ping", "after_tokens": 8}])
    assert raw_chunks(api).count(wire.PING) == 2


def test_a_letter_can_be_cut_between_two_chunks(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    whole = text_of(ask(client))
    api.script([{"kind": "split_utf8", "times": 3}])
    halves = [chunk for chunk in raw_chunks(api) if not chunk.endswith(b"\n\n")]
    with pytest.raises(UnicodeDecodeError):
        halves[0].decode()

    async def use(other: anthropic.AsyncAnthropic) -> list[Any]:
        return [event async for event in await other.messages.create(**body(), stream=True)]

    assert streamed_text(events(client)) == whole
    assert streamed_text(with_async_client(api, use)) == whole


@pytest.mark.parametrize(
    "reason", ["end_turn", "max_tokens", "stop_sequence", "pause_turn", "refusal", "model_context_window_exceeded"]
)
def test_any_stop_reason_can_be_scripted(api: SimulatedApi, client: anthropic.Anthropic, reason: str) -> None:
    api.script([{"kind": "stop_reason", "stop_reason": reason, "after_tokens": 5, "times": 2}])
    stream = events(client)
    assert (stream[-2].delta.stop_reason, len(deltas(stream))) == (reason, 5)
    assert stream[-1].type == "message_stop"
    assert ask(client).stop_reason == reason


def test_a_refusal_names_its_category(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    fault = {"kind": "stop_reason", "stop_reason": "refusal", "after_tokens": 0, "category": "bio", "explanation": "x"}
    api.script([fault])
    details = events(client)[-2].delta.stop_details
    assert (details.type, details.category, details.explanation) == ("refusal", "bio", "x")


def test_a_paused_turn_sent_back_unchanged_goes_on(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    whole = text_of(ask(client))
    api.script([{"kind": "stop_reason", "stop_reason": "pause_turn", "after_tokens": 20}])
    paused = ask(client)
    content = [block.to_dict() for block in paused.content]
    rest = ask(client, messages=[user(QUESTION), assistant(content)])
    assert text_of(paused) + text_of(rest) == whole


def test_faults_reach_a_message_without_stream_too(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "error_event", "after_tokens": 3}, {"kind": "cut", "after_tokens": 3}])
    assert isinstance(refusal(client), anthropic.OverloadedError)
    with pytest.raises(anthropic.APIConnectionError):
        ask(client)


# Pace ----------------------------------------------------------------------------------------------


def arrivals(client: anthropic.Anthropic) -> list[float]:
    """Seconds from the request to each token."""
    begun = time.monotonic()
    stream = client.messages.create(**body(), stream=True)
    return [time.monotonic() - begun for event in stream if deltas([event])]


def test_tokens_come_by_an_absolute_schedule(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.configure(first_token_ms=100, tokens_per_second=5_000, answer_tokens=3_000)
    # 3,000 sleeps, one after another, would take 3 seconds: a loop's timers count in milliseconds. A machine that is
    # busy may take as long once, but not each time.
    tries = [arrivals(client)]
    while tries[-1][-1] >= 3 and len(tries) < 5:
        tries.append(arrivals(client))
    assert all(came[0] >= 0.09 for came in tries)
    assert all(came[-1] >= 0.69 for came in tries)
    assert tries[-1][-1] < 3


def test_a_script_can_slow_one_answer_down(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "slow", "first_token_ms": 1_000, "tokens_per_second": 10, "answer_tokens": 11}])
    slow, quick = arrivals(client), arrivals(client)
    assert slow[0] >= 0.99
    assert slow[-1] >= 1.99
    assert len(slow) == 11
    assert quick[-1] < 1.5


def test_a_burst_brings_many_tokens_at_once(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.script([{"kind": "burst", "after_tokens": 2, "tokens": 8, "tokens_per_second": 5, "answer_tokens": 12}])
    came = arrivals(client)
    assert came[9] - came[2] < 0.7  # and not 1.4
    assert came[10] - came[9] > 0.7


def test_a_message_without_stream_takes_as_long_as_the_stream(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.configure(first_token_ms=100, tokens_per_second=100, answer_tokens=21)
    begun = time.monotonic()
    ask(client)
    assert 0.29 <= time.monotonic() - begun < 5


# Counters, requests, the control paths -------------------------------------------------------------


def test_a_closed_stream_is_counted_as_aborted_at_once(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    api.configure(tokens_per_second=0.2)
    stream = client.messages.create(**body(), stream=True)
    next(stream)
    assert api.counters()["open"] == 1
    stream.close()
    assert eventually(lambda: api.counters()["aborted"] == 1, seconds=10)
    assert api.counters()["open"] == 0


def test_a_cancelled_task_is_counted_as_aborted_at_once(api: SimulatedApi) -> None:
    api.configure(tokens_per_second=0.2)

    async def use(client: anthropic.AsyncAnthropic) -> None:
        async def read() -> None:
            async for _ in await client.messages.create(**body(), stream=True):
                pass

        tasks = [asyncio.create_task(read()) for _ in range(5)]
        while api.counters()["open"] < 5:
            await asyncio.sleep(0.01)
        for task in tasks[:3]:
            task.cancel()
        await asyncio.gather(*tasks[:3], return_exceptions=True)
        assert eventually(lambda: api.counters()["aborted"] == 3, seconds=10)
        assert api.counters()["open"] == 2
        for task in tasks[3:]:
            task.cancel()
        await asyncio.gather(*tasks[3:], return_exceptions=True)

    with_async_client(api, use)


def test_leaving_right_after_message_stop_is_no_abort(api: SimulatedApi) -> None:
    async def read_and_leave() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", api.port)
        writer.write(streaming_request())
        await reader.readuntil(b"event: message_stop")
        writer.transport.abort()

    async def many() -> None:
        await asyncio.gather(*(read_and_leave() for _ in range(100)))

    asyncio.run(many())
    assert eventually(lambda: api.counters()["open"] == 0)
    assert api.counters()["finished"] == 100


def test_a_reader_that_does_not_read_holds_nobody_else_up(api: SimulatedApi) -> None:
    api.configure(answer_tokens=50_000, tokens_per_second=1_000_000)
    with socket.create_connection(("127.0.0.1", api.port), timeout=PATIENCE) as connection:
        connection.sendall(streaming_request(max_tokens=100_000))
        time.sleep(0.2)
        assert api.counters()["open"] == 1
        while not connection.recv(1_000_000).endswith(b"0\r\n\r\n"):
            pass
    assert eventually(lambda: api.counters()["finished"] == 1)


class Transport(asyncio.Transport):
    """A connection whose reader is behind by so many bytes."""

    def __init__(self, behind: int) -> None:
        super().__init__()
        self.behind = behind
        self.written: list[bytes] = []

    def get_write_buffer_size(self) -> int:
        return self.behind

    def is_closing(self) -> bool:
        return False

    def write(self, data: Any) -> None:
        self.written.append(bytes(data))


def test_the_schedule_waits_for_a_slow_reader() -> None:
    async def use() -> None:
        transport = Transport(behind=MOST_UNSENT + 1)
        frames = iter([wire.Frame(0.0, b"a"), wire.Frame(0.0, b"b")])
        sending = asyncio.create_task(Pacer(transport, asyncio.get_running_loop().time(), frames).run())
        await asyncio.sleep(0.1)
        assert transport.written == []
        transport.behind = 0
        await asyncio.wait_for(sending, 20)
        assert transport.written == [b"1\r\na\r\n1\r\nb\r\n"]

    asyncio.run(use())


def test_counters_are_kept_by_path(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    ask(client)
    client.models.retrieve(OPUS)
    client.models.retrieve(HAIKU)
    raw(api, "GET", "/v1/nada")
    counters = api.counters()
    assert counters["by_path"]["/v1/messages"] == {"started": 1, "finished": 1, "aborted": 0, "open": 0}
    assert counters["by_path"]["/v1/models/{id}"]["finished"] == 2
    assert counters["by_path"]["other"]["finished"] == 1
    assert (counters["started"], counters["finished"], counters["open"]) == (4, 4, 0)


def test_the_last_200_requests_are_kept_for_tests_to_look_at(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    for number in range(201):
        client.messages.count_tokens(model=OPUS, messages=[user(f"Pergunta {number}")])
    bodies = api.requests("/v1/messages/count_tokens")
    assert len(bodies) == 200
    assert bodies[-1] == {"model": OPUS, "messages": [user("Pergunta 200")]}
    assert api.requests() == []


def test_a_reset_forgets_everything(api: SimulatedApi, client: anthropic.Anthropic) -> None:
    ask(client, system=cached())
    file = upload(client)
    api.script([{"kind": "status", "status": 500}])
    api.configure(answer_tokens=3, models={OPUS: {"lifecycle": "retired"}})
    api.reset()
    assert (api.requests(), api.counters()["started"], api.counters()["scripted_left"]) == ([], 0, 0)
    assert used(client, system=cached())[0] == 0
    assert len(deltas(events(client))) > 50
    with pytest.raises(anthropic.NotFoundError):
        client.files.retrieve_metadata(file.id)


def test_a_misspelt_setting_is_refused(api: SimulatedApi) -> None:
    for wrong in ({"first_token": 1}, {"tokens_per_second": -1}, {"models": {"claude-x": {}}}, {"answer_tokens": "x"}):
        with pytest.raises(ValueError):
            api.configure(**wrong)


# The process ---------------------------------------------------------------------------------------


def test_it_stops_at_once_with_a_stream_open_and_starts_again_on_the_same_port() -> None:
    first = SimulatedApi.start(SIMULATED_FIRST_TOKEN_MS=0, SIMULATED_TOKENS_PER_SECOND=1)
    with anthropic.Anthropic(api_key="simulated", base_url=first.url, max_retries=0) as client:
        stream = client.messages.create(**body(), stream=True)
        next(stream)
        begun = time.monotonic()
        assert first.stop() == 0
        assert time.monotonic() - begun < 30  # the answer has two minutes to go
        with pytest.raises(httpx2.TransportError):
            list(stream)
        with pytest.raises(anthropic.APIConnectionError):
            ask(client)
        with SimulatedApi.start(port=first.port, SIMULATED_TOKENS_PER_SECOND=20_000) as second:
            assert second.url == first.url
            assert ask(client).stop_reason == "end_turn"
            second.kill()
            with pytest.raises(anthropic.APIConnectionError):
                ask(client)


def run(*arguments: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "romagent.embedded.messages_api", *arguments]
    environment = os.environ | variables
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)


def test_it_refuses_to_listen_beyond_loopback() -> None:
    result = run("--host", "0.0.0.0")
    assert result.returncode == 1
    assert "loopback" in result.stderr
    assert not result.stdout


def test_it_refuses_a_pace_that_makes_no_sense() -> None:
    result = run(SIMULATED_TOKENS_PER_SECOND="zero")
    assert result.returncode == 1
    assert "messages_api: the pace must be made of numbers: {'tokens_per_second': 'zero'}" in result.stderr


def test_a_port_in_use_is_said_and_not_waited_for(api: SimulatedApi) -> None:
    result = run("--port", str(api.port))
    assert result.returncode == 1
    assert "address already in use" in result.stderr.lower()


def test_an_interrupt_from_the_keyboard_ends_it_cleanly() -> None:
    api = SimulatedApi.start()
    os.kill(api.pid, signal.SIGINT)
    assert api.wait() == 0


def test_it_needs_no_django() -> None:
    code = "import sys, romagent.embedded.messages_api.server; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=PATIENCE).returncode == 0


def test_it_runs_inside_a_test_too() -> None:
    async def use() -> str:
        settings = Settings(first_token_ms=0, tokens_per_second=20_000)
        async with (
            server.running(settings) as url,
            anthropic.AsyncAnthropic(
                api_key="simulated", base_url=url, http_client=anthropic.DefaultAioHttpClient(), open_telemetry=False
            ) as client,
        ):
            return text_of(await client.messages.create(**body()))

    assert "simulada" in asyncio.run(use())
