"""A child process in a session of its own, which cannot outlive the process that started it.

Linux sends the child its stop signal when the *thread* that started it ends, so start children from a
thread that stays.
"""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

START_TIMEOUT = 60.0  # seconds; a database that recovers from a crash may need many of them
LOG_LIMIT = 1_000_000  # bytes a log may have at a start; a longer one begins anew
_PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class StartFailed(RuntimeError):
    """A process did not get as far as being of use. The message is for the person, in Portuguese."""


class Account(NamedTuple):
    """The user of the machine that a child runs as."""

    uid: int
    gid: int


def die_with_parent(stop_signal: int, parent: int) -> None:
    """Have the kernel send us the signal when our parent ends, however it ends. Linux only."""
    if _libc is None:
        return
    _libc.prctl(_PR_SET_PDEATHSIG, stop_signal)
    if os.getppid() != parent:  # it ended before we could ask
        os._exit(1)


class Child:
    """One command: started, watched and stopped. A subclass says what it means to be ready."""

    stop_signal = signal.SIGTERM
    grace = 10.0  # seconds to stop by itself before it is killed

    def __init__(
        self,
        argv: Sequence[str | Path] = (),
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        log: Path | None = None,
    ) -> None:
        self.argv = argv
        self.env = env
        self.cwd = cwd
        self.log = log  # where its output goes; None: to ours
        self.account: Account | None = None
        self.keep_open: Sequence[int] = ()  # file descriptors that it inherits
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @property
    def pid(self) -> int | None:
        """The process id; after its end, the last one. None before the first start."""
        return self._process.pid if self._process else None

    @property
    def returncode(self) -> int | None:
        return self._process.returncode if self._process else None

    def launch(self) -> None:
        """Start it and come back at once."""
        self._process = self._spawn(self.argv)

    def ready(self) -> bool:
        """Whether it can be used now. Called again and again until it says so."""
        return self.alive()

    def failed(self) -> bool:
        """Whether it ended before it was ready, and there is no point in waiting."""
        return not self.alive()

    def start(self) -> Self:
        """Start it and wait until it can be used. Raises StartFailed."""
        self.launch()
        deadline = time.monotonic() + START_TIMEOUT
        while not self.ready():
            if self.failed() or time.monotonic() > deadline:
                self.kill()
                raise StartFailed(f"{self.argv[0]} não iniciou.\n{self.last_lines()}")
            time.sleep(0.02)
        return self

    def alive(self) -> bool:
        """Whether it runs. Having ended, it takes along whatever it started and left behind."""
        if self._process is None or self._process.returncode is not None:
            return False
        if self._process.poll() is None:
            return True
        self._signal_group(signal.SIGKILL)
        return False

    def ask_to_stop(self) -> None:
        """Send the stop signal and come back at once."""
        if self._process and self.alive():
            self._process.send_signal(self.stop_signal)

    def wait(self, timeout: float) -> bool:
        """Whether it ended within so many seconds."""
        deadline = time.monotonic() + timeout
        while self.alive():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    def stop(self) -> None:
        """Stop it and wait; kill it when its grace is over."""
        self.ask_to_stop()
        if not self.wait(self.grace):
            self.kill()

    def kill(self) -> None:
        """SIGKILL, to it and to what it started; waits."""
        if self._process and self.alive():
            self._signal_group(signal.SIGKILL)
            self._process.wait()

    def last_lines(self, count: int = 15) -> str:
        """The end of what it logged since it was started; empty when it has no log of its own."""
        if self.log is None or not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return "\n".join(log.read().decode(errors="replace").splitlines()[-count:])

    def _spawn(self, argv: Sequence[str | Path], stdin: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        parent, stop_signal = os.getpid(), self.stop_signal
        uid, gid = self.account or (None, None)
        log = self._open_log()
        try:
            return subprocess.Popen(
                argv,
                env=self.env,
                cwd=self.cwd,
                stdin=stdin,
                stdout=log,
                stderr=log and subprocess.STDOUT,
                pass_fds=self.keep_open,
                start_new_session=True,  # the terminal's Ctrl-C is for us; we tell them
                user=uid,
                group=gid,
                extra_groups=[] if self.account else None,
                preexec_fn=lambda: die_with_parent(stop_signal, parent),  # comes after the switch of user
            )
        finally:
            if log is not None:
                os.close(log)

    def _open_log(self) -> int | None:
        if self.log is None:
            return None
        log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        if os.fstat(log).st_size > LOG_LIMIT:
            os.ftruncate(log, 0)
        self._log_start = os.fstat(log).st_size
        return log

    def _signal_group(self, number: int) -> None:
        with suppress(ProcessLookupError, PermissionError):  # nobody left; on macOS, only a zombie left
            os.killpg(self._process.pid, number)  # type: ignore[union-attr]
