"""The servers that the tests run on, as a pytest plugin that comes before Django reads its settings.

A real PostgreSQL and a real Valkey are started in a temporary directory and stopped at the end, however it
comes. `DATABASE_URL` and `REDIS_URL` put others in their place: there the tests make a database of their own
(`test_…`), and use number 9 of Redis, which they empty. Nothing else of a developer's environment counts.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path
from unittest import mock

import environ
import pytest
import redis

from romagent.embedded.postgres import EmbeddedPostgres
from romagent.embedded.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parent.parent
GIVEN = ("DATABASE_URL", "REDIS_URL")
OURS = {
    "SESSION_SECRET": "a-secret-for-tests-only-a-secret-for-tests-only",
    "DEBUG": "false",
    "HTTPS": "false",
    "ALLOWED_HOSTS": "testserver,localhost",
    "ANTHROPIC_API_KEY": "chave-secreta-dos-testes",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",  # nobody listens there: a call that was not meant fails at once
    "EMAIL_URL": "memorymail://",
}
NOT_RUN = ("help", "version", "collectonly", "markers", "showfixtures", "show_fixtures_per_test")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Settings are read inside: with our environment, and without the developer's `.env`."""
    options = early_config.known_args_namespace
    forget_the_developers_environment()
    if any(getattr(options, name, False) for name in NOT_RUN):
        os.environ |= {"DATABASE_URL": "postgresql://ninguem@127.0.0.1:9/nada", "REDIS_URL": "redis://127.0.0.1:9/9"}
    else:
        provide(early_config)
    with mock.patch.object(environ.Env, "read_env"):
        return (yield)


def forget_the_developers_environment() -> None:
    """Every variable that `.env.example` names, but for the two servers."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE):
        if name not in GIVEN or not os.environ.get(name):
            os.environ.pop(name, None)
    os.environ |= OURS


def provide(config: pytest.Config) -> None:
    """The two servers: given ones, or ours until pytest is done with its configuration."""
    missing = [name for name in GIVEN if name not in os.environ]
    if missing:
        directory = Path(tempfile.mkdtemp(prefix="romagent-tests-"))
        directory.chmod(0o711)  # root's PostgreSQL runs as somebody else, who has to get in
        config.add_cleanup(lambda: shutil.rmtree(directory, ignore_errors=True))
        os.environ.setdefault("MEDIA_ROOT", str(directory / "media"))
    if "DATABASE_URL" in missing:
        postgres = EmbeddedPostgres(directory / "postgres", fsync=False)
        config.add_cleanup(postgres.remove)
        os.environ["DATABASE_URL"] = postgres.start().url
    if "REDIS_URL" in missing:
        valkey = EmbeddedValkey(directory / "valkey")
        config.add_cleanup(valkey.kill)
        os.environ["REDIS_URL"] = valkey.start().url
    os.environ["REDIS_URL"] = re.sub(r"(?<=[^/])(/\d*)?$", "/9", os.environ["REDIS_URL"], count=1)
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()
