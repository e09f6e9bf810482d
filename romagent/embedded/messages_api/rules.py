"""What the real API refuses with 400 (404 for the model) by model and by order, checked before any answer.

Sources: https://docs.anthropic.com/en/api/messages and https://docs.anthropic.com/en/api/errors, API version
2026-10-21. Where it is not known what a model refuses, the stricter reading is taken: what passes here must
pass there.
"""

import re
from collections.abc import Container, Mapping
from typing import Any

from .catalogue import EFFORTS, Model
from .errors import ApiError
from .prompt import as_blocks, turns_of
from .shapes import Body, Placed, check_shape
from .signatures import signature_is_valid

MOST_MARKS = 4
SMALLEST_BUDGET = 1_024
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


def check(body: Any, models: Mapping[str, Model], paused: Container[str] = (), *, counting: bool = False) -> Model:
    """The model that is to answer, or ApiError.

    `paused`: texts that ended with `pause_turn`, which may come back in last place. `counting`: the body of
    count_tokens, which needs no max_tokens.
    """
    blocks = check_shape(body, counting=counting)
    model = models.get(body["model"])
    if model is None or model.lifecycle == "retired":
        raise ApiError(f"model: {body['model']}", status=404)
    if not counting:
        _check_max_tokens(body, model)
    _check_options(body)
    _check_thinking(body, model)
    _check_tools(body, model)
    _check_order(body, model, paused)
    _check_signatures(body)
    _check_citations(body, blocks)
    _check_marks(body, blocks)
    return model


def _check_max_tokens(body: Body, model: Model) -> None:
    asked = body["max_tokens"]
    if not isinstance(asked, int) or isinstance(asked, bool) or asked < 0:
        raise ApiError("max_tokens: Input should be an integer of 0 or more")
    if asked > model.max_tokens:
        raise ApiError(f"max_tokens: {asked} > {model.max_tokens}, the maximum for {model.id}")


def _check_options(body: Body) -> None:
    user_id = (body.get("metadata") or {}).get("user_id")
    if user_id and EMAIL.search(user_id):
        raise ApiError("metadata.user_id: user_id appears to contain an email address")
    if any(not isinstance(text, str) or not text.strip() for text in body.get("stop_sequences") or []):
        raise ApiError("stop_sequences: each stop sequence must contain non-whitespace")


def _check_thinking(body: Body, model: Model) -> None:
    effort = (body.get("output_config") or {}).get("effort")
    if effort is not None and effort not in model.efforts:
        raise ApiError(f"output_config.effort: {effort!r} is not supported by {model.id}")
    thinking = body.get("thinking")
    if not thinking:
        return
    kind = thinking.get("type")
    if kind not in model.thinking:
        raise ApiError(f"thinking.type: {kind!r} is not supported by {model.id}")
    limit = EFFORTS.index(model.thinking_off_up_to)
    if kind == "disabled" and effort is not None and EFFORTS.index(effort) > limit:
        raise ApiError(f"thinking.type: 'disabled' is not allowed at effort {effort!r} on {model.id}")
    budget, most = thinking.get("budget_tokens"), body.get("max_tokens", model.max_tokens)
    if kind == "enabled" and not (isinstance(budget, int) and SMALLEST_BUDGET <= budget < most):
        raise ApiError(f"thinking.enabled.budget_tokens: must be from {SMALLEST_BUDGET} and below max_tokens")


def _check_tools(body: Body, model: Model) -> None:
    names = []
    for index, tool in enumerate(body.get("tools") or []):
        if "name" not in tool:
            raise ApiError(f"tools.{index}.name: Field required")
        if (tool.get("type") or "custom") == "custom" and "input_schema" not in tool:
            raise ApiError(f"tools.{index}.custom.input_schema: Field required")
        names.append(tool["name"])
    if len(set(names)) != len(names):
        raise ApiError("tools: Tool names must be unique.")
    choice = (body.get("tool_choice") or {}).get("type", "auto")
    if choice in ("any", "tool") and not model.forced_tools:
        raise ApiError(f"tool_choice.type: {choice!r} is not supported by {model.id}")
    if choice not in ("auto", "any", "tool", "none"):
        raise ApiError(f"tool_choice.type: Input tag {choice!r} is not one of the expected tags")
    if choice != "none" and body.get("tool_choice") and not names:
        raise ApiError("tool_choice: may only be specified while providing tools")


def _check_order(body: Body, model: Model, paused: Container[str]) -> None:
    turns = turns_of(body["messages"])
    if turns[0].role == "assistant":
        raise ApiError('messages: first message must use the "user" role')
    if turns[-1].role == "assistant" and not model.prefill and turns[-1].text not in paused:
        raise ApiError(f"{model.id} does not support assistant message prefill: end with a user message")
    asked: set[str] = set()
    for turn in turns:
        answered = {block["tool_use_id"] for block in turn.blocks if block["type"] == "tool_result"}
        if turn.role == "user" and asked - answered:
            raise ApiError(f"messages: `tool_use` without `tool_result`: {sorted(asked - answered)}")
        if answered - asked:
            raise ApiError(f"messages: unexpected `tool_use_id` in `tool_result`: {sorted(answered - asked)}")
        asked = {block["id"] for block in turn.blocks if block["type"] == "tool_use"}


def _check_signatures(body: Body) -> None:
    """A thinking block must come back unedited, in its place, to its own model and conversation."""
    for index, message in enumerate(body["messages"]):
        for position, block in enumerate(as_blocks(message["content"])):
            if block["type"] == "thinking" and not signature_is_valid(body, position, block):
                raise ApiError(f"messages.{index}.content.{position}: Invalid `signature` in `thinking`")


def _check_citations(body: Body, blocks: list[Placed]) -> None:
    enabled: dict[str, set[bool]] = {"document": set(), "search_result": set()}
    for _, _, block in blocks:
        if block["type"] in enabled:
            enabled[block["type"]].add(bool((block.get("citations") or {}).get("enabled")))
    for kind, states in enabled.items():
        if len(states) > 1:
            raise ApiError(f"citations: must be enabled on all `{kind}` blocks of the request or on none")
    if any(True in states for states in enabled.values()) and (body.get("output_config") or {}).get("format"):
        raise ApiError("output_config.format: structured outputs cannot be used together with citations")


def _check_marks(body: Body, blocks: list[Placed]) -> None:
    marked = [block for _, _, block in blocks] + (body.get("tools") or [])
    marks = [block["cache_control"] for block in marked if block.get("cache_control")]
    marks += [body["cache_control"]] if body.get("cache_control") else []
    for mark in marks:
        if mark.get("type") != "ephemeral" or (mark.get("ttl") or "5m") not in ("5m", "1h"):
            raise ApiError("cache_control: Input should be of type 'ephemeral' with ttl '5m' or '1h'")
    if len(marks) > MOST_MARKS:
        raise ApiError(f"A maximum of {MOST_MARKS} blocks with cache_control may be provided, not {len(marks)}")
