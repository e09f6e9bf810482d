"""What is sent to the model for one reply: the instructions, the case, the files, the history that fits, the question.

In the order of the prompt's cache (https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching): what stays the
same from one question to the next comes first, and always as the same bytes.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from audit.calls.provider import Client, name_there

MODES = Path(__file__).resolve().parent.parent / "modes"
CONTINUE = (
    "Continue exatamente de onde sua resposta anterior parou, a partir do caractere seguinte, "
    "sem repetir nada do que já escreveu, sem recomeçar e sem comentar a interrupção. "
    "Se ela já estava completa, não escreva mais nada."  # its writer may have died after the last word
)


@functools.cache
def instructions(mode: str) -> str:
    """The system prompt of a mode: what all share, then its own file; always the same bytes (cached prefix)."""
    return "\n\n".join((MODES / f"{name}.md").read_text(encoding="utf-8").strip() for name in ("comum", mode))


CASE = (
    ("name", "Nome"),
    ("case_number", "Número do processo"),
    ("client", "Cliente"),
    ("opposing_party", "Parte contrária"),
    ("court", "Juízo"),
)
MARK = {"cache_control": {"type": "ephemeral"}}
Block = dict[str, Any]


def case_words(case: Mapping[str, str]) -> str:
    """What the office has registered about the conversation's project, and its own instructions for it."""
    said = [(label, " ".join(case.get(name, "").split())) for name, label in CASE]
    lines = [f"- {label}: {_masked(words)}" for label, words in said if words]
    parts = ["# O caso desta conversa\n\nRegistrado pelo escritório:\n" + "\n".join(lines)]
    if own := case.get("instructions", "").strip():
        parts.append(f"Instruções do escritório para este caso:\n\n<instrucoes>\n{own}\n</instrucoes>")
    return "\n\n".join(parts)


def _masked(words: str) -> str:
    """A case number of 20 digits as the courts write it (Resolução CNJ 65/2008)."""
    if len(words) != 20 or not words.isdigit():
        return words
    return f"{words[:7]}-{words[7:9]}.{words[9:13]}.{words[13]}.{words[14:16]}.{words[16:]}"


def going_on(written: str) -> tuple[Block, ...]:
    """What has the model continue a reply that says this already; nothing when it says nothing."""
    if not written.strip():
        return ()
    return ({"role": "assistant", "content": written.rstrip()}, {"role": "user", "content": CONTINUE})


@dataclass(frozen=True)
class Turn:
    role: str
    content: str


@dataclass(frozen=True)
class Prompt:
    """Everything a request is made from."""

    model: str
    mode: str
    person: UUID
    context_tokens: int
    max_output_tokens: int
    turns: tuple[Turn, ...]  # oldest first; the last one is the question
    left_out: int = 0  # how many of the oldest did not fit
    case: str = ""  # about the project, after the mode's instructions
    files: tuple[Block, ...] = ()  # before the first question: whole files, and which others there are
    tools: tuple[Block, ...] = ()
    may_call: bool = True  # false: the tools have been used enough
    material: str = ""  # before the question, for this reply only
    rounds: tuple[Block, ...] = ()  # what was said and done in this reply so far, as messages

    @property
    def system(self) -> str:
        return f"{instructions(self.mode)}\n\n{self.case}" if self.case else instructions(self.mode)

    @property
    def max_tokens(self) -> int:
        return min(settings.ANSWER_MAX_TOKENS, self.max_output_tokens)

    @property
    def room(self) -> int:
        """Tokens that instructions and history may take."""
        return self.context_tokens - self.max_tokens

    def without_oldest(self, count: int) -> Prompt:
        """Without the `count` oldest turns, and then the ones before the next question: a history starts with one."""
        rest = list(self.turns[count:])
        while len(rest) > 1 and rest[0].role != "user":
            rest.pop(0)
        return replace(self, turns=tuple(rest), left_out=self.left_out + len(self.turns) - len(rest))

    def after(self, *messages: Block) -> Prompt:
        """The prompt of the reply's next round."""
        return replace(self, rounds=self.rounds + messages)

    def request(self, written: str = "") -> dict[str, Any]:
        """The request; `written` is what the reply (after its last round) says already when it is to be continued.

        Without temperature, thinking or prefill, which current models refuse; `user_id` is an opaque id.
        """
        messages: list[Block] = [{"role": turn.role, "content": turn.content} for turn in self.turns]
        if self.material:
            messages[-1] = _preceded(messages[-1], {"type": "text", "text": self.material})
        if self.files:
            messages[0] = _preceded(messages[0], *self.files)
        messages += [*self.rounds, *going_on(written)]
        request = {
            "model": self.model,
            "max_tokens": self.max_tokens,
            "system": self.system,
            "messages": messages,
            "cache_control": {"type": "ephemeral"},
            "metadata": {"user_id": str(self.person)},
        }
        if self.tools:
            request["tools"] = list(self.tools)
            request |= {} if self.may_call else {"tool_choice": {"type": "none"}}
        return request

    def largest_size(self) -> int:
        """A bound that is never too small: a token covers at least one byte of UTF-8."""
        texts = [self.system, self.material, CONTINUE, *(turn.content for turn in self.turns)]
        blocks = [self.files, self.tools, self.rounds]
        texts += [json.dumps(block, ensure_ascii=False) for block in blocks if block]
        return sum(len(text.encode("utf-8", "replace")) + 16 for text in texts)


def _preceded(message: Block, *blocks: Block) -> Block:
    """The message with blocks before what it says."""
    said = message["content"]
    return message | {"content": [*blocks, *([{"type": "text", "text": said}] if isinstance(said, str) else said)]}


async def fitted(prompt: Prompt, client: Client, written: str = "") -> Prompt:
    """The prompt with as much of the history as the model's window holds, newest first.

    Asks the API to count only when the text could be too large at all. The question itself, its files and what was
    read for it are never cut: earlier turns make room for them.
    """
    if prompt.largest_size() + len(written.encode()) <= prompt.room:
        return prompt
    fits, too_much = len(prompt.turns) - 1, -1  # how many of the oldest to leave out
    while fits - too_much > 1:
        middle = (fits + too_much) // 2
        if await _count(prompt.without_oldest(middle), client, written) <= prompt.room:
            fits = middle
        else:
            too_much = middle
    return prompt.without_oldest(fits)


async def _count(prompt: Prompt, client: Client, written: str) -> int:
    request = prompt.request(written)
    counted: Any = {name: request[name] for name in ("system", "messages", "tools") if name in request}
    return (await client.messages.count_tokens(model=name_there(request["model"]), **counted)).input_tokens


async def count_blocks(model: str, blocks: tuple[Block, ...], client: Client) -> int:
    """Tokens of these blocks of a question."""
    messages: Any = [{"role": "user", "content": [*blocks]}]
    return (await client.messages.count_tokens(model=name_there(model), messages=messages)).input_tokens
