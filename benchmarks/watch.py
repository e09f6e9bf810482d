"""What the processes take meanwhile: CPU, memory, and connections to PostgreSQL and Redis."""

import os
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import psutil
import psycopg
import redis

from benchmarks.stack import Stack

EVERY = 0.25  # seconds between two looks at the connections
READERS_COMMANDS = {"subscribe", "unsubscribe", "xrange"}  # the last one of a connection that serves readers
MEGABYTE = 1_000_000
SILENCE = 0.15  # cores that others may take
SILENCE_SECONDS, PATIENCE_SECONDS = 1.0, 45.0  # for how long; and how long that is waited for


class Watch:
    """`with Watch(stack) as watch: ...`, then `watch.figures(replies)`."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.processes = find_processes(stack)
        self.servers = {urlsplit(url).port for url in (stack.postgres_url, stack.redis_url)}
        self.most: dict[str, Counter[str]] = {"postgres": Counter(), "redis": Counter()}
        self.owners: dict[int, str] = {}  # local port of a connection: who holds it
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look_until_over)

    def __enter__(self) -> Self:
        for process in self.processes.values():
            forget_peak(process.pid)
        self.before = cpu_seconds(self.processes)
        self.busy_before, self.began = busy_seconds(), time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        after = cpu_seconds(self.processes)
        self.cpu = {name: after[name] - self.before[name] for name in after}
        took = time.monotonic() - self.began
        self.others = max(0.0, (busy_seconds() - self.busy_before - sum(self.cpu.values())) / took)

    def figures(self, replies: int) -> dict[str, Any]:
        cpu = {name: round(seconds * 1000 / replies, 1) for name, seconds in self.cpu.items()}
        return {
            "cpu_ms_per_reply": cpu,
            "memory_mb": {name: memory(self.processes[name]) for name in ("web", "arbiter", "worker")},
            "connections": {server: dict(counts) for server, counts in self.most.items()},
            "other_programs_cores": round(self.others, 2),
            "load_average": round(os.getloadavg()[0], 2),
        }

    # Connections --------------------------------------------------------------------------------

    def _look_until_over(self) -> None:
        with psycopg.connect(self.stack.postgres_url, autocommit=True) as database:
            client = redis.Redis.from_url(self.stack.redis_url)
            while not self._over.wait(EVERY):
                with suppress(psutil.Error):
                    self._look(database, client)
            client.close()

    def _look(self, database: psycopg.Connection[Any], client: redis.Redis) -> None:
        rows = database.execute("SELECT client_port FROM pg_stat_activity WHERE client_port > 0").fetchall()
        listed: list[dict[str, str]] = client.client_list()  # type: ignore[assignment]
        ports = {int(entry["addr"].rpartition(":")[2]): entry for entry in listed}
        self._learn({row[0] for row in rows} | ports.keys())
        counts = {"postgres": Counter(self.owners[row[0]] for row in rows), "redis": Counter[str]()}
        for port, entry in ports.items():
            kind = " for readers" if int(entry["sub"]) or entry["cmd"] in READERS_COMMANDS else ""
            counts["redis"][self.owners[port] + kind] += 1
        for server, found in counts.items():
            for name in ("web", "worker", "web for readers", "worker for readers"):
                if found[name]:
                    self.most[server][name] = max(self.most[server][name], found[name])

    def _learn(self, ports: set[int]) -> None:
        """Whose connection each port is, looked up while it is open: a port that is free again is somebody else's."""
        known = {port: owner for port, owner in self.owners.items() if port in ports}
        if ports > known.keys():
            for name in ("web", "worker"):
                known |= dict.fromkeys(self._ports_of(name) & ports - known.keys(), name)
        self.owners = dict.fromkeys(ports, "other") | known

    def _ports_of(self, name: str) -> set[int]:
        """Where its connections to PostgreSQL and Redis come from, not those to the API, whose ports come round again."""
        connections = self.processes[name].net_connections("tcp")
        return {one.laddr.port for one in connections if one.raddr and one.raddr.port in self.servers}


def find_processes(stack: Stack) -> dict[str, psutil.Process]:
    """By name; gunicorn is two: the arbiter, and the web process that serves. A second one is `web2`, `arbiter2`."""
    found = {name: psutil.Process(child.pid) for name, child in stack.children.items()}
    for name in [name for name in found if name.startswith("web")]:
        arbiter = found[name.replace("web", "arbiter")] = found[name]
        (found[name],) = arbiter.children()
    found["client"] = psutil.Process()
    return found


def cpu_seconds(processes: dict[str, psutil.Process]) -> dict[str, float]:
    return {
        name: sum(processor_time(one) for one in [process, *children(name, process)])
        for name, process in processes.items()
    }


def children(name: str, process: psutil.Process) -> list[psutil.Process]:
    return process.children() if name == "postgres" else []


def processor_time(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


def busy_seconds() -> float:
    """CPU time of the whole machine."""
    times = psutil.cpu_times()
    return times.user + times.nice + times.system + times.irq + times.softirq


def wait_for_silence() -> None:
    """Until the machine's other programs rest for a moment; not for ever, and the report says what they took."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        before = busy_seconds()
        time.sleep(SILENCE_SECONDS)
        if busy_seconds() - before < SILENCE * SILENCE_SECONDS:
            return


def forget_peak(pid: int) -> None:
    with suppress(OSError):
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # the peak of resident memory counts from here


def peak(pid: int) -> float:
    """The most that was ever resident since `forget_peak`, as the kernel saw it."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmHWM"].split()[0]) * 1024 / MEGABYTE


def memory(process: psutil.Process) -> dict[str, float]:
    info = process.memory_full_info()
    found = {"rss": info.rss / MEGABYTE, "pss": info.pss / MEGABYTE, "uss": info.uss / MEGABYTE}
    found["peak_rss"] = peak(process.pid)
    return {name: round(size, 1) for name, size in found.items()}
