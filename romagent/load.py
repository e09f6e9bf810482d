"""The database of a backup, loaded in one transaction: what is there goes, the dump comes, all is counted."""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from django.db import connection
from psycopg.sql import SQL, Identifier, Literal

from romagent import archive
from romagent.archive import CHUNK, Manifest
from romagent.backup import server_version
from romagent.base.ids import new_id
from romagent.pgtools import Tools, Unusable, environment, first_error

HEAD = 64 * 1024  # bytes of the script in which its settings stand
WAIT_FOR_LOCKS = "15s"
# Set by newer programs, not known to servers before 17.
NEW_SETTING = re.compile(rb"^SET transaction_timeout = 0;$", re.MULTILINE)


def load_database(path: Path, manifest: Manifest, tools: Tools, *, keep_sessions: bool) -> None:
    """Raises Unusable with the database as it was."""
    _run(path, tools, _before(), _after(manifest, path.name, keep_sessions))


# Everything of ours that is in the schema goes; extensions, which may be somebody else's, stay.
EMPTY = """
DO $$
DECLARE item record;
BEGIN
    FOR item IN
        SELECT CASE relkind WHEN 'S' THEN 2 ELSE 1 END AS turn,
            CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END AS kind,
            c.oid::regclass::text AS name, 'pg_class'::regclass AS class, c.oid
        FROM pg_class c WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S', 'f')
        UNION ALL
        SELECT 2, 'ROUTINE', p.oid::regprocedure::text, 'pg_proc'::regclass, p.oid
        FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
        UNION ALL
        SELECT 3, 'TYPE', t.oid::regtype::text, 'pg_type'::regclass, t.oid
        FROM pg_type t LEFT JOIN pg_class c ON c.oid = typrelid
        WHERE typnamespace = 'public'::regnamespace AND (typtype IN ('e', 'd', 'r') OR c.relkind = 'c')
        UNION ALL
        SELECT 4, 'TEXT SEARCH CONFIGURATION', cfg.oid::regconfig::text, 'pg_ts_config'::regclass, cfg.oid
        FROM pg_ts_config cfg WHERE cfgnamespace = 'public'::regnamespace
        UNION ALL
        SELECT 5, 'TEXT SEARCH DICTIONARY', d.oid::regdictionary::text, 'pg_ts_dict'::regclass, d.oid
        FROM pg_ts_dict d WHERE dictnamespace = 'public'::regnamespace
        ORDER BY 1, 3
    LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_depend WHERE classid = item.class AND objid = item.oid AND deptype = 'e') THEN
            EXECUTE 'DROP ' || item.kind || ' IF EXISTS ' || item.name || ' CASCADE';
        END IF;
    END LOOP;
END
$$;
"""


def _before() -> bytes:
    lines = ["BEGIN", "SET LOCAL client_min_messages = warning", f"SET LOCAL lock_timeout = '{WAIT_FOR_LOCKS}'"]
    return (";\n".join(lines) + f";{EMPTY}SET LOCAL lock_timeout = 0;\n").encode()


def _after(manifest: Manifest, name: str, keep_sessions: bool) -> bytes:
    """Still in the transaction: every table is counted, what must not come alive again goes, and the row is written."""
    statements = [_count_check(table, rows) for table, rows in manifest.tables.items()]
    if not keep_sessions:
        dead = [table for table in ("sessions", "usersessions_usersession") if table in manifest.tables]
        statements += [SQL("DELETE FROM public.{}").format(Identifier(table)) for table in dead]
    statements += [SQL(sql) for sql in QUEUE]
    copies = [table for table in ("data_exports", "subject_runs") if table in manifest.tables]
    statements += [SQL(PREPARED_COPIES).format(Identifier(table)) for table in copies]
    new = {"file": name, "made_at": manifest.finished_at, "rows": sum(manifest.tables.values())}
    statements.append(
        SQL(
            "INSERT INTO public.audit_log (id, user_email, action, entity_type, new_value, user_agent, created_at) "
            "VALUES ({}, '', 'copia.restaurar', '', {}::jsonb, '', now())"
        ).format(Literal(str(new_id())), Literal(json.dumps(new, ensure_ascii=False)))
    )
    lines = [statement.as_string(None) + ";\n" for statement in statements]
    # The queue's triggers name their tables without the schema, which pg_restore has taken out of the path.
    return "".join(["SET LOCAL search_path = public;\n", *lines, "COMMIT;\n"]).encode()


def _count_check(table: str, rows: int) -> Any:
    block = SQL(
        "BEGIN IF (SELECT count(*) FROM public.{}) <> {} THEN RAISE EXCEPTION 'rows differ: %', {}; END IF; END"
    )
    body = block.format(Identifier(table), Literal(rows), Literal(table)).as_string(None)
    return SQL("DO {}").format(Literal(body))


# A worker that was writing a reply is not there any more: the sweep of the next one gives each unfinished reply a job,
# so a job that came along would be a second one. What else was being done is to be done again.
QUEUE = (
    "DELETE FROM public.procrastinate_jobs WHERE task_name = 'conversations.answer' AND status IN ('todo', 'doing')",
    "DELETE FROM public.procrastinate_jobs being_done USING public.procrastinate_jobs waiting "
    "WHERE being_done.status = 'doing' AND waiting.status = 'todo' "
    "AND being_done.queueing_lock = waiting.queueing_lock",
    "UPDATE public.procrastinate_jobs SET status = 'todo', worker_id = NULL, abort_requested = false "
    "WHERE status = 'doing'",
    "DELETE FROM public.procrastinate_workers",
)
# Copies that were made to be downloaded are not in a backup.
PREPARED_COPIES = "UPDATE public.{} SET state = 'expired', file_path = '' WHERE state = 'done' AND file_path <> ''"


def _run(path: Path, tools: Tools, before: bytes, after: bytes) -> None:
    """pg_restore writes the dump as a script, psql runs it between ours; without the last line nothing has happened."""
    is_old = server_version() < 170_000
    connection.close()
    restore = [tools.path("pg_restore"), "--no-owner", "--no-privileges", "--no-comments", "-f", "-"]
    psql = [tools.path("psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "-"]
    with tempfile.TemporaryFile() as complaints, tempfile.TemporaryFile() as errors:
        pipe, env = subprocess.PIPE, environment()
        reader = subprocess.Popen(restore, stdin=pipe, stdout=pipe, stderr=complaints, env=env)
        runner = subprocess.Popen(psql, stdin=pipe, stdout=subprocess.DEVNULL, stderr=errors, env=env)
        try:
            _feed(path, reader, runner, (before, after), is_old)
        finally:
            _end(reader, runner)
        for process, file, name in ((runner, errors, "psql"), (reader, complaints, "pg_restore")):
            if process.returncode:
                file.seek(0)
                raise Unusable(_refusal(name, file.read().decode(errors="replace")))


def _feed(path: Path, reader: Any, runner: Any, ours: tuple[bytes, bytes], is_old: bool) -> None:
    sending = threading.Thread(target=_send_dump, args=(path, reader.stdin), daemon=True)
    sending.start()
    with suppress(BrokenPipeError):  # psql has met an error and is gone; it has said why
        runner.stdin.write(ours[0])
        head = reader.stdout.read(HEAD)
        runner.stdin.write(NEW_SETTING.sub(b"", head) if is_old else head)
        while chunk := reader.stdout.read(CHUNK):
            runner.stdin.write(chunk)
        if reader.wait() == 0:
            runner.stdin.write(ours[1])
        runner.stdin.close()
    if runner.wait():
        reader.kill()  # it would wait for ever for somebody to read what it writes
    reader.wait()
    sending.join()


def _send_dump(path: Path, pipe: IO[bytes]) -> None:
    with suppress(BrokenPipeError), archive.open_database(path) as dump:
        while chunk := dump.read(CHUNK):
            pipe.write(chunk)
    with suppress(BrokenPipeError):
        pipe.close()


def _end(*processes: Any) -> None:
    for process in processes:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with suppress(BrokenPipeError):
                if pipe:
                    pipe.close()


def _refusal(program: str, said: str) -> str:
    if "lock timeout" in said:
        return "O banco está em uso: alguém segura uma tabela há mais de 15 segundos. Pare a aplicação e tente de novo."
    return f"O banco não aceitou a cópia ({program}: {first_error(said)})."
