"""The models on offer, what each accepts, and how `GET /v1/models` shows them.

What a model refuses is data here, and `rules.py` only reads it, so a new model is one more row.
"""

from dataclasses import dataclass, replace
from typing import Any

ADAPTIVE = frozenset({"adaptive"})
ADAPTIVE_OR_OFF = frozenset({"adaptive", "disabled"})
BUDGET_OR_OFF = frozenset({"enabled", "disabled"})
EFFORTS = ("low", "medium", "high", "xhigh", "max")


@dataclass(frozen=True, slots=True)
class Model:
    id: str
    name: str
    line: str
    released: str
    thinking: frozenset[str]  # accepted values of `thinking.type`
    thinks_unasked: bool = True  # answers begin with a thinking block when `thinking` is left out
    efforts: tuple[str, ...] = EFFORTS
    thinking_off_up_to: str = "max"  # highest effort at which thinking may be `disabled`
    forced_tools: bool = True  # accepts `tool_choice` `any` and `tool`
    prefill: bool = False  # accepts an assistant message in last place
    cache_minimum: int = 1_024  # tokens; shorter prefixes are not cached
    max_input_tokens: int = 1_000_000
    max_tokens: int = 128_000
    lifecycle: str = "active"
    deprecated_at: str | None = None
    retires_at: str | None = None

    def changed(self, **values: Any) -> "Model":
        return replace(self, **values)

    def public(self) -> dict[str, Any]:
        """`ModelInfo` of the Models API."""
        return {
            "type": "model",
            "id": self.id,
            "display_name": self.name,
            "line": self.line,
            "created_at": f"{self.released}T00:00:00Z",
            "lifecycle": self.lifecycle,
            "deprecated_at": self.deprecated_at,
            "retires_at": self.retires_at,
            "max_input_tokens": self.max_input_tokens,
            "max_tokens": self.max_tokens,
            "capabilities": self._capabilities(),
        }

    def _capabilities(self) -> dict[str, Any]:
        yes, no = {"supported": True}, {"supported": False}
        types = {name: yes if name in self.thinking else no for name in _THINKING_TYPES}
        efforts = {name: yes if name in self.efforts else no for name in EFFORTS}
        return {
            "batch": no,  # this simulation has no batches and no server tools
            "citations": yes,
            "code_execution": no,
            "context_management": {"supported": False},
            "effort": {"supported": bool(self.efforts), **efforts},
            "image_input": yes,
            "pdf_input": yes,
            "server_tools": {"supported": False, "code_execution": no, "web_search": no},
            "structured_outputs": yes,
            "thinking": {"supported": True, "types": types},
        }


_THINKING_TYPES = ("adaptive", "between_tools", "disabled", "enabled")


def _row(id: str, name: str, released: str, thinking: frozenset[str], **more: Any) -> Model:
    return Model(id, name, line=id.split("-")[1], released=released, thinking=thinking, **more)


# Newest first, as the API lists them. Release dates of the 4.x models are approximate; nothing reads them.
_MODELS = (
    _row("claude-fable-5-2", "Claude Fable 5.2", "2026-11-09", ADAPTIVE, forced_tools=False),
    _row(
        "claude-haiku-5-5",
        "Claude Haiku 5.5",
        "2026-10-07",
        ADAPTIVE_OR_OFF,
        thinking_off_up_to="high",
        forced_tools=False,
        cache_minimum=512,
    ),
    _row(
        "claude-sonnet-5-5",
        "Claude Sonnet 5.5",
        "2026-09-28",
        frozenset({"adaptive", "between_tools"}),
        forced_tools=False,
    ),
    _row("claude-opus-5-5", "Claude Opus 5.5", "2026-09-22", ADAPTIVE, forced_tools=False),
    _row("claude-fable-5-1", "Claude Fable 5.1", "2026-09-01", ADAPTIVE, forced_tools=False, cache_minimum=512),
    _row("claude-opus-5", "Claude Opus 5", "2026-07-24", ADAPTIVE_OR_OFF, thinking_off_up_to="high", cache_minimum=512),
    _row("claude-sonnet-5", "Claude Sonnet 5", "2026-06-30", ADAPTIVE_OR_OFF),
    _row("claude-fable-5", "Claude Fable 5", "2026-06-09", ADAPTIVE, cache_minimum=512),
    _row("claude-opus-4-8", "Claude Opus 4.8", "2026-05-01", ADAPTIVE_OR_OFF, thinks_unasked=False),
    _row(
        "claude-opus-4-7", "Claude Opus 4.7", "2026-04-01", ADAPTIVE_OR_OFF, thinks_unasked=False, cache_minimum=2_048
    ),
    _row(
        "claude-sonnet-4-6",
        "Claude Sonnet 4.6",
        "2026-02-17",
        ADAPTIVE | BUDGET_OR_OFF,
        thinks_unasked=False,
        efforts=("low", "medium", "high", "max"),
    ),
    _row(
        "claude-opus-4-6",
        "Claude Opus 4.6",
        "2026-02-05",
        ADAPTIVE | BUDGET_OR_OFF,
        thinks_unasked=False,
        efforts=("low", "medium", "high", "max"),
        cache_minimum=4_096,
    ),
    _row(
        "claude-opus-4-5",
        "Claude Opus 4.5",
        "2025-11-24",
        BUDGET_OR_OFF,
        thinks_unasked=False,
        efforts=("low", "medium", "high"),
        prefill=True,
        cache_minimum=4_096,
        max_input_tokens=200_000,
        max_tokens=64_000,
    ),
    _row(
        "claude-haiku-4-5",
        "Claude Haiku 4.5",
        "2025-10-15",
        BUDGET_OR_OFF,
        thinks_unasked=False,
        efforts=(),
        prefill=True,
        cache_minimum=4_096,
        max_input_tokens=200_000,
        max_tokens=64_000,
    ),
    _row(
        "claude-sonnet-4-5",
        "Claude Sonnet 4.5",
        "2025-09-29",
        BUDGET_OR_OFF,
        thinks_unasked=False,
        efforts=(),
        prefill=True,
        max_input_tokens=200_000,
        max_tokens=64_000,
        lifecycle="deprecated",
        deprecated_at="2026-09-29T00:00:00Z",
        retires_at="2026-11-30T00:00:00Z",
    ),
    _row(
        "claude-sonnet-4-20250514",
        "Claude Sonnet 4",
        "2025-05-14",
        BUDGET_OR_OFF,
        thinks_unasked=False,
        efforts=(),
        prefill=True,
        max_input_tokens=200_000,
        max_tokens=64_000,
        lifecycle="retired",
        deprecated_at="2026-04-14T00:00:00Z",
        retires_at="2026-06-15T00:00:00Z",
    ),
)
CATALOGUE = {model.id: model for model in _MODELS}
