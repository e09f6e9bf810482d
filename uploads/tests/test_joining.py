"""Volumes put together: one PDF in the order that was given, whose pages say which volume they come from."""

import asyncio
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pypdfium2
import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from PIL import Image
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import User
from audit.models import AIOperation, AuditLog
from conftest import signed_in
from projects.models import Project, ProjectMember
from tests.running import SimulatedApi, read_files
from uploads import joining, joining_views, reading_job, stranded, tasks
from uploads.joining_actions import join
from uploads.models import Upload, UploadPage
from uploads.multipart import StorageAway
from uploads.tests.papers import pdf, scan, sent
from uploads.tests.test_reading_job import end_jobs, waiting_jobs

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


def moving_picture() -> bytes:
    frames = [Image.new("RGB", (60, 80), color) for color in ("white", "gray")]
    kept = io.BytesIO()
    frames[0].save(kept, "WEBP", save_all=True, append_images=frames[1:])
    return kept.getvalue()


def photograph_with_its_thumbnail() -> bytes:
    """As phones keep them: two frames, one page."""
    frames = [Image.new("RGB", (60, 80), "white"), Image.new("RGB", (6, 8), "white")]
    kept = io.BytesIO()
    frames[0].save(kept, "MPO", save_all=True, append_images=frames[1:])
    return kept.getvalue()


@pytest.mark.parametrize("content", [moving_picture(), photograph_with_its_thumbnail()], ids=["webp", "mpo"])
def test_a_picture_that_was_read_as_one_page_is_one_page(owner: User, api: SimulatedApi, content: bytes) -> None:
    volumes = [sent(owner, content, "foto.jpg"), sent(owner, pdf(["Texto com algumas palavras."]), "a.pdf")]
    read_files(*volumes)
    assert volumes[0].page_count == 1
    whole = joined(volumes, owner)
    assert (whole.upload_status, whole.page_count) == ("ready", 2)


def test_what_is_transparent_in_a_picture_is_white_paper(owner: User, api: SimulatedApi, directory: Path) -> None:
    kept = io.BytesIO()
    Image.new("RGBA", (200, 300), (0, 0, 0, 0)).save(kept, "PNG")
    volumes = [sent(owner, kept.getvalue(), "assinatura.png"), sent(owner, pdf(["Texto com palavras."]), "a.pdf")]
    read_files(*volumes)
    whole = joined(volumes, owner)
    document = pypdfium2.PdfDocument(directory / whole.file_path)
    page = document[0].render().to_pil().convert("L")
    document.close()
    assert page.getpixel((page.width // 2, page.height // 2)) > 250


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


@pytest.mark.parametrize("how", ["deleted", "moved"])
def test_without_one_of_its_volumes_there_is_no_file(owner: User, volumes: list[Upload], how: str) -> None:
    """As when a volume goes between the asking and the job."""
    whole = join(volumes, "Autos completos", user=owner)
    if how == "deleted":
        Upload.objects.filter(pk=volumes[1].pk).update(deleted_at=timezone.now())
    else:
        Upload.objects.filter(pk=volumes[1].pk).update(project=Project.objects.create(user=owner, name="Caso"))
    asyncio.run(joining.perform(whole.pk))
    whole.refresh_from_db()
    assert (whole.upload_status, whole.error, whole.file_path) == ("failed", "missing", "")
    assert not whole.pages.exists()


def test_its_end_is_in_the_audit_log_whatever_it_is(owner: User, volumes: list[Upload], directory: Path) -> None:
    whole = joined(volumes, owner)
    assert AuditLog.objects.get(action="arquivo.lido", entity_id=whole.pk).new_value == {"pages": 3, "images": 0}
    (directory / volumes[1].file_path).write_bytes(b"%PDF-1.7 cortado")
    broken = joined(volumes, owner)
    row = AuditLog.objects.get(action="arquivo.nao-lido", entity_id=broken.pk)
    assert row.new_value == {"error": "damaged", "page": None}
    joining.fail(broken.pk, "internal")  # it has ended
    assert AuditLog.objects.filter(action="arquivo.nao-lido", entity_id=broken.pk).count() == 1


def test_images_that_were_not_transcribed_can_be_as_part_of_the_whole(
    as_owner: Client, owner: User, volumes: list[Upload]
) -> None:
    image = sent(owner, scan(), "foto.png")
    asyncio.run(reading_job.perform(image.pk))
    image.refresh_from_db()
    whole = joined([*volumes, image], owner)
    assert (whole.upload_status, whole.transcription) == ("ready", "asked")
    assert "Transcrever as imagens" in as_owner.get(f"/arquivos/{whole.pk}/").content.decode()


def test_a_worker_that_must_leave_gives_it_back(
    owner: User, volumes: list[Upload], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = join(volumes, "Autos completos", user=owner)
    end_jobs("aborted")

    async def leave() -> None:
        begun = asyncio.Event()

        async def for_ever(*_: Any) -> None:
            begun.set()
            await asyncio.Event().wait()

        monkeypatch.setattr(joining, "_by_child", for_ever)
        job = asyncio.create_task(joining.perform(whole.pk))
        await begun.wait()
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job

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
    assert "O armazenamento de arquivos não respondeu." in as_owner.get(f"/arquivos/{whole.pk}/").content.decode()


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


def test_a_file_that_went_meanwhile_is_not_passed_over(as_owner: Client, volumes: list[Upload], owner: User) -> None:
    volumes.append(sent(owner, pdf(["Terceiro volume."]), "autos-vol3.pdf"))
    read_files(volumes[2])
    Upload.objects.filter(pk=volumes[2].pk).update(deleted_at=timezone.now())
    response = as_owner.post(PAGE, places(volumes, 1, 2, 3))
    assert response.status_code == 422
    assert "não está mais aqui" in response.content.decode()
    assert not Upload.objects.filter(metadata__has_key="joining").exists()


def test_what_is_not_in_the_list_any_more_can_be_joined_and_that_there_is_more_is_said(
    as_owner: Client, volumes: list[Upload], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "mais novos" not in as_owner.get(PAGE).content.decode()
    monkeypatch.setattr(joining_views, "OFFERED", 1)
    assert "São mostrados só os 1 arquivos mais novos." in as_owner.get(PAGE).content.decode()
    assert as_owner.post(PAGE, places(volumes, 1, 2)).status_code == 303


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


def test_volumes_whose_job_is_gone_get_another_and_are_given_up_after_some(owner: User, volumes: list[Upload]) -> None:
    whole = join(volumes, "Autos completos", user=owner)
    assert stranded.take_up() == 0  # its job waits
    for _ in range(stranded.TRIES):
        end_jobs("failed")
        assert stranded.take_up() == 1
    whole.refresh_from_db()
    assert (whole.upload_status, whole.error) == ("failed", "internal")
    assert stranded.take_up() == 0


def test_what_is_not_put_together_yet_is_deleted_without_a_way_back(
    as_owner: Client, owner: User, volumes: list[Upload]
) -> None:
    """There is no file that could be taken back; the volumes are where they were."""
    whole = join(volumes, "Autos completos", user=owner)
    assert as_owner.post(f"/arquivos/{whole.pk}/excluir/").status_code == 303
    html = as_owner.get("/arquivos/").content.decode()
    assert "O arquivo “Autos completos.pdf” foi excluído." in html
    assert "desfazer-exclusao" not in html
