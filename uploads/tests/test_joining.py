"""Volumes put together: one PDF in the order that was given, whose pages say which volume they come from."""

import asyncio
import io
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job
from pytest_django import Settings

from accounts.models import User
from audit.models import AIOperation
from conftest import signed_in
from projects.models import Project, ProjectMember
from romagent.base import chores
from romagent.base.chores import MustLeave
from tests.running import SimulatedApi, read_files
from uploads import joining, stranded
from uploads.joining_actions import join
from uploads.models import Upload, UploadPage
from uploads.multipart import StorageAway
from uploads.tasks import TryAgain
from uploads.tests.papers import pdf, scan, sent

pytestmark = pytest.mark.usefixtures("committed")
PAGE = "/arquivos/juntar/"


@pytest.fixture(autouse=True)
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def volumes(owner: User, api: SimulatedApi) -> list[Upload]:
    texts = [
        ["Primeiro volume, página um, com palavras.", "Primeiro volume, página dois, com palavras."],
        ["Segundo volume."],
    ]
    made = [sent(owner, pdf(pages), f"autos-vol{number}.pdf") for number, pages in enumerate(texts, 1)]
    read_files(*made)
    return made


def joined(volumes: list[Upload], user: User) -> Upload:
    whole = join(volumes, "Autos completos", user=user)
    asyncio.run(joining.perform(whole.pk))
    whole.refresh_from_db()
    return whole


def places(volumes: list[Upload], *numbers: Any) -> dict[str, Any]:
    return {f"ordem-{volume.pk}": number for volume, number in zip(volumes, numbers, strict=True)}


def test_the_whole_has_all_pages_in_order_and_each_says_where_it_comes_from(
    as_owner: Client, owner: User, volumes: list[Upload], directory: Path
) -> None:
    form = places(volumes, 2, 1) | {"nome": "Autos completos"}
    response = as_owner.post(PAGE, form)
    whole = Upload.objects.get(original_filename="Autos completos.pdf")
    assert (response.status_code, response["Location"]) == (303, f"/arquivos/{whole.pk}/")
    assert ProcrastinateJob.objects.filter(task_name="uploads.join", args={"upload_id": str(whole.pk)}).count() == 1
    assert "Juntando os volumes" in as_owner.get(f"/arquivos/{whole.pk}/").content.decode()
    asyncio.run(joining.perform(whole.pk))
    whole.refresh_from_db()
    assert (whole.upload_status, whole.page_count, whole.pages_done) == ("ready", 3, 3)
    stored = directory / whole.file_path
    document = pypdfium2.PdfDocument(stored)
    texts = [page.get_textpage().get_text_bounded() for page in document]
    document.close()
    assert [text[:15] for text in texts] == ["Segundo volume.", "Primeiro volume", "Primeiro volume"]
    assert list(whole.pages.order_by("number").values_list("text", flat=True)) == [
        page.text for volume in (volumes[1], volumes[0]) for page in volume.pages.order_by("number")
    ]
    assert "autos-vol1.pdf, p. 2" in as_owner.get(f"/arquivos/{whole.pk}/paginas/3/").content.decode()
    download = as_owner.get(f"/arquivos/{whole.pk}/baixar/")
    assert b"".join(download.streaming_content) == stored.read_bytes()
    assert whole.file_size == stored.stat().st_size


def test_nothing_is_read_or_paid_for_again(owner: User, api: SimulatedApi) -> None:
    volumes = [sent(owner, pdf(["", "Texto."]), "a.pdf"), sent(owner, scan(), "foto.png")]
    read_files(*volumes)
    paid = AIOperation.objects.count()
    whole = joined(volumes, owner)
    assert (whole.upload_status, whole.page_count) == ("ready", 3)
    assert list(whole.pages.order_by("number").values_list("source", flat=True)) == ["vision", "text", "vision"]
    read_files(whole)
    assert AIOperation.objects.count() == paid > 0


def test_a_picture_of_many_pages_becomes_as_many(owner: User, api: SimulatedApi, directory: Path) -> None:
    frames = [Image.new("RGB", (200, 300), color) for color in ("white", "gray")]
    kept = io.BytesIO()
    frames[0].save(kept, "TIFF", save_all=True, append_images=frames[1:])
    volumes = [sent(owner, kept.getvalue(), "fax.tiff"), sent(owner, pdf(["Texto com algumas palavras."]), "a.pdf")]
    read_files(*volumes)
    whole = joined(volumes, owner)
    assert len(pypdfium2.PdfDocument(directory / whole.file_path)) == whole.page_count == 3


def test_a_volume_that_is_not_what_was_read_ends_it_in_words(
    as_owner: Client, owner: User, volumes: list[Upload], directory: Path
) -> None:
    (directory / volumes[1].file_path).write_bytes(b"%PDF-1.7 cortado")
    whole = joined(volumes, owner)
    assert (whole.upload_status, whole.error, whole.file_path) == ("failed", "damaged", "")
    html = as_owner.get(f"/arquivos/{whole.pk}/").content.decode()
    assert "Os volumes não puderam ser juntados." in html
    assert "Ler de novo" not in html
    default_storage.delete(volumes[0].file_path)
    assert joined(volumes, owner).error == "missing"


def test_done_twice_it_is_one(owner: User, volumes: list[Upload], directory: Path) -> None:
    whole = joined(volumes, owner)
    before = sorted(path for path in directory.rglob("*.pdf"))
    asyncio.run(joining.perform(whole.pk))
    assert sorted(path for path in directory.rglob("*.pdf")) == before
    assert UploadPage.objects.filter(upload=whole).count() == 3


@pytest.mark.parametrize(
    ("numbers", "words"),
    [
        (("", ""), "pelo menos dois arquivos"),
        (("1", ""), "pelo menos dois arquivos"),
        (("1", "1"), "o mesmo número"),
        (("1", "x"), "A ordem é um número"),
        (("1", "²"), "A ordem é um número"),
    ],
)
def test_an_order_that_is_none_is_refused_in_words(
    as_owner: Client, volumes: list[Upload], numbers: tuple[str, str], words: str
) -> None:
    response = as_owner.post(PAGE, places(volumes, *numbers))
    assert response.status_code == 422
    assert words in response.content.decode()
    assert Upload.objects.count() == 2


def test_what_is_too_large_together_is_refused(as_owner: Client, volumes: list[Upload], settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = volumes[0].file_size
    assert "passam do limite" in as_owner.post(PAGE, places(volumes, 1, 2)).content.decode()


def test_nobody_joins_files_that_she_may_not_change(owner: User, stranger: User, volumes: list[Upload]) -> None:
    colleague = signed_in(stranger)
    assert colleague.post(PAGE, places(volumes, 1, 2)).status_code == 422, "they are not among hers"
    project = Project.objects.create(user=owner, name="Caso")
    Upload.objects.update(project=project)
    form = places(volumes, 1, 2) | {"projeto": project.pk}
    assert colleague.post(PAGE, form).status_code == 404
    member = ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    assert colleague.post(PAGE, form).status_code == 403
    member.role = "editor"
    member.save()
    assert colleague.post(PAGE, form).status_code == 303
    assert Upload.objects.get(original_filename="Volumes juntados.pdf").project == project


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
