"""`python -m benchmarks.processor`: what a page and a question cost the web process's processor, and what of it costs most.

All of Django (middleware, view, template) in one thread of one process, asked as its server asks it, with PostgreSQL and
Redis beside it: no network, no event loop, no other thread, so that the same state of the tree gives the same figure
within a few percent even on a busy machine. Each page is loaded in rounds, the pages in turn; the best round counts.
`--profile conversation` says where the time of one of them goes, by cProfile.
"""

from __future__ import annotations

import argparse
import cProfile
import io
import json
import pstats
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

import psycopg

from benchmarks import history
from benchmarks.browsing import PAGES
from benchmarks.history import PEOPLE
from benchmarks.load import CSRF, post
from benchmarks.stack import ROOT, Stack

SIZE = 10_000  # messages of the office's past
ROUNDS, EACH = 8, 25  # rounds, and visits of each page in a round
WARM_UP = 10
QUESTION = "question"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=SIZE, help="messages, pages and audit rows of the past")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--only", help="names with commas: list, rail, conversation, …, question; default: all")
    parser.add_argument("--profile", metavar="PAGE", help="where the time of this one goes")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        inside(options.inside)
        return
    names = options.only.split(",") if options.only else [*(page.name for page in PAGES), QUESTION]
    names = [options.profile] if options.profile else names
    with Stack(application=False) as stack:
        with psycopg.connect(stack.postgres_url, autocommit=True) as connection:
            history.grow(connection, 0, options.size)
        cookies = [who["cookie"] for who in stack.people(PEOPLE, PEOPLE)]
        count = (options.rounds * EACH + WARM_UP) if QUESTION in names else 1
        given = {
            "names": names, "rounds": options.rounds, "profile": bool(options.profile), "size": options.size,
            "cookies": cookies, "asking": stack.people(count, PEOPLE), "port": stack.port,
        }  # fmt: skip
        (stack.data / "given.json").write_text(json.dumps(given))
        command = [sys.executable, "-m", "benchmarks.processor", "--inside", str(stack.data)]
        with stack.log("processor").open("w") as log:  # a line for each request, as in production
            subprocess.run(command, env=stack.environment, cwd=ROOT, stdout=log, check=True)
        print((stack.data / "found.txt").read_text())


# In a process with the product's environment -------------------------------------------------------

Visit = Callable[[], None]


def inside(data: Path) -> None:
    given = json.loads((data / "given.json").read_text())
    visits = {name: visit for name, visit in every_visit(given).items() if name in given["names"]}
    for visit in visits.values():
        for _ in range(WARM_UP):
            visit()
    if given["profile"]:
        found = profiled(next(iter(visits.values())), given["rounds"] * EACH)
    else:
        found = json.dumps({name: figures(each) for name, each in rounds(visits, given["rounds"]).items()}, indent=2)
    (data / "found.txt").write_text(found)


def rounds(visits: dict[str, Visit], count: int) -> dict[str, list[float]]:
    """Seconds of processor a visit, round by round."""
    found: dict[str, list[float]] = {name: [] for name in visits}
    for _ in range(count):
        for name, visit in visits.items():
            began = time.process_time()
            for _ in range(EACH):
                visit()
            found[name].append((time.process_time() - began) / EACH)
    return found


def figures(seconds: list[float]) -> dict[str, float]:
    return {"best_ms": round(min(seconds) * 1000, 2), "median_ms": round(median(seconds) * 1000, 2)}


def profiled(visit: Visit, times: int) -> str:
    profile, out = cProfile.Profile(time.process_time), io.StringIO()
    profile.enable()
    for _ in range(times):
        visit()
    profile.disable()
    stats = pstats.Stats(profile, stream=out)
    stats.strip_dirs()
    out.write(f"{times} visits\n")
    for order in ("tottime", "cumulative"):
        stats.sort_stats(order).print_stats(70)
    return out.getvalue()


def every_visit(given: dict[str, Any]) -> dict[str, Visit]:
    """Of each page, and of the question: a function that asks for the next one and looks at what came."""
    from django.core.handlers.asgi import ASGIRequest

    from romagent.asgi import application
    from romagent.startup import settle

    settle()

    def answer(scope: dict[str, Any], body: bytes) -> Any:
        request = ASGIRequest(scope, io.BytesIO(body))
        response = application.get_response(request)
        if not response.streaming:
            response.close()
        return response

    def page_visits(page: Any) -> Iterator[None]:
        rng = random.Random(given["size"])
        while True:
            visit = page.visit(rng, given["size"])
            response = answer(scope_of("GET", visit.path, {"cookie": given["cookies"][visit.person]}), b"")
            if response.status_code != 200 or visit.shows.encode() not in response.content:
                raise RuntimeError(f"{visit.path}: {response.status_code}")
            yield

    def questions() -> Iterator[None]:
        for number, who in enumerate(cycle(given["asking"])):
            head, _, body = post(given["port"], who, f"m{number}").partition(b"\r\n\r\n")
            first, *lines = head.decode().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            response = answer(scope_of("POST", first.split()[1], headers), body)
            if response.status_code != 200 or not response.streaming:
                raise RuntimeError(f"the question was answered with {response.status_code}")
            yield

    visits = {page.name: page_visits(page) for page in PAGES} | {QUESTION: questions()}
    return {name: lambda one=one: next(one) for name, one in visits.items()}  # type: ignore[misc]


def scope_of(method: str, url: str, headers: dict[str, str]) -> dict[str, Any]:
    """An ASGI scope with what a browser sends (https://asgi.readthedocs.io/en/latest/specs/www.html)."""
    parts = urlsplit(url)
    told = {
        "host": "127.0.0.1",
        "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "accept-language": "pt-BR,pt;q=0.8,en-US;q=0.5,en;q=0.3",
        "accept-encoding": "gzip, deflate, br",
    } | {name.lower(): value for name, value in headers.items()}
    if method == "GET":
        told["cookie"] += f"; csrftoken={CSRF}"
    return {
        "type": "http", "method": method, "path": parts.path, "query_string": parts.query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in told.items()], "client": ("127.0.0.1", 40000),
        "server": ("127.0.0.1", 80), "scheme": "http", "http_version": "1.1",
    }  # fmt: skip


if __name__ == "__main__":
    main()
