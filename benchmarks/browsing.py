"""`python -m benchmarks.browsing`: what people load, as the office's past grows: 10 thousand, 100 thousand, a million messages.

The real web process, asked page by page by a hundred people in turn; beside each page its floor: the raw SQL of its main
query for the same person and object, through one prepared connection, in the same run. A page is looked at before it
counts: it must hold what it is there to show. `--sizes 10000,100000,1000000`.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import psycopg

from benchmarks import history
from benchmarks.history import MESSAGES_EACH, PAGES_EACH, PEOPLE, owner, uuid
from benchmarks.report import spread
from benchmarks.stack import Stack
from benchmarks.watch import busy_seconds, children, find_processes, processor_time
from romagent.embedded.kept import LOCALHOST

WORDS = ["penhora", "usucapião", "contrato", "despejo", "sentença", "alimentos", "perito", "inventário"]
WARM_UP = 8  # visits of each page that do not count

LIST = """SELECT id, title, mode, updated_at, metadata FROM conversations WHERE user_id = %s AND archived_at IS NULL
    AND deleted_at IS NULL ORDER BY updated_at DESC, id DESC LIMIT {}"""
SEARCH = """SELECT id, ts_rank(search, asked) AS rank FROM (SELECT id, search, asked FROM {table},
    to_tsquery('portuguese_plain', %s) asked WHERE {whose} = %s AND search @@ asked LIMIT 2000) found ORDER BY rank DESC LIMIT 5"""


@dataclass(frozen=True)
class Visit:
    """By whom, where, what must be there, and what the main query is given."""

    person: int
    path: str
    shows: str
    parameters: tuple[Any, ...]


@dataclass(frozen=True)
class Page:
    name: str
    statements: tuple[str, ...]  # its main query; of the search, that of each kind
    visit: Callable[[random.Random, int], Visit]


def _list(rng: random.Random, size: int) -> Visit:
    person = rng.randrange(PEOPLE)
    return Visit(person, "/conversas/", "Conversa ", (owner(person),))


def _rail(rng: random.Random, size: int) -> Visit:
    person = rng.randrange(PEOPLE)
    return Visit(person, "/conversas/lateral/", "Conversa ", (owner(person),))


def _conversation(rng: random.Random, size: int) -> Visit:
    number = rng.randrange(size // MESSAGES_EACH)
    pk = uuid(history.CONVERSATION, number)
    last = uuid(history.MESSAGE, (number + 1) * MESSAGES_EACH - 1)
    return Visit(number % PEOPLE, f"/conversas/{pk}/", f"mensagem-{last}", (pk,))


def _project(rng: random.Random, size: int) -> Visit:
    while not (pk := history.place(number := rng.randrange(size // MESSAGES_EACH))):
        pass
    return Visit(number % PEOPLE, f"/projetos/{pk}/", f"Caso {pk.int >> 80}", (pk,))


def _file(rng: random.Random, size: int) -> Visit:
    number, page = rng.randrange(size // PAGES_EACH), rng.randint(1, PAGES_EACH)
    pk = uuid(history.FILE, number)
    return Visit(number % PEOPLE, f"/arquivos/{pk}/paginas/{page}/", f"autos-{number}.pdf", (pk, page))


def _document(rng: random.Random, size: int) -> Visit:
    number = rng.randrange(max(PEOPLE, size // history.MESSAGES_A_DOCUMENT))
    pk = uuid(history.DOCUMENT, number)
    return Visit(number % PEOPLE, f"/documentos/{pk}/", f"Peça {number}", (pk,))


def _search(rng: random.Random, size: int) -> Visit:
    person, word = rng.randrange(PEOPLE), rng.choice(WORDS)
    return Visit(person, f"/busca/?q={quote(word)}", "<mark>", (word, owner(person)))


def _audit(rng: random.Random, size: int) -> Visit:
    return Visit(history.ADMINISTRATOR, "/admin/audit/auditlog/", "mensagem.enviar", ())


PAGES = (
    Page("list", (LIST.format(31),), _list),
    Page("rail", (LIST.format(41),), _rail),
    Page(
        "conversation",
        (
            "SELECT * FROM messages WHERE conversation_id = %s AND superseded_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 61",
        ),
        _conversation,
    ),
    Page(
        "project",
        (
            "SELECT id, title, updated_at FROM conversations WHERE project_id = %s AND deleted_at IS NULL ORDER BY updated_at DESC LIMIT 31",
        ),
        _project,
    ),
    Page("file", ("SELECT text FROM upload_pages WHERE upload_id = %s AND number = %s",), _file),
    Page("document", ("SELECT * FROM documents WHERE id = %s",), _document),
    Page(
        "search",
        tuple(
            SEARCH.format(table=table, whose=whose)
            for table, whose in (("messages", "user_id"), ("upload_pages", "scope"), ("documents", "scope"))
        ),
        _search,
    ),
    Page("audit", ("SELECT * FROM audit_log ORDER BY created_at DESC, id DESC LIMIT 100",), _audit),
)


class Browser:
    """One connection that is kept, and everybody's cookies."""

    def __init__(self, stack: Stack) -> None:
        self.connection = http.client.HTTPConnection(LOCALHOST, stack.port, timeout=60)
        self.cookies = [row["cookie"] for row in stack.people(PEOPLE, PEOPLE)]

    def load(self, visit: Visit) -> float:
        """Seconds until the whole page was there; a page that does not show what it must ends the run."""
        began = time.perf_counter()
        self.connection.request("GET", visit.path, headers={"Cookie": self.cookies[visit.person]})
        response = self.connection.getresponse()
        body = response.read().decode()
        took = time.perf_counter() - began
        if response.status != 200 or visit.shows not in body:
            raise RuntimeError(f"{visit.path}: {response.status}, {visit.shows!r} is not in it: {body[:300]}")
        return took


def floor(connection: psycopg.Connection[Any], page: Page, visit: Visit) -> float:
    began = time.perf_counter()
    for statement in page.statements:
        connection.execute(statement, visit.parameters, prepare=True).fetchall()
    return time.perf_counter() - began


def measure_page(stack: Stack, browser: Browser, page: Page, size: int, times: int) -> dict[str, Any]:
    """Floor and page in turns, for the same person and object, so that a busy moment meets both."""
    rng, waits, least = random.Random(size), list[float](), list[float]()
    processes = {name: find_processes(stack)[name] for name in ("web", "postgres")}
    with psycopg.connect(stack.postgres_url, autocommit=True) as connection:
        for number in range(WARM_UP + times):
            if number == WARM_UP:
                before = {name: _cpu(name, process) for name, process in processes.items()}
                waits, least = [], []
            visit = page.visit(rng, size)
            waits.append(browser.load(visit))
            least.append(floor(connection, page, visit))
        cpu = {name: round((_cpu(name, one) - before[name]) * 1000 / times, 1) for name, one in processes.items()}
    found, beneath = spread(waits), spread(least)
    ratio = {name: round(found[name] / max(beneath[name], 0.1), 1) for name in ("p50", "p95")}
    return {"ms": found, "floor_ms": beneath, "ratio": ratio, "cpu_ms": cpu}


def _cpu(name: str, process: Any) -> float:
    return sum(processor_time(one) for one in [process, *children(name, process)])


def measure(sizes: list[int], times: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    with Stack() as stack, psycopg.connect(stack.postgres_url, autocommit=True) as connection:
        browser, have = None, 0
        for size in sizes:
            began = time.monotonic()
            history.grow(connection, have, size)
            filled = time.monotonic() - began
            print(f"{size:,} messages, pages and audit rows: filled in {filled:.0f} s", file=sys.stderr, flush=True)
            browser, have = browser or Browser(stack), size
            browser.connection.close()  # the server has not waited so long; the next page opens another
            busy, began = busy_seconds(), time.monotonic()
            pages = {page.name: measure_page(stack, browser, page, size, times) for page in PAGES}
            took = time.monotonic() - began
            found[str(size)] = {
                "filled_s": round(filled),
                "machine_busy_cores": round((busy_seconds() - busy) / took, 2),
                "pages": pages,
            }
            for name, figures in pages.items():
                print(f"  {name}: {figures}", file=sys.stderr, flush=True)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,100000", help="messages, ascending, with commas between them")
    parser.add_argument("--times", type=int, default=40, help="visits of each page at each size")
    options = parser.parse_args()
    print(json.dumps(measure([int(size) for size in options.sizes.split(",")], options.times), indent=2))


if __name__ == "__main__":
    main()
