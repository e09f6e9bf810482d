"""What is broken, and when: a plan that follows from the seed alone, and who carries it out."""

from __future__ import annotations

import heapq
import os
import random
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import psutil
import psycopg

from romagent.embedded.messages_api.process import SimulatedApi
from romagent.embedded.processes import Child
from tests.chaos.ledger import Ledger
from tests.chaos.office import Office

SERVERS = ("postgres", "valkey", "api")
QUIET_AT_FIRST, QUIET_AT_LAST = 4.0, 3.0  # seconds of the run in which nothing is begun
JUNK = 160  # megabytes: more than Valkey may keep, so that it throws out what it knows longest
# What may be done to what, and how often it comes, among all.
KINDS: dict[str, tuple[int, tuple[str, ...]]] = {
    "kill": (8, ("web-1", "web-2", "worker-1", "worker-2", "worker-1", "worker-2", *SERVERS)),
    "stop": (5, ("web-1", "web-2", "worker-1", "worker-2", "postgres", "valkey", "api")),
    "pause": (8, ("web-1", "web-2", "worker-1", "worker-2", "worker-1", "worker-2", *SERVERS)),
    "kill a child": (2, ("web-1", "web-2")),
    "cut": (4, SERVERS),
    "hole": (4, SERVERS),
    "delay": (3, SERVERS),
    "reset": (3, SERVERS),
    "swallow": (2, SERVERS),
    "lose": (2, SERVERS),
    "end sessions": (1, ("postgres",)),
    "flood": (3, ("web", "valkey", "api")),
    "forget": (1, ("valkey",)),
    "refuse": (3, ("api",)),
}
# Each at least once, whatever the seed: what a run is for. A worker oversleeps when it is stopped while it writes and
# goes on as soon as another one has taken its reply: the moment in which two might write.
ALWAYS = (
    ("kill", "worker-1"), ("oversleep", "worker"), ("kill", "web-1"), ("stop", "worker-2"), ("kill", "postgres"),
    ("pause", "postgres"), ("cut", "postgres"), ("kill", "valkey"), ("forget", "valkey"), ("hole", "valkey"),
    ("stop", "web-2"), ("cut", "api"), ("refuse", "api"), ("flood", "web"), ("kill", "api"), ("oversleep", "worker"),
    ("kill", "postgres"), ("oversleep", "worker"), ("kill", "postgres"), ("lose", "postgres"), ("oversleep", "worker"),
    ("lose", "valkey"),
)  # fmt: skip
MORE = 2.9  # seconds of the run for each further fault
PROMISE_SECONDS = 6.0  # PostgreSQL is killed as soon as somebody was told that something is done; or then
SLEEP_SECONDS = 20.0  # at most, of a worker whose reply nobody takes
WRITING_SECONDS = 12.0  # at most, until somebody writes
ENOUGH = 2  # workers that have lost what they were writing while they slept


@dataclass(frozen=True, order=True)
class Fault:
    at: float  # seconds after the beginning
    kind: str
    target: str
    seconds: float  # that it lasts, where it lasts

    def __str__(self) -> str:
        lasts = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.at:6.1f} s  {self.kind} {self.target}{lasts}"


# Seconds. A worker is away for longer than its lease and the look for what has none take: it comes back to a reply that
# another one has taken.
LASTS = {
    "pause": (1.0, 8.0), "pause worker": (8.0, 14.0), "cut": (0.5, 5.0), "hole": (1.0, 6.0), "delay": (3.0, 8.0),
    "swallow": (1.0, 6.0),
}  # fmt: skip
# Which replies each run of a worker is writing, and which of some have been taken from their writers.
WRITERS = """
SELECT writes.application AS name, array_agg(messages.id) AS replies, array_agg(messages.attempts) AS turns
FROM messages JOIN chaos.writes ON writes.reply = messages.id AND writes.attempt = messages.attempts
    AND writes.before_attempt < writes.attempt
WHERE messages.status = 'streaming' GROUP BY 1 ORDER BY count(*) DESC
"""
TAKEN = """
SELECT count(*) AS count FROM unnest(%s::uuid[], %s::int[]) AS held(id, turn) JOIN messages ON messages.id = held.id
WHERE messages.attempts > held.turn AND messages.status = 'streaming'
"""


def plan(seed: int, seconds: float) -> list[Fault]:
    chance = random.Random(seed)
    kinds, weights = list(KINDS), [weight for weight, _ in KINDS.values()]
    chosen = list(ALWAYS)
    more = chance.choices(kinds, weights, k=int(seconds / MORE))
    chosen += [(kind, chance.choice(KINDS[kind][1])) for kind in more]
    last = max(QUIET_AT_FIRST, seconds - QUIET_AT_LAST)
    times = [chance.uniform(QUIET_AT_FIRST, last) for _ in chosen]
    for again in sorted({one for one in ALWAYS if ALWAYS.count(one) > 1}):  # spread over the time, one after another
        places = [place for place, one in enumerate(ALWAYS) if one == again]
        step = max(0.0, last - SLEEP_SECONDS - QUIET_AT_FIRST) / len(places)
        for number, place in enumerate(places):
            times[place] = QUIET_AT_FIRST + step * (number + chance.random() / 2)
    faults = []
    for (kind, target), at in zip(chosen, times, strict=True):
        how = f"{kind} {target.partition('-')[0]}"
        span = LASTS.get(how, LASTS.get(kind))
        lasts = round(chance.uniform(*span), 1) if span else 0.0
        faults.append(Fault(round(at, 1), kind, target, lasts))
    return sorted(faults)


class Breaker:
    """Carries out the plan: from the thread that calls `run`."""

    def __init__(self, office: Office, faults: list[Fault], ledger: Ledger, flood: Callable[[int], None]) -> None:
        self.office = office
        self.ledger = ledger
        self.flood = flood
        self.done = 0
        self.overslept = 0  # how often a worker woke up and another one was writing its reply
        self.startled = 0  # how often PostgreSQL was killed in the moment of a promise
        self._one_sleeps = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._due: list[tuple[float, int, str, Callable[[], None]]] = []
        for number, fault in enumerate(faults):
            heapq.heappush(self._due, (fault.at, number, str(fault), self._deed(fault)))
        self._number = len(faults)

    def run(self, seconds: float) -> None:
        """The plan, and afterwards nothing is frozen, cut or delayed any more."""
        self._begun = time.monotonic()
        while self._due:
            at, _, words, deed = heapq.heappop(self._due)
            time.sleep(max(0.0, self._begun + at - time.monotonic()))
            if words:
                self.office.say(words)
                self.done += 1
            with suppress(psutil.Error, OSError, ValueError):  # what had died just then
                deed()
        time.sleep(max(0.0, self._begun + seconds - time.monotonic()))

    def wake_up(self) -> None:
        """Waits for who oversleeps; when too few have, more do so now that nothing else is broken."""
        for thread in self._threads:
            thread.join()
        for _ in range(4):
            if self.overslept < ENOUGH:
                self.oversleep()

    def _beside(self, deed: Callable[[], None]) -> None:
        thread = threading.Thread(target=deed, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _later(self, seconds: float, deed: Callable[[], None]) -> None:
        self._number += 1
        heapq.heappush(self._due, (time.monotonic() - self._begun + seconds, self._number, "", deed))

    def _deed(self, fault: Fault) -> Callable[[], None]:
        name, seconds = fault.target, fault.seconds
        return {
            "kill": self._kill_postgres if name == "postgres" else lambda: self._child(name).kill(),
            "stop": lambda: self._child(name).ask_to_stop(),
            "pause": lambda: self._later(seconds, frozen(self._child(name))),
            "oversleep": lambda: self._beside(self.oversleep),
            "kill a child": lambda: self._kill_a_child(self._child(name)),
            "cut": lambda: self._network(name, "cut", seconds),
            "hole": lambda: self._network(name, "hole", seconds),
            "delay": lambda: self._network(name, "delay 0.08", seconds),
            "reset": lambda: self.office.network.tell(name, "reset"),
            "swallow": lambda: self._network(name, "swallow", seconds),
            "lose": lambda: self.office.network.tell(name, "lose"),
            "end sessions": self._end_sessions,
            "flood": {"web": lambda: self.flood(150), "valkey": self._junk, "api": self._too_many}.get(
                name, self._junk
            ),
            "forget": lambda: self._redis(lambda redis: redis.flushall()),
            "refuse": self._refuse,
        }[fault.kind]

    # Processes ----------------------------------------------------------------------------------

    def _child(self, name: str) -> Child:
        return self.office.kept[name]

    def oversleep(self) -> None:
        """Stops a worker that writes until another one has taken what it was writing. In a thread of its own."""
        with self._one_sleeps:
            found = self._wait_for(self._writers, WRITING_SECONDS)
            if not found:
                return
            name, replies, turns = found
            with suppress(psutil.Error, OSError, ValueError):
                go_on = frozen(self._child(name.partition(".")[0]))
                try:
                    taken = self._wait_for(lambda: self._asked(TAKEN, replies, turns)[0]["count"], SLEEP_SECONDS)
                finally:
                    go_on()
                self.overslept += bool(taken)
                self.office.say(f"          {name} was away, and {'lost' if taken else 'kept'} what it was writing")

    def _writers(self) -> tuple[str, list[str], list[int]] | None:
        """Who writes most, of those that live, and what."""
        runs = self.office.runs
        living = {f"{name}.{runs[name]}" for name, child in self.office.kept.items() if name in runs and child.alive()}
        for row in self._asked(WRITERS):
            if row["name"] in living:
                return row["name"], row["replies"], row["turns"]
        return None

    def _asked(self, query: str, *parameters: object) -> list[dict[str, Any]]:
        return self.office.rows(query, *parameters)

    @staticmethod
    def _wait_for(found: Callable[[], Any], seconds: float) -> Any:
        """What comes within so many seconds; PostgreSQL may be away meanwhile."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(psycopg.Error):
                if it := found():
                    return it
            time.sleep(0.15)
        return None

    def _kill_postgres(self) -> None:
        """In the moment in which somebody is told that something of hers is kept: then it has to be."""
        child = self._child("postgres")
        killed = threading.Event()

        def kill() -> None:
            if not killed.is_set():
                killed.set()
                assert child.pid
                os.kill(child.pid, signal.SIGKILL)  # the keeper sees to what it leaves behind

        def startle() -> None:
            if not killed.is_set():
                with suppress(OSError):
                    kill()
                    self.startled += 1

        self.ledger.startle = startle
        self._later(PROMISE_SECONDS, kill)

    @staticmethod
    def _kill_a_child(child: Child) -> None:
        """gunicorn's own worker: its master has to notice."""
        for process in psutil.Process(child.pid).children()[:1]:  # none: it has been killed and has no other one yet
            process.kill()

    # The network --------------------------------------------------------------------------------

    def _network(self, name: str, command: str, seconds: float) -> None:
        self.office.network.tell(name, command)
        self._later(seconds, lambda: self.office.network.tell(name, "open"))

    # Servers ------------------------------------------------------------------------------------

    def _end_sessions(self) -> None:
        with suppress(Exception):
            self.office.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")

    def _redis(self, call: Callable[..., object]) -> None:
        """In a thread: one that is frozen makes nobody wait here."""

        def run() -> None:
            with suppress(Exception):
                client = self.office.redis()
                call(client)
                client.close()

        threading.Thread(target=run, daemon=True).start()

    def _junk(self) -> None:
        def fill(redis: object) -> None:
            for number in range(JUNK):
                redis.set(f"lixo:{number}", b"x" * 1_000_000, ex=30)  # type: ignore[attr-defined]

        self._redis(fill)

    def _api(self, faults: list[dict[str, object]]) -> None:
        def run() -> None:
            with suppress(Exception):
                api = SimulatedApi.__new__(SimulatedApi)
                api.url = self.office.api.url
                api.script(faults)

        threading.Thread(target=run, daemon=True).start()

    def _too_many(self) -> None:
        self._api([{"kind": "status", "status": 429, "retry_after": 1, "times": 15}])

    def _refuse(self) -> None:
        kinds: list[dict[str, object]] = [
            {"kind": "status", "status": 529, "times": 5},
            {"kind": "cut", "after_tokens": 30, "times": 3},
            {"kind": "error_event", "after_tokens": 20, "times": 2},
            {"kind": "reset", "times": 3},
            {"kind": "silence", "after_tokens": 10, "seconds": 12, "times": 2},
        ]
        self._api(kinds)


def frozen(child: Child) -> Callable[[], None]:
    """Stops it and what it has started where they are; what it gives lets them go on."""
    parent = psutil.Process(child.pid)
    family = [parent, *parent.children(recursive=True)]
    for process in family:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGSTOP)

    def go_on() -> None:
        for process in reversed(family):
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)

    return go_on
