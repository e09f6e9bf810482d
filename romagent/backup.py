"""`manage.py backup`: the database and the stored files of one moment, in one file that has been read back.

The dump, the rows that are counted and the names of the files are of one snapshot of the database. A file that is
deleted between the snapshot and its copy is named as missing; one that is added later is not in the backup.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from audit.actions import record
from documents.models import Document
from romagent import archive
from romagent.archive import CHUNK, DATABASE, FILES, Manifest, Writer
from romagent.pgtools import Tools, Unusable, environment, find_tools, first_error
from uploads.models import Upload

PARTIAL = ".partial"  # what has this ending is no backup, whatever is in it
Say = Callable[[str], None]

TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1"


@dataclass(frozen=True)
class Report:
    path: Path
    manifest: Manifest
    sha256: str  # of the manifest, which holds those of everything else
    seconds: float

    def as_json(self) -> dict[str, Any]:
        size = self.path.stat().st_size
        return {
            "file": str(self.path),
            "bytes": size,
            "files": len(self.manifest.files),
            "missing": self.manifest.missing,
            "rows": sum(self.manifest.tables.values()),
            "manifest_sha256": self.sha256,
            "postgres": self.manifest.server,
            "pg_dump": self.manifest.pg_dump,
            "seconds": round(self.seconds, 3),
            "megabytes_per_second": round(size / 1_000_000 / self.seconds, 1),
        }


def make_backup(path: Path, *, force: bool = False, say: Say = lambda words: None) -> Report:
    """Writes the backup to `path`; it has that name only when every byte has been read back. Raises Unusable."""
    started = time.perf_counter()
    _refuse_overwriting(path, force)
    tools = find_tools("pg_dump", "pg_restore", at_least=server_version() // 10_000)
    with _partial_file(path) as (file, partial):
        manifest = _write(file, tools, say)
        say("Conferindo o que foi escrito…")
        found, sha256 = archive.check(partial)
        list_contents(partial, tools)
        _refuse_overwriting(path, force)
        size = partial.stat().st_size
        with transaction.atomic():
            named = {"file": path.name, "bytes": size, "files": len(manifest.files), "manifest_sha256": sha256}
            record("copia.criar", new=named)
            partial.rename(path)
        _sync_directory(path.parent)
    return Report(path, found, sha256, time.perf_counter() - started)


def server_version() -> int:
    """As PostgreSQL numbers itself: 180006."""
    connection.ensure_connection()
    version: int = connection.connection.info.server_version
    return version


def _refuse_overwriting(path: Path, force: bool) -> None:
    if path.name.endswith(PARTIAL):
        raise Unusable(f"O nome não pode terminar em {PARTIAL}: assim se chama uma cópia que não foi terminada.")
    if path.is_dir() or not path.parent.is_dir():
        raise Unusable(f"Não é um arquivo em uma pasta que existe: {path}")
    if path.exists() and not force:
        raise Unusable(f"Já existe {path}. Escolha outro nome, ou use --force para substituir.")


@contextmanager
def _partial_file(path: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """The file under its unfinished name, of this process alone; gone when the backup fails."""
    partial = path.with_name(path.name + PARTIAL)
    descriptor = os.open(partial, os.O_RDWR | os.O_CREAT, 0o600)  # everybody's conversations: for its owner only
    with open(descriptor, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Unusable(f"Outra cópia está sendo escrita em {partial}.") from error
        file.truncate()
        try:
            yield file, partial
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


def _write(file: IO[bytes], tools: Tools, say: Say) -> Manifest:
    writer = Writer(file)
    manifest = Manifest(started_at=timezone.now().isoformat(), pg_dump=tools.version, pg_dump_major=tools.major)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as names:
        with _snapshot() as snapshot:
            _describe(manifest)
            _note_files(names)
            say("Copiando o banco de dados…")
            writer.add(DATABASE, _dump(tools, snapshot))
        connection.close()  # nobody's connection waits for the storage
        say("Copiando os arquivos…")
        names.seek(0)
        for line in names:
            _add_file(writer, json.loads(line), manifest)
    manifest.finished_at = timezone.now().isoformat()
    writer.finish(manifest)
    file.flush()
    os.fsync(file.fileno())
    return manifest


@contextmanager
def _snapshot() -> Iterator[str]:
    """A transaction that sees one moment, and the name under which pg_dump sees the same."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SET LOCAL {limit} = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _describe(manifest: Manifest) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        manifest.server = cursor.fetchone()[0].split()[0]
        manifest.server_major = server_version() // 10_000
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        manifest.migrations = [row[0] for row in cursor.fetchall()]
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM public."{table}"')  # noqa: S608 - a name from the catalogue
            manifest.tables[table] = cursor.fetchone()[0]


def _note_files(names: IO[str]) -> None:
    """The names that rows give to files in the storage, each once, a line each."""
    whole = Upload.objects.exclude(file_path="").exclude(
        metadata__has_key="multipart"
    )  # what is on its way is not there
    for rows in (whole, Document.objects.exclude(file_path="")):
        stored = rows.order_by("file_path").values_list("file_path", flat=True).distinct()
        for name in stored.iterator():
            names.write(json.dumps(name) + "\n")


def _dump(tools: Tools, snapshot: str) -> Iterator[bytes]:
    argv = [tools.path("pg_dump"), "-Fc", "-Z1", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=errors, env=environment())
        assert process.stdout is not None
        try:
            while chunk := process.stdout.read(CHUNK):
                yield chunk
            status = process.wait()
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
        if status:
            errors.seek(0)
            raise Unusable(f"O pg_dump falhou: {first_error(errors.read().decode(errors='replace'))}")


def _add_file(writer: Writer, name: str, manifest: Manifest) -> None:
    """One stored file; one that is not there or cannot be read is named in the manifest and does not stop the rest."""
    member = FILES + name
    if not archive.is_ours(member):
        manifest.missing.append(name)
        return
    try:
        writer.add(member, _parts(name))
    except Unreadable:
        manifest.missing.append(name)


class Unreadable(Exception):
    """A stored file is not there, or breaks off."""


def _parts(name: str) -> Iterator[bytes]:
    """The stored file; a storage that does not answer at all (not one file of it) ends the backup."""
    try:
        with default_storage.open(name) as stored:
            while chunk := stored.read(CHUNK):
                yield chunk
    except OSError as error:
        raise Unreadable from error
    except Exception as error:  # each storage has errors of its own
        raise Unusable(f"O armazenamento de arquivos não respondeu: {type(error).__name__}.") from error


def list_contents(path: Path, tools: Tools) -> str:
    """What pg_restore finds in the dump; Unusable when that is not for it to read."""
    argv = [tools.path("pg_restore"), "--list"]
    with archive.open_database(path) as dump, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=out, stderr=errors, env=environment()) as process:
            assert process.stdin is not None
            with suppress(BrokenPipeError):  # it has seen enough
                while chunk := dump.read(CHUNK):
                    process.stdin.write(chunk)
                process.stdin.close()
        for file in (out, errors):
            file.seek(0)
        if process.returncode:
            raise Unusable(f"O pg_restore não lê o que foi guardado: {first_error(errors.read().decode())}")
        return out.read().decode(errors="replace")


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
