"""Signatures of thinking blocks: they belong to one model, one conversation and one place in a message.

Source: https://docs.anthropic.com/en/docs/build-with-claude/extended-thinking ("exactly as received")
"""

import base64
from hashlib import blake2b
from typing import Any

from .prompt import Block, as_blocks


def sign(body: dict[str, Any], position: int, thinking: str) -> str:
    """The signature of a thinking block that answers `body` as block number `position` of its message."""
    first = body["messages"][0]
    beginning = "\0".join(block["text"] for block in as_blocks(first["content"]) if block["type"] == "text")
    signed = "\0".join([body["model"], beginning, str(position), thinking])
    digest = blake2b(signed.encode("utf-8", "surrogatepass"), key=b"simulated", digest_size=48).digest()
    return base64.b64encode(digest).decode()


def signature_is_valid(body: dict[str, Any], position: int, block: Block) -> bool:
    return str(block["signature"]) == sign(body, position, block["thinking"])
