"""Other databases for a test to restore into, and two databases compared in everything they hold."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock
from uuid import uuid4

import psycopg
from django.db import connection

from romagent.embedded import postgres
from romagent.embedded.postgres import EmbeddedPostgres

OLD = Path("/usr/lib/postgresql/15/bin")  # where Debian has the oldest PostgreSQL that is supported
DEFINITIONS = {
    "indexes": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "constraints": "SELECT conname, conrelid::regclass::text, pg_get_constraintdef(oid) FROM pg_constraint "
    "WHERE connamespace = 'public'::regnamespace AND contype <> 'n'",
    "triggers": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "functions": "SELECT pg_get_functiondef(p.oid) FROM pg_proc p WHERE pronamespace = 'public'::regnamespace "
    "AND NOT EXISTS (SELECT 1 FROM pg_depend WHERE objid = p.oid AND deptype = 'e')",
    "columns": "SELECT table_name, column_name, data_type, is_nullable, column_default, is_identity, "
    "generation_expression FROM information_schema.columns WHERE table_schema = 'public'",
    "extensions": "SELECT extname FROM pg_extension",
}


def address() -> dict[str, Any]:
    """How to reach the test's database, for psycopg."""
    parameters = connection.get_connection_params()
    return {
        key: value for key, value in parameters.items() if key not in ("cursor_factory", "context", "prepare_threshold")
    }


@contextlib.contextmanager
def pointing_at(**changes: Any) -> Iterator[None]:
    """Django's connection goes to another database (NAME, HOST, PORT, USER, PASSWORD) meanwhile."""
    connection.close()
    with mock.patch.dict(connection.settings_dict, changes):
        yield
        connection.close()


@contextlib.contextmanager
def empty_database() -> Iterator[str]:
    """A database of the same server with nothing in it; its name."""
    name = f"test_copia_{uuid4().hex[:12]}"
    with psycopg.connect(**address(), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        yield name
    finally:
        with psycopg.connect(**address(), autocommit=True) as server:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextlib.contextmanager
def old_server(directory: Path) -> Iterator[dict[str, Any]]:
    """A PostgreSQL 15 with an empty database, as changes for `pointing_at`."""
    directory.chmod(0o711)
    for parent in (directory.parent, directory.parent.parent, directory.parent.parent.parent):
        parent.chmod(parent.stat().st_mode | 0o011)  # as root somebody else runs it, and has to get in
    initdb = [part for part in postgres.INITDB if "locale" not in part] + ["--locale=C.UTF-8"]
    settings = {name: value for name, value in postgres.SETTINGS.items() if name != "io_method"}
    with (
        mock.patch.object(postgres, "programs_for", return_value=OLD),
        mock.patch.object(postgres, "INITDB", initdb),
        mock.patch.object(postgres, "SETTINGS", settings),
    ):
        server = EmbeddedPostgres(directory / "quinze", fsync=False)
        try:
            server.start()
            found = psycopg.conninfo.conninfo_to_dict(server.url)
            yield {
                "NAME": found["dbname"], "HOST": found["host"], "PORT": found["port"], "USER": found["user"],
                "PASSWORD": found["password"],
            }  # fmt: skip
        finally:
            server.remove()


def contents() -> dict[str, list[str]]:
    """Every row of every table of Django's present database, all columns, generated ones too; and its sequences."""
    found: dict[str, list[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        relations = cursor.fetchall()
        for name in (name for name, kind in relations if kind == "r"):
            cursor.execute(f'SELECT t::text FROM public."{name}" t')
            found[name] = sorted(row[0] for row in cursor.fetchall())
        for name in (name for name, kind in relations if kind == "S"):
            cursor.execute(f'SELECT last_value, is_called FROM public."{name}"')
            found[f"sequence {name}"] = [str(cursor.fetchone())]
    return found


def definitions() -> dict[str, list[str]]:
    """Indexes, constraints, triggers and the like, without the casts that PostgreSQL writes in two ways."""
    found = {}
    with connection.cursor() as cursor:
        for key, query in DEFINITIONS.items():
            cursor.execute(query)
            found[key] = sorted(re.sub(r"::(character varying|text)\b(\[\])?|[()]", "", str(row)) for row in cursor)
    return found
