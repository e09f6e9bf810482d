"""Scripted faults: what the next request is to meet, in the order in which they were scripted.

    {"kind": "status", "status": 529, "retry_after": 2}       also retry_after_ms, x_should_retry, error_code, …
    {"kind": "reset"}    {"kind": "hang", "seconds": 5}       before any byte; after a hang the answer comes
    {"kind": "answer", "text": "# Olá"}                       the text, in place of the one made from the question
    {"kind": "answer", "passages": [["…"], ["…", "laudo"], ["…", "laudo", "dito"]]}     with citations, see `compose`
    {"kind": "tool_use", "name": "…", "input": {…}}           or "calls": [{"name": …, "input": …}, …]; "text" before
    {"kind": "stop_reason", "stop_reason": "refusal", "category": "bio", "after_tokens": 5}
    {"kind": "error_event", "after_tokens": 5, "type": "api_error"}
    {"kind": "cut", "after_tokens": 5}                        the connection ends in mid-stream
    {"kind": "silence", "after_tokens": 5, "seconds": 3}      then: "continue" (default), "end" or "cut"
    {"kind": "end_without_stop"}                              after all tokens, or "after_tokens"
    {"kind": "unknown_event"}, "unknown_delta", "ping", "split_utf8"      at "after_tokens" (default 0)
    {"kind": "burst", "tokens": 20}                           so many tokens at once
    {"kind": "slow", "first_token_ms": 900, "tokens_per_second": 5}

Any of them takes `match` (part of the last user text), `times`, `for` ("answer" or "title"), the pace
(`first_token_ms`, `tokens_per_second`, `answer_tokens`), and `also` (more entries for the same request). The first
kinds, up to `hang`, take `path` for another path than /v1/messages, as counted: "/v1/models/{id}".
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .settings import Settings

MOST_SCRIPTED = 10_000

PACE = frozenset({"first_token_ms", "tokens_per_second", "answer_tokens"})
COMMON = frozenset({"kind", "match", "times", "path", "for", "also"}) | PACE
PLACED = frozenset({"after_tokens"})
KINDS: dict[str, frozenset[str]] = {
    # before the first byte
    "status": frozenset({"status", "retry_after", "retry_after_ms", "x_should_retry", "type", "error_code", "message"}),
    "reset": frozenset(),
    "hang": frozenset({"seconds"}),
    # what is answered
    "answer": frozenset({"text", "passages"}),
    "tool_use": frozenset({"name", "input", "calls", "text"}),
    "stop_reason": PLACED | {"stop_reason", "category", "explanation", "stop_sequence"},
    "slow": frozenset(),
    # in mid-stream
    "error_event": PLACED | {"type", "message"},
    "cut": PLACED,
    "silence": PLACED | {"seconds", "then"},
    "end_without_stop": PLACED,
    "unknown_event": PLACED,
    "unknown_delta": PLACED,
    "ping": PLACED,
    "burst": PLACED | {"tokens"},
    "split_utf8": PLACED,
}
EARLY = ("status", "reset", "hang")  # the kinds that come before the first byte
STOP_REASONS = (
    "end_turn",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "refusal",
    "model_context_window_exceeded",
)
REQUIRED = {
    "status": ("status",),
    "hang": ("seconds",),
    "stop_reason": ("stop_reason",),
    "error_event": ("after_tokens",),
    "cut": ("after_tokens",),
    "silence": ("after_tokens", "seconds"),
    "burst": ("tokens",),
}
TYPES: dict[str, type | tuple[type, ...]] = {
    "status": int,
    "times": int,
    "after_tokens": int,
    "tokens": int,
    "seconds": (int, float),
    "text": str,
    "name": str,
    "input": dict,
    "calls": list,
    "passages": list,
    "match": str,
    "path": str,
    "also": list,
    "stop_reason": str,
}
CHOICES = {"for": ("answer", "title"), "then": ("continue", "end", "cut"), "stop_reason": STOP_REASONS}


@dataclass(slots=True)
class Fault:
    """One entry of a script, valid as it stands; `also` holds further effects on the same request."""

    options: dict[str, Any]
    times: int
    also: list["Fault"]

    @classmethod
    def read(cls, entry: Any) -> "Fault":
        """Raises ValueError that says what is wrong: a misspelt fault must not pass as no fault."""
        if not isinstance(entry, dict) or entry.get("kind") not in KINDS:
            raise ValueError(f"a fault needs a `kind` out of {', '.join(KINDS)}: {entry!r}")
        _check_names(entry)
        _check_values(entry)
        return cls(entry, entry.get("times", 1), [cls.read(inner) for inner in entry.get("also", [])])

    @property
    def kind(self) -> str:
        return str(self.options["kind"])

    def get(self, name: str, default: Any = None) -> Any:
        return self.options.get(name, default)

    def fits(self, path: str, text: str, is_title: bool) -> bool:
        wanted = self.get("for")
        return (
            self.get("path", "/v1/messages") == path
            and self.get("match", "") in text
            and (wanted is None or (wanted == "title") == is_title)
        )


def _check_names(entry: dict[str, Any]) -> None:
    kind = entry["kind"]
    if unknown := entry.keys() - KINDS[kind] - COMMON:
        raise ValueError(f"{kind}: unknown {', '.join(sorted(unknown))}")
    if missing := [name for name in REQUIRED.get(kind, ()) if name not in entry]:
        raise ValueError(f"{kind}: needs {', '.join(missing)}")
    if kind == "answer" and not {"text", "passages"} & entry.keys():
        raise ValueError("answer: needs text, or passages")
    calls = entry.get("calls") or [entry]
    if kind == "tool_use" and not all(isinstance(call, dict) and "name" in call for call in calls):
        raise ValueError("tool_use: needs a name, or calls that each have one")


def _check_values(entry: dict[str, Any]) -> None:
    kind = entry["kind"]
    for name, wanted in TYPES.items():
        if name in entry and not isinstance(entry[name], wanted):
            raise ValueError(f"{kind}: {name} has the wrong type: {entry[name]!r}")
    for name, choices in CHOICES.items():
        if name in entry and entry[name] not in choices:
            raise ValueError(f"{kind}: {name} must be one of {', '.join(choices)}")
    if not 400 <= entry.get("status", 400) <= 599 or entry.get("times", 1) < 1:
        raise ValueError(f"{kind}: status is from 400 to 599, times from 1")
    if entry.get("path", "/v1/messages") != "/v1/messages" and kind not in EARLY:
        raise ValueError(f"{kind}: other paths than /v1/messages know only {', '.join(EARLY)}")
    Settings().changed({name: entry[name] for name in PACE & entry.keys()})


class Effects:
    """Everything scripted for one request, found by kind."""

    def __init__(self, fault: Fault | None) -> None:
        self.all: list[Fault] = [fault, *fault.also] if fault else []

    def find(self, kind: str) -> Fault | None:
        return next((fault for fault in self.all if fault.kind == kind), None)

    def paced(self, settings: Settings) -> Settings:
        changes: Mapping[str, Any] = {
            name: value for fault in self.all for name, value in fault.options.items() if name in PACE
        }
        return settings.changed(changes) if changes else settings


class Script:
    """The queue of faults; each is spent by the first request that fits it."""

    def __init__(self) -> None:
        self._waiting: deque[Fault] = deque()

    def __len__(self) -> int:
        return sum(fault.times for fault in self._waiting)

    def add(self, entries: list[Any]) -> None:
        faults = [Fault.read(entry) for entry in entries]
        if len(self._waiting) + len(faults) > MOST_SCRIPTED:
            raise ValueError(f"at most {MOST_SCRIPTED} faults may wait")
        self._waiting.extend(faults)

    def clear(self) -> None:
        self._waiting.clear()

    def take(self, path: str, text: str = "", is_title: bool = False) -> Effects:
        """The effects for this request; none when nothing scripted fits it."""
        fault = next((fault for fault in self._waiting if fault.fits(path, text, is_title)), None)
        if fault is None:
            return Effects(None)
        fault.times -= 1
        if not fault.times:
            self._waiting.remove(fault)
        return Effects(fault)
