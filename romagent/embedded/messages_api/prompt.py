"""One request body, read once: its turns, its documents, its search results."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .documents import Document, SearchResult, read_document, read_search_result

Block = dict[str, Any]
FileOf = Callable[[str], Any]


@dataclass(slots=True)
class Turn:
    """Neighbouring messages of one role count as one turn."""

    role: str
    blocks: list[Block] = field(default_factory=list)

    @property
    def text(self) -> str:
        """An answer's text blocks are stretches of one text; a person's are separate."""
        return ("" if self.role == "assistant" else "\n").join(self.texts)

    @property
    def texts(self) -> list[str]:
        return [block["text"] for block in self.blocks if block.get("type") == "text"]


@dataclass(slots=True)
class Prompt:
    body: dict[str, Any]
    turns: list[Turn]
    documents: dict[int, Document]  # by id() of the block it was read from
    results: dict[int, SearchResult]

    @property
    def system(self) -> str:
        return "\n".join(block["text"] for block in as_blocks(self.body.get("system") or ""))

    @property
    def last_user_text(self) -> str:
        """The last thing a person wrote: a turn that only brings tool results is passed over."""
        texts = (turn.text for turn in reversed(self.turns) if turn.role == "user" and turn.texts)
        return next(texts, "")


def as_blocks(content: str | list[Block] | None) -> list[Block]:
    """A plain string is short for one text block."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}] if content else []
    return content or []


def nested(block: Block) -> Iterator[Block]:
    """The block and what stands inside it: a tool result may hold documents and search results."""
    yield block
    if block.get("type") == "tool_result":
        yield from as_blocks(block.get("content"))


def read_prompt(body: dict[str, Any], file_of: FileOf) -> Prompt:
    """Read a body whose shape `rules.check` has accepted. Raises ApiError for an unknown file."""
    prompt = Prompt(body, turns_of(body["messages"]), {}, {})
    for turn in prompt.turns:
        for block in (inner for outer in turn.blocks for inner in nested(outer)):
            if block.get("type") == "document":
                prompt.documents[id(block)] = read_document(block, len(prompt.documents), file_of)
            elif block.get("type") == "search_result":
                prompt.results[id(block)] = read_search_result(block, len(prompt.results))
    return prompt


def turns_of(messages: list[dict[str, Any]]) -> list[Turn]:
    turns: list[Turn] = []
    for message in messages:
        if not turns or turns[-1].role != message["role"]:
            turns.append(Turn(message["role"]))
        turns[-1].blocks.extend(as_blocks(message["content"]))
    return turns
