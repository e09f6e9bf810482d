"""What a restore does with versions of code and server, and what of the past must not come alive again."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import Session, User
from conftest import signed_in
from conversations.models import Message
from conversations.tests.making import ask_something
from romagent import archive, exports, load, pgtools, restore
from romagent.backup import make_backup
from romagent.embedded.kept import free_port
from romagent.models import DataExport
from romagent.restore import restore_backup
from romagent.tasks import clean_up
from romagent.tests.databases import empty_database, pointing_at
from romagent.tests.restoring import _to, altered, copy, elsewhere, fails_and_changes_nothing, media, office
from romagent.worker import sweep

__all__ = ["copy", "elsewhere", "media", "office"]  # fixtures
pytestmark = [pytest.mark.usefixtures("committed"), pytest.mark.data_layer]


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
