"""What the simulated API reads from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

MAX_ANSWER_TOKENS = 50_000


@dataclass(frozen=True, slots=True)
class Settings:
    """The pace of every answer, unless a scripted fault overrides it."""

    first_token_ms: float = 400.0
    tokens_per_second: float = 60.0
    answer_tokens: int | None = None  # None: the natural length of the answer

    def __post_init__(self) -> None:
        if not 0 <= self.first_token_ms <= 3_600_000:
            raise ValueError(f"first_token_ms must be from 0 to 3,600,000: {self.first_token_ms}")
        if not 0 < self.tokens_per_second <= 1_000_000:
            raise ValueError(f"tokens_per_second must be above 0 and up to 1,000,000: {self.tokens_per_second}")
        if self.answer_tokens is not None and not 1 <= self.answer_tokens <= MAX_ANSWER_TOKENS:
            raise ValueError(f"answer_tokens must be from 1 to {MAX_ANSWER_TOKENS:,}: {self.answer_tokens}")

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read `SIMULATED_FIRST_TOKEN_MS`, `SIMULATED_TOKENS_PER_SECOND` and `SIMULATED_ANSWER_TOKENS`."""
        given = {
            "first_token_ms": environment.get("SIMULATED_FIRST_TOKEN_MS"),
            "tokens_per_second": environment.get("SIMULATED_TOKENS_PER_SECOND"),
            "answer_tokens": environment.get("SIMULATED_ANSWER_TOKENS"),
        }
        return cls().changed({name: value for name, value in given.items() if value})

    def changed(self, values: Mapping[str, Any]) -> "Settings":
        """A copy with some of the fields replaced; text is read as a number. Raises ValueError."""
        first = values.get("first_token_ms", self.first_token_ms)
        rate = values.get("tokens_per_second", self.tokens_per_second)
        tokens = values.get("answer_tokens", self.answer_tokens)
        try:
            numbers = float(first), float(rate), None if tokens is None else int(tokens)
        except (TypeError, ValueError) as error:
            raise ValueError(f"the pace must be made of numbers: {dict(values)}") from error
        return Settings(*numbers)
