"""One reply of the Messages API: its blocks, why it stopped, what it used."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from .catalogue import Model
from .usage import Usage


@dataclass(slots=True)
class Thinking:
    """Empty unless its display was asked for; the signature is what matters."""

    text: str
    signature: str

    def public(self) -> dict[str, Any]:
        return {"type": "thinking", "thinking": self.text, "signature": self.signature}


@dataclass(slots=True)
class Text:
    tokens: list[str]
    citation: dict[str, Any] | None = None

    def public(self) -> dict[str, Any]:
        block: dict[str, Any] = {"type": "text", "text": "".join(self.tokens)}
        if self.citation:
            block["citations"] = [self.citation]
        return block


@dataclass(slots=True)
class ToolUse:
    id: str
    name: str
    input: dict[str, Any]
    tokens: list[str]  # fragments of the input's JSON
    whole: bool = True

    def public(self) -> dict[str, Any]:
        given = self.input if self.whole else {}
        return {"type": "tool_use", "id": self.id, "name": self.name, "input": given}


@dataclass(slots=True)
class Reply:
    model: Model
    usage: Usage
    id: str = field(default_factory=lambda: f"msg_{uuid4().hex[:24]}")
    thinking: Thinking | None = None
    blocks: list[Text | ToolUse] = field(default_factory=list)
    stop_reason: str = "end_turn"
    stop_sequence: str | None = None
    stop_details: dict[str, Any] | None = None
    thinking_tokens: int = 0
    diagnostics: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        return "".join("".join(block.tokens) for block in self.blocks if isinstance(block, Text))

    @property
    def token_count(self) -> int:
        return sum(len(block.tokens) for block in self.blocks)

    def beginning(self) -> dict[str, Any]:
        """The message of `message_start`: no content, no stop reason yet."""
        usage = self.usage.public() | {
            "cache_creation": self.usage.by_ttl(),
            "output_tokens": 1 if self.token_count else 0,
            "service_tier": "standard",
        }
        return {
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model.id,
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "stop_details": None,
            "diagnostics": self.diagnostics,
            "usage": usage,
        }

    def ending(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """The delta and the cumulative usage of `message_delta`."""
        delta = {
            "stop_reason": self.stop_reason,
            "stop_sequence": self.stop_sequence,
            "stop_details": self.stop_details,
        }
        usage = self.usage.public() | {
            "output_tokens": self.thinking_tokens + self.token_count,
            "output_tokens_details": {"thinking_tokens": self.thinking_tokens},
        }
        return delta, usage

    def public(self) -> dict[str, Any]:
        """The whole message, as a request without `stream` gets it."""
        message = self.beginning()
        delta, usage = self.ending()
        thinking = [self.thinking.public()] if self.thinking else []
        message["content"] = thinking + [block.public() for block in self.blocks]
        message["usage"] |= usage
        return message | delta

    def keep_tokens(self, count: int) -> None:
        """Cut the reply after `count` tokens; a tool call that is cut keeps no usable input."""
        kept: list[Text | ToolUse] = []
        for block in self.blocks:
            if not count:
                break
            if isinstance(block, ToolUse) and count < len(block.tokens):
                block.whole = False
            block.tokens = block.tokens[:count]
            count -= len(block.tokens)
            kept.append(block)
        self.blocks = kept
