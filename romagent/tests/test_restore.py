"""A restore: everything comes back, row by row and file by file, or nothing has changed."""

import json
import os
import secrets
import tarfile
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import Session, User
from audit.actions import record
from audit.models import AIOperation, AIUsageDay, AuditLog
from conftest import signed_in
from conversations.models import Conversation, Message
from conversations.tests.making import ask_something, make_conversation, make_exchange
from projects.models import Project, ProjectMember
from romagent import archive, exports, load, pgtools, restore
from romagent.backup import make_backup
from romagent.embedded.kept import free_port
from romagent.models import DataExport
from romagent.restore import restore_backup
from romagent.tasks import clean_up
from romagent.tests.databases import OLD, address, contents, definitions, empty_database, old_server, pointing_at
from romagent.tests.test_backup import hostile, make_upload
from romagent.worker import sweep
from uploads.models import UploadPage

pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.data_layer]
NAME = "arquivos/petição.pdf"


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with empty_database() as name:
        yield name


@pytest.fixture
def office(owner: User, stranger: User, as_owner: Client) -> User:
    """Something in every table that a backup must bring back, and one person signed in."""
    project = Project.objects.create(user=owner, name="Caso Ação", client="Fulana", metadata={"ç": [1, None]})
    ProjectMember.objects.create(project=project, user=stranger)
    conversation = make_conversation(owner, project=project, pinned_at=timezone.now())
    make_exchange(conversation, "Pergunta\n\t\\N \\. 'aspas' “curvas” 👩🏽‍⚖️", "$1 \\copy; -- \\connect outro\n\\.\n;")
    make_exchange(make_conversation(stranger, archived_at=timezone.now()))
    upload = make_upload(owner, NAME, os.urandom(5000))
    UploadPage.objects.create(upload=upload, number=1, text="Primeira página.")
    AIOperation.objects.create(
        user=owner, operation_type="answer", model="m", status="complete", tokens_input=3, cost_usd="0.000001"
    )
    record("conversa.criar", user=owner, entity=conversation, new={"ação": "x"})
    return owner


@pytest.fixture
def copy(office: User, tmp_path: Path) -> Path:
    path = tmp_path / "copia.tar"
    make_backup(path)
    return path


def without_notes(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Without what making and restoring a backup writes itself."""
    rows = [row for row in found["audit_log"] if "copia." not in row]
    return found | {"audit_log": rows}


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


def _to(name: str) -> dict[str, Any]:
    return address() | {"dbname": name}


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


# Nothing changes ---------------------------------------------------------------------------------


def altered(copy: Path, change: Callable[[archive.Manifest], None], dump: bytes | None = None) -> Path:
    """The same backup with another manifest or dump, whole in itself."""
    manifest, _ = archive.check(copy)
    path = copy.with_name("outra.tar")
    change(manifest)
    with open(path, "wb+") as file:
        writer = archive.Writer(file)
        for name, member in archive.members(copy):
            if name == archive.DATABASE and dump is not None:
                writer.add(name, [dump])
            elif name != archive.MANIFEST:
                writer.add(name, [member.read()])
        writer.finish(manifest)
    return path


def fails_and_changes_nothing(path: Path, media: Path, words: str) -> None:
    default_storage.delete(NAME)
    before, structure = contents(), definitions()
    with pytest.raises(CommandError, match=words):
        call_command("restore", str(path), "--replace")
    assert contents() == before
    assert definitions() == structure
    assert not default_storage.exists(NAME)


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


# Versions ----------------------------------------------------------------------------------------


def test_a_backup_of_newer_code_is_refused(copy: Path, media: Path) -> None:
    path = altered(copy, lambda manifest: manifest.migrations.append("audit.9999_futuro"))
    fails_and_changes_nothing(path, media, r"versão mais nova do ROM Agent \(audit.9999_futuro\)")


def test_a_backup_of_older_code_is_brought_up_to_date(
    office: User, elsewhere: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "antiga.tar"
    with pointing_at(NAME=elsewhere):
        call_command("migrate", interactive=False, verbosity=0)
        call_command("migrate", "romagent", "0002", interactive=False, verbosity=0)
        User.objects.create_user("antiga@exemplo.adv.br")
        make_backup(path)
    with empty_database() as name, pointing_at(NAME=name):
        call_command("restore", str(path))
        assert ("romagent", "0003_cleanup_runs") in MigrationRecorder(connection).applied_migrations()
        assert User.objects.get().email == "antiga@exemplo.adv.br"
        assert "cleanup_runs" in connection.introspection.table_names()
    assert "aplicando as migrações que faltam" in capsys.readouterr().out


def test_a_backup_of_a_newer_server_is_refused(copy: Path, media: Path) -> None:
    def of_the_future(manifest: archive.Manifest) -> None:
        manifest.server_major = 99

    fails_and_changes_nothing(altered(copy, of_the_future), media, "A cópia é de um PostgreSQL 99")


def test_programs_older_than_those_that_made_it_are_refused(
    copy: Path, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_newer(manifest: archive.Manifest) -> None:
        manifest.pg_dump_major = 99

    fails_and_changes_nothing(altered(copy, by_newer), media, "pg_restore e psql do PostgreSQL 99")


def test_a_setting_that_old_servers_do_not_know_is_left_out() -> None:
    script = b"SET lock_timeout = 0;\nSET transaction_timeout = 0;\nSET x = 1;\n"
    assert load.NEW_SETTING.sub(b"", script) == b"SET lock_timeout = 0;\n\nSET x = 1;\n"


# What must not come alive again ------------------------------------------------------------------


def test_sessions_do_not_come_back(
    as_owner: Client, copy: Path, elsewhere: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert as_owner.get("/conversas/").status_code == 200
    call_command("restore", str(copy), "--replace")
    assert not Session.objects.exists()
    assert as_owner.get("/conversas/").status_code == 302
    assert "todos precisam entrar de novo" in capsys.readouterr().out


def test_what_redis_remembers_of_a_session_is_forgotten(as_owner: Client, copy: Path) -> None:
    later = signed_in(User.objects.create_user("depois@exemplo.adv.br"))
    assert later.get("/conversas/").status_code == 200
    restore_backup(copy, replace=True)
    assert later.get("/conversas/").status_code == 302
    assert cache.get("outra coisa", "fica") == "fica"


def test_who_wants_to_keeps_the_sessions(as_owner: Client, copy: Path) -> None:
    call_command("restore", str(copy), "--replace", "--keep-sessions")
    assert as_owner.get("/conversas/").status_code == 200


def test_a_redis_that_is_away_is_said(
    copy: Path, elsewhere: str, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/9"
    with pointing_at(NAME=elsewhere):
        call_command("restore", str(copy))
    assert "o Redis não respondeu" in capsys.readouterr().out


def test_jobs_come_back_once(office: User, tmp_path: Path) -> None:
    """A worker was writing a reply and cleaning up; another reply waited, and so did the same clean-up."""
    waiting, written = ask_something(office), ask_something(office)
    doing = clean_up.defer(run_id="de alguém")
    locked = clean_up.configure(queueing_lock="uma").defer(run_id="1")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now()) RETURNING id")
        worker = cursor.fetchone()[0]
        cursor.execute(
            "UPDATE procrastinate_jobs SET status = 'doing', worker_id = %s WHERE id = ANY(%s) OR queueing_lock = %s",
            [worker, [doing, locked], f"answer:{written.pk}"],
        )
    clean_up.configure(queueing_lock="uma").defer(run_id="2")
    Message.objects.filter(pk=written.pk).update(status="streaming", heartbeat_at=timezone.now())
    make_backup(tmp_path / "copia.tar")
    restore_backup(tmp_path / "copia.tar", replace=True)
    jobs = ProcrastinateJob.objects.order_by("id").values_list("task_name", "status", "args")
    assert [(task, status, args["run_id"]) for task, status, args in jobs] == [
        ("romagent.clean_up", "todo", "de alguém"),
        ("romagent.clean_up", "todo", "2"),
    ]
    Message.objects.update(created_at=timezone.now() - timedelta(minutes=1), heartbeat_at=None)
    assert (sweep(), sweep()) == (2, 0)
    answers = ProcrastinateJob.objects.filter(task_name="conversations.answer")
    assert {job.args["reply_id"] for job in answers} == {str(waiting.pk), str(written.pk)}
    assert answers.count() == 2


def test_a_copy_of_her_data_that_somebody_had_made_is_no_longer_offered(
    office: User, as_owner: Client, tmp_path: Path
) -> None:
    """Its file is in no backup; what was still to be made is made."""
    expires = timezone.now() + timedelta(days=5)
    DataExport.objects.create(user=office, state="done", file_path="copias/x.zip", expires_at=expires)
    waiting = exports.request_export(user=office)
    make_backup(tmp_path / "copia.tar")
    restore_backup(tmp_path / "copia.tar", replace=True)
    assert sorted(DataExport.objects.values_list("state", "file_path")) == [("expired", ""), ("queued", "")]
    exports.perform(waiting.pk)
    assert DataExport.objects.get(pk=waiting.pk).state == "done"


def test_the_company_is_told(copy: Path, elsewhere: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pointing_at(NAME=elsewhere), psycopg.connect(**_to(elsewhere)):
        call_command("restore", str(copy))
    assert "há 1 outras conexões a este banco" in capsys.readouterr().out


def test_the_password_is_in_no_command_line(copy: Path, elsewhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    popen = load.subprocess.Popen

    class Watched(popen):  # type: ignore[type-arg,misc,valid-type]
        def __init__(self, argv: Any, **options: Any) -> None:
            seen.append(argv)
            super().__init__(argv, **options)

    monkeypatch.setattr(load.subprocess, "Popen", Watched)
    with pointing_at(NAME=elsewhere):
        restore_backup(copy)
    assert len(seen) >= 3  # pg_restore twice, psql
    assert connection.settings_dict["PASSWORD"] not in str(seen)


def test_a_name_that_somebody_takes_meanwhile_is_not_renamed(tmp_path: Path) -> None:
    default_storage.save("arquivos/a.txt", ContentFile(b"de outra pessoa"))
    with open(__file__, "rb") as file, pytest.raises(pgtools.Unusable, match="apareceu no armazenamento"):
        restore._save("arquivos/a.txt", file)
    with default_storage.open("arquivos/a.txt") as kept:
        assert kept.read() == b"de outra pessoa"
    assert len(list((tmp_path / "media" / "arquivos").iterdir())) == 1
