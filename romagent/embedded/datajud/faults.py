"""What the next questions are to meet, in the order in which it was scripted.

    {"kind": "status", "status": 429}       its usual body; 504 comes as the gateway's HTML; also 401, 403, 502, 503
    {"kind": "hang", "seconds": 60}         then the answer comes
    {"kind": "reset"}                       the connection ends before a byte
    {"kind": "cut"}                         the connection ends in the middle of the body
    {"kind": "partial", "failed": 3}        parts of the index did not answer: no hit, or with "with_hits" the hits
    {"kind": "timed_out"}                   no hit, and the index says itself that it ran out of time
    {"kind": "malformed", "body": "…"}      status 200 with this in place of JSON
    {"kind": "html"}                        status 200 with a page
    {"kind": "total_without_hits"}          says that there is one, and shows none
    {"kind": "answer", "body": {…}}         status 200 with this
    {"kind": "large", "megabytes": 20}      status 200 with a body that long

Any of them takes `times`, and `match` (the digits that are asked for, or their beginning).
"""

from collections import deque
from typing import Any

KINDS: dict[str, frozenset[str]] = {
    "status": frozenset({"status"}),
    "hang": frozenset({"seconds"}),
    "reset": frozenset(),
    "cut": frozenset(),
    "partial": frozenset(),
    "timed_out": frozenset(),
    "malformed": frozenset({"body"}),
    "html": frozenset(),
    "total_without_hits": frozenset(),
    "answer": frozenset({"body"}),
    "large": frozenset({"megabytes"}),
}
OPTIONAL = frozenset({"kind", "times", "match", "failed", "with_hits"})
MOST_SCRIPTED = 10_000


class Script:
    """The queue of faults; each is spent by the first question that fits it."""

    def __init__(self) -> None:
        self._waiting: deque[dict[str, Any]] = deque()

    def __len__(self) -> int:
        return sum(int(fault.get("times", 1)) for fault in self._waiting)

    def add(self, entries: list[Any]) -> None:
        """Raises ValueError that says what is wrong: a misspelt fault must not pass as no fault."""
        if len(self._waiting) + len(entries) > MOST_SCRIPTED:
            raise ValueError(f"at most {MOST_SCRIPTED} faults may wait")
        self._waiting.extend([_checked(entry) for entry in entries])

    def take(self, number: str) -> dict[str, Any] | None:
        found = next((one for one in self._waiting if number.startswith(one.get("match", ""))), None)
        if found is None:
            return None
        found["times"] = found.get("times", 1) - 1
        if found["times"] < 1:
            self._waiting.remove(found)
        return found


def _checked(entry: Any) -> dict[str, Any]:
    if not isinstance(entry, dict) or entry.get("kind") not in KINDS:
        raise ValueError(f"a fault needs a `kind` out of {', '.join(KINDS)}: {entry!r}")
    needed = KINDS[entry["kind"]]
    if unknown := entry.keys() - needed - OPTIONAL:
        raise ValueError(f"{entry['kind']}: unknown {', '.join(sorted(unknown))}")
    if missing := needed - entry.keys():
        raise ValueError(f"{entry['kind']}: needs {', '.join(sorted(missing))}")
    if not isinstance(entry.get("times", 1), int) or entry.get("times", 1) < 1:
        raise ValueError(f"{entry['kind']}: times is a number from 1")
    return dict(entry)
