"""The processes of the application itself, as the supervisor runs them."""

import socket
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from romagent.embedded.kept import LOCALHOST
from romagent.embedded.processes import Child

PATIENCE = 2.0  # seconds to wait for an answer to one question


def python(*arguments: str) -> Sequence[str]:
    return [sys.executable, *arguments]


@dataclass(frozen=True)
class Programs:
    """The command lines. Tests put others in their place; `None` starts nothing."""

    # One process for all that has to be done first: each start of Django costs about half a second.
    prepare: Sequence[str] | None = field(default_factory=lambda: python("manage.py", "prepare"))
    web: Sequence[str] | None = field(
        default_factory=lambda: python("-m", "gunicorn", "-c", "python:romagent.gunicorn", "romagent.asgi:application")
    )
    worker: Sequence[str] | None = field(default_factory=lambda: python("manage.py", "worker"))
    messages_api: Sequence[str] | None = field(  # followed by --port and its number
        default_factory=lambda: python("-m", "romagent.embedded.messages_api")
    )
    datajud: Sequence[str] | None = field(  # the same
        default_factory=lambda: python("-m", "romagent.embedded.datajud")
    )


class Web(Child):
    """Ready when its health page answers, be it that we are no host it was told to serve."""

    def __init__(self, argv: Sequence[str], port: int, *, env: Mapping[str, str], cwd: Path) -> None:
        super().__init__(argv, env=env, cwd=cwd)
        self.port = port

    def ready(self) -> bool:
        connection = HTTPConnection(LOCALHOST, self.port, timeout=PATIENCE)  # unlike urllib, asks no proxy
        try:
            connection.request("GET", "/health/")
            return connection.getresponse().status < 500 and self.alive()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


class Simulated(Child):
    """A simulated service: the Messages API, or DataJud. Ready when somebody answers; always on the same port."""

    def __init__(self, argv: Sequence[str], port: int, *, env: Mapping[str, str], cwd: Path, log: Path) -> None:
        super().__init__([*argv, "--port", str(port)], env=env, cwd=cwd, log=log)
        self.port = port

    @property
    def url(self) -> str:
        return f"http://{LOCALHOST}:{self.port}"

    def ready(self) -> bool:
        try:
            socket.create_connection((LOCALHOST, self.port), timeout=PATIENCE).close()
        except OSError:
            return False
        return self.alive()
