"""What the embedded servers keep from one start to the next: passwords and port numbers."""

import os
import secrets
import socket
from pathlib import Path

LOCALHOST = "127.0.0.1"
# Below the range from which systems take the local ends of outgoing connections, so that no connection can
# be sitting on a server's port when it restarts.
PORTS = range(15_000, 30_000)


def kept_secret(path: Path) -> str:
    """The random secret in this file, which is made on the first call, readable by its owner only."""
    if path.exists() and (secret := path.read_text().strip()):
        return secret
    secret = secrets.token_hex(32)
    _write(path, secret)
    return secret


def kept_port(path: Path, wanted: int = 0) -> int:
    """The wanted port, or else the one in this file if it is still free, or else a new one; kept there."""
    known = int(path.read_text() or 0) if path.exists() else 0
    port = wanted or (known if known and is_free(known) else free_port())
    if port != known:
        _write(path, str(port))
    return port


def free_port() -> int:
    """A TCP port on which nobody listens now; random, so that two who ask at once get two."""
    while not is_free(port := secrets.choice(PORTS)):
        pass
    return port


def is_free(port: int, host: str = LOCALHOST) -> bool:
    """Whether a server can listen there. A host of "" asks for every address of the machine."""
    with socket.socket() as probe:
        # As servers do: connections of before that are still closing are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _write(path: Path, text: str) -> None:
    """All or nothing, so that a crash leaves no empty password behind."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
