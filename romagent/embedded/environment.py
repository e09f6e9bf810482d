"""What `make run` reads from the environment and `.env`, and what the processes it starts are given."""

from collections.abc import Mapping
from pathlib import Path

from romagent.embedded.kept import kept_secret

# An empty one of these counts as not given, as in a copy of .env.example that was not filled in.
OPTIONAL = {
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_BASE_URL",
    "DATABASE_URL",
    "DATAJUD_API_KEY",
    "DATAJUD_URL",
    "DATA_DIR",
    "DEBUG",
    "PORT",
    "REDIS_URL",
    "SESSION_SECRET",
    "SHUTDOWN_GRACE_SECONDS",
    "WEB_CONCURRENCY",
}

# As in production, error pages included, but over http and without a build step for static files.
LIKE_PRODUCTION = {"DEBUG": "false", "HTTPS": "false", "COLLECTED_STATIC": "false", "PYTHONUNBUFFERED": "1"}


class CannotStart(RuntimeError):
    """Something the person has to know and can change. The message is in Portuguese."""


class Environment:
    """Which parts are real and which are stood in for, and the variables that say so to the processes."""

    def __init__(self, variables: Mapping[str, str], root: Path) -> None:
        given = with_env_file(variables, root / ".env")
        self.variables = {name: value for name, value in given.items() if value or name not in OPTIONAL}
        self.port = self._number("PORT", 8000)
        self.grace = self._number("SHUTDOWN_GRACE_SECONDS", 10)
        self.data_dir = (root / self.variables.get("DATA_DIR", ".data")).absolute()
        self.embeds_postgres = "DATABASE_URL" not in self.variables
        self.embeds_valkey = "REDIS_URL" not in self.variables
        self.simulates_api = "ANTHROPIC_API_KEY" not in self.variables
        self.simulates_datajud = "DATAJUD_API_KEY" not in self.variables
        self.ignores_base_url = self.simulates_api and "ANTHROPIC_BASE_URL" in self.variables

    def for_children(self) -> dict[str, str]:
        """What every process is given; the addresses of the embedded servers come on top."""
        variables = LIKE_PRODUCTION | self.variables
        variables |= {"PORT": str(self.port), "DATA_DIR": str(self.data_dir)}
        variables["SHUTDOWN_GRACE_SECONDS"] = str(self.grace)
        flags = {
            "EMBEDDED_POSTGRES": self.embeds_postgres,
            "SIMULATED_API": self.simulates_api,
            "SIMULATED_DATAJUD": self.simulates_datajud,
        }
        for name, holds in flags.items():
            variables.pop(name, None)
            variables |= {name: "true"} if holds else {}
        if "SESSION_SECRET" not in variables:
            variables["SESSION_SECRET"] = kept_secret(self.data_dir / "session_secret")
        return variables

    def _number(self, name: str, default: int) -> int:
        value = self.variables.get(name, str(default))
        if not (value.isascii() and value.isdigit()):
            raise CannotStart(f"{name} deve ser um número inteiro, mas é “{value}”.")
        return int(value)


def with_env_file(variables: Mapping[str, str], path: Path) -> dict[str, str]:
    """The variables, and those of the file that are not among them, read as the settings read it."""
    merged = dict(variables)
    if path.exists():
        from environ import Env  # type: ignore[import-untyped]  # here, so that nobody without a file waits for the import

        class EnvFile(Env):  # type: ignore[misc]
            ENVIRON = merged

        EnvFile.read_env(path)
    return merged


def without_proxy(variables: Mapping[str, str]) -> dict[str, str]:
    """An office's HTTP proxy must not be asked for what runs on this machine."""
    hosts = ["127.0.0.1", "localhost"]
    known = variables.get("no_proxy") or variables.get("NO_PROXY")
    value = ",".join([known, *hosts] if known else hosts)
    return {"no_proxy": value, "NO_PROXY": value}
