"""What all simulated services share, with each of them: how they are started, told, and ended."""

import os
import signal
import subprocess
import sys
from typing import Any

import pytest

from romagent.embedded.datajud.process import SimulatedDataJud
from romagent.embedded.driven import ROOT, SimulatedService
from romagent.embedded.messages_api.process import SimulatedApi

SERVICES: list[type[SimulatedService]] = [SimulatedApi, SimulatedDataJud]
each = pytest.mark.parametrize("service", SERVICES, ids=lambda service: service.__name__)


@each
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_when_it_is_told_to(service: type[SimulatedService], number: int) -> None:
    running = service.start()
    os.kill(running.pid, number)
    assert running.wait() == 0


@each
def test_it_refuses_what_is_misspelt(service: type[SimulatedService]) -> None:
    with service.start() as running:
        wrong: list[tuple[str, Any, str]] = [
            ("script", [{"kind": "satus"}], "a fault needs a `kind`"), ("script", {"kind": "reset"}, "a list of faults"),
            ("configure", {"secons": 1}, "unknown setting: secons"), ("configure", [], "keys"),
        ]  # fmt: skip
        for path, body, words in wrong:
            with pytest.raises(ValueError, match=words):
                running.call(path, body)
        running.configure()
        running.reset()


@each
@pytest.mark.parametrize(("host", "refused"), [("0.0.0.0", True), ("exemplo.invalid", True), ("localhost", False)])
def test_it_listens_on_loopback_only(service: type[SimulatedService], host: str, refused: bool) -> None:
    command = [sys.executable, "-m", service.module, "--host", host]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if not refused:
        assert process.stdout
        assert process.stdout.readline().startswith("listening on http://")
        process.terminate()
    _, said = process.communicate(timeout=60)
    assert process.returncode == (1 if refused else 0)
    assert ("loopback" in said) == refused


def test_one_that_does_not_start_is_said() -> None:
    with SimulatedDataJud.start() as running, pytest.raises(RuntimeError, match="datajud did not start"):
        SimulatedDataJud.start(port=running.port)
