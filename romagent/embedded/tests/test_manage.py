"""A command on what `make run` has started: it is given the same servers, and says so when there are none."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from romagent.embedded.environment import CannotStart
from romagent.embedded.manage import variables


@pytest.fixture
def running(tmp_path: Path) -> Iterator[int]:
    """Something that listens where `make run` has kept that its servers do."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        for server in ("postgres", "valkey"):
            (tmp_path / ".data" / server).mkdir(parents=True)
            (tmp_path / ".data" / server / "port").write_text(str(port))
            (tmp_path / ".data" / server / "password").write_text(f"senha-{server}")
        yield port


def test_it_is_given_the_servers_of_make_run(running: int, tmp_path: Path) -> None:
    found = variables({}, tmp_path)
    assert f"senha-postgres@127.0.0.1:{running}/" in found["DATABASE_URL"]
    assert f"senha-valkey@127.0.0.1:{running}/" in found["REDIS_URL"]
    assert found["SESSION_SECRET"]


def test_what_the_environment_names_is_not_stood_in_for(tmp_path: Path) -> None:
    ours = {"DATABASE_URL": "postgresql://b.exemplo/rom", "REDIS_URL": "redis://r.exemplo/0", "SESSION_SECRET": "x"}
    assert ours.items() <= variables(ours, tmp_path).items()


def test_nothing_that_runs_is_said_and_nothing_is_made(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="make run"):
        variables({}, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_servers_that_have_ended_are_not_taken_for_running(running: int, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as ended:
        port = ended.getsockname()[1]
    (tmp_path / ".data" / "postgres" / "port").write_text(str(port))
    with pytest.raises(CannotStart, match="make run"):
        variables({}, tmp_path)
