"""PostgreSQL for a machine that has none: the wheel's server as our child, with a directory for its data."""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from romagent.embedded.kept import LOCALHOST, kept_port, kept_secret
from romagent.embedded.processes import Child, StartFailed
from romagent.embedded.unprivileged import account_for, make_home, programs_for

USER = DATABASE = "romagent"
# The built-in provider: the same order and the same case rules whatever locales the machine has.
INITDB = (
    "--encoding=UTF8 --locale=C --locale-provider=builtin --builtin-locale=C.UTF-8 "
    f"--auth=scram-sha-256 --username={USER} --no-instructions"
).split()
SETTINGS = {
    "listen_addresses": LOCALHOST,
    "unix_socket_directories": "",  # a socket's path may have 107 bytes at most, and ours may be long
    "max_connections": "100",
    "shared_buffers": "128MB",
    "io_method": "sync",  # saves three processes that a small machine does not need
}
FOR_TESTS = {"fsync": "off", "full_page_writes": "off"}  # survives crashes of the server, not power cuts
# What the log says when another server still sits on the data: after a crash, for as long as its last
# sessions take to notice.
OCCUPIED = ("pre-existing shared memory block", 'lock file "postmaster.pid" already exists')


class EmbeddedPostgres(Child):
    """`EmbeddedPostgres(directory).start().url`

    `fsync=False` gives up safety from power cuts for speed, for tests. The user is a superuser of the server.
    """

    stop_signal = signal.SIGINT  # a "fast" shutdown: sessions are ended, everything is saved
    grace = 30.0

    def __init__(self, data_dir: Path, *, fsync: bool = True) -> None:
        # Nothing of the person's environment, and a log in English, which is searched below.
        super().__init__(env={"LC_ALL": "C"}, cwd=Path("/"), log=data_dir / "postgres.log")
        self.data_dir = data_dir.absolute()
        self.settings = SETTINGS if fsync else SETTINGS | FOR_TESTS
        self.port = 0
        self._obstacle = ""  # what the log said when the data were occupied

    @property
    def url(self) -> str:
        return f"postgresql://{USER}:{self._password()}@{LOCALHOST}:{self.port}/{DATABASE}"

    @property
    def home(self) -> Path:
        """Where the data are: below the data directory, or elsewhere if that is out of reach (as root)."""
        return (self.data_dir / "cluster").resolve()

    def start(self, port: int = 0) -> Self:
        """Start it there, or on the port of the last time, or on a free one; and wait. Raises StartFailed."""
        self.port = port or self.port
        return super().start()

    def restart(self) -> Self:
        """On the same port."""
        self.stop()
        return self.start(self.port)

    def remove(self) -> None:
        """Stop it and delete its data, wherever they are. For tests."""
        self.kill()
        for directory in (self.home, self.data_dir):
            shutil.rmtree(directory, ignore_errors=True)

    def launch(self) -> None:
        self.data_dir.mkdir(mode=0o711, parents=True, exist_ok=True)  # passable, if another user is to run it
        self.account = account_for(self.data_dir / "cluster")
        make_home(self.data_dir / "cluster", self.account)
        programs = programs_for(self.account)
        if not self._pgdata.exists():
            self._create(programs)
        self._forget_stale_lock()
        self.port = kept_port(self.data_dir / "port", wanted=self.port)
        settings = self.settings | {"port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self.argv = [programs / "postgres", "-D", self._pgdata, *options]
        super().launch()

    def ready(self) -> bool:
        """As pg_ctl sees it: the lock file is of this process and says so."""
        lines = self._lock_file_lines()
        return lines[:1] == [str(self.pid)] and lines[7:8] == ["ready"] and self.alive()

    def failed(self) -> bool:
        """Not if the data were only occupied: then it tries again."""
        if self.alive():
            return False
        lines = self.last_lines()
        if not any(reason in lines for reason in OCCUPIED):
            return True
        self._obstacle = lines
        super().launch()
        return False

    def last_lines(self, count: int = 15) -> str:
        return super().last_lines(count) or self._obstacle

    @property
    def _pgdata(self) -> Path:
        return self.home / "pgdata"

    def _password(self) -> str:
        return kept_secret(self.data_dir / "password")

    def _create(self, programs: Path) -> None:
        """A new cluster with our database in it; it has its name only when it is complete."""
        draft = self.home / "pgdata.new"
        shutil.rmtree(draft, ignore_errors=True)
        password_file = self._password_file()
        sync = [] if self.settings is SETTINGS else ["--no-sync"]
        self._run([programs / "initdb", *INITDB, *sync, f"--pwfile={password_file}", "-D", draft])
        password_file.unlink()
        single = ["--single", "-c", "exit_on_error=on", "-D", str(draft), "postgres"]
        self._run([programs / "postgres", *single], f"CREATE DATABASE {DATABASE};\n")
        draft.rename(self._pgdata)

    def _password_file(self) -> Path:
        """The password where the account that runs initdb can read it."""
        path = self.home / "password.new"
        path.unlink(missing_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # follows no link that it put there
        os.write(file, self._password().encode())
        if self.account:
            os.fchown(file, *self.account)
        os.close(file)
        return path

    def _run(self, argv: Sequence[str | Path], script: str = "") -> None:
        with self._spawn(argv, stdin=subprocess.PIPE) as process:
            process.communicate(script.encode())
        if process.returncode:
            raise StartFailed(f"Não foi possível criar o banco de dados.\n{self.last_lines()}")

    def _lock_file_lines(self) -> list[str]:
        with suppress(FileNotFoundError):
            return [line.strip() for line in (self._pgdata / "postmaster.pid").read_text().splitlines()]
        return []

    def _forget_stale_lock(self) -> None:
        """After a power cut the lock names a number that any process may have by now: an obstacle.

        A lock that names no process at all is left for PostgreSQL to judge: sessions may have outlived it.
        """
        if lines := self._lock_file_lines():
            with suppress(OSError):  # no such process, or a system without /proc
                if os.fsencode(self._pgdata) not in Path("/proc", lines[0], "cmdline").read_bytes():
                    (self._pgdata / "postmaster.pid").unlink(missing_ok=True)
