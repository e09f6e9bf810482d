"""The servers that the tests run on, as a pytest plugin that comes before Django reads its settings.

A real PostgreSQL and a real Valkey are started in a temporary directory and stopped at the end, however it
comes. `DATABASE_URL` and `REDIS_URL` put others in their place: there the tests make a database of their own
(`test_…`), and use number 9 of Redis, which they empty. Nothing else of a developer's environment counts.

Several at once (`-n auto`, pytest-xdist): each process has servers of its own, or of given ones a database
(`test_…_gw1`) and a number (10, 11, …) of its own. Tests that share a file, or the product's running processes, stay
together, and the longest come first (`Scheduling`).
"""

import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Generator
from pathlib import Path
from typing import Any
from unittest import mock

import environ
import pytest
import redis
from xdist.scheduler import LoadScopeScheduling

from romagent.embedded.postgres import EmbeddedPostgres
from romagent.embedded.valkey import EmbeddedValkey

ROOT = Path(__file__).resolve().parent.parent
OURS = {
    "SESSION_SECRET": "a-secret-for-tests-only-a-secret-for-tests-only",
    "DEBUG": "false",
    "HTTPS": "false",
    "ALLOWED_HOSTS": "testserver,localhost",
    "ANTHROPIC_API_KEY": "chave-secreta-dos-testes",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",  # nobody listens there: a call that was not meant fails at once
    "DATAJUD_URL": "http://127.0.0.1:9",
    "EMAIL_URL": "memorymail://",
}
# What stands for a server where no test runs; nobody's own.
NOWHERE = {"DATABASE_URL": "postgresql://ninguem@127.0.0.1:9/nada", "REDIS_URL": "redis://127.0.0.1:9/9"}
NOT_RUN = ("help", "version", "collectonly", "markers", "showfixtures", "show_fixtures_per_test")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, object, object]:
    """Settings are read inside: with our environment, and without the developer's `.env`."""
    options = early_config.known_args_namespace
    forget_the_developers_environment()
    only_gives_out = options.numprocesses and not is_one_of_several()
    if only_gives_out or any(getattr(options, name, False) for name in NOT_RUN):
        os.environ |= NOWHERE | os.environ
    else:
        provide(early_config)
    with mock.patch.object(environ.Env, "read_env"):
        return (yield)


def is_one_of_several() -> bool:
    """Whether this process runs a part of the tests for another one."""
    return "PYTEST_XDIST_WORKER" in os.environ


def forget_the_developers_environment() -> None:
    """Every variable that `.env.example` names, but for the two servers."""
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    for name in re.findall(r"^#?\s?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE):
        if os.environ.get(name) in ("", NOWHERE.get(name)) or name not in NOWHERE:
            os.environ.pop(name, None)
    os.environ |= OURS


def provide(config: pytest.Config) -> None:
    """The two servers: given ones, or ours until pytest is done with its configuration."""
    missing = [name for name in NOWHERE if name not in os.environ]
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
    number = 9 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    os.environ["REDIS_URL"] = re.sub(r"(?<=[^/])(/\d*)?$", f"/{number}", os.environ["REDIS_URL"], count=1)
    redis.Redis.from_url(os.environ["REDIS_URL"]).flushdb()


# The data layer alone ----------------------------------------------------------------------------

LAYER = "data_layer"


@pytest.hookimpl
def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m data_layer`, which is a tenth of the tests, files in which nothing is marked so are not even imported."""
    if config.option.markexpr != LAYER or collection_path.suffix != ".py":
        return None
    return LAYER not in collection_path.read_text(encoding="utf-8") or None


# Several at once ---------------------------------------------------------------------------------

# The first that fits. The browser's are four, since one would be at work long after all others.
TOGETHER = {
    "tests/test_browser_e": "editor and every page", "tests/test_browser_d": "documents",
    "tests/test_browser_j": "journeys", "tests/test_browser_": "browser",
    "tests/test_processes_": "processes", "tests/test_docs.py": "processes",
}  # fmt: skip
LONGEST = (
    "editor and every page", "processes", "browser", "journeys", "tests/chaos/test_chaos.py", "documents",
    "tests/test_every_action.py",
)  # fmt: skip


def unit_of(nodeid: str) -> str:
    """What has to run in one process: a file, or all files whose tests share the product's running processes."""
    file = nodeid.partition("::")[0]
    return next((group for beginning, group in TOGETHER.items() if file.startswith(beginning)), file)


class Scheduling(LoadScopeScheduling):
    """Gives out units in the order in which they were collected."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        config.option.loadscopereorder = False
        super().__init__(config, log)

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: tests of processes and browsers mostly wait."""
    return (os.cpu_count() or 1) + 1


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if is_one_of_several():
        in_turn(items)


def in_turn(items: list[pytest.Item]) -> None:
    """Sorted so that the longest units come first, and nobody is left alone with one at the end."""
    sizes = Counter(unit_of(item.nodeid) for item in items)

    def turn(item: pytest.Item) -> tuple[int, int, str]:
        unit = unit_of(item.nodeid)
        return LONGEST.index(unit) if unit in LONGEST else len(LONGEST), -sizes[unit], unit

    items.sort(key=turn)
