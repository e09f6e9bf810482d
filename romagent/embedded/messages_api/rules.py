"""What the real API refuses with 400 (404 for the model), checked before anything is answered.

Sources: https://docs.anthropic.com/en/api/messages and https://docs.anthropic.com/en/api/errors, API version
2026-10-21. Where it is not known what a model refuses, the stricter reading is taken: what passes here must
pass there.
"""

import base64
import binascii
import re
from collections.abc import Container, Iterator, Mapping
from typing import Any

from .catalogue import EFFORTS, Model
from .errors import ApiError
from .prompt import Block, as_blocks, nested, turns_of
from .signatures import signature_is_valid

Body = dict[str, Any]

MOST_MESSAGES = 100_000
MOST_MARKS = 4
SMALLEST_BUDGET = 1_024
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
REQUIRED_FIELDS = ("model", "messages", "max_tokens")
PROMPT_FIELDS = ("system", "tools", "tool_choice", "thinking", "output_config", "cache_control", "container")
OTHER_FIELDS = ("stream", "stop_sequences", "metadata", "service_tier", "inference_geo", "diagnostics", "speed")
KNOWN_FIELDS = frozenset((*REQUIRED_FIELDS, *PROMPT_FIELDS, *OTHER_FIELDS))
SAMPLING_FIELDS = ("temperature", "top_p", "top_k")
STRING_FIELDS = {
    "text": ("text",),
    "thinking": ("thinking", "signature"),
    "tool_use": ("id", "name"),
    "tool_result": ("tool_use_id",),
    "search_result": ("source", "title"),
    "document": (),
    "image": (),
}
USER_ONLY = ("image", "tool_result", "search_result")
SOURCE_FIELDS = {"text": "data", "base64": "data", "content": "content", "url": "url", "file": "file_id"}
MEDIA_TYPES = {"base64": "application/pdf", "text": "text/plain"}


Placed = tuple[str, str, Block]  # where it stands, whose role, the block


def check(body: Any, models: Mapping[str, Model], paused: Container[str] = (), *, counting: bool = False) -> Model:
    """The model that is to answer, or ApiError.

    `paused`: texts that ended with `pause_turn`, which may come back in last place. `counting`: the body of
    count_tokens, which needs no max_tokens.
    """
    blocks = _check_shape(body, counting=counting)
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


def _check_shape(body: Any, *, counting: bool) -> list[Placed]:
    """Types and required fields, down to each block: what follows may rely on them."""
    if not isinstance(body, dict):
        raise ApiError("Input should be an object")
    for name in REQUIRED_FIELDS[: 2 if counting else 3]:
        if name not in body:
            raise ApiError(f"{name}: Field required")
    for name in SAMPLING_FIELDS:
        if name in body:
            raise ApiError(f"{name}: this parameter is no longer supported")
    if unknown := sorted(body.keys() - KNOWN_FIELDS):
        raise ApiError(f"{unknown[0]}: Extra inputs are not permitted")
    _check_types(body)
    blocks = list(_every_block(body))
    for place, role, block in blocks:
        _check_block(place, role, block)
    return blocks


def _check_types(body: Body) -> None:
    messages = body["messages"]
    if not isinstance(body["model"], str):
        raise ApiError("model: Input should be a valid string")
    if not isinstance(messages, list) or not messages:
        raise ApiError("messages: at least one message is required")
    if len(messages) > MOST_MESSAGES:
        raise ApiError(f"messages: at most {MOST_MESSAGES} messages are allowed")
    for name in ("tools", "stop_sequences"):
        if not isinstance(body.get(name) or [], list):
            raise ApiError(f"{name}: Input should be a valid list")
    for name in ("thinking", "tool_choice", "output_config", "metadata", "diagnostics", "cache_control"):
        if not isinstance(body.get(name) or {}, dict):
            raise ApiError(f"{name}: Input should be an object")
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant", "system"):
            raise ApiError(f"messages.{index}.role: Input should be 'user', 'assistant' or 'system'")
        if not message.get("content"):
            raise ApiError(f"messages.{index}: messages must have non-empty content")


def _every_block(body: Body) -> Iterator[Placed]:
    """Every block of system and messages with its place and role, those inside tool results too."""
    contents = [("system", "system", body.get("system"))]
    contents += [(f"messages.{i}.content", m["role"], m["content"]) for i, m in enumerate(body["messages"])]
    for place, role, content in contents:
        if not isinstance(content, str | list | None):
            raise ApiError(f"{place}: Input should be a string or a list of blocks")
        for index, outer in enumerate(as_blocks(content)):
            if not isinstance(outer, dict) or not isinstance(outer.get("content") or [], str | list):
                raise ApiError(f"{place}.{index}: Input should be an object")
            for inner in nested(outer):
                yield f"{place}.{index}", role, inner


def _check_block(place: str, role: str, block: Block) -> None:
    kind = block.get("type") if isinstance(block, dict) else None
    if kind not in STRING_FIELDS or (role == "system" and kind != "text"):
        raise ApiError(f"{place}: Input tag {kind!r} is not one of the expected tags")
    for name in STRING_FIELDS[kind]:
        if not isinstance(block.get(name), str):
            raise ApiError(f"{place}.{kind}.{name}: Input should be a valid string")
    if kind == "text":
        _check_text(place, role, block)
    elif kind == "document":
        _check_document(place, role, block)
    elif kind == "search_result":
        _check_search_result(place, block)
    elif kind == "tool_use" and not isinstance(block.get("input"), dict):
        raise ApiError(f"{place}.tool_use.input: Input should be an object")
    if role == "assistant" and kind in USER_ONLY:
        raise ApiError(f"{place}: `{kind}` blocks are not permitted in assistant messages")
    if role == "user" and kind in ("thinking", "tool_use"):
        raise ApiError(f"{place}: `{kind}` blocks are only permitted in assistant messages")


def _check_text(place: str, role: str, block: Block) -> None:
    if not block["text"].strip():
        raise ApiError(f"{place}: text content blocks must contain non-whitespace text")
    if role != "assistant" and block.get("citations"):
        raise ApiError(f"{place}.text.citations: citations are only permitted in assistant messages")


def _check_document(place: str, role: str, block: Block) -> None:
    if role == "assistant":
        raise ApiError(f"{place}: `document` blocks are not permitted in assistant messages")
    given = block.get("source")
    source: dict[str, Any] = given if isinstance(given, dict) else {}
    kind = source.get("type")
    if kind not in SOURCE_FIELDS or not isinstance(source.get(SOURCE_FIELDS[kind]), str | list):
        raise ApiError(f"{place}.document.source: Input is not a valid source")
    media = MEDIA_TYPES.get(kind)
    if media and source.get("media_type") != media:
        raise ApiError(f"{place}.document.source.{kind}.media_type: Input should be '{media}'")
    if kind == "content" and any(not isinstance(inner, dict) for inner in as_blocks(source["content"])):
        raise ApiError(f"{place}.document.source.content: Input should be a list of blocks")
    if kind == "base64":
        try:
            base64.b64decode(source["data"], validate=True)
        except (binascii.Error, ValueError) as error:
            raise ApiError(f"{place}.document.source.base64.data: {error}") from error


def _check_search_result(place: str, block: Block) -> None:
    content = block.get("content")
    if not isinstance(content, list) or any(not isinstance(inner, dict) for inner in content):
        raise ApiError(f"{place}.search_result.content: Input should be a list of text blocks")
    for inner in content:
        if inner.get("type") != "text" or not isinstance(inner.get("text"), str):
            raise ApiError(f"{place}.search_result.content: Input should be a list of text blocks")
        if inner.get("citations"):
            raise ApiError(f"{place}.search_result.content.citations: citations are not permitted here")


def _check_max_tokens(body: Body, model: Model) -> None:
    asked = body["max_tokens"]
    if not isinstance(asked, int) or isinstance(asked, bool) or asked < 0:
        raise ApiError("max_tokens: Input should be an integer of 0 or more")
    if asked > model.max_tokens:
        raise ApiError(f"max_tokens: {asked} > {model.max_tokens}, the maximum for {model.id}")


def _check_options(body: Body) -> None:
    user_id = (body.get("metadata") or {}).get("user_id")
    if isinstance(user_id, str) and EMAIL.search(user_id):
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
        if not isinstance(tool, dict) or not isinstance(tool.get("name"), str):
            raise ApiError(f"tools.{index}.name: Field required")
        if tool.get("type", "custom") == "custom" and not isinstance(tool.get("input_schema"), dict):
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
        known = isinstance(mark, dict) and mark.get("type") == "ephemeral"
        if not known or (mark.get("ttl") or "5m") not in ("5m", "1h"):
            raise ApiError("cache_control: Input should be of type 'ephemeral' with ttl '5m' or '1h'")
    if len(marks) > MOST_MARKS:
        raise ApiError(f"A maximum of {MOST_MARKS} blocks with cache_control may be provided, not {len(marks)}")
