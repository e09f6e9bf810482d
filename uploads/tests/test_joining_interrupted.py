"""Volumes whose joining is ended half-way, by a death, a release, a full disk: the whole is made once, or it is said."""

import asyncio
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from procrastinate.worker import Worker
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from romagent.base import chores
from romagent.base.chores import MustLeave
from romagent.worker import make_connector
from tests.running import SimulatedApi
from uploads import joining, stranded, tasks
from uploads.joining_actions import join
from uploads.models import Upload
from uploads.multipart import StorageAway
from uploads.tasks import TryAgain
from uploads.tests.papers import two_volumes
from uploads.tests.test_reading_job import end_jobs, waiting_jobs

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(autouse=True)
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def volumes(owner: User, api: SimulatedApi) -> list[Upload]:
    return two_volumes(owner)


class Killed(BaseException):
    """What ends a worker without a word to anybody."""


def files_in(directory: Path) -> set[str]:
    return {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}


def test_what_a_worker_left_half_stored_when_it_was_killed_is_taken_away_by_the_next(
    owner: User, volumes: list[Upload], directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = files_in(directory)

    def half(name: str, file: Any) -> str:
        path = directory / name
        path.write_bytes(file.read(100))
        raise Killed

    whole = join(volumes, "Autos completos", user=owner)
    with monkeypatch.context() as patched:
        patched.setattr(default_storage, "save", half)
        with pytest.raises(Killed):
            asyncio.run(joining.perform(whole.pk))
    (left,) = files_in(directory) - before
    whole.refresh_from_db()
    assert (whole.upload_status, whole.file_path, whole.metadata["joining"]) == ("processing", "", left)
    asyncio.run(joining.perform(whole.pk))
    whole.refresh_from_db()
    assert (whole.upload_status, files_in(directory) - before) == ("ready", {whole.file_path})
    assert "joining" not in whole.metadata


def test_who_was_thought_dead_and_comes_back_writes_nothing(
    owner: User, volumes: list[Upload], directory: Path
) -> None:
    before = files_in(directory)
    whole = join(volumes, "Autos completos", user=owner)
    frozen = joining.take(whole.pk)
    assert frozen
    asyncio.run(joining.perform(whole.pk))
    asyncio.run(joining._join(frozen))
    joining.fail(frozen, "damaged")
    whole.refresh_from_db()
    assert (whole.upload_status, whole.reading_turn, files_in(directory) - before) == ("ready", 2, {whole.file_path})
    assert whole.pages.count() == 3
    ends = AuditLog.objects.filter(entity_id=whole.pk, action__in=["arquivo.lido", "arquivo.nao-lido"])
    assert [row.action for row in ends] == ["arquivo.lido"]


def test_a_child_told_to_stop_with_its_worker_is_not_a_fault_of_the_volumes(
    owner: User, volumes: list[Upload], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service manager tells both at once."""
    stops = [sys.executable, "-c", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)"]
    whole = join(volumes, "Autos completos", user=owner)
    with monkeypatch.context() as patched:
        patched.setattr(joining, "COMMAND", stops)
        with pytest.raises(MustLeave):
            asyncio.run(joining.perform(whole.pk))
    asyncio.run(joining.perform(whole.pk))
    whole.refresh_from_db()
    assert whole.upload_status == "ready"


def test_a_worker_that_is_told_to_stop_leaves_between_two_volumes(
    owner: User, volumes: list[Upload], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = join(volumes, "Autos completos", user=owner)
    monkeypatch.setattr(chores, "stopping", threading.Event())
    chores.stopping.set()
    with pytest.raises(MustLeave):
        asyncio.run(joining.perform(whole.pk))
    whole.refresh_from_db()
    assert (whole.upload_status, whole.file_path) == ("processing", "")


def test_told_to_stop_while_the_whole_is_stored_it_is_kept_all_the_same(
    owner: User, volumes: list[Upload], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = join(volumes, "Autos completos", user=owner)
    storing, save = threading.Event(), default_storage.save

    def slow(name: str, file: Any) -> str:
        storing.set()
        time.sleep(0.3)
        return str(save(name, file))

    monkeypatch.setattr(default_storage, "save", slow)

    async def stopped() -> None:
        job = asyncio.create_task(joining.perform(whole.pk))
        await asyncio.to_thread(storing.wait, 10)
        job.cancel()
        await job

    asyncio.run(stopped())
    whole.refresh_from_db()
    assert whole.upload_status == "ready"


def test_a_disk_without_room_for_the_whole_is_no_fault_of_the_volumes(volumes: list[Upload], directory: Path) -> None:
    asked = [{"path": str(directory / one.file_path), "password": "", "pages": one.page_count} for one in volumes]
    with open("/dev/full", "wb") as full:
        line = json.dumps({"volumes": asked, "to": full.fileno()}).encode() + b"\n"
        done = subprocess.run(joining.COMMAND, input=line, capture_output=True, pass_fds=[full.fileno()], check=True)
    assert json.loads(done.stdout.splitlines()[-1]) == {"fail": "storage"}


@pytest.mark.parametrize(
    ("error", "attempts", "seconds"),
    [
        (StorageAway("S3"), 0, 5),
        (StorageAway("S3"), 4, None),
        (OperationalError("away"), 1, 30),
        (MustLeave(), 9, 0),
        (asyncio.CancelledError(), 9, 0),
        (ValueError(), 0, None),
    ],
)
def test_what_is_nobodys_fault_is_tried_again(error: BaseException, attempts: int, seconds: int | None) -> None:
    job = Job(id=1, queue="files", lock=None, queueing_lock=None, task_name="uploads.join", attempts=attempts)
    decision = TryAgain().get_retry_decision(exception=error, job=job)
    if seconds is None:
        assert decision is None
    else:
        assert decision
        assert decision.retry_at
        assert abs((decision.retry_at - timezone.now()).total_seconds() - seconds) < 2


def test_a_join_whose_job_is_gone_gets_another_and_is_given_up_after_three(
    as_owner: Client, owner: User, volumes: list[Upload]
) -> None:
    whole = join(volumes, "Autos completos", user=owner)
    jobs = ProcrastinateJob.objects.filter(task_name="uploads.join")
    assert stranded.take_up() == 0, "it has its job"
    joining.take(whole.pk)
    for _ in range(stranded.TRIES):
        assert jobs.filter(status="todo").count() == 1
        with connection.cursor() as cursor:
            cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE status = 'todo'")
        assert stranded.take_up() == 1
    whole.refresh_from_db()
    assert (whole.upload_status, whole.error, jobs.filter(status="todo").count()) == ("failed", "internal", 0)
    assert "A falha não é dos volumes" in as_owner.get(f"/arquivos/{whole.pk}/").content.decode()


def test_a_join_that_ends_every_worker_ends_at_some_time(owner: User, volumes: list[Upload]) -> None:
    whole = join(volumes, "Autos completos", user=owner)
    for _ in range(joining.MOST_TURNS):
        assert joining.take(whole.pk)
    asyncio.run(joining.perform(whole.pk))
    whole.refresh_from_db()
    assert (whole.upload_status, whole.error) == ("failed", "internal")


def test_a_worker_that_must_leave_gives_it_back(
    owner: User, volumes: list[Upload], monkeypatch: pytest.MonkeyPatch
) -> None:
    end_jobs("succeeded")  # those of the volumes
    whole = join(volumes, "Autos completos", user=owner)

    async def leave() -> None:
        begun = asyncio.Event()

        async def for_ever(*_: Any) -> None:
            begun.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(joining, "_by_child", for_ever)
        with app.replace_connector(make_connector()):
            async with app.open_async():
                worker = Worker(app, queues=["files"], shutdown_graceful_timeout=0.1, install_signal_handlers=False)
                running = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
                await asyncio.wait_for(begun.wait(), 10)
                worker.stop()  # type: ignore[no-untyped-call]
                await asyncio.gather(running, return_exceptions=True)

    asyncio.run(leave())
    assert waiting_jobs("uploads.join") == 1
    monkeypatch.undo()
    asyncio.run(joining.perform(whole.pk))
    whole.refresh_from_db()
    assert whole.upload_status == "ready"


def test_when_the_storage_does_not_answer_at_the_last_try_either_it_says_so(
    as_owner: Client, owner: User, volumes: list[Upload], monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> str:
        raise StorageAway("EndpointConnectionError")

    monkeypatch.setattr(joining, "_store", away)
    whole = join(volumes, "Autos completos", user=owner)

    def at_try(number: int) -> None:
        context: Any = SimpleNamespace(job=SimpleNamespace(attempts=number))
        asyncio.run(tasks.join_volumes(context, upload_id=str(whole.pk)))

    with pytest.raises(StorageAway):
        at_try(0)
    at_try(len(tasks.PAUSES))
    whole.refresh_from_db()
    assert (whole.upload_status, whole.error) == ("failed", "storage")
    assert AuditLog.objects.get(action="arquivo.nao-lido", entity_id=whole.pk).new_value["error"] == "storage"
    assert "O armazenamento de arquivos não respondeu." in as_owner.get(f"/arquivos/{whole.pk}/").content.decode()


def test_volumes_whose_job_is_gone_get_another_and_are_given_up_after_some(owner: User, volumes: list[Upload]) -> None:
    whole = join(volumes, "Autos completos", user=owner)
    assert stranded.take_up() == 0  # its job waits
    for _ in range(stranded.TRIES):
        end_jobs("failed")
        assert stranded.take_up() == 1
    whole.refresh_from_db()
    assert (whole.upload_status, whole.error) == ("failed", "internal")
    assert stranded.take_up() == 0
