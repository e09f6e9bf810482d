"""All that the simulation remembers while it runs, every part of it bounded."""

import time
from collections import OrderedDict, deque
from dataclasses import asdict, dataclass
from typing import Any

from .catalogue import CATALOGUE, Model
from .diagnostics import Diagnoses
from .faults import Script
from .files import FileStore
from .settings import Settings
from .usage import PrefixCache

MOST_REQUESTS = 200
MOST_REQUEST_BYTES = 64 * 1024 * 1024
MOST_PAUSED = 1_000
CONFIGURABLE_MODEL = frozenset({"lifecycle", "deprecated_at", "retires_at", "max_input_tokens", "max_tokens"})
CONFIGURABLE_PACE = frozenset({"first_token_ms", "tokens_per_second", "answer_tokens"})


@dataclass(slots=True)
class Count:
    """How many requests came, ended as the server meant, and were left by their client."""

    started: int = 0
    finished: int = 0
    aborted: int = 0

    def end(self, *, whole: bool) -> None:
        if whole:
            self.finished += 1
        else:
            self.aborted += 1

    def public(self) -> dict[str, int]:
        return asdict(self) | {"open": self.started - self.finished - self.aborted}


class Requests:
    """The last request bodies, as they came."""

    def __init__(self) -> None:
        self._kept: deque[tuple[str, bytes]] = deque()
        self._bytes = 0

    def add(self, path: str, body: bytes) -> None:
        self._kept.append((path, body))
        self._bytes += len(body)
        while len(self._kept) > MOST_REQUESTS or self._bytes > MOST_REQUEST_BYTES:
            self._bytes -= len(self._kept.popleft()[1])

    def as_json(self, path: str) -> bytes:
        return b"[" + b",".join(body for where, body in self._kept if where == path) + b"]"


class Simulation:
    def __init__(self, settings: Settings) -> None:
        self._given = settings
        self._clock_ahead = 0.0
        self.reset()

    def reset(self) -> None:
        """As after a start, but for what is still open."""
        self.settings = self._given
        self.models: dict[str, Model] = dict(CATALOGUE)
        self.script = Script()
        self.cache = PrefixCache()
        self.diagnoses = Diagnoses()
        self.files = FileStore(self.now)
        self.requests = Requests()
        self.counts: dict[str, Count] = {}
        self._paused: OrderedDict[str, None] = OrderedDict()
        self._clock_ahead = 0.0

    def now(self) -> float:
        """Seconds since 1970, moved by `advance_seconds`, so that tests need not wait for a TTL."""
        return time.time() + self._clock_ahead

    def count(self, path: str) -> Count:
        return self.counts.setdefault(path, Count())

    def counters(self) -> dict[str, Any]:
        by_path = {path: count.public() for path, count in sorted(self.counts.items())}
        names = ("started", "finished", "aborted", "open")
        whole = {name: sum(count[name] for count in by_path.values()) for name in names}
        return whole | {"by_path": by_path, "scripted_left": len(self.script)}

    @property
    def paused(self) -> OrderedDict[str, None]:
        """Texts that ended with `pause_turn` and may be sent back in last place."""
        return self._paused

    def remember_paused(self, text: str) -> None:
        self._paused[text] = None
        if len(self._paused) > MOST_PAUSED:
            self._paused.popitem(last=False)

    def configure(self, values: dict[str, Any]) -> dict[str, Any]:
        """Change pace, clock, models and files at run time. Raises ValueError."""
        if unknown := values.keys() - CONFIGURABLE_PACE - {"advance_seconds", "models", "files_downloadable"}:
            raise ValueError(f"unknown setting: {', '.join(sorted(unknown))}")
        models = {name: self._changed_model(name, given) for name, given in values.get("models", {}).items()}
        pace = {name: values[name] for name in CONFIGURABLE_PACE & values.keys()}
        self.settings = self.settings.changed(pace)
        self.models |= models
        self._clock_ahead += float(values.get("advance_seconds", 0))
        self.files.downloadable = bool(values.get("files_downloadable", self.files.downloadable))
        return asdict(self.settings)

    def _changed_model(self, id: str, changes: dict[str, Any]) -> Model:
        if id not in self.models:
            raise ValueError(f"unknown model: {id}")
        if unknown := changes.keys() - CONFIGURABLE_MODEL:
            raise ValueError(f"{id}: cannot change {', '.join(sorted(unknown))}")
        return self.models[id].changed(**changes)
