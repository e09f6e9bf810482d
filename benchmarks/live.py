"""How soon the first word comes, how far behind the rest is, and what that takes: `python -m benchmarks.live`.

Starts everything itself, on this machine only, and stops it. Ends with 1 when an answer was lost, else with 0.
"""

import argparse
import asyncio
import gc
import json
import os
import platform
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import uvloop

from benchmarks import floor, report
from benchmarks.load import ANSWER, Answer, arriving, ask_all, exchange, get
from benchmarks.stack import FIRST_TOKEN_MS, Stack
from benchmarks.watch import Watch, find_processes, memory, wait_for_silence

BURSTS = {"first": 1, "1": 1, "20": 20, "100": 100, "300": 300, "1000": 1_000}
READERS = 1_000
PEOPLE = 300
READERS_WAIT_SECONDS = 75  # until the first word
READERS_COME_SECONDS = 20.0
SCRIPT = [{"kind": "answer", "text": ANSWER, "for": "answer", "times": 1_000_000}]  # titles are short by themselves


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", action="append", choices=[*BURSTS, "idle"], help="default: all")
    parser.add_argument("--repeat", type=int, default=1, help="times that each is run (first: only once)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    results: dict[str, list[dict[str, Any]]] = {}
    with Stack() as stack:
        stack.api.call("script", SCRIPT)
        for name in arguments.scenario or [*BURSTS, "idle"]:
            for number in range(1 if name == "first" else arguments.repeat):
                figures = idle(stack) if name == "idle" else burst(stack, name, number)
                results.setdefault(name, []).append(figures)
                print(report.told(name, figures), flush=True)
    if arguments.json:
        machine = {"cores": os.cpu_count(), "system": platform.platform()}
        arguments.json.write_text(json.dumps({"machine": machine, "scenarios": results}, indent=2) + "\n")
    lost = sum(figures["asked"] - figures["whole"] for runs in results.values() for figures in runs)
    return 1 if lost else 0


def run(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """On a new event loop of the fast kind, without pauses to collect garbage."""
    gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(work())
    finally:
        gc.enable()


def burst(stack: Stack, name: str, number: int) -> dict[str, Any]:
    """So many people ask within one second, and each reads her answer to its end."""
    count, mark = BURSTS[name], f"{name}x{number}"
    people = stack.people(count, min(count, PEOPLE))
    wait_for_silence()
    least = run(lambda: floor.measure(stack.api.url, count, f"{mark}floor"))
    if name != "first":
        warm_up(stack)
    wait_for_silence()
    with Watch(stack) as watch:
        answers: list[Answer] = run(lambda: ask_all(stack.port, people, mark))
        stack.finish_jobs()
    return report.burst(answers, least, stack.api.timings(), watch.figures(count))


def warm_up(stack: Stack) -> None:
    """One answer that does not count, so that only `first` meets processes that have just started."""
    run(lambda: ask_all(stack.port, stack.people(1, 1), "warm"))
    stack.finish_jobs()


def idle(stack: Stack) -> dict[str, Any]:
    """A thousand people wait for their first word, each on a stream; then each gets her answer."""
    stack.api.call("configure", {"first_token_ms": READERS_WAIT_SECONDS * 1000})
    people = stack.people(READERS, PEOPLE, mark="idle")
    with Watch(stack) as watch:
        answers, waiting = run(lambda: read_all(stack, people))
        stack.finish_jobs()
    figures = {"asked": READERS, "whole": sum(answer.whole for answer in answers)} | watch.figures(READERS)
    figures["memory_mb"]["web, all waiting"] = waiting
    return figures


async def read_all(stack: Stack, people: list[dict[str, str]]) -> tuple[list[Answer], dict[str, float]]:
    """What each reader got; the web process's memory while all of them waited."""
    jobs = [lambda who=who: exchange(stack.port, get(stack.port, who)) for who in people]
    readings = asyncio.create_task(arriving(jobs, READERS_COME_SECONDS))
    await asyncio.sleep(READERS_COME_SECONDS + 5)
    waiting = memory(find_processes(stack)["web"])
    stack.api.call("configure", {"first_token_ms": FIRST_TOKEN_MS})  # for those whose turn has not come
    return [Answer.of("", *what) for what in await readings], waiting


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is stopped and removed
    began = time.monotonic()
    status = main()
    print(f"\n{time.monotonic() - began:.0f} s")
    sys.exit(status)
