"""An office's past, made with COPY: a hundred people, whose messages, files, documents and audit rows grow together.

`grow(connection, have, size)` adds what is missing from `have` to `size` messages, as many pages of files and as many
audit rows; a document to every 500 messages, a project to every 20 conversations of a person. Ids follow from numbers.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.pages import Pages

PEOPLE = 100
MESSAGES_EACH = 50  # of a conversation
PAGES_EACH = 100  # of a file
CONVERSATIONS_EACH = 20  # of a project; every other one of a person's is in it
MESSAGES_A_DOCUMENT = 500
TEXTS = 20_000  # different ones of messages and pages
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
ADMINISTRATOR = PEOPLE - 1
TABLES = ("users", "conversations", "messages", "projects", "documents", "uploads", "upload_pages", "audit_log")
USER, PROJECT, CONVERSATION, MESSAGE, FILE, DOCUMENT, AUDIT = range(1, 8)


def uuid(kind: int, number: int) -> UUID:
    """The id of the so-manieth row of this kind; in order of the numbers, as ids of the product are in that of time."""
    return UUID(int=number << 80 | 0x7 << 76 | 0x8 << 60 | kind)


def email(number: int) -> str:
    return f"pessoa{number:04}@exemplo.adv.br"  # as in benchmarks/people.py, which signs them in


def grow(connection: psycopg.Connection[Any], have: int, size: int) -> None:
    """The connection must commit by itself. Indexes over words are taken away and made anew: half the time."""
    rng = random.Random(size)
    made = Pages()
    texts = [made.page(rng, 250, 900) for _ in range(TEXTS)]
    connection.execute("SET session_replication_role = replica")  # no triggers: what they fill in is given
    connection.execute("SET synchronous_commit = off")
    indexes = _take_indexes(connection)
    if not have:
        _users(connection)
    _conversations(connection, have // MESSAGES_EACH, size // MESSAGES_EACH)
    _messages(connection, have, size, texts)
    _files(connection, have, size, texts)
    _documents(connection, _count(have), _count(size), texts)
    _audit(connection, have, size)
    connection.execute("SET maintenance_work_mem = '512MB'")
    for definition in indexes:
        connection.execute(definition)
    connection.execute(f"VACUUM (ANALYZE) {', '.join(TABLES)}")
    connection.execute("CHECKPOINT")


def _count(messages: int) -> int:
    """Documents; at least one of each person."""
    return max(PEOPLE, messages // MESSAGES_A_DOCUMENT) if messages else 0


def owner(number: int) -> UUID:
    return uuid(USER, number % PEOPLE)


def place(conversation: int) -> UUID | None:
    """The project that a conversation is in: every other one is in one of its owner's."""
    of_owner = conversation // PEOPLE
    return None if of_owner % 2 else uuid(PROJECT, conversation % PEOPLE + of_owner // CONVERSATIONS_EACH * PEOPLE)


def _take_indexes(connection: psycopg.Connection[Any]) -> list[str]:
    query = "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexdef LIKE '%% USING gin %%'"
    found = connection.execute(query, [list(TABLES)]).fetchall()
    for name, _ in found:
        connection.execute(f"DROP INDEX {name}")
    return [definition for _, definition in found]


def copy(connection: psycopg.Connection[Any], table: str, columns: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as out:
        for row in rows:
            out.write_row(row)


def _users(connection: psycopg.Connection[Any]) -> None:
    columns = "id, email, password_hash, name, role, oab, is_active, is_superuser, created_at, updated_at, metadata"
    copy(connection, "users", columns, (
        (owner(n), email(n), "!", f"Pessoa {n}", "admin" if n == ADMINISTRATOR else "user", "", True, False, NOW, NOW, "{}")
        for n in range(PEOPLE)
    ))  # fmt: skip


def _conversations(connection: psycopg.Connection[Any], have: int, size: int) -> None:
    known = {place(n) for n in range(have)} - {None}
    wanted = sorted({found for n in range(size) if (found := place(n))} - known)
    columns = "id, user_id, name, description, project_type, status, case_number, client, opposing_party, court, instructions, preservar, created_at, updated_at, metadata"
    copy(connection, "projects", columns, (
        (pk, owner(pk.int >> 80), f"Caso {pk.int >> 80}", "", "", "active", "", "", "", "", "", False, NOW, NOW, "{}")
        for pk in wanted
    ))  # fmt: skip
    columns = "id, user_id, project_id, title, mode, model, created_at, updated_at, metadata"
    copy(connection, "conversations", columns, (
        (uuid(CONVERSATION, n), owner(n), place(n), f"Conversa {n}", "juridico", "claude-opus-5-5", NOW,
         NOW + timedelta(minutes=n), "{}") for n in range(have, size)
    ))  # fmt: skip


def _messages(connection: psycopg.Connection[Any], have: int, size: int, texts: list[str]) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(have, size):
            conversation, nth = divmod(n, MESSAGES_EACH)
            yield (
                uuid(MESSAGE, n), uuid(CONVERSATION, conversation), owner(conversation), place(conversation),
                "assistant" if nth % 2 else "user", texts[n * 7 % TEXTS], "", "complete", "", 0,
                NOW + timedelta(seconds=n), "{}", uuid(MESSAGE, n - 1) if nth else None,
            )  # fmt: skip

    columns = "id, conversation_id, user_id, project_id, role, content, model, status, stop_reason, attempts, created_at, metadata, reply_to_id"
    copy(connection, "messages", columns, rows())


def _files(connection: psycopg.Connection[Any], have: int, size: int, texts: list[str]) -> None:
    files = range(have // PAGES_EACH, size // PAGES_EACH)
    columns = "id, user_id, original_filename, file_path, stored_filename, file_size, mime_type, upload_status, sha256, page_count, pages_done, error, processed_at, created_at, metadata"
    copy(connection, "uploads", columns, (
        (uuid(FILE, n), owner(n), f"autos-{n}.pdf", f"autos/{n}.pdf", f"{n}.pdf", 1, "application/pdf", "ready", "0" * 64, PAGES_EACH, PAGES_EACH, "",
         NOW, NOW, "{}") for n in files
    ))  # fmt: skip
    copy(connection, "upload_pages", "upload_id, number, text, source, scope", (
        (uuid(FILE, n), page, texts[(n * PAGES_EACH + page) * 11 % TEXTS], "text", owner(n))
        for n in files for page in range(1, PAGES_EACH + 1)
    ))  # fmt: skip


def _documents(connection: psycopg.Connection[Any], have: int, size: int, texts: list[str]) -> None:
    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(have, size):
            words = [texts[(n * 29 + part) % TEXTS].replace("\n", " ") for part in range(20)]  # some five pages
            content = "".join(f"<p>{text}</p>" for text in words)
            yield (
                uuid(DOCUMENT, n), owner(n), f"Peça {n}", "", content, "\n".join(words), "", 0, "", 1, 1, "edit", "", NOW,
                NOW + timedelta(minutes=n), "{}",
            )  # fmt: skip

    columns = "id, user_id, title, document_type, content, text, file_path, file_size, mime_type, version, revision, source, reviewed_sha256, created_at, updated_at, metadata"
    copy(connection, "documents", columns, rows())


def _audit(connection: psycopg.Connection[Any], have: int, size: int) -> None:
    columns = "id, user_id, user_email, action, entity_type, entity_id, user_agent, created_at"
    copy(connection, "audit_log", columns, (
        (uuid(AUDIT, n), owner(n), email(n % PEOPLE), "mensagem.enviar", "conversations.message", uuid(MESSAGE, n), "",
         NOW + timedelta(seconds=n)) for n in range(have, size)
    ))  # fmt: skip
