"""The supervisor with the real PostgreSQL and Valkey, and stand-ins for the application's processes."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from romagent.embedded import supervisor as module
from romagent.embedded.environment import CannotStart
from romagent.embedded.kept import free_port, is_free
from romagent.embedded.processes import StartFailed
from romagent.embedded.programs import Programs, python
from romagent.embedded.supervisor import Supervisor, say
from romagent.embedded.tests.running import EVERYTHING, PROGRAMS, STANDIN, Running, events, eventually, runs

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's end")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A root for all tests here, so that the database is created once."""
    root = tmp_path_factory.mktemp("um escritório")
    yield root
    shutil.rmtree((root / "dados" / "postgres" / "cluster").resolve(), ignore_errors=True)


@pytest.fixture
def given(place: Path) -> dict[str, str]:
    """What the environment gives; without PostgreSQL and Valkey, which only some tests need."""
    (place / "events").unlink(missing_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "EVENTS": str(place / "events"),
        "PORT": str(free_port()),
        "DATA_DIR": "dados",
        "DATABASE_URL": "postgresql://u:s@banco.invalid/romagent",
        "REDIS_URL": "redis://cache.invalid/0",
    }


@pytest.fixture
def everything(given: dict[str, str]) -> dict[str, str]:
    del given["DATABASE_URL"], given["REDIS_URL"]
    return given


@pytest.fixture
def supervise(place: Path) -> Iterator[Callable[..., Supervisor]]:
    supervisors = []

    def make(variables: dict[str, str], programs: Programs = PROGRAMS) -> Supervisor:
        supervisors.append(Supervisor(variables, root=place, programs=programs))
        return supervisors[-1]

    yield make
    for supervisor in supervisors:
        supervisor.stop()


def seen_by_web(supervisor: Supervisor) -> dict[str, str]:
    with urlopen(f"http://127.0.0.1:{supervisor.environment.port}/") as answer:
        seen: dict[str, str] = json.load(answer)
        return seen


# Starting and stopping everything ---------------------------------------------------------------


def test_it_starts_everything_and_tells_the_processes_where_it_is(
    everything: dict[str, str], supervise: Callable[..., Supervisor], place: Path
) -> None:
    supervisor = supervise(everything).start()
    assert supervisor.children.keys() == EVERYTHING
    assert events(place)[0] == "prepared"
    seen = seen_by_web(supervisor)
    assert seen["DATABASE_URL"].startswith("postgresql://romagent:")
    assert seen["REDIS_URL"].startswith("redis://:")
    assert seen["ANTHROPIC_BASE_URL"].startswith("http://127.0.0.1:")
    assert seen["ANTHROPIC_API_KEY"] == seen["DATAJUD_API_KEY"] == "simulada"
    assert seen["DATAJUD_URL"].startswith("http://127.0.0.1:")
    assert seen["DATAJUD_URL"] != seen["ANTHROPIC_BASE_URL"]
    assert seen["SIMULATED_DATAJUD"] == "true"
    assert (seen["DEBUG"], seen["EMBEDDED_POSTGRES"], seen["SIMULATED_API"]) == ("false", "true", "true")
    assert seen["DATA_DIR"] == str(place / "dados")
    assert len(seen["SESSION_SECRET"]) >= 50


def test_it_stops_everything_the_databases_last(
    everything: dict[str, str], supervise: Callable[..., Supervisor], place: Path
) -> None:
    supervisor = supervise(everything | {"WORKER_TAKES": "0.5"}).start()
    assert eventually(lambda: "worker started" in events(place))
    supervisor.stop()
    assert events(place)[-1] == "worker done"
    assert {name: child.alive() for name, child in supervisor.children.items()} == dict.fromkeys(EVERYTHING, False)
    assert supervisor.children["postgres"].returncode == 0
    assert supervisor.children["valkey"].returncode == 0


def test_the_next_start_finds_the_same_secret_and_the_same_databases(
    everything: dict[str, str], supervise: Callable[..., Supervisor]
) -> None:
    names = ("SESSION_SECRET", "DATABASE_URL", "REDIS_URL")
    first, second = supervise(everything).start(), supervise(everything)
    seen = seen_by_web(first)
    first.stop()
    seen_again = seen_by_web(second.start())
    assert [seen[name] for name in names] == [seen_again[name] for name in names]
    assert (first.environment.data_dir / "session_secret").stat().st_mode & 0o077 == 0


def test_what_is_given_is_not_stood_in_for(
    given: dict[str, str], supervise: Callable[..., Supervisor], place: Path
) -> None:
    real = {
        "ANTHROPIC_API_KEY": "chave-real",
        "DATAJUD_API_KEY": "chave-real",
        "SESSION_SECRET": "meu",
        "DEBUG": "false",
        "WEB_CONCURRENCY": "3",
    }
    supervisor = supervise(given | real).start()
    assert supervisor.children.keys() == {"web", "worker"}
    seen = seen_by_web(supervisor)
    assert {name: seen.get(name) for name in given | real} == given | real | {"DATA_DIR": str(place / "dados")}
    assert not seen.keys() & {
        "EMBEDDED_POSTGRES",
        "SIMULATED_API",
        "SIMULATED_DATAJUD",
        "ANTHROPIC_BASE_URL",
        "DATAJUD_URL",
    }


# Restarting who dies ---------------------------------------------------------------------------


def test_who_dies_comes_back_at_the_same_address(
    everything: dict[str, str], supervise: Callable[..., Supervisor]
) -> None:
    supervisor = supervise(everything).start()
    before = seen_by_web(supervisor)
    for name, child in supervisor.children.items():
        dead = child.pid
        assert dead
        os.kill(dead, signal.SIGKILL)
        assert eventually(lambda child=child: not child.alive())
        supervisor.check()
        supervisor.until_ready()
        assert child.alive(), name
        assert child.pid != dead
        assert seen_by_web(supervisor) == before
    assert all(child.alive() for child in supervisor.children.values())


def test_what_a_dead_process_had_started_goes_with_it(
    given: dict[str, str], supervise: Callable[..., Supervisor], place: Path
) -> None:
    supervisor = supervise(given).start()
    helper = int(next(event for event in events(place) if event.startswith("helper")).split()[1])
    assert runs(helper)
    web = supervisor.children["web"]
    assert web.pid
    os.kill(web.pid, signal.SIGKILL)
    assert eventually(lambda: not web.alive())
    assert eventually(lambda: not runs(helper))


def test_who_dies_again_and_again_takes_everything_down(
    given: dict[str, str],
    supervise: Callable[..., Supervisor],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(module, "RESTART_AFTER", (0, 0.1, 0.1, 0.1))
    programs = Programs(
        prepare=None, web=PROGRAMS.web, worker=PROGRAMS.worker, messages_api=python(STANDIN, "broken"), datajud=None
    )
    supervisor = supervise(given, programs)
    assert supervisor.run() == 1
    said = capfd.readouterr().out
    assert "messages_api terminou 5 vezes" in said
    assert "isto não funciona" in said  # the last lines of its log
    assert not any(child.alive() for child in supervisor.children.values())


def test_each_restart_waits_longer_than_the_one_before(
    given: dict[str, str], supervise: Callable[..., Supervisor]
) -> None:
    supervisor = supervise(given).start()
    worker = supervisor.children["worker"]
    waits = []
    for _ in range(4):
        worker.kill()
        supervisor.check()
        waits.append(round(supervisor._restart_at["worker"] - time.monotonic()))
        supervisor._restart_at["worker"] = 0
        supervisor.until_ready()
    assert waits == [0, 1, 2, 4]
    worker.kill()
    with pytest.raises(StartFailed, match="worker terminou 5 vezes"):
        supervisor.check()


# Refusing to start -----------------------------------------------------------------------------


def test_a_port_in_use_is_said_with_one_that_is_free(
    given: dict[str, str], supervise: Callable[..., Supervisor], capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", int(given["PORT"])))
        somebody.listen()
        assert supervise(given).run() == 1
    said = capfd.readouterr().out
    assert f"A porta {given['PORT']} já está em uso" in said
    other = int(said.split("make run PORT=")[1].split()[0])
    assert is_free(other)


def test_one_data_directory_has_one_supervisor(given: dict[str, str], supervise: Callable[..., Supervisor]) -> None:
    supervise(given).start()
    with pytest.raises(CannotStart, match="Já há um ROM Agent em execução"):
        supervise(given | {"PORT": str(free_port())}).start()


def test_two_with_other_ports_and_other_data_get_along(
    given: dict[str, str], supervise: Callable[..., Supervisor]
) -> None:
    one = supervise(given).start()
    two = supervise(given | {"PORT": str(free_port()), "DATA_DIR": "dados de outro"}).start()
    assert seen_by_web(one)["ANTHROPIC_BASE_URL"] != seen_by_web(two)["ANTHROPIC_BASE_URL"]
    assert seen_by_web(one)["SESSION_SECRET"] != seen_by_web(two)["SESSION_SECRET"]


def test_a_database_that_cannot_be_prepared_stops_the_start(
    given: dict[str, str],
    supervise: Callable[..., Supervisor],
    capfd: pytest.CaptureFixture[str],
    place: Path,
) -> None:
    supervisor = supervise(given | {"PREPARE_EXITS": "1"})
    assert supervisor.run() == 1
    assert "O preparo do banco de dados falhou" in capfd.readouterr().out
    assert "worker started" not in events(place)
    assert not any(child.alive() for child in supervisor.children.values())


# Signals: the supervisor as a process of its own ------------------------------------------------


@pytest.fixture
def run(place: Path) -> Iterator[Callable[..., Running]]:
    started = []

    def start(variables: dict[str, str], stdin: int = subprocess.DEVNULL) -> Running:
        started.append(Running(place, variables, stdin))
        return started[-1]

    yield start
    for running in started:
        running.process.terminate()
        running.process.wait(30)
        running.process.stdout.close()  # type: ignore[union-attr]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_everything_and_is_no_failure(
    number: int, given: dict[str, str], run: Callable[..., Running], place: Path
) -> None:
    running = run(given | {"WORKER_TAKES": "0.2"})
    running.until_it_says("Ctrl-C encerra")
    assert eventually(lambda: "worker started" in events(place))
    os.killpg(running.process.pid, number)  # as a terminal does: to the whole group
    assert running.process.wait(30) == 0
    assert events(place)[-1] == "worker done"
    assert is_free(running.port)


@on_linux
def test_a_terminal_that_closes_stops_everything_even_if_only_make_is_told(
    given: dict[str, str], run: Callable[..., Running], place: Path
) -> None:
    ours, its = os.openpty()
    running = run(given, stdin=its)  # in a session of its own: no signal comes from this terminal
    running.until_it_says("Ctrl-C encerra")
    assert eventually(lambda: "worker started" in events(place))
    os.close(its)
    os.close(ours)
    assert running.process.wait(30) == 0
    assert events(place)[-1] == "worker done"


def test_ctrl_c_while_preparing_is_no_failure_either(
    given: dict[str, str], run: Callable[..., Running], place: Path
) -> None:
    running = run(given | {"PREPARE_TAKES": "60"})
    assert eventually(lambda: events(place))
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(30) == 0
    assert "worker started" not in events(place)


def test_the_worker_has_its_grace_and_not_more(
    given: dict[str, str], supervise: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch, place: Path
) -> None:
    monkeypatch.setattr(module, "EXTRA_GRACE", 1)
    supervisor = supervise(given | {"WORKER_TAKES": "60", "SHUTDOWN_GRACE_SECONDS": "0"}).start()
    assert eventually(lambda: "worker started" in events(place))
    began = time.monotonic()
    supervisor.stop()
    assert 1 <= time.monotonic() - began < 30
    assert supervisor.children["worker"].returncode == -signal.SIGKILL


def test_a_second_ctrl_c_does_not_wait(given: dict[str, str], run: Callable[..., Running], place: Path) -> None:
    running = run(given | {"WORKER_TAKES": "60"})
    running.until_it_says("Ctrl-C encerra")
    assert eventually(lambda: "worker started" in events(place))
    running.process.send_signal(signal.SIGINT)
    running.until_it_says("Encerrando")
    began = time.monotonic()
    time.sleep(module.SECOND_SIGNAL_AFTER + 0.1)
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(30) == 0
    assert time.monotonic() - began < 10  # the grace is 15


def test_a_stop_that_is_told_twice_at_once_is_one_stop(
    given: dict[str, str], run: Callable[..., Running], place: Path
) -> None:
    running = run(given | {"WORKER_TAKES": "1"})
    running.until_it_says("Ctrl-C encerra")
    assert eventually(lambda: "worker started" in events(place))
    for number in (signal.SIGINT, signal.SIGINT, signal.SIGTERM):  # from the terminal, from make, from the shell
        running.process.send_signal(number)
        time.sleep(0.05)
    assert running.process.wait(30) == 0
    assert events(place)[-1] == "worker done"


@on_linux
def test_a_supervisor_that_is_killed_takes_everything_with_it(
    everything: dict[str, str], run: Callable[..., Running]
) -> None:
    running = run(everything)
    running.until_it_says("Ctrl-C encerra")
    children = running.descendants()
    assert len(children) == len(EVERYTHING)
    running.process.kill()
    assert eventually(lambda: not any(runs(pid) for pid in children))


@on_linux
def test_the_next_start_waits_for_what_a_killed_supervisor_left(
    given: dict[str, str], run: Callable[..., Running], place: Path
) -> None:
    first = run(given | {"WORKER_TAKES": "1.5"})
    first.until_it_says("Ctrl-C encerra")
    assert eventually(lambda: "worker started" in events(place))
    first.process.kill()
    second = run(given)
    said = second.until_it_says("Ctrl-C encerra")
    assert "Aguardando os processos da execução anterior" in said
    told = [event for event in events(place) if event.startswith(("worker", "prepar"))]
    assert told[:4] == ["prepared", "worker started", told[2], "prepared"]  # the old worker ended in between
    assert told[2] in ("worker done", "worker lost what it needs")  # all were told to stop at once


def test_a_closed_terminal_does_not_keep_it_from_stopping(monkeypatch: pytest.MonkeyPatch) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as stdout:
        monkeypatch.setattr(sys, "stdout", stdout)
        say("ninguém lê isto")
        say("nem isto")
