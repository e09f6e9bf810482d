"""How big the database is, from PostgreSQL's own catalogues: nothing is counted or scanned."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

WARN_FROM = 80  # percent of the plan's disk

# relpages and reltuples are PostgreSQL's own estimates: -1 before the first ANALYZE.
TABLES = """
SELECT c.relname, pg_total_relation_size(c.oid), pg_relation_size(c.oid), pg_indexes_size(c.oid),
    CASE WHEN c.reltoastrelid = 0 THEN 0 ELSE pg_total_relation_size(c.reltoastrelid) END,
    greatest(c.reltuples, 0)::bigint, coalesce(s.n_dead_tup, 0),
    greatest(s.last_vacuum, s.last_autovacuum), greatest(s.last_analyze, s.last_autoanalyze)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_stat_user_tables s ON s.relid = c.oid
WHERE c.relkind = 'r' AND n.nspname = 'public' ORDER BY 2 DESC, 1
"""
INDEXES = """
SELECT c.relname, t.relname, pg_relation_size(c.oid), coalesce(s.idx_scan, 0)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace LEFT JOIN pg_stat_user_indexes s ON s.indexrelid = c.oid
WHERE n.nspname = 'public' ORDER BY 3 DESC, 1
"""
CONNECTIONS = """
SELECT coalesce(nullif(application_name, ''), '?'), count(*), count(*) FILTER (WHERE state = 'idle in transaction')
FROM pg_stat_activity WHERE backend_type = 'client backend' GROUP BY 1 ORDER BY 2 DESC, 1
"""


@dataclass(frozen=True)
class Table:
    """Sizes in bytes; `rows` is an estimate."""

    name: str
    total: int
    heap: int
    indexes: int
    toast: int
    rows: int
    dead: int
    vacuumed: datetime | None
    analysed: datetime | None


@dataclass(frozen=True)
class Index:
    name: str
    table: str
    size: int
    uses: int


@dataclass(frozen=True)
class Client:
    """Connections by the name a process gives itself."""

    name: str
    connections: int
    idle_in_transaction: int


@dataclass(frozen=True)
class Stats:
    database: str
    version: str
    size: int
    disk: int  # bytes of the plan; 0: not known
    tables: tuple[Table, ...]
    indexes: tuple[Index, ...]
    clients: tuple[Client, ...]
    max_connections: int

    @property
    def connections(self) -> int:
        return sum(client.connections for client in self.clients)

    @property
    def percent(self) -> float | None:
        """Share of the plan's disk; None when `DATABASE_DISK_MB` is not set."""
        return 100 * self.size / self.disk if self.disk else None

    @property
    def warning(self) -> bool:
        return self.percent is not None and self.percent >= WARN_FROM

    def as_json(self) -> dict[str, Any]:
        return {
            "database": self.database,
            "version": self.version,
            "size_bytes": self.size,
            "disk_bytes": self.disk or None,
            "disk_percent": None if self.percent is None else round(self.percent, 1),
            "warning": self.warning,
            "connections": self.connections,
            "max_connections": self.max_connections,
            "clients": [asdict(client) for client in self.clients],
            "tables": [asdict(table) for table in self.tables],
            "indexes": [asdict(index) for index in self.indexes],
        }


def read() -> Stats:
    """What PostgreSQL knows of this database now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_database(), current_setting('server_version'), pg_database_size(current_database()),"
            " current_setting('max_connections')::int"
        )
        database, version, size, most = cursor.fetchone()
        found = {}
        for name, sql in (("tables", TABLES), ("indexes", INDEXES), ("clients", CONNECTIONS)):
            cursor.execute(sql)
            found[name] = cursor.fetchall()
    return Stats(
        database=database,
        version=version,
        size=size,
        disk=settings.DATABASE_DISK_MB * 1024 * 1024,
        tables=tuple(Table(*row) for row in found["tables"]),
        indexes=tuple(Index(*row) for row in found["indexes"]),
        clients=tuple(Client(*row) for row in found["clients"]),
        max_connections=most,
    )


def disk_percent() -> float | None:
    """Only the share of the plan's disk, for the warning on the administration's first page."""
    if not settings.DATABASE_DISK_MB:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return 100 * int(cursor.fetchone()[0]) / (settings.DATABASE_DISK_MB * 1024 * 1024)
