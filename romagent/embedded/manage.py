"""`make manage ARGS="…"`: a command of Django's on what `make run` keeps running in another terminal."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from romagent.embedded.environment import CannotStart, Environment
from romagent.embedded.kept import is_free
from romagent.embedded.postgres import EmbeddedPostgres
from romagent.embedded.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parents[2]


def variables(given: Mapping[str, str], root: Path) -> dict[str, str]:
    """What the processes of `make run` are given, with its servers' addresses. Raises CannotStart without them."""
    environment = Environment(given, root)
    servers: dict[str, EmbeddedPostgres | EmbeddedValkey] = {}
    if environment.embeds_postgres:
        servers["DATABASE_URL"] = EmbeddedPostgres(environment.data_dir / "postgres")
    if environment.embeds_valkey:
        servers["REDIS_URL"] = EmbeddedValkey(environment.data_dir / "valkey")
    for server in servers.values():
        server.port = _port(server.data_dir / "port")
    return environment.for_children() | {name: server.url for name, server in servers.items()}


def _port(kept: Path) -> int:
    port = int(kept.read_text() or 0) if kept.exists() else 0
    if not port or is_free(port):
        raise CannotStart("Nada em execução: deixe `make run` ligado em outro terminal.")
    return port


if __name__ == "__main__":
    try:
        environ = variables(os.environ, ROOT)
    except CannotStart as error:
        sys.exit(str(error))
    os.execve(sys.executable, [sys.executable, str(ROOT / "manage.py"), *sys.argv[1:]], environ)  # noqa: S606 - Django's own command line
