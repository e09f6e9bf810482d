"""What is sent to the model for one reply: the mode's instructions, the history that fits, the question."""

from __future__ import annotations

import functools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings

from audit.calls.provider import Client, name_there

MODES = Path(__file__).resolve().parent.parent / "modes"
CONTINUE = (
    "Continue exatamente de onde sua resposta anterior parou, a partir do caractere seguinte, "
    "sem repetir nada do que já escreveu, sem recomeçar e sem comentar a interrupção."
)


@functools.cache
def instructions(mode: str) -> str:
    """The system prompt of a mode: what all share, then its own file; always the same bytes (cached prefix)."""
    return "\n\n".join((MODES / f"{name}.md").read_text(encoding="utf-8").strip() for name in ("comum", mode))


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

    def request(self, written: str = "") -> dict[str, Any]:
        """The request; `written` is what the reply already says when it is to be continued.

        Without temperature, thinking or prefill, which current models refuse; `user_id` is an opaque id.
        """
        turns = self.turns
        if written.strip():
            turns += (Turn("assistant", written.rstrip()), Turn("user", CONTINUE))
        return {
            "model": self.model,
            "max_tokens": self.max_tokens,
            "system": instructions(self.mode),
            "messages": [{"role": turn.role, "content": turn.content} for turn in turns],
            "cache_control": {"type": "ephemeral"},
            "metadata": {"user_id": str(self.person)},
        }

    def largest_size(self) -> int:
        """A bound that is never too small: a token covers at least one byte of UTF-8."""
        texts = [instructions(self.mode), CONTINUE, *(turn.content for turn in self.turns)]
        return sum(len(text.encode()) + 16 for text in texts)


async def fitted(prompt: Prompt, client: Client, written: str = "") -> Prompt:
    """The prompt with as much of the history as the model's window holds, newest first.

    Asks the API to count only when the text could be too large at all; the question itself is never cut.
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
    counted = await client.messages.count_tokens(
        model=name_there(request["model"]), system=request["system"], messages=request["messages"]
    )
    return counted.input_tokens
