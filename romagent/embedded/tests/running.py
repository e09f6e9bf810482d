"""What the supervisor's tests share: the stand-ins' command lines, and a supervisor in a process of its own."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from romagent.embedded.programs import Programs, python
from tests.client import PATIENCE

STANDIN = str(Path(__file__).with_name("standin.py"))
PROGRAMS = Programs(
    prepare=python(STANDIN, "prepare"),
    web=python(STANDIN, "web"),
    worker=python(STANDIN, "worker"),
    messages_api=python(STANDIN, "api"),
    datajud=python(STANDIN, "api"),
)
EVERYTHING = {"postgres", "valkey", "messages_api", "datajud", "web", "worker"}

RUNNER = f"""
import json, os, sys
from pathlib import Path
from romagent.embedded.programs import Programs
from romagent.embedded.supervisor import Supervisor, obey_signals
programs = Programs(**{{role: [sys.executable, {STANDIN!r}, name] for role, name in
    (("prepare", "prepare"), ("web", "web"), ("worker", "worker"), ("messages_api", "api"), ("datajud", "api"))}})
supervisor = Supervisor(os.environ, root=Path(sys.argv[1]), programs=programs)
obey_signals(supervisor)
sys.exit(supervisor.run())
"""


class Running:
    """A supervisor in a process of its own, and what it says."""

    def __init__(self, place: Path, variables: dict[str, str], stdin: int) -> None:
        self.port = int(variables["PORT"])
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUNNER, str(place)],
            cwd=Path(__file__).parents[3],
            env=variables,
            stdin=stdin,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def until_it_says(self, words: str) -> str:
        said = ""
        for line in self.process.stdout:  # type: ignore[union-attr]
            said += line
            if words in line:
                return said
        raise AssertionError(f"never said {words!r}, but:\n{said}")

    def descendants(self) -> list[int]:
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == self.process.pid:
                found.append(int(stat.parent.name))
        return found


def events(place: Path) -> list[str]:
    return (place / "events").read_text().splitlines() if (place / "events").exists() else []


def runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")
    except (ProcessLookupError, FileNotFoundError):
        return False


def eventually(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
