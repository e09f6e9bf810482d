"""`python -m benchmarks.capacity`: what one web process and one worker carry, and what two of each carry.

Each process is held to a share of a core by the kernel (`benchmarks/held.py`), as a hosting plan holds it; the simulated
API, PostgreSQL and the client are not held. So many people ask at once that one of each cannot keep up; what is measured is
answers a second until the last one is whole. Web processes are two servers, asked in turn, as a load balancer does.

That adding adds only shows when the machine has room for all that is held: `needs_cores` and `others` say whether it had.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from itertools import cycle
from typing import Any

from benchmarks.held import Held, possible
from benchmarks.live import SCRIPT, run
from benchmarks.load import ANSWER, Answer, arriving, exchange, marks_of, post
from benchmarks.report import lags, spread
from benchmarks.stack import ANSWER_TOKENS, Stack
from benchmarks.watch import Watch, find_processes

SECONDS = 10.0  # in which the questions come


def measure(each: int, cores: float, questions: int, long: int = 1) -> dict[str, Any]:
    """Answers a second of `each` web processes and as many workers, every one held to `cores`.

    `long`: of how many hundred tokens each answer is.
    """
    with Stack(webs=each, workers=each) as stack, ExitStack() as group:
        stack.api.call("script", [SCRIPT[0] | {"text": "\n\n".join([ANSWER] * long)}])
        people = stack.people(questions, min(questions, 300))
        stack_processes = find_processes(stack)
        run(lambda: ask(stack, people[:2], "warm", long))
        stack.finish_jobs()
        stack.api.timings()
        held = {}
        for name in (name for name in stack_processes if name.rstrip("23456789") in {"web", "worker"}):
            held[name] = group.enter_context(Held(name, cores))
            held[name].take(stack_processes[name].pid)
        with Watch(stack) as watch:
            began = time.monotonic()
            answers: list[Answer] = run(lambda: ask(stack, people, "load", long))
            seconds = time.monotonic() - began
            stopped = {name: round(one.throttled_seconds(), 2) for name, one in held.items()}
            stack.finish_jobs()
        figures, timings = watch.figures(questions), stack.api.timings()
    return {
        "asked": questions,
        "tokens_each": long * ANSWER_TOKENS,
        "whole": sum(answer.whole for answer in answers),
        "seconds": round(seconds, 1),
        "answers_per_second": round(questions / seconds, 2),
        "first_token_ms": spread(answer.first - answer.asked for answer in answers if answer.first),
        "token_lag_ms": lags(answers, timings),
        "throttled_s": stopped,
        "cpu_ms_per_reply": figures["cpu_ms_per_reply"],
        "others_cores": figures["other_programs_cores"],
        "needs_cores": round(2 * each * cores, 2),
    }


async def ask(stack: Stack, people: list[dict[str, str]], name: str, long: int) -> list[Answer]:
    marks = marks_of(name, len(people))
    asked = [(port, post(port, who, mark)) for port, who, mark in zip(cycle(stack.ports), people, marks, strict=False)]
    jobs = [lambda port=port, request=request: exchange(port, request) for port, request in asked]
    found = await arriving(jobs, SECONDS if len(people) > 2 else 0.1)
    return [Answer.of(mark, *what, times=long) for mark, what in zip(marks, found, strict=True)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cores", type=float, default=0.15, help="of each process")
    parser.add_argument("--questions", type=int, default=150, help=f"that come in {SECONDS:.0f} seconds")
    parser.add_argument("--long", type=int, default=1, help="hundreds of tokens of each answer")
    parser.add_argument("--each", type=int, nargs="*", default=[1, 2], help="web processes, and as many workers")
    options = parser.parse_args()
    if not possible():
        print("processes cannot be held to a share here: no group can be made", file=sys.stderr)
        return 1
    found: dict[str, Any] = {"cores_each": options.cores, "machine_cores": os.cpu_count()}
    for each in options.each:
        found[f"{each} and {each}"] = measure(each, options.cores, options.questions, options.long)
        print(json.dumps(found[f"{each} and {each}"]), file=sys.stderr, flush=True)
    if {"1 and 1", "2 and 2"} <= found.keys():
        found["ratio"] = round(found["2 and 2"]["answers_per_second"] / found["1 and 1"]["answers_per_second"], 2)
    print(json.dumps(found, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
