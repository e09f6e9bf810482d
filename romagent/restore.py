"""`manage.py restore`: a backup becomes the database and the stored files again, or nothing changes.

Everything that can be known beforehand is known before anything is touched. Then come the files that are missing in
the storage (nobody refers to them yet), then the database in one transaction that also counts every table again, then
the stored files that differ from the backup's.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.core.cache import cache
from django.core.files import File
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from romagent import archive
from romagent.archive import CHUNK, FILES, Manifest
from romagent.backup import PARTIAL, TABLES, Say, list_contents, server_version
from romagent.health import check_redis, run_check
from romagent.load import load_database
from romagent.pgtools import Tools, Unusable, find_tools


@dataclass
class Report:
    manifest: Manifest
    sha256: str
    migrated: bool = False
    sessions_kept: bool = False
    files: dict[str, int] = field(default_factory=dict)  # {"added", "replaced", "identical"}
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return {
            "made_at": self.manifest.finished_at,
            "manifest_sha256": self.sha256,
            "rows": sum(self.manifest.tables.values()),
            "files": self.files,
            "missing": self.manifest.missing,
            "migrated": self.migrated,
            "sessions_kept": self.sessions_kept,
            "seconds": round(self.seconds, 3),
        }


@dataclass
class Plan:
    """What is to be done with each stored file, by its name in the storage."""

    add: set[str] = field(default_factory=set)
    replace: set[str] = field(default_factory=set)
    identical: int = 0


def restore_backup(
    path: Path, *, replace: bool = False, keep_sessions: bool = False, say: Say = lambda words: None
) -> Report:
    """Raises Unusable or archive.Damaged with everything as it was, but see `_replace_files`."""
    started = time.perf_counter()
    manifest, sha256, tools = _look(path, replace, say)
    report = Report(manifest, sha256, migrated=_compare_migrations(manifest), sessions_kept=keep_sessions)
    plan = _plan_files(manifest)
    if plan.replace and not replace:
        some = ", ".join(sorted(plan.replace)[:5])
        raise Unusable(f"{len(plan.replace)} arquivos guardados são diferentes dos da cópia ({some}). Use --replace.")
    say("Trazendo os arquivos…")
    added = _add_files(path, plan.add)
    say("Trazendo o banco de dados…")
    try:
        load_database(path, manifest, tools, keep_sessions=keep_sessions)
    except BaseException:
        _delete(added)
        raise
    _replace_files(path, plan.replace)
    report.files = {"added": len(plan.add), "replaced": len(plan.replace), "identical": plan.identical}
    _settle(report, say)
    report.seconds = time.perf_counter() - started
    return report


def _settle(report: Report, say: Say) -> None:
    """What follows when everything is there again."""
    if report.migrated:
        say("A cópia é de uma versão anterior: aplicando as migrações que faltam…")
        call_command("migrate", interactive=False, verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    if not report.sessions_kept:
        _forget_cached_sessions(say)


# What is known beforehand --------------------------------------------------------------------------


def _look(path: Path, replace: bool, say: Say) -> tuple[Manifest, str, Tools]:
    """The backup's manifest with its SHA-256, and programs that can read it; Unusable or Damaged when it may not be."""
    if path.name.endswith(PARTIAL):
        raise Unusable(f"{path.name} é de uma cópia que não foi terminada.")
    say("Conferindo a cópia…")
    manifest, sha256 = archive.check(path)
    _compare_migrations(manifest)
    tools = _tools_for(manifest)
    list_contents(path, tools)
    _refuse_losing_rows(replace)
    _warn_of_company(say)
    connection.close()  # nobody's connection waits for the storage
    return manifest, sha256, tools


def _compare_migrations(manifest: Manifest) -> bool:
    """Whether the backup is older than the code; Unusable when it is newer."""
    known = {f"{app}.{name}" for app, name in MigrationLoader(None, ignore_no_migrations=True).disk_migrations}
    if unknown := sorted(set(manifest.migrations) - known):
        raise Unusable(
            f"A cópia é de uma versão mais nova do ROM Agent ({', '.join(unknown[:5])}). Atualize antes de restaurar."
        )
    return bool(known - set(manifest.migrations))


def _tools_for(manifest: Manifest) -> Tools:
    server = server_version() // 10_000
    if server < manifest.server_major:
        raise Unusable(
            f"A cópia é de um PostgreSQL {manifest.server_major} e este servidor é o {server}: "
            f"é preciso um servidor {manifest.server_major} ou mais novo."
        )
    return find_tools("pg_restore", "psql", at_least=manifest.pg_dump_major)


def _refuse_losing_rows(replace: bool) -> None:
    occupied = tables_with_rows()
    if occupied and not replace:
        some = ", ".join(occupied[:8]) + (" e outras" if len(occupied) > 8 else "")
        raise Unusable(
            f"O banco de destino não está vazio: há linhas em {some}. "
            "Restaure em um banco vazio ou use --replace, que apaga o que há nele."
        )


def tables_with_rows() -> list[str]:
    found = []
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT EXISTS (SELECT 1 FROM public."{table}")')  # noqa: S608 - from the catalogue
            if cursor.fetchone()[0]:
                found.append(table)
    return found


def _warn_of_company(say: Say) -> None:
    """The restore waits for nobody's locks for long, but a worker would not know its own jobs afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        if others := cursor.fetchone()[0]:
            say(f"ATENÇÃO: há {others} outras conexões a este banco. Pare a aplicação, ou reinicie-a depois.")


# Files ---------------------------------------------------------------------------------------------


def _stored_members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    for name, file in archive.members(path):
        if name.startswith(FILES):
            yield name.removeprefix(FILES), file


def _plan_files(manifest: Manifest) -> Plan:
    plan = Plan()
    for name in manifest.files:
        size, sha256 = manifest.members[FILES + name]
        if not default_storage.exists(name):
            plan.add.add(name)
        elif default_storage.size(name) == size and _sha256_of_stored(name) == sha256:
            plan.identical += 1
        else:
            plan.replace.add(name)
    return plan


def _sha256_of_stored(name: str) -> str:
    digest = hashlib.sha256()
    with default_storage.open(name) as stored:
        while chunk := stored.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _add_files(path: Path, names: set[str]) -> list[str]:
    """Puts these files into the storage, or none of them."""
    added: list[str] = []
    if not names:
        return added
    try:
        for name, file in _stored_members(path):
            if name in names:
                added.append(name)
                _save(name, file)
    except BaseException:
        _delete(added)
        raise
    return added


def _save(name: str, file: IO[bytes]) -> None:
    stored = default_storage.save(name, File(file))
    if stored != name:  # somebody else has put one there in the meantime
        default_storage.delete(stored)
        raise Unusable(f"O arquivo {name} apareceu no armazenamento durante a restauração.")


def _delete(names: list[str]) -> None:
    for name in names:
        with suppress(Exception):  # whatever stays belongs to nobody, and the clean-up finds it
            default_storage.delete(name)


def _replace_files(path: Path, names: set[str]) -> None:
    """After the database: what goes wrong here is said, and running the same again mends it."""
    if not names:
        return
    for name, file in _stored_members(path):
        if name in names:
            default_storage.delete(name)
            _save(name, file)


def _forget_cached_sessions(say: Say) -> None:
    """Redis may still know people who were signed in before; it is not the truth, but it is asked first."""
    if not settings.REDIS_URL:
        return
    if run_check(check_redis)["available"]:
        cache.delete_pattern("session.*")  # type: ignore[attr-defined]
    else:
        say("ATENÇÃO: o Redis não respondeu e pode lembrar sessões de antes. Esvazie-o (FLUSHALL) antes de abrir.")
