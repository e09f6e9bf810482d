"""How big the database is: the command, its JSON, the staff's page, and the warning from 80%."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from pytest_django import Settings

from romagent import dbstats
from romagent.numbers import size, thousands

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def run() -> tuple[str, str, dict[str, Any]]:
    out, err = StringIO(), StringIO()
    call_command("dbstats", "--json", stdout=out, stderr=err)
    lines = out.getvalue().strip().splitlines()
    return "\n".join(lines[:-1]), err.getvalue(), json.loads(lines[-1])


def test_it_tells_every_table_and_every_index_with_their_sizes() -> None:
    text, _, found = run()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        tables = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
        indexes = {row[0] for row in cursor.fetchall()}
    assert {table["name"] for table in found["tables"]} == tables
    assert {index["name"] for index in found["indexes"]} == indexes
    for name in ("messages", "messages_search_idx", "audit_log"):
        assert name in text
    assert all(table["total"] >= table["heap"] + table["indexes"] for table in found["tables"])
    assert found["size_bytes"] > sum(table["total"] for table in found["tables"]) > 0


def test_connections_are_counted_by_process(settings: Settings) -> None:
    _, _, found = run()
    assert 1 <= found["connections"] <= found["max_connections"]
    assert found["connections"] == sum(client["connections"] for client in found["clients"])


def test_without_the_plans_disk_there_is_no_share(settings: Settings, as_staff: Client) -> None:
    settings.DATABASE_DISK_MB = 0
    _, err, found = run()
    assert (found["disk_percent"], found["warning"], err) == (None, False, "")
    assert "DATABASE_DISK_MB" in as_staff.get("/admin/banco/").content.decode()


@pytest.mark.parametrize(("share", "warning"), [(79.0, False), (80.5, True), (120.0, True)])
def test_the_warning_begins_at_80_percent(
    settings: Settings, as_staff: Client, monkeypatch: pytest.MonkeyPatch, share: float, warning: bool
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        used = cursor.fetchone()[0]
    settings.DATABASE_DISK_MB = used / (share / 100) / 1024 / 1024
    _, err, found = run()
    assert found["warning"] is warning
    assert abs(found["disk_percent"] - share) < 1
    assert ("passou de 80%" in err) is warning
    assert ("passou de 80%" in as_staff.get("/admin/banco/").content.decode()) is warning
    assert ("do disco do plano" in as_staff.get("/admin/").content.decode()) is warning


def test_the_page_shows_tables_and_connections(as_staff: Client) -> None:
    page = as_staff.get("/admin/banco/").content.decode()
    for words in ("Conexões:", "messages_search_idx", "ai_usage_days", "PostgreSQL"):
        assert words in page


def test_nothing_is_counted(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4) as found:
        dbstats.read()
    assert not [query for query in found.captured_queries if 'FROM "' in query["sql"]]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1500, "1,5 kB"),
        (150_000, "146 kB"),
        (5 * 1024**3, "5,0 GB"),
        (3 * 1024**5, "3072 TB"),
    ],
)
def test_sizes_are_read_at_a_glance(count: int, text: str) -> None:
    assert size(count) == text


def test_numbers_have_points_between_thousands() -> None:
    assert [thousands(number) for number in (7, 1234, 1234567)] == ["7", "1.234", "1.234.567"]
