"""One round of a reply: the blocks of one call as they stream in, kept so that they can be sent back unchanged.

The shapes: https://docs.anthropic.com/en/api/messages-streaming (events), /en/docs/build-with-claude/tool-use (loop).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

THINKS = ""  # what `take` gives when the model begins to think
Block = dict[str, Any]


@dataclass
class Round:
    """What the model has said in one call. `take` gives what a reader is to be shown of each event."""

    blocks: list[Block] = field(default_factory=list)
    _at: dict[int, Block] = field(default_factory=dict)  # by the stream's index
    _pieces: dict[int, list[str]] = field(default_factory=dict)  # of a block that is open

    def take(self, event: dict[str, Any]) -> str | Block | None:
        """Text (empty: thinking has begun), a citation of the text before it, or nothing to show."""
        kind, index = event["type"], event.get("index", 0)
        if kind == "content_block_delta":
            return self._grow(index, event["delta"])
        if kind == "content_block_start":
            block = dict(event["content_block"])
            self.blocks.append(block)
            self._at[index], self._pieces[index] = block, []
            return THINKS if block["type"] == "thinking" else None
        self._close(index)
        return None

    def _grow(self, index: int, delta: Block) -> str | Block | None:
        block = self._at.get(index)
        if text := delta.get("text"):
            if block is not None:
                self._pieces[index].append(text)
            return str(text)
        kind = delta.get("type")
        if block is None:
            return None
        if kind == "citations_delta":
            block["citations"] = [*(block.get("citations") or []), delta["citation"]]
            return dict(delta["citation"])
        if kind in ("input_json_delta", "thinking_delta"):
            self._pieces[index].append(delta.get("partial_json") or delta.get("thinking") or "")
        elif kind == "signature_delta":
            block["signature"] = delta["signature"]
        return None

    def _close(self, index: int) -> None:
        block, whole = self._at.get(index), "".join(self._pieces.pop(index, []))
        if block is None:
            return
        if block["type"] == "text":
            block["text"] = block.get("text", "") + whole
        elif block["type"] == "thinking":
            block["thinking"] = block.get("thinking", "") + whole
        elif block["type"] == "tool_use":
            block["input"] = _parsed(whole)

    @property
    def calls(self) -> list[Block]:
        """The tool calls of the round, with their input as it was meant."""
        return [block for block in self.blocks if block["type"] == "tool_use"]

    def said(self) -> Block:
        """The round as the assistant's turn, to be sent back; without blank texts, which are refused."""
        kept = [block for block in self.blocks if block["type"] != "text" or block.get("text", "").strip()]
        return {"role": "assistant", "content": kept}


def _parsed(text: str) -> Any:
    """A call's input; {} when it is not an object, which the tool then says."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
