"""Volumes being put together when a process dies, leaves or is away: the whole is there once, and nothing is left."""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pypdfium2
import pytest

from tests.client import PATIENCE, Visitor, wait_until
from tests.stack import Stack
from uploads.tests.papers import pdf

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes

FIRST = [f"Volume um, folha {number} dos autos." for number in (1, 2, 3)]
SECOND = [f"Volume dois, folha {number} dos autos." for number in (1, 2)]


def upload(stack: Stack, pk: str) -> dict[str, Any]:
    return stack.rows("SELECT * FROM uploads WHERE id = %s", pk)[0]


def stored(stack: Stack) -> set[str]:
    media = stack.directory / "media"
    return {str(path.relative_to(media)) for path in (media / "arquivos").rglob("*") if path.is_file()}


def half_files() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("volumes-*"))


@pytest.fixture(scope="module")
def volumes(processes: Stack) -> list[str]:
    """Two files that are read, in the order in which they are to be put together."""
    visitor = processes.visitor()
    found = [visitor.send("autos-vol1.pdf", pdf(FIRST)), visitor.send("autos-vol2.pdf", pdf(SECOND))]
    wait_until(lambda: all(upload(processes, pk)["upload_status"] == "ready" for pk in found), "both are read")
    return found


@dataclass
class Held:
    """The second volume's file is a pipe: who opens it waits, until it is let go."""

    path: Path
    kept: Path
    pipe: Path
    stored: set[str]  # before
    half: set[Path]  # the same: others may use this machine

    def hold(self) -> None:
        self.path.rename(self.kept)
        os.mkfifo(self.pipe)
        os.link(self.pipe, self.path)

    def let_go(self) -> None:
        """The file is itself again; who waits at the pipe finds the beginning of a PDF, and opens the file anew."""
        if not self.kept.exists():
            return
        self.kept.replace(self.path)
        with suppress(OSError):  # nobody waits any more
            waiting = os.open(self.pipe, os.O_WRONLY | os.O_NONBLOCK)
            os.write(waiting, b"%PDF-")
            os.close(waiting)
        self.pipe.unlink()


@pytest.fixture
def held(stack: Stack, volumes: list[str]) -> Iterator[Held]:
    path = stack.directory / "media" / upload(stack, volumes[1])["file_path"]
    held = Held(path, stack.directory / "volume.pdf", stack.directory / "volume.pipe", stored(stack), half_files())
    held.hold()
    yield held
    held.let_go()


@pytest.fixture
def whole(stack: Stack, lawyer: Visitor, volumes: list[str], held: Held, request: pytest.FixtureRequest) -> str:
    """A file half-way: the first volume's pages are in it, and the second is being waited for."""
    form = {f"ordem-{pk}": str(number) for number, pk in enumerate(volumes, 1)} | {"nome": request.node.name}
    answer = lawyer.post("/arquivos/juntar/", form)
    assert answer.status == 303
    pk = answer.location.strip("/").rsplit("/", 1)[-1]
    wait_until(lambda: upload(stack, pk)["pages_done"] == len(FIRST), "the first volume is in the whole")
    return pk


def check_whole(stack: Stack, lawyer: Visitor, pk: str, held: Held, *, turns: int) -> None:
    wait_until(lambda: upload(stack, pk)["upload_status"] not in {"pending", "processing"}, "the join has ended")
    found = upload(stack, pk)
    assert (found["upload_status"], found["error"], found["pages_done"]) == ("ready", "", len(FIRST + SECOND))
    assert found["reading_turn"] == turns
    assert "joining" not in found["metadata"]
    pages = stack.rows("SELECT number, text FROM upload_pages WHERE upload_id = %s ORDER BY number", pk)
    assert [(page["number"], page["text"].strip()) for page in pages] == list(enumerate(FIRST + SECOND, 1))
    content = lawyer.get(f"/arquivos/{pk}/baixar/").body
    assert len(content) == found["file_size"]
    document = pypdfium2.PdfDocument(io.BytesIO(content))
    assert [page.get_textpage().get_text_bounded().strip() for page in document] == FIRST + SECOND
    document.close()
    assert stored(stack) - held.stored == {found["file_path"]}, "it is in the storage once, and nothing half"
    assert half_files() <= held.half
    jobs = "SELECT status FROM procrastinate_jobs WHERE task_name = 'uploads.join'"
    wait_until(lambda: not stack.rows(jobs), "no job is left")


def test_a_killed_workers_join_is_done_by_the_next(stack: Stack, lawyer: Visitor, held: Held, whole: str) -> None:
    children = psutil.Process(stack.worker.pid).children()
    assert children, "the engine runs in a process of its own"
    stack.worker.kill()
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert alive == [], "who puts volumes together does not outlive the worker"
    assert half_files() <= held.half
    assert "juntando os volumes" in lawyer.get(f"/arquivos/{whole}/").text.lower()
    held.let_go()
    stack.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")  # instead of waiting
    stack.start_worker()
    check_whole(stack, lawyer, whole, held, turns=2)


def test_a_worker_told_to_stop_gives_the_join_back(stack: Stack, lawyer: Visitor, held: Held, whole: str) -> None:
    stack.worker.ask_to_stop()
    assert stack.worker.wait(PATIENCE)
    assert stack.worker.returncode == 0
    jobs = stack.rows("SELECT status FROM procrastinate_jobs WHERE task_name = 'uploads.join'")
    assert [job["status"] for job in jobs] == ["todo"]
    assert half_files() <= held.half
    held.let_go()
    stack.start_worker()
    check_whole(stack, lawyer, whole, held, turns=2)


def test_a_join_that_ends_while_postgresql_is_away_is_done_again(
    stack: Stack, lawyer: Visitor, held: Held, whole: str
) -> None:
    worker = stack.worker.pid
    stack.postgres.stop()
    held.let_go()
    made = wait_until(lambda: stored(stack) - held.stored, "the whole is in the storage")
    stack.postgres.start(stack.postgres.port)
    again = "SELECT id FROM procrastinate_jobs WHERE task_name = 'uploads.join' AND status = 'todo'"
    wait_until(lambda: stack.rows(again), "it is to be tried again")
    stack.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")  # instead of waiting
    check_whole(stack, lawyer, whole, held, turns=2)
    assert made.isdisjoint(stored(stack)), "what nobody had taken note of is gone"
    assert stack.worker.pid == worker


def test_postgresql_restarted_in_the_middle_of_a_join_is_not_noticed(
    stack: Stack, lawyer: Visitor, held: Held, whole: str
) -> None:
    stack.postgres.stop()
    stack.postgres.start(stack.postgres.port)
    held.let_go()
    check_whole(stack, lawyer, whole, held, turns=1)
