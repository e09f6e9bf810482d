"""`python -m benchmarks.profiling`: where a burst of a hundred questions goes, and which statements one question makes.

py-spy (from requirements-dev) looks at the web process and the worker two hundred times a second, threads that hold the
interpreter only, and says which files took most, by their own time and with what they called. Raw stacks are left in
`.data/profiles/`, for any flame graph. Then one question is asked alone with every statement logged by PostgreSQL.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import time
from collections import Counter
from pathlib import Path

import psycopg

from benchmarks.live import SCRIPT, run, warm_up
from benchmarks.load import ask_all
from benchmarks.stack import ROOT, Stack
from benchmarks.watch import find_processes

PROFILES = ROOT / ".data" / "profiles"
RATE, SECONDS = 200, 8


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    options = parser.parse_args()
    PROFILES.mkdir(parents=True, exist_ok=True)
    with Stack() as stack:
        stack.api.call("script", SCRIPT)
        people = stack.people(options.people, options.people)
        warm_up(stack)
        profiles = watch(stack, options.seconds)
        time.sleep(1)
        answers = run(lambda: ask_all(stack.port, people, "profile"))
        print(f"{sum(answer.whole for answer in answers)} of {len(answers)} answers whole")
        for name, process in profiles.items():
            process.wait()
            tell(name, (PROFILES / f"{name}.txt").read_text())
        statements(stack)


def watch(stack: Stack, seconds: int) -> dict[str, subprocess.Popen[bytes]]:
    processes = find_processes(stack)
    return {
        name: subprocess.Popen(
            ["py-spy", "record", "--gil", "--nonblocking", "-r", str(RATE), "-d", str(seconds), "-f", "raw",
             "-o", str(PROFILES / f"{name}.txt"), "-p", str(processes[name].pid)],
            executable=str(ROOT / ".venv" / "bin" / "py-spy"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for name in ("web", "worker")
    }  # fmt: skip


def tell(name: str, raw: str) -> None:
    own, within, total = Counter[str](), Counter[str](), 0
    for line in raw.splitlines():
        stack, _, count = line.rpartition(" ")
        frames = [re.sub(r":\d+\)$", ")", frame) for frame in stack.split(";")]
        total += int(count)
        own[frames[-1]] += int(count)
        for frame in set(frames):
            within[frame] += int(count)
    print(f"\n== {name}: {total / RATE:.1f} s with the interpreter")
    for title, counted in (("own time", own), ("with what it called", within)):
        print(f"  {title}:")
        for frame, count in counted.most_common(25):
            print(f"    {count * 100 / max(total, 1):5.1f}%  {frame}")


def statements(stack: Stack) -> None:
    """Each statement that one question makes, in web process and worker, from PostgreSQL's own log; the queue's polling too."""
    stack.finish_jobs()  # the titles of those before
    people = stack.people(1, 1)
    log = next(path for path in (stack.data / "postgres").rglob("*.log") if path.stat().st_size)
    with psycopg.connect(stack.postgres_url, autocommit=True) as connection:
        for setting in ("log_statement = 'all'", "log_line_prefix = '%p|'"):
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")
        time.sleep(1)
        begun = log.stat().st_size
        run(lambda: ask_all(stack.port, people, "statements"))
        stack.finish_jobs()
    print("\n== statements of one question, its title's included")
    print(*told_statements(log, begun), sep="\n")


def plain(line: str) -> str:
    """The statement without what it was given, so that the same ones are counted together."""
    words = re.sub(r"^.*?(statement|execute [^:]+): +", "", line)
    return re.sub(r"\s+", " ", re.sub(r"'[^']*'", "?", words))[:150]


def told_statements(log: Path, begun: int) -> list[str]:
    with log.open(errors="replace") as file:
        file.seek(begun)
        lines = file.read().splitlines()
    found = [plain(line) for line in lines if "statement: " in line or "execute " in line]
    return [f"  {count:4} {what}" for what, count in Counter(found).most_common()]


if __name__ == "__main__":
    main()
