"""Migrations run while the old code still serves: they only add, and never keep a big table from being written."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation

OURS = {"accounts", "audit", "conversations", "documents", "jurisprudence", "projects", "romagent", "uploads"}
# Tables in which building an index the ordinary way would hold up everybody's work, and what was built before they grew.
BIG = {
    "message", "conversation", "project", "upload", "uploadpage", "document", "documentversion", "deadline", "precedent",
    "user", "aioperation", "auditlog",
}  # fmt: skip
BEFORE = {
    ("conversations", "0002_project"), ("uploads", "0002_file_path"), ("uploads", "0003_pages_found"),
    ("uploads", "0004_unread"), ("uploads", "0007_transcribing"),
}  # fmt: skip
# What takes something away needs two releases: the one that stops using it, and the one that is entered here.
SECOND_HALVES: set[tuple[str, str]] = set()

Step = tuple[str, str, Operation]


def steps() -> Iterator[Step]:
    """Every operation of ours, of migrations that are not an app's first."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        if app in OURS and not migration.initial:
            yield from ((app, name, operation) for operation in migration.operations)


def of_kind(*kinds: type[Operation]) -> list[Step]:
    return [step for step in steps() if isinstance(step[2], kinds)]


def test_the_walk_finds_what_there_is() -> None:
    root = Path(__file__).resolve().parent.parent
    assert {config.label for config in apps.get_app_configs() if Path(config.path).parent == root} <= OURS
    assert ("audit", "0004_usage_days") in {(app, name) for app, name, _ in steps()}


def test_nothing_is_taken_away_or_renamed_under_the_old_code() -> None:
    destructive = (
        migrations.RemoveField, migrations.DeleteModel, migrations.RenameField, migrations.RenameModel,
        migrations.AlterModelTable,
    )  # fmt: skip
    assert [step for step in of_kind(*destructive) if step[:2] not in SECOND_HALVES] == []


def test_a_new_column_may_be_left_out_by_the_old_code() -> None:
    """Django drops a Python default from the table again: only NULL or the database's own default helps."""
    for app, name, operation in of_kind(migrations.AddField):
        assert isinstance(operation, migrations.AddField)
        field = operation.field
        generated = isinstance(field, models.GeneratedField) or field.many_to_many
        told = f"{app}.{name}: {operation.name} needs null=True or db_default=…; default=… does not reach the table"
        assert generated or field.null or field.has_db_default(), told


def test_an_index_on_a_big_table_is_built_beside_the_work() -> None:
    for app, name, operation in of_kind(migrations.AddIndex):
        if isinstance(operation, migrations.AddIndex) and not isinstance(operation, AddIndexConcurrently):
            told = f"{app}.{name}: {operation.index.name} needs AddIndexConcurrently, and `atomic = False` in the migration"
            assert operation.model_name.lower() not in BIG or (app, name) in BEFORE, told


@pytest.mark.django_db
@pytest.mark.data_layer
def test_every_migration_is_applied_to_an_empty_database_and_none_is_missing() -> None:
    loader = MigrationLoader(connection)
    assert {key for key in loader.disk_migrations if key[0] in OURS} <= set(loader.applied_migrations)
    assert loader.detect_conflicts() == {}
