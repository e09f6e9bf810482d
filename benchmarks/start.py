"""`python -m benchmarks.start`: how long the web process and the worker take to be of use, and what memory they then hold.

From `exec` to the first 200 of the health page, and to the worker's word that it takes work. The floor, in the same run:
`python -c "import django"`, the least that any such process does. Memory is PSS, that of gunicorn's arbiter named apart:
after the start, and after people have loaded every kind of page and asked twenty questions.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from http.client import HTTPConnection
from statistics import median
from typing import Any

import psutil

from benchmarks.live import SCRIPT, run
from benchmarks.load import ask_all
from benchmarks.stack import ROOT, Stack
from benchmarks.watch import MEGABYTE, find_processes
from romagent.embedded.kept import LOCALHOST

LOADED = ("/conversas/", "/projetos/", "/arquivos/", "/documentos/", "/prazos/", "/busca/?q=prazo", "/meu-uso/")
ASKED = 20


def floor(what: str) -> float:
    """Seconds of a Python that does this and ends."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", what], cwd=ROOT, check=True)
    return time.monotonic() - began


def start_web(stack: Stack) -> float:
    began = time.monotonic()
    stack.start_web()  # comes back when the health page answers
    seconds = time.monotonic() - began
    if (status := get(stack, "/health/")) != 200:
        raise RuntimeError(f"the health page answers {status}")
    return seconds


def start_worker(stack: Stack) -> float:
    stack.log("worker").unlink(missing_ok=True)
    began = time.monotonic()
    stack.start_worker()
    stack.wait_for_worker()
    return time.monotonic() - began


def get(stack: Stack, path: str, cookie: str = "") -> int:
    connection = HTTPConnection(LOCALHOST, stack.port, timeout=60)
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.status


def held(stack: Stack) -> dict[str, float]:
    """PSS in MB, and of web and worker also what is resident, which a platform counts."""
    found = {}
    for name, process in find_processes(stack).items():
        if name in {"web", "arbiter", "worker"}:
            info = process.memory_full_info()
            found[name] = round(info.pss / MEGABYTE, 1)
            found[f"{name}_rss"] = round(info.rss / MEGABYTE, 1)
    return found


def cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def used(stack: Stack) -> dict[str, float]:
    """Memory after pages and questions; every page must be there."""
    people = stack.people(ASKED, ASKED)
    for path in LOADED:
        if (status := get(stack, path, people[0]["cookie"])) != 200:
            raise RuntimeError(f"{path} answers {status}")
    answers = run(lambda: ask_all(stack.port, people, "start"))
    if not all(answer.whole for answer in answers):
        raise RuntimeError("an answer was lost")
    return held(stack)


def measure(repeat: int) -> dict[str, Any]:
    with Stack(application=False) as stack:
        stack.api.call("script", SCRIPT)
        django = [floor("import django") for _ in range(repeat)]
        worker, web, worked = list[float](), list[float](), list[dict[str, float]]()
        for number in range(repeat):
            worker.append(start_worker(stack))
            web.append(start_web(stack))
            worked.append({name: round(cpu(find_processes(stack)[name]), 2) for name in ("web", "worker")})
            if number < repeat - 1:
                stack.children["web"].stop()
                stack.children["worker"].stop()
        after_start = held(stack)
        least = median(django)
        return {
            "import_django_s": round(least, 2),
            "web_s": {"median": round(median(web), 2), "most": round(max(web), 2)},
            "worker_s": {"median": round(median(worker), 2), "most": round(max(worker), 2)},
            "cpu_s": {name: median(one[name] for one in worked) for name in ("web", "worker")},
            "times_import_django": {"web": round(median(web) / least, 1), "worker": round(median(worker) / least, 1)},
            "memory_mb": {"after the start": after_start, "after pages and questions": used(stack)},
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=3)
    print(json.dumps(measure(parser.parse_args().repeat), indent=2))


if __name__ == "__main__":
    main()
