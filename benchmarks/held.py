"""Processes held to a share of a core by the kernel (cgroup `cpu`, version 1 or 2), as a hosting plan holds them.

Needs to be allowed to make a group: root, or a container of one's own. Where it is not, `Held.possible` says so.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

PERIOD = 100_000  # microseconds: the kernel's own
ROOTS = (Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup"))


class Held:
    """`with Held("web", 0.5) as held: held.take(pid)`: that process and what it starts from now on share half a core."""

    def __init__(self, name: str, cores: float) -> None:
        self.cores = cores
        self.group = _root() / f"romagent-{os.getpid()}-{name}"

    def __enter__(self) -> Self:
        self.group.mkdir()
        quota = int(self.cores * PERIOD)
        if (self.group / "cpu.max").exists():
            (self.group / "cpu.max").write_text(f"{quota} {PERIOD}")
        else:
            (self.group / "cpu.cfs_quota_us").write_text(str(quota))
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        for pid in (self.group / "cgroup.procs").read_text().split():
            with suppress(OSError):  # it has ended
                (self.group.parent / "cgroup.procs").write_text(pid)
        self.group.rmdir()

    def take(self, *pids: int) -> None:
        for pid in pids:
            (self.group / "cgroup.procs").write_text(str(pid))

    def throttled_seconds(self) -> float:
        """For how long its processes wanted to go on and were not let."""
        for line in (self.group / "cpu.stat").read_text().splitlines():
            name, _, value = line.partition(" ")
            if name == "throttled_usec":
                return int(value) / 1e6
            if name == "throttled_time":
                return int(value) / 1e9
        return 0.0


def _root() -> Path:
    """Version 1 has a directory of its own for `cpu`."""
    return ROOTS[0] if (ROOTS[0] / "cpu.cfs_quota_us").exists() else ROOTS[1]


def possible() -> bool:
    """Whether a group can be made, tried by making one."""
    try:
        with Held("try", 1.0):
            return True
    except OSError:
        return False
