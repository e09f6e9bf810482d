"""One supervisor a data directory, and not before the processes of the one before have gone."""

import fcntl
import os
import time
from collections.abc import Callable
from pathlib import Path

from romagent.embedded.environment import CannotStart

PATIENCE = 60.0  # seconds for the processes of a supervisor that was killed to stop by themselves


class DataDirLock:
    """Two locks: the supervisor's own, and one which its children hold too as long as any of them lives."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.shared: int | None = None  # the file descriptor that children inherit
        self._own: int | None = None

    def acquire(self, wait: Callable[[str], None]) -> None:
        """Raises CannotStart. `wait` is called with a reason as long as there is something to wait for."""
        self._own = self._open("supervisor.lock")
        if not _lock(self._own):
            self.release()
            raise CannotStart(
                f"Já há um ROM Agent em execução com os dados de {self.data_dir}.\n"
                "Encerre-o primeiro, ou use outra pasta: make run DATA_DIR=.data2 PORT=8001"
            )
        self.shared = self._open("children.lock")
        deadline = time.monotonic() + PATIENCE
        while not _lock(self.shared):
            if time.monotonic() > deadline:
                raise CannotStart(
                    f"Processos da execução anterior ainda usam {self.data_dir}. Encerre-os primeiro; "
                    f"para saber quais são: fuser {self.data_dir / 'children.lock'}"
                )
            wait("Aguardando os processos da execução anterior terminarem…")

    def release(self) -> None:
        for file in (self.shared, self._own):
            if file is not None:
                os.close(file)
        self.shared = self._own = None

    def _open(self, name: str) -> int:
        return os.open(self.data_dir / name, os.O_RDWR | os.O_CREAT, 0o600)


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
