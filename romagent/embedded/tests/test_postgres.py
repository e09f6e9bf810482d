"""The embedded PostgreSQL, for real. Most tests share one server: creating one takes most of a second."""

import os
import pwd
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from romagent.embedded import unprivileged
from romagent.embedded.kept import free_port
from romagent.embedded.postgres import EmbeddedPostgres
from romagent.embedded.processes import StartFailed

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to run it as somebody else")
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedPostgres]:
    with a_directory() as directory:
        server = EmbeddedPostgres(directory / "com espaços" / "postgres", fsync=False)
        yield server
        server.kill()


@pytest.fixture
def postgres(shared: EmbeddedPostgres) -> EmbeddedPostgres:
    """The shared server, running whatever the test before did to it."""
    return shared if shared.alive() else shared.start()


@pytest.fixture
def directory() -> Iterator[Path]:
    with a_directory() as directory:
        yield directory


@contextmanager
def a_directory() -> Iterator[Path]:
    """Unlike pytest's, one that others can pass: root's PostgreSQL runs as somebody else."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o711)
        yield Path(name)


def connect(server: EmbeddedPostgres) -> psycopg.Connection:
    return psycopg.connect(server.url, autocommit=True)


def test_the_database_is_there_and_its_owner_may_create_extensions(postgres: EmbeddedPostgres) -> None:
    with connect(postgres) as connection:
        assert connection.info.dbname == "romagent"
        connection.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
        assert connection.execute("SELECT unaccent('petição')").fetchone() == ("peticao",)


def test_portuguese_letters_have_their_case_whatever_locales_the_machine_has(
    postgres: EmbeddedPostgres,
) -> None:
    with connect(postgres) as connection:
        row = connection.execute("SELECT lower('AÇÃO'), 'Órgão' ILIKE 'óRGÃO', to_tsvector('portuguese', 'AÇÃO')")
        assert row.fetchone() == ("ação", True, "'açã':1")


def test_nobody_comes_in_without_the_password(postgres: EmbeddedPostgres) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(host="127.0.0.1", port=postgres.port, user="romagent", password="x", dbname="romagent")


def test_it_cannot_be_reached_from_other_machines(postgres: EmbeddedPostgres) -> None:
    with connect(postgres) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)


def test_only_the_owner_can_read_the_password(postgres: EmbeddedPostgres) -> None:
    assert stat.S_IMODE((postgres.data_dir / "password").stat().st_mode) == 0o600
    assert not list(postgres.home.glob("password*"))


def test_a_restart_loses_nothing_and_keeps_the_address(postgres: EmbeddedPostgres) -> None:
    url = postgres.url
    with connect(postgres) as connection:
        connection.execute("CREATE TABLE restarted AS SELECT 'nada se perde' AS promise")
    postgres.restart()
    assert postgres.url == url
    with connect(postgres) as connection:
        assert connection.execute("TABLE restarted").fetchone() == ("nada se perde",)


def test_stopping_is_clean_even_while_somebody_is_connected(postgres: EmbeddedPostgres) -> None:
    with connect(postgres):
        began = time.monotonic()
        postgres.stop()
    assert postgres.returncode == 0
    assert time.monotonic() - began < 15  # the grace is 30


def test_a_crash_loses_nothing_committed(postgres: EmbeddedPostgres) -> None:
    connection = connect(postgres)
    connection.execute("CREATE TABLE crashed (number int)")
    connection.execute("INSERT INTO crashed VALUES (1)")
    postgres.kill()
    connection.close()
    assert not postgres.alive()
    with connect(postgres.start()) as another:
        assert another.execute("TABLE crashed").fetchone() == (1,)


def test_it_starts_over_the_sessions_that_a_crash_left_busy(postgres: EmbeddedPostgres) -> None:
    """A session notices the server's end only when its query is over: until then the data are occupied."""
    busy = "DO $$ DECLARE until timestamptz := clock_timestamp() + interval '2.5 s'; BEGIN "
    busy += "WHILE clock_timestamp() < until LOOP END LOOP; END $$"
    connection = connect(postgres)
    connection.pgconn.send_query(busy.encode())
    time.sleep(0.3)
    postgres.kill()
    connection.close()
    began = time.monotonic()
    with connect(postgres.start()) as another:
        assert another.execute("SELECT 1").fetchone() == (1,)
    assert time.monotonic() - began > 0.5  # else nothing was in the way, and this proves nothing


@on_linux
def test_a_lock_that_names_some_other_process_by_now_is_no_obstacle(postgres: EmbeddedPostgres) -> None:
    postgres.kill()
    lock = postgres.home / "pgdata" / "postmaster.pid"
    user = postgres.account or (os.getuid(), os.getgid())
    with subprocess.Popen(["sleep", "60"], user=user[0], group=user[1]) as somebody:
        lock.write_text("\n".join([str(somebody.pid), *lock.read_text().splitlines()[1:]]) + "\n")
        postgres.start()
        assert somebody.poll() is None
        somebody.kill()


def test_a_second_one_on_the_same_data_is_refused_and_leaves_the_first_in_peace(
    postgres: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("romagent.embedded.processes.START_TIMEOUT", 0.5)
    with pytest.raises(StartFailed, match=r"postmaster\.pid"):
        EmbeddedPostgres(postgres.data_dir, fsync=False).start(port=free_port())
    with connect(postgres) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_port_that_somebody_took_meanwhile_is_replaced(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    with socket.socket() as somebody:
        somebody.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        somebody.bind(("127.0.0.1", postgres.port))
        somebody.listen()
        another = EmbeddedPostgres(postgres.data_dir, fsync=False).start()
        try:
            assert another.port != postgres.port
            with connect(another) as connection:
                assert connection.execute("SELECT 1").fetchone() == (1,)
        finally:
            another.stop()


def test_what_an_interrupted_creation_left_is_thrown_away(directory: Path) -> None:
    server = EmbeddedPostgres(directory / "postgres", fsync=False)
    half = server.data_dir / "cluster" / "pgdata.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18")
    server.start()
    try:
        with connect(server) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        assert not half.exists()
    finally:
        server.kill()


def test_commits_wait_for_the_disk_unless_a_test_asks_otherwise(tmp_path: Path, postgres: EmbeddedPostgres) -> None:
    assert "fsync" not in EmbeddedPostgres(tmp_path).settings  # PostgreSQL's own default is on
    with connect(postgres) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)


@on_linux
def test_it_stops_when_whoever_started_it_is_killed(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    script = (
        "import sys; from pathlib import Path; from romagent.embedded.postgres import EmbeddedPostgres as E\n"
        "print(E(Path(sys.argv[1]), fsync=False).start().pid, flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(postgres.data_dir)]
    root = Path(__file__).parents[3]
    with subprocess.Popen(command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        pid = int(starter.stdout.readline())  # type: ignore[union-attr]
        starter.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


# As root ---------------------------------------------------------------------------------------


@as_root
def test_root_runs_it_as_nobody(postgres: EmbeddedPostgres) -> None:
    nobody = pwd.getpwnam("nobody").pw_uid
    assert Path(f"/proc/{postgres.pid}").stat().st_uid == nobody
    assert postgres.home.stat().st_uid == nobody


@pytest.fixture
def shelter(directory: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for /var/lib."""
    shelter = directory / "shelter"
    shelter.mkdir(mode=0o755)
    monkeypatch.setattr(unprivileged, "SHELTER", shelter)
    return shelter


@as_root
def test_below_a_private_directory_of_root_the_data_live_elsewhere(directory: Path, shelter: Path) -> None:
    private = directory / "private"
    private.mkdir(mode=0o700)
    server = EmbeddedPostgres(private / "postgres", fsync=False).start()
    try:
        assert server.home.parent == shelter
        assert (server.data_dir / "cluster").is_symlink()
        with connect(server.restart()) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    finally:
        server.kill()


@as_root
def test_data_that_were_moved_below_a_private_directory_follow_to_where_they_can_be_reached(
    directory: Path, shelter: Path
) -> None:
    server = EmbeddedPostgres(directory / "before" / "postgres", fsync=False).start()
    with connect(server) as connection:
        connection.execute("CREATE TABLE moved AS SELECT 1 AS number")
    server.stop()
    private = directory / "private"
    private.mkdir(mode=0o700)
    shutil.move(directory / "before" / "postgres", private / "postgres")
    server = EmbeddedPostgres(private / "postgres", fsync=False).start()
    try:
        assert server.home.parent == shelter
        with connect(server) as connection:
            assert connection.execute("TABLE moved").fetchone() == (1,)
    finally:
        server.kill()


@as_root
def test_data_that_somebody_gave_to_root_are_handed_back(postgres: EmbeddedPostgres) -> None:
    postgres.stop()
    for path in (postgres.home, *postgres.home.rglob("*")):
        os.chown(path, 0, 0)
    with connect(postgres.start()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@as_root
def test_programs_below_a_private_directory_are_copied_once(
    directory: Path, shelter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = unprivileged.account_for(directory / "new")
    assert account
    monkeypatch.setattr(unprivileged, "_can_use", lambda *_: False)
    programs = unprivileged.programs_for(account)
    assert programs.is_relative_to(shelter)
    version = subprocess.run(
        [programs / "initdb", "--version"],
        user=account.uid,
        group=account.gid,
        capture_output=True,
        text=True,
    )
    assert "PostgreSQL" in version.stdout
    assert unprivileged.programs_for(account) == programs
    assert len(list(shelter.iterdir())) == 1
