"""Token counts and the prompt prefix cache: https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching.

The count is a rule of this simulation, so that tests can do the sum: one token for every 4 characters begun,
3 more for each message, 1,600 for an image, 1,500 for a PDF page besides its text.
"""

import json
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from .documents import IMAGE_TOKENS_PER_PAGE
from .prompt import Block, Prompt, as_blocks

CHARACTERS_PER_TOKEN = 4
MESSAGE_TOKENS = 3
IMAGE_TOKENS = 1_600
LOOKBACK_BLOCKS = 20  # positions tried from a mark backwards, the mark itself included
MOST_PREFIXES = 20_000
TTL_SECONDS = {"5m": 300.0, "1h": 3_600.0}


@dataclass(slots=True)
class Usage:
    """`input_tokens` excludes what was read from or written to the cache."""

    input_tokens: int
    cache_read: int = 0
    written_5m: int = 0
    written_1h: int = 0

    @property
    def whole_prompt(self) -> int:
        return self.input_tokens + self.cache_read + self.written_5m + self.written_1h

    def public(self) -> dict[str, Any]:
        return {
            "input_tokens": self.input_tokens,
            "cache_creation_input_tokens": self.written_5m + self.written_1h,
            "cache_read_input_tokens": self.cache_read,
        }

    def by_ttl(self) -> dict[str, int]:
        return {"ephemeral_5m_input_tokens": self.written_5m, "ephemeral_1h_input_tokens": self.written_1h}


@dataclass(slots=True)
class Piece:
    """One block of the prompt, in the order tools, system, messages."""

    where: str
    block: Any
    tokens: int
    ttl: str | None


def count_text(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def pieces_of(prompt: Prompt) -> list[Piece]:
    """The prompt as the cache sees it; a top-level `cache_control` marks the last block that can bear it."""
    pieces = list(_pieces(prompt))
    if whole := prompt.body.get("cache_control"):
        markable = [piece for piece in pieces if piece.block.get("type") != "thinking"]
        if markable:
            markable[-1].ttl = whole.get("ttl") or "5m"
    return pieces


def _pieces(prompt: Prompt) -> Iterator[Piece]:
    for tool in prompt.body.get("tools") or []:
        yield _piece("tools", tool, count_text(_canonical(tool)))
    for block in as_blocks(prompt.body.get("system")):
        yield _piece("system", block, count_text(block["text"]))
    for turn in prompt.turns:
        for position, block in enumerate(turn.blocks):
            tokens = _count_block(block, prompt) + (MESSAGE_TOKENS if position == 0 else 0)
            yield _piece(turn.role, block, tokens)


def _piece(where: str, block: Block, tokens: int) -> Piece:
    mark = block.get("cache_control")
    return Piece(where, block, tokens, (mark.get("ttl") or "5m") if mark else None)


def _canonical(block: Any) -> str:
    """The block's own JSON without its mark: moving a mark does not change a prefix."""
    if isinstance(block, dict) and "cache_control" in block:
        block = {key: value for key, value in block.items() if key != "cache_control"}
    return json.dumps(block, ensure_ascii=False, separators=(",", ":"))


def _count_block(block: Block, prompt: Prompt) -> int:
    match block["type"]:
        case "text":
            return count_text(block["text"])
        case "thinking":
            return count_text(block["thinking"])
        case "image":
            return IMAGE_TOKENS
        case "tool_use":
            return count_text(block["name"]) + count_text(_canonical(block["input"]))
        case "tool_result":
            return sum(_count_block(inner, prompt) for inner in as_blocks(block.get("content")))
        case "document":
            document = prompt.documents[id(block)]
            read = sum(count_text(part) for part in document.parts)
            about = count_text(block.get("title") or "") + count_text(block.get("context") or "")
            return read + about + document.pages * IMAGE_TOKENS_PER_PAGE
        case "search_result":
            parts = prompt.results[id(block)].parts
            return count_text(block["title"]) + sum(count_text(part) for part in parts)
        case _:
            return count_text(_canonical(block))


class PrefixCache:
    """Which prefixes are cached, per key and model, until when."""

    def __init__(self) -> None:
        self._expires: OrderedDict[bytes, tuple[float, str]] = OrderedDict()

    def use(self, owner: str, pieces: list[Piece], minimum: int, now: float) -> Usage:
        """Read the longest cached prefix, write the rest up to the last mark. `owner` is key and model."""
        total = sum(piece.tokens for piece in pieces)
        last_mark = max((index for index, piece in enumerate(pieces) if piece.ttl), default=-1)
        if last_mark < 0:
            return Usage(total)
        lengths, digests = _prefixes(owner, pieces[: last_mark + 1])
        marks = [index for index in range(last_mark + 1) if pieces[index].ttl and lengths[index] >= minimum]
        hit = max((self._longest(digests, mark, now) for mark in marks), default=-1)
        usage = Usage(total, cache_read=lengths[hit] if hit >= 0 else 0)
        reached = usage.cache_read
        for mark in marks:
            ttl = pieces[mark].ttl or "5m"
            self._store(digests[mark], ttl, now)
            written = max(0, lengths[mark] - reached)
            reached += written
            if ttl == "1h":
                usage.written_1h += written
            else:
                usage.written_5m += written
        usage.input_tokens = total - reached
        return usage

    def _longest(self, digests: list[bytes], mark: int, now: float) -> int:
        for index in range(mark, max(-1, mark - LOOKBACK_BLOCKS), -1):
            expires, ttl = self._expires.get(digests[index], (0.0, "5m"))
            if expires > now:
                self._store(digests[index], ttl, now)  # a read keeps the prefix for another period
                return index
        return -1

    def _store(self, digest: bytes, ttl: str, now: float) -> None:
        self._expires[digest] = (now + TTL_SECONDS[ttl], ttl)
        self._expires.move_to_end(digest)
        if len(self._expires) > MOST_PREFIXES:
            self._expires.popitem(last=False)


def _prefixes(owner: str, pieces: list[Piece]) -> tuple[list[int], list[bytes]]:
    lengths, digests, length = [], [], 0
    digest = blake2b(owner.encode(), digest_size=16).digest()
    for piece in pieces:
        length += piece.tokens
        content = f"{piece.where}\0{_canonical(piece.block)}".encode("utf-8", "surrogatepass")
        digest = blake2b(digest + content, digest_size=16).digest()
        lengths.append(length)
        digests.append(digest)
    return lengths, digests
