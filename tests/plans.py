"""Big tables in a moment, and what PostgreSQL reads to answer a page: a page of the staff's may scan and count none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

PEOPLE = 100_000
CONVERSATIONS = 100_000
ROWS = 200_000  # of the log
CALLS = 100_000
MESSAGES = 100_000
FILES = 50_000
PROJECTS = 50_000

# A page may read what it shows, and what it counts up to the limit of its paginator (romagent/base/paging.py).
MOST_READ = 12_000

# Ids follow from the row's number, so that the tables fit together without being looked up.
ID = "('00000000-0000-7000-8000-' || lpad(to_hex({}), 12, '0'))::uuid"
FILL = f"""
INSERT INTO users (id, email, password_hash, name, role, oab, created_at, updated_at, metadata, is_active, is_superuser)
SELECT {ID.format("n")}, 'advogada' || n || '@exemplo.adv.br', '!', 'Advogada Número ' || n,
    CASE WHEN n % 1000 = 0 THEN 'staff' ELSE 'user' END, 'SP' || n, now(), now(), '{{}}', n % 5000 <> 0, false
FROM generate_series(1, {PEOPLE}) n;

INSERT INTO projects (id, user_id, name, description, project_type, status, case_number, client, opposing_party, court,
    instructions, preservar, created_at, updated_at, metadata)
SELECT {ID.format("n")}, {ID.format("n")}, 'Projeto ' || n, '', '', CASE WHEN n % 50 = 0 THEN 'closed' ELSE 'active' END,
    lpad(n::text, 7, '0') || '-00.2026.8.26.0100', '', '', '', '', n % 9000 = 0,
    now() - n * interval '1 min', now() - n * interval '1 min', '{{}}'
FROM generate_series(1, {PROJECTS}) n;

INSERT INTO conversations (id, user_id, project_id, title, mode, model, created_at, updated_at, archived_at, deleted_at,
    metadata)
SELECT {ID.format("n")}, {ID.format("1 + n % 20000")}, CASE WHEN n % 3 = 0 THEN {ID.format("1 + n % 50000")} END,
    'Ação número ' || n, 'juridico', 'claude-opus-5-5', now() - n * interval '1 min', now() - n * interval '1 min',
    CASE WHEN n % 40 = 0 THEN now() END, CASE WHEN n % 500 = 0 THEN now() END, '{{}}'
FROM generate_series(1, {CONVERSATIONS}) n;

INSERT INTO messages (id, conversation_id, user_id, role, content, model, status, stop_reason, attempts, created_at, metadata)
SELECT {ID.format("n")}, {ID.format("1 + n / 50")}, {ID.format("1 + n % 20000")},
    CASE WHEN n % 2 = 0 THEN 'user' ELSE 'assistant' END, 'Texto', '', 'complete', '', 0,
    now() - n * interval '1 min', '{{}}'
FROM generate_series(1, {MESSAGES}) n;

INSERT INTO audit_log (id, user_id, user_email, action, entity_type, entity_id, ip_address, user_agent, created_at)
SELECT gen_random_uuid(), {ID.format("1 + n % 100000")}, 'advogada' || 1 + n % 100000 || '@exemplo.adv.br',
    (ARRAY['mensagem.enviar', 'resposta.complete', 'conversa.criar', 'entrar', 'sair'])[1 + n % 5],
    (ARRAY['messages', 'messages', 'conversations', 'users', 'users'])[1 + n % 5], {ID.format("1 + n % 100000")},
    ('10.' || n % 200 || '.' || n % 250 || '.' || n % 255)::inet, 'Navegador', now() - n * interval '20 s'
FROM generate_series(1, {ROWS}) n;
INSERT INTO audit_log (id, user_email, action, entity_type, user_agent, created_at)
SELECT gen_random_uuid(), 'equipe@exemplo.adv.br', 'aimodel.alterar', 'ai_models:claude-opus-5-5', '', now() - interval '1 year'
FROM generate_series(1, 20);

INSERT INTO ai_operations (id, user_id, conversation_id, operation_type, model, tokens_input, tokens_output, latency_ms,
    ttft_ms, cost_usd, status, error_message, created_at, metadata)
SELECT gen_random_uuid(), {ID.format("1 + n % 20000")}, {ID.format("n")}, CASE WHEN n % 10 = 0 THEN 'title' ELSE 'answer' END,
    (ARRAY['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'])[1 + n % 3], 1000, 100, 900, 300,
    CASE WHEN n % 4000 <> 0 THEN 0.01 END, CASE WHEN n % 2000 = 0 THEN 'failed' ELSE 'complete' END, '',
    now() - n * interval '1 min', '{{}}'
FROM generate_series(1, {CALLS}) n;

INSERT INTO uploads (id, user_id, original_filename, stored_filename, file_path, file_size, mime_type, upload_status,
    created_at, metadata, sha256, pages_done, error)
SELECT {ID.format("n")}, {ID.format("n")}, 'Contrato ' || n || '.pdf', '', '', 1000, 'application/pdf',
    CASE WHEN n % 3000 = 0 THEN 'failed' ELSE 'ready' END, now() - n * interval '1 min', '{{}}', '', 0, ''
FROM generate_series(1, {FILES}) n;
"""
BIG = ("users", "projects", "conversations", "messages", "audit_log", "ai_operations", "uploads", "deadlines")
# What follows from the rows above by trigger: sums, which pages about costs read for a period and then keep.
GROWN = ("ai_usage_days", "ai_usage_months", "ai_usage_office", "ai_usage_ranks")


def fill() -> None:
    """The tables of an office of 100,000 people, and what PostgreSQL knows of them."""
    with connection.cursor() as cursor:
        cursor.execute(FILL)
        # As autovacuum leaves them: also what lies in the waiting lists of the search indexes is put in its place.
        cursor.execute(f"VACUUM (ANALYZE) {', '.join(tables())}")


def tables() -> tuple[str, ...]:
    """The big tables that this database has."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    return tuple(table for table in (*BIG, *GROWN) if table in there)


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(tables())} CASCADE")


@dataclass(frozen=True)
class Reading:
    """What one step of a plan has read of one table."""

    table: str
    step: str
    rows: int  # looked at, whether kept or not
    sql: str

    @property
    def is_too_much(self) -> bool:
        """A scan of a whole table is more than any page shows; one that a LIMIT has stopped early is not."""
        return self.rows > MOST_READ

    def __str__(self) -> str:
        return f"{self.step} on {self.table}, {self.rows} rows: {self.sql[:600]}"


def request(client: Client, path: str, data: Any = None, method: str = "get") -> tuple[Any, list[str]]:
    """The answer, and the SELECTs that it took."""
    with CaptureQueriesContext(connection) as queries:
        response = getattr(client, method)(path, data or {})
        if response.streaming and not response.is_async:
            next(iter(response.streaming_content), None)
    return response, [query["sql"] for query in queries if query["sql"].lstrip().upper().startswith(("SELECT", "WITH"))]


def too_much(statements: list[str]) -> list[Reading]:
    """What these statements read of the big tables that no page should: a whole table, or more rows than it can show."""
    return [reading for sql in statements for reading in readings(sql) if reading.is_too_much]


def readings(sql: str) -> Iterator[Reading]:
    """Carries the statement out, with PostgreSQL counting what each step reads."""
    if "FOR UPDATE" in sql or "pg_" in sql:
        return
    with _undone(), connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}")
        found = cursor.fetchone()[0]
    plans = json.loads(found) if isinstance(found, str) else found
    for node in _nodes(plans[0]["Plan"]):
        table = node.get("Relation Name", "")
        if table in BIG:
            each = (
                node["Actual Rows"]
                + node.get("Rows Removed by Filter", 0)
                + node.get("Rows Removed by Index Recheck", 0)
            )
            yield Reading(table, node["Node Type"], round(each * node["Actual Loops"]), sql)


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _nodes(inner)


@contextmanager
def _undone() -> Iterator[None]:
    """A statement that was looked at has happened already."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")
