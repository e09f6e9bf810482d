"""A restore: everything comes back, row by row and file by file, or nothing has changed."""

import json
import secrets
import tarfile
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import Session, User
from audit.actions import record
from audit.models import AIOperation, AIUsageDay, AuditLog
from conversations.models import Conversation, Message
from conversations.tests.making import make_conversation, make_exchange
from projects.models import Project, ProjectMember
from romagent import archive, load, restore
from romagent.backup import make_backup
from romagent.embedded.kept import free_port
from romagent.restore import restore_backup
from romagent.tasks import clean_up
from romagent.tests.backups import hostile
from romagent.tests.databases import OLD, contents, definitions, old_server, pointing_at
from romagent.tests.restoring import (
    NAME,
    _to,
    altered,
    copy,
    elsewhere,
    fails_and_changes_nothing,
    media,
    office,
    without_notes,
)

__all__ = ["copy", "elsewhere", "media", "office"]  # fixtures
pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.data_layer]


# Everything comes back ---------------------------------------------------------------------------


@pytest.fixture(params=["the same server", *(["PostgreSQL 15"] if (OLD / "initdb").exists() else [])])
def source_and_target(
    request: pytest.FixtureRequest, tmp_path: Path, elsewhere: str
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Changes for `pointing_at`: where the office is, and an empty database of a server of the same kind."""
    if request.param == "the same server":
        yield {}, {"NAME": elsewhere}
        return
    with old_server(tmp_path) as old:
        address = psycopg.conninfo.make_conninfo(
            "", dbname="postgres", host=old["HOST"], port=old["PORT"], user=old["USER"], password=old["PASSWORD"]
        )
        with psycopg.connect(address, autocommit=True) as server:
            server.execute("CREATE DATABASE segundo TEMPLATE template0")
        yield old, old | {"NAME": "segundo"}


def test_every_row_of_every_table_comes_back(
    office: User, tmp_path: Path, source_and_target: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    source, target = source_and_target
    path = tmp_path / "copia.tar"
    if source:
        _move_to(source, tmp_path)
    with pointing_at(**source):
        before, structure = contents(), definitions()
        make_backup(path)
    with pointing_at(**target):
        call_command("restore", str(path), "--keep-sessions")
        after = contents()
        assert definitions() == structure
        assert Message.objects.filter(content__contains="👩🏽‍⚖️").exists()
    assert len(before["messages"]) == 4
    assert len(before["sessions"]) == 1
    assert before.keys() == after.keys()
    expected, found = without_notes(before), without_notes(after)
    assert {table for table in expected if expected[table] != found[table]} == set()


def _move_to(server: dict[str, Any], tmp_path: Path) -> None:
    """Nothing goes down to an older server by itself: its tables are made by the migrations, the rows copied."""
    with pointing_at(**server):
        call_command("migrate", interactive=False, verbosity=0)
    for model in (User, Project, ProjectMember, Conversation, Message, Session, AIOperation, AuditLog):
        rows = list(model._base_manager.all())
        with pointing_at(**server):
            model._base_manager.bulk_create(rows)


def test_the_files_come_back_too(copy: Path, elsewhere: str, media: Path) -> None:
    content = (media / NAME).read_bytes()
    default_storage.delete(NAME)
    with pointing_at(NAME=elsewhere):
        report = restore_backup(copy)
    assert (media / NAME).read_bytes() == content
    assert report.files == {"added": 1, "replaced": 0, "identical": 0}
    assert [path.name for path in media.rglob("*") if path.is_file()] == ["petição.pdf"]


def test_the_restore_is_in_the_log_of_what_came_back(copy: Path, elsewhere: str) -> None:
    with pointing_at(NAME=elsewhere):
        report = restore_backup(copy)
        row = AuditLog.objects.get(action="copia.restaurar")
    assert row.new_value == {
        "file": "copia.tar", "made_at": report.manifest.finished_at, "rows": sum(report.manifest.tables.values()),
    }  # fmt: skip
    assert abs(row.created_at - timezone.now()) < timedelta(minutes=1)


def test_what_holds_the_tables_together_works_afterwards(copy: Path, owner: User, elsewhere: str) -> None:
    with pointing_at(NAME=elsewhere):
        restore_backup(copy)
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            AuditLog.objects.update(action="x")
        days = AIUsageDay.objects.get().calls
        AIOperation.objects.create(user=owner, operation_type="answer", model="m", status="complete")
        assert (days, AIUsageDay.objects.get().calls) == (1, 2)
        clean_up.defer(run_id="x")
        assert make_conversation(owner).user_id == owner.pk


def test_it_ends_with_one_line_for_machines(copy: Path, elsewhere: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pointing_at(NAME=elsewhere):
        call_command("restore", str(copy), "--json")
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["files"] == {"added": 0, "replaced": 0, "identical": 1}
    assert (found["migrated"], found["sessions_kept"]) == (False, False)


def test_who_owns_the_database_needs_no_other_right(copy: Path, elsewhere: str) -> None:
    """As at a host, where nobody is the server's superuser."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE dono_da_copia LOGIN PASSWORD 'só dele'")
        cursor.execute(f"ALTER DATABASE {elsewhere} OWNER TO dono_da_copia")
    try:
        with pointing_at(NAME=elsewhere, USER="dono_da_copia", PASSWORD="só dele"):
            restore_backup(copy)
            restore_backup(copy, replace=True)
            assert Message.objects.count() == 4
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {elsewhere} OWNER TO CURRENT_USER")
            with psycopg.connect(**_to(elsewhere), autocommit=True) as other:
                other.execute("REASSIGN OWNED BY dono_da_copia TO CURRENT_USER")
            cursor.execute("DROP ROLE dono_da_copia")


# Over what is there ------------------------------------------------------------------------------


def test_a_database_with_rows_is_refused_and_its_tables_named(copy: Path, owner: User) -> None:
    before = contents()
    with pytest.raises(CommandError, match=r"não está vazio: há linhas em .*ai_models.*--replace.* Nada foi alterado"):
        call_command("restore", str(copy))
    assert contents() == before


def test_tables_without_rows_are_no_obstacle(copy: Path, elsewhere: str) -> None:
    with pointing_at(NAME=elsewhere):
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE messages (id int); CREATE TYPE procrastinate_job_status AS ENUM ('x')")
            cursor.execute("CREATE VIEW resumo AS SELECT * FROM messages")
        restore_backup(copy)
        assert Message.objects.count() == 4


def test_with_replace_what_was_there_is_gone(copy: Path, owner: User) -> None:
    kept, structure = contents(), definitions()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE de_uma_versao_futura (id bigint GENERATED ALWAYS AS IDENTITY, m uuid REFERENCES messages)"
        )
        cursor.execute("CREATE MATERIALIZED VIEW soma AS SELECT count(*) FROM messages")
    make_exchange(make_conversation(owner))
    call_command("restore", str(copy), "--replace", "--keep-sessions")
    assert without_notes(contents()) == without_notes(kept)
    assert definitions() == structure


def test_a_stored_file_that_differs_is_replaced_only_when_told(copy: Path, elsewhere: str, media: Path) -> None:
    content = (media / NAME).read_bytes()
    (media / NAME).write_bytes(b"outro")
    with pointing_at(NAME=elsewhere):
        with pytest.raises(CommandError, match=rf"1 arquivos guardados são diferentes .*{NAME}"):
            call_command("restore", str(copy))
        assert (media / NAME).read_bytes() == b"outro"
        assert restore.tables_with_rows() == []
        report = restore_backup(copy, replace=True)
    assert (media / NAME).read_bytes() == content
    assert report.files["replaced"] == 1


# Nothing changes ----------------------------------------------------------------------------------


def test_a_table_with_too_few_rows_takes_everything_back(copy: Path, media: Path) -> None:
    def claim_more(manifest: archive.Manifest) -> None:
        manifest.tables["messages"] += 1

    fails_and_changes_nothing(altered(copy, claim_more), media, "rows differ: messages.* Nada foi alterado")


def test_a_dump_that_breaks_off_takes_everything_back(copy: Path, media: Path) -> None:
    dump = next(member.read() for name, member in archive.members(copy) if name == archive.DATABASE)
    path = altered(copy, lambda manifest: None, dump[: len(dump) * 3 // 4])
    fails_and_changes_nothing(path, media, "não lê o que foi guardado")


def test_a_dump_that_turns_out_bad_half_way_takes_everything_back(office: User, media: Path, tmp_path: Path) -> None:
    record("conversa.criar", user=office, new={"ação": secrets.token_hex(1_000_000)})  # hardly to be compressed
    copy = tmp_path / "copia.tar"
    make_backup(copy)
    dump = next(member.read() for name, member in archive.members(copy) if name == archive.DATABASE)
    assert 1_000_000 < len(dump) < 2_000_000
    middle = len(dump) // 2  # so this is in that row
    path = altered(copy, lambda manifest: None, dump[:middle] + bytes(8) + dump[middle + 8 :])
    fails_and_changes_nothing(path, media, "não aceitou a cópia")


def test_a_dump_that_is_none_is_refused_beforehand(copy: Path, media: Path) -> None:
    fails_and_changes_nothing(altered(copy, lambda manifest: None, b"PGDMP"), media, "não lê o que foi guardado")


def test_a_killed_restore_has_changed_nothing(copy: Path, media: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = contents()
    default_storage.delete(NAME)
    send = load._send_dump

    def interrupted(path: Path, reader: Any, runner: Any, ours: Any, is_old: bool) -> None:
        sending = threading.Thread(target=send, args=(path, reader.stdin))
        sending.start()
        runner.stdin.write(ours[0])
        runner.stdin.write(load.NEW_SETTING.sub(b"", reader.stdout.read()))
        sending.join()
        raise KeyboardInterrupt

    monkeypatch.setattr(load, "_feed", interrupted)
    with pytest.raises(KeyboardInterrupt):
        restore_backup(copy, replace=True)
    assert contents() == before
    assert not default_storage.exists(NAME)


def test_a_table_that_somebody_holds_ends_it(
    copy: Path, media: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: str
) -> None:
    monkeypatch.setattr(load, "WAIT_FOR_LOCKS", "100ms")
    with pointing_at(NAME=elsewhere):
        restore_backup(copy)
        with psycopg.connect(**_to(elsewhere)) as other:
            other.execute("SELECT * FROM messages LIMIT 1")
            fails_and_changes_nothing(copy, media, "O banco está em uso")


def test_a_disk_that_is_full_of_files_takes_the_added_ones_away(
    copy: Path, elsewhere: str, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    default_storage.delete(NAME)
    save = restore._save

    def full(name: str, file: Any) -> None:
        save(name, file)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(restore, "_save", full)
    with pointing_at(NAME=elsewhere):
        with pytest.raises(CommandError, match="No space left"):
            call_command("restore", str(copy))
        assert restore.tables_with_rows() == []
    assert not default_storage.exists(NAME)


def test_an_archive_that_is_cut_or_hostile_is_refused(copy: Path, media: Path, tmp_path: Path) -> None:
    content = copy.read_bytes()
    copy.write_bytes(content[:-3000])
    fails_and_changes_nothing(copy, media, "Nada foi alterado")
    path = hostile(tmp_path / "x.tar", ("files/../../../fora.txt", tarfile.REGTYPE))
    fails_and_changes_nothing(path, media, "não põe em cópias")
    assert not (tmp_path / "fora.txt").exists()


def test_no_file_and_no_server_are_said(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("restore", str(tmp_path / "nada.tar"))
    for changes, words in [
        ({"PASSWORD": "errada"}, "recusou o usuário ou a senha.* Nada foi alterado"),
        ({"PORT": str(free_port())}, "não respondeu"),
    ]:
        with pointing_at(**changes), pytest.raises(CommandError, match=words):
            call_command("restore", str(copy))
