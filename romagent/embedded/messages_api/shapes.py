"""The shape of a request body: types, required fields, and which block may stand where.

Source: https://docs.anthropic.com/en/api/messages. What depends on the model is in `rules.py`.
"""

import base64
import binascii
from collections.abc import Iterator
from types import NoneType
from typing import Any

from .errors import ApiError
from .prompt import Block, as_blocks, nested

Body = dict[str, Any]
Placed = tuple[str, str, Block]  # where it stands, whose role, the block

MOST_MESSAGES = 100_000
REQUIRED_FIELDS = ("model", "messages", "max_tokens")
PROMPT_FIELDS = ("system", "tools", "tool_choice", "thinking", "output_config", "cache_control", "container")
OTHER_FIELDS = ("stream", "stop_sequences", "metadata", "service_tier", "inference_geo", "diagnostics", "speed")
KNOWN_FIELDS = frozenset((*REQUIRED_FIELDS, *PROMPT_FIELDS, *OTHER_FIELDS))
SAMPLING_FIELDS = ("temperature", "top_p", "top_k")

OPTIONAL_TEXT, OPTIONAL_OBJECT = (str, NoneType), (dict, NoneType)
# What a key may hold, wherever in the body it stands.
VALUE_TYPES: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("model", "text", "name", "tool_use_id", "signature", "data", "url", "file_id"), (str,)),
    **dict.fromkeys(("type", "title", "context", "media_type", "ttl", "effort", "user_id"), OPTIONAL_TEXT),
    **dict.fromkeys(("tool_choice", "output_config", "format", "metadata", "diagnostics"), OPTIONAL_OBJECT),
    **dict.fromkeys(("tools", "stop_sequences"), (list, NoneType)),
    "cache_control": OPTIONAL_OBJECT,
    "citations": (dict, list, NoneType),
    "content": (str, list, NoneType),
    "messages": (list,),
    "previous_message_id": OPTIONAL_TEXT,
    "source": (str, dict),
    "system": (str, list, NoneType),
    "thinking": (str, dict, NoneType),
}
LISTS_OF_OBJECTS = frozenset({"messages", "content", "system", "tools", "citations"})
FREE_JSON = frozenset({"input", "input_schema", "schema"})  # objects of any shape
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


def check_shape(body: Any, *, counting: bool) -> list[Placed]:
    """Every block of the body with its place, or ApiError: what reads the body next may rely on its types."""
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
    _check_values(body, "")
    _check_messages(body["messages"])
    if not isinstance(body.get("thinking") or {}, dict):
        raise ApiError("thinking: Input should be an object")
    blocks = list(_every_block(body))
    for place, role, block in blocks:
        _check_block(place, role, block)
    return blocks


def _check_values(value: dict[str, Any], place: str) -> None:
    for name, inner in value.items():
        wanted = (dict,) if name in FREE_JSON else VALUE_TYPES.get(name)
        if wanted and not isinstance(inner, wanted):
            raise ApiError(f"{place}{name}: Input should be of type {wanted[0].__name__}")
        if name in LISTS_OF_OBJECTS and isinstance(inner, list):
            for index, item in enumerate(inner):
                if not isinstance(item, dict):
                    raise ApiError(f"{place}{name}.{index}: Input should be an object")
                _check_values(item, f"{place}{name}.{index}.")
        elif isinstance(inner, dict) and name not in FREE_JSON:
            _check_values(inner, f"{place}{name}.")


def _check_messages(messages: list[dict[str, Any]]) -> None:
    if not messages:
        raise ApiError("messages: at least one message is required")
    if len(messages) > MOST_MESSAGES:
        raise ApiError(f"messages: at most {MOST_MESSAGES} messages are allowed")
    for index, message in enumerate(messages):
        if message.get("role") not in ("user", "assistant", "system"):
            raise ApiError(f"messages.{index}.role: Input should be 'user', 'assistant' or 'system'")
        if not message.get("content"):
            raise ApiError(f"messages.{index}: messages must have non-empty content")


def _every_block(body: Body) -> Iterator[Placed]:
    """Every block of system and messages with its place and role, those inside tool results too."""
    contents = [("system", "system", body.get("system"))]
    contents += [(f"messages.{i}.content", m["role"], m["content"]) for i, m in enumerate(body["messages"])]
    for place, role, content in contents:
        for index, outer in enumerate(as_blocks(content)):
            for inner in nested(outer):
                yield f"{place}.{index}", role, inner


def _check_block(place: str, role: str, block: Block) -> None:
    kind = block.get("type", "")
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
    elif kind == "tool_use" and "input" not in block:
        raise ApiError(f"{place}.tool_use.input: Field required")
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
    kind = source.get("type", "")
    if kind not in SOURCE_FIELDS or not source.get(SOURCE_FIELDS[kind]):
        raise ApiError(f"{place}.document.source: Input is not a valid source")
    media = MEDIA_TYPES.get(kind)
    if media and source.get("media_type") != media:
        raise ApiError(f"{place}.document.source.{kind}.media_type: Input should be '{media}'")
    if kind == "base64":
        _check_base64(f"{place}.document.source.base64.data", source["data"])
    _check_switch(place, block)


def _check_base64(place: str, data: str) -> None:
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise ApiError(f"{place}: {error}") from error


def _check_switch(place: str, block: Block) -> None:
    if not isinstance(block.get("citations") or {}, dict):
        raise ApiError(f"{place}.citations: Input should be an object")


def _check_search_result(place: str, block: Block) -> None:
    _check_switch(place, block)
    content = block.get("content")
    texts = content if isinstance(content, list) else [{}]
    if any(inner.get("type") != "text" or "text" not in inner for inner in texts):
        raise ApiError(f"{place}.search_result.content: Input should be a list of text blocks")
    if any(inner.get("citations") for inner in texts):
        raise ApiError(f"{place}.search_result.content.citations: citations are not permitted here")
