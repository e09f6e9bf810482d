"""What the simulated Messages API refuses, in the words and with the status of the real one; and what it accepts."""

import base64
from typing import Any

import anthropic
import pytest

from romagent.embedded.messages_api.process import SimulatedApi
from romagent.embedded.messages_api.tests.asking import (
    CITATION,
    CITED,
    EPHEMERAL,
    FABLE,
    FORMAT,
    HAIKU,
    OLD,
    OPUS,
    PDF_SOURCE,
    PLAIN,
    QUESTION,
    RESULT,
    SONNET,
    TOOL,
    ask,
    assistant,
    body,
    raw,
    refusal,
    user,
)

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
