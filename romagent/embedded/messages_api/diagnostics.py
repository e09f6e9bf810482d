"""Why the prompt cache could not be used: https://platform.claude.com/docs/en/build-with-claude/cache-diagnostics."""

import json
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from .prompt import Prompt

MOST_REMEMBERED = 1_000


@dataclass(frozen=True, slots=True)
class Fingerprint:
    model: str
    system: bytes
    tools: bytes
    message_count: int
    messages: bytes
    tokens: int


class Diagnoses:
    """Remembers the requests that asked for a diagnosis, by the id of their answer."""

    def __init__(self) -> None:
        self._known: OrderedDict[str, Fingerprint] = OrderedDict()

    def compare(self, prompt: Prompt, message_id: str, tokens: int) -> dict[str, Any] | None:
        """The `diagnostics` of the answer; None when nothing was asked or nothing differs."""
        asked = prompt.body.get("diagnostics")
        if asked is None:
            return None
        self._known[message_id] = _fingerprint(prompt, tokens)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        previous_id = asked.get("previous_message_id")
        if previous_id is None:
            return None
        previous = self._known.get(previous_id)
        if previous is None:
            return {"cache_miss_reason": {"type": "previous_message_not_found"}}
        reason = _difference(previous, prompt.body)
        if reason is None:
            return None
        return {"cache_miss_reason": {"type": reason, "cache_missed_input_tokens": previous.tokens}}


def _difference(previous: Fingerprint, body: dict[str, Any]) -> str | None:
    if previous.model != body["model"]:
        return "model_changed"
    if previous.system != _digest(body.get("system")):
        return "system_changed"
    if previous.tools != _digest(body.get("tools")):
        return "tools_changed"
    if previous.messages != _digest(body["messages"][: previous.message_count]):
        return "messages_changed"
    return None


def _fingerprint(prompt: Prompt, tokens: int) -> Fingerprint:
    body = prompt.body
    messages = body["messages"]
    return Fingerprint(
        model=body["model"],
        system=_digest(body.get("system")),
        tools=_digest(body.get("tools")),
        message_count=len(messages),
        messages=_digest(messages),
        tokens=tokens,
    )


def _digest(value: Any) -> bytes:
    return blake2b(json.dumps(_unmarked(value)).encode(), digest_size=8).digest()


def _unmarked(value: Any) -> Any:
    """The value without any `cache_control`: moving a mark is no change."""
    if isinstance(value, dict):
        return {key: _unmarked(inner) for key, inner in value.items() if key != "cache_control"}
    if isinstance(value, list):
        return [_unmarked(inner) for inner in value]
    return value
