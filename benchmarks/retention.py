"""`python -m benchmarks.retention`: the clean-up on a big database, while people load pages.

A database with a million messages and a million calls to the model, half of each past its time; the real web process,
with people who load a list, a conversation and a search at a steady rate; then `manage.py cleanup`. The floor, in the
same run: one plain DELETE of the same rows (taken back), and the same pages at rest.
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from itertools import cycle
from typing import Any

import psycopg

from benchmarks.report import spread
from benchmarks.stack import ROOT, Stack
from romagent.embedded.kept import LOCALHOST

PEOPLE = 100
MESSAGES_EACH = 50
PAGES_A_SECOND = 10
WORDS = (
    "O prazo para contestar é de quinze dias úteis, contados da juntada do mandado, e a parte autora sustenta que a "
    "dívida está prescrita conforme o contrato de locação; número "
)

USERS = """
INSERT INTO users (id, email, password_hash, name, role, oab, is_active, is_superuser, created_at, updated_at, metadata)
SELECT gen_random_uuid(), 'cheia' || n || '@exemplo.adv.br', '!', 'Pessoa ' || n, 'user', '', true, false, now(), now(), '{}'
FROM generate_series(1, %(people)s) n
"""
CONVERSATIONS = """
INSERT INTO conversations (id, user_id, title, mode, model, created_at, updated_at, archived_at, metadata)
SELECT gen_random_uuid(), people.id, 'Conversa ' || n, 'juridico', 'claude-opus-5-5',
    now() - interval '200 days', now() - interval '100 days' - n * interval '1 second',
    CASE WHEN n %% 2 = 0 THEN now() - interval '100 days' - n * interval '1 second' END, '{}'
FROM generate_series(1, %(conversations)s) n
JOIN (SELECT id, row_number() OVER () AS number FROM users WHERE email LIKE 'cheia%%') people
    ON people.number = n %% %(people)s + 1
"""
# Each but the first follows the one before it, as in threads: the constraint on `reply_to` has something to check.
MESSAGES = """
INSERT INTO messages (id, conversation_id, user_id, role, content, model, status, stop_reason, attempts, created_at, metadata,
    reply_to_id)
SELECT md5(conversations.id::text || n)::uuid, conversations.id, conversations.user_id,
    CASE WHEN n %% 2 = 1 THEN 'user' ELSE 'assistant' END, %(words)s || n, '', 'complete', '', 0,
    conversations.created_at + n * interval '1 minute', '{}',
    CASE WHEN n > 1 THEN md5(conversations.id::text || n - 1)::uuid END
FROM conversations CROSS JOIN generate_series(1, %(each)s) n WHERE conversations.title LIKE 'Conversa %%'
"""
OPERATIONS = """
INSERT INTO ai_operations (id, user_id, conversation_id, operation_type, model, tokens_input, tokens_output, latency_ms,
    ttft_ms, cost_usd, status, error_message, created_at, metadata)
SELECT gen_random_uuid(), people.id, gen_random_uuid(), 'answer', 'claude-opus-5-5', 1000, 200, 4000, 800, 0.008,
    'complete', '', now() - (n %% 60) * interval '1 day' - n * interval '1 millisecond', '{"request_id": "req_0123456789"}'
FROM generate_series(1, %(operations)s) n
JOIN (SELECT id, row_number() OVER () AS number FROM users WHERE email LIKE 'cheia%%') people
    ON people.number = n %% %(people)s + 1
"""
FLOOR = (
    "DELETE FROM messages WHERE conversation_id IN (SELECT id FROM conversations WHERE archived_at < now() - interval '90 days')",
    "DELETE FROM conversations WHERE archived_at < now() - interval '90 days'",
    "DELETE FROM ai_operations WHERE created_at < now() - interval '30 days'",
)


def fill(url: str, messages: int, operations: int) -> None:
    values = {
        "people": PEOPLE, "conversations": messages // MESSAGES_EACH, "each": MESSAGES_EACH, "words": WORDS,
        "operations": operations,
    }  # fmt: skip
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (USERS, CONVERSATIONS, MESSAGES, OPERATIONS):
            started = time.monotonic()
            connection.execute(statement, values)
            print(f"  filled in {time.monotonic() - started:.0f} s", file=sys.stderr)
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def floor(url: str) -> dict[str, Any]:
    """The same rows in one statement a table, with the constraints checked, and then taken back."""
    with psycopg.connect(url) as connection:
        started = time.monotonic()
        rows = sum(connection.execute(statement).rowcount for statement in FLOOR)
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        seconds = time.monotonic() - started
        connection.rollback()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")  # as if nobody had tried
    return {"rows": rows, "seconds": round(seconds, 1), "rows_per_second": round(rows / seconds)}


@dataclass
class Readers:
    """People who load pages at a steady rate, whatever the answers take; each wait begins when the page was due."""

    port: int
    cookies: list[str]
    paths: list[str]
    waits: list[float] = field(default_factory=list)
    failures: int = 0
    stopped: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Readers:
        self.threads = [threading.Thread(target=self._read, args=(number,)) for number in range(4)]
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join()

    def _read(self, number: int) -> None:
        connection = http.client.HTTPConnection(LOCALHOST, self.port, timeout=30)
        every = len(self.threads) / PAGES_A_SECOND
        due = time.monotonic() + every * number / len(self.threads)
        pairs = zip(cycle(self.cookies[number:] + self.cookies[:number]), cycle(self.paths), strict=False)
        for cookie, path in pairs:
            if self.stopped.wait(max(0.0, due - time.monotonic())):
                return
            connection.request("GET", path, headers={"Cookie": cookie})
            response = connection.getresponse()
            response.read()
            self.failures += response.status != 200
            self.waits.append(time.monotonic() - due)
            due += every


def run(stack: Stack, *arguments: str) -> tuple[float, dict[str, Any]]:
    """A command of the product, its seconds from start to end, and its last line."""
    started = time.monotonic()
    command = [sys.executable, "manage.py", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=stack.environment, capture_output=True, text=True, check=True)
    return time.monotonic() - started, json.loads(done.stdout.strip().splitlines()[-1])


def measure(messages: int, operations: int) -> dict[str, Any]:
    with Stack() as stack:
        fill(stack.postgres_url, messages, operations)
        found: dict[str, Any] = {"floor_delete": floor(stack.postgres_url)}
        cookies = [row["cookie"] for row in stack.people(20, 10)]
        paths = ["/conversas/", "/busca/?q=prescrita", "/conversas/lateral/"]

        def readers() -> Readers:
            return Readers(stack.port, cookies, paths)

        with readers() as warm:
            time.sleep(5)
        with readers() as rest:
            time.sleep(20)
        with readers() as busy:
            _, found["cleanup"] = run(stack, "cleanup", "--only", "archived")
            _, found["cleanup_operations"] = run(stack, "cleanup", "--only", "operations")
        found["pages_at_rest_ms"], found["pages_during_ms"] = spread(rest.waits), spread(busy.waits)
        found["pages"] = [len(rest.waits), len(busy.waits)]
        found["pages_failed"] = warm.failures + rest.failures + busy.failures
        seconds, stats = run(stack, "dbstats")
        found["dbstats"] = {"seconds": round(seconds, 2), "database_bytes": stats["size_bytes"]}
        rows = found["cleanup"]["rows"] + found["cleanup_operations"]["rows"]
        took = found["cleanup"]["seconds"] + found["cleanup_operations"]["seconds"]
        found["rows_per_second"] = round(rows / took)
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--operations", type=int, default=1_000_000)
    options = parser.parse_args()
    print(json.dumps(measure(options.messages, options.operations), indent=2))


if __name__ == "__main__":
    main()
