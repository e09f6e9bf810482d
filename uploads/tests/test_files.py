"""The page of one's files, with files kept on this machine: send, see, download, delete, take back."""

import hashlib
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from projects.models import Project, ProjectMember
from uploads import actions
from uploads.models import Upload
from uploads.multipart import StorageAway

pytestmark = pytest.mark.django_db
FRAGMENT = {"hx-request": "true"}
PAGE = "/arquivos/"


@pytest.fixture(autouse=True)
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


def a_file(name: str = "Petição.pdf", content: bytes = b"%PDF-1.7 conte\xc3\xbado") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def made(user: User, name: str = "Petição.pdf", content: bytes = b"abc") -> Upload:
    return actions.receive(ContentFile(content, name), user=user)


def rows() -> list[str]:
    return list(AuditLog.objects.order_by("id").values_list("action", flat=True))


def body_of(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


# Sending -----------------------------------------------------------------------------------------


def test_a_file_that_is_sent_is_kept_listed_and_recorded(as_owner: Client, owner: User, directory: Path) -> None:
    response = as_owner.post(PAGE, {"file": a_file()})
    assert (response.status_code, response["Location"]) == (303, PAGE)
    upload = Upload.objects.get()
    content = b"%PDF-1.7 conte\xc3\xbado"
    assert (upload.user, upload.original_filename, upload.upload_status) == (owner, "Petição.pdf", "pending")
    assert (upload.file_size, upload.mime_type) == (len(content), "application/pdf")
    assert upload.sha256 == hashlib.sha256(content).hexdigest()
    assert (directory / upload.file_path).read_bytes() == content
    assert (directory / upload.file_path).stat().st_mode & 0o077 == 0, "nobody else on the machine reads it"
    row = AuditLog.objects.get()
    assert (row.action, row.entity_id, row.user_id) == ("arquivo.enviar", upload.pk, owner.pk)
    assert row.new_value == {"size": len(content), "type": "application/pdf"}, "never the name"
    html = as_owner.get(PAGE).content.decode()
    assert "O arquivo “Petição.pdf” foi enviado." in html
    assert f"/arquivos/{upload.pk}/baixar/" in html
    assert "aguardando leitura" in html
    (job,) = ProcrastinateJob.objects.filter(task_name="uploads.read")
    assert job.args == {"upload_id": str(upload.pk)}


def test_code_is_told_where_to_go_next(as_owner: Client) -> None:
    response = as_owner.post(PAGE, {"file": a_file()}, headers=FRAGMENT)
    upload = Upload.objects.get()
    told = {"id": str(upload.pk), "name": "Petição.pdf", "page": f"/arquivos/{upload.pk}/", "next": PAGE}
    assert (response.status_code, response.json()) == (200, told)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"", "Este arquivo está vazio"), (b"x" * 2001, "O arquivo é grande demais: o limite é 2 kB")],
)
@pytest.mark.parametrize("headers", [{}, FRAGMENT], ids=["page", "code"])
def test_what_cannot_be_taken_is_refused_in_words(
    as_owner: Client, settings: Settings, content: bytes, sentence: str, headers: dict[str, str]
) -> None:
    settings.SERVER_UPLOAD_MAX_BYTES = 2000
    response = as_owner.post(PAGE, {"file": a_file(content=content)}, headers=headers)
    assert response.status_code == 422
    assert sentence in (response.json()["error"] if headers else response.content.decode())
    assert not Upload.objects.exists()
    assert rows() == []


def test_a_form_without_a_file_says_what_is_missing(as_owner: Client) -> None:
    response = as_owner.post(PAGE, {})
    assert response.status_code == 422
    assert "Escolha um arquivo antes de enviar." in response.content.decode()


def test_the_page_says_beforehand_what_is_taken_and_how_large(as_owner: Client) -> None:
    html = as_owner.get(PAGE).content.decode()
    assert "PDF, DOCX, ODT, RTF, TXT, MD, HTML, EML, XLSX, CSV, JPEG, PNG, TIFF, WEBP e HEIC." in html
    assert "Cada arquivo pode ter até 1 GB" in html
    assert "<noscript>Até 100 MB por envio.</noscript>" in html
    assert "direto do navegador" not in html
    assert 'data-largest="1073741824"' in html
    assert 'data-through="16777216"' in html


def test_a_smaller_limit_of_the_offices_is_kept(as_owner: Client, settings: Settings) -> None:
    settings.UPLOAD_MAX_BYTES = 5 * 1024**2
    html = as_owner.get(PAGE).content.decode()
    assert "Cada arquivo pode ter até 5 MB" in html
    assert "<noscript>Até 5 MB por envio.</noscript>" in html


def test_of_several_files_one_that_is_refused_does_not_stop_the_others(as_owner: Client) -> None:
    three = [a_file("um.pdf", b"1"), a_file("vazio.pdf", b""), a_file("dois.pdf", b"2")]
    assert as_owner.post(PAGE, {"file": three}).status_code == 303
    assert set(Upload.objects.values_list("original_filename", flat=True)) == {"um.pdf", "dois.pdf"}
    html = as_owner.get(PAGE).content.decode()
    assert "O arquivo “um.pdf” foi enviado." in html
    assert "“vazio.pdf”: Este arquivo está vazio" in html


def test_too_many_files_in_an_hour_are_refused_until_then(settings: Settings) -> None:
    settings.UPLOADS_PER_HOUR = 2
    client = signed_in(User.objects.create_user(f"{uuid4()}@exemplo.adv.br"))
    statuses = [client.post(PAGE, {"file": a_file()}).status_code for _ in range(3)]
    assert statuses == [303, 303, 429]
    response = client.post(PAGE, {"file": a_file()}, headers=FRAGMENT)
    assert "Muitos arquivos em uma hora. Tente de novo às " in response.json()["error"]
    assert Upload.objects.count() == 2


def test_a_disk_that_takes_nothing_is_said_and_leaves_nothing(
    as_owner: Client, settings: Settings, directory: Path
) -> None:
    directory.parent.joinpath("full").write_text("no directory")
    settings.MEDIA_ROOT = str(directory.parent / "full")
    response = as_owner.post(PAGE, {"file": a_file()})
    assert response.status_code == 503
    assert "O armazenamento de arquivos não respondeu" in response.content.decode()
    assert not Upload.objects.exists()
    assert rows() == []


def test_a_file_whose_row_could_not_be_written_is_taken_back(
    owner: User, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("no row")

    monkeypatch.setattr(actions, "record", refuse)
    with pytest.raises(RuntimeError):
        made(owner)
    assert not Upload.objects.exists()
    assert [path for path in directory.rglob("*") if path.is_file()] == []


# Downloading -------------------------------------------------------------------------------------


def test_a_download_is_the_file_as_an_attachment_and_is_recorded(as_owner: Client, owner: User) -> None:
    upload = made(owner, "Contrato – versão “final”.html", b"<script>alert(1)</script>")
    response = as_owner.get(f"/arquivos/{upload.pk}/baixar/")
    assert body_of(response) == b"<script>alert(1)</script>"
    assert response["Content-Disposition"].startswith("attachment;")
    assert "filename*=utf-8''Contrato" in response["Content-Disposition"]
    assert response["Content-Type"] == "application/octet-stream", "never shown as a page of ours"
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "no-store")
    assert rows() == ["arquivo.enviar", "arquivo.baixar"]


def test_a_file_that_is_gone_from_the_storage_is_said(as_owner: Client, owner: User) -> None:
    upload = made(owner)
    default_storage.delete(upload.file_path)
    response = as_owner.get(f"/arquivos/{upload.pk}/baixar/")
    assert response.status_code == 410
    assert "Este arquivo não foi encontrado no armazenamento." in response.content.decode()
    assert rows() == ["arquivo.enviar"], "nothing was read"


def test_the_list_under_a_download_that_failed_goes_on_as_the_list_does(as_owner: Client, owner: User) -> None:
    upload = made(owner)
    default_storage.delete(upload.file_path)
    for number in range(31):
        Upload.objects.create(user=owner, original_filename=f"{number}.pdf", file_path="x")
    response = as_owner.get(f"/arquivos/{upload.pk}/baixar/")
    assert response.status_code == 410
    assert response.context["page"]["next_url"].startswith(f"{PAGE}?depois=")


def test_a_viewer_of_the_project_may_download_but_not_delete_and_an_editor_may(
    owner: User, stranger: User, as_stranger: Client
) -> None:
    upload = made(owner)
    project = Project.objects.create(user=owner, name="Caso")
    Upload.objects.update(project=project)
    assert as_stranger.get(f"/arquivos/{upload.pk}/baixar/").status_code == 404
    ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    assert body_of(as_stranger.get(f"/arquivos/{upload.pk}/baixar/")) == b"abc"
    assert as_stranger.post(f"/arquivos/{upload.pk}/excluir/").status_code == 403
    assert Upload.objects.get().deleted_at is None
    assert "Petição.pdf" not in as_stranger.get(PAGE).content.decode(), "the list is of one's own"
    html = as_stranger.get(f"{PAGE}?projeto={project.pk}").content.decode()
    assert "Petição.pdf" in html
    assert "excluir/" not in html
    assert "Neste projeto você só lê" in html
    ProjectMember.objects.update(role="editor")
    assert "excluir/" in as_stranger.get(f"{PAGE}?projeto={project.pk}").content.decode()
    assert as_stranger.post(f"/arquivos/{upload.pk}/excluir/").status_code == 303


# Deleting ----------------------------------------------------------------------------------------


def test_what_is_deleted_is_out_of_sight_and_can_be_taken_back(as_owner: Client, owner: User) -> None:
    upload = made(owner)
    assert as_owner.post(f"/arquivos/{upload.pk}/excluir/")["Location"] == PAGE
    html = as_owner.get(PAGE).content.decode()
    assert "foi excluído" in html
    assert f'action="/arquivos/{upload.pk}/desfazer-exclusao/"' in html
    assert f"/arquivos/{upload.pk}/baixar/" not in html
    assert as_owner.get(f"/arquivos/{upload.pk}/baixar/").status_code == 404
    assert as_owner.post(f"/arquivos/{upload.pk}/desfazer-exclusao/").status_code == 303
    assert body_of(as_owner.get(f"/arquivos/{upload.pk}/baixar/")) == b"abc"
    assert rows() == ["arquivo.enviar", "arquivo.excluir", "arquivo.desfazer-exclusao", "arquivo.baixar"]


def test_only_who_deleted_it_takes_it_back(as_owner: Client, as_stranger: Client, owner: User) -> None:
    upload = made(owner)
    as_owner.post(f"/arquivos/{upload.pk}/excluir/")
    assert as_stranger.post(f"/arquivos/{upload.pk}/desfazer-exclusao/").status_code == 404
    assert Upload.objects.get().deleted_at


# The list ----------------------------------------------------------------------------------------


def test_the_list_goes_on_where_the_page_ended(as_owner: Client, owner: User) -> None:
    now = timezone.now()
    for number in range(35):
        Upload.objects.create(
            user=owner,
            original_filename=f"nº {number:02}.pdf",
            file_path="x",
            created_at=now - timedelta(minutes=number),
        )
    first = as_owner.get(PAGE)
    names = [item.original_filename for item, _ in first.context["page"]["items"]]
    assert names == [f"nº {number:02}.pdf" for number in range(30)]
    second = as_owner.get(first.context["page"]["next_url"])
    names = [item.original_filename for item, _ in second.context["page"]["items"]]
    assert names == [f"nº {number:02}.pdf" for number in range(30, 35)]
    assert second.context["page"]["next_url"] == ""


@pytest.mark.parametrize("rows_there", [10, 20])
def test_the_list_takes_as_many_queries_with_twenty_files_as_with_ten(
    as_owner: Client, owner: User, rows_there: int
) -> None:
    for _ in range(rows_there):
        Upload.objects.create(user=owner, original_filename="x.pdf", file_path="x", upload_status="ready")
    as_owner.get(PAGE)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        as_owner.get(PAGE)
    files = [query["sql"] for query in queries if '"uploads"' in query["sql"]]
    assert len(files) == 2, "the files, and which of them may be changed"
    assert len([query for query in queries if '"upload_pages"' in query["sql"]]) == 1
    assert len(queries) <= 8, [query["sql"][:80] for query in queries]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"upload_status": "pending"}, "aguardando leitura"),
        ({"upload_status": "ready"}, "pronto"),
        ({"upload_status": "ready", "page_count": 1200}, "pronto: 1.200 páginas"),
        ({"upload_status": "processing"}, "lendo"),
        ({"upload_status": "processing", "page_count": 40, "pages_done": 11}, "lendo página 12 de 40"),
        ({"upload_status": "failed"}, "não pôde ser lido"),
        (
            {"upload_status": "failed", "error": "damaged", "metadata": {"error_page": 7}},
            "A leitura parou na página 7.",
        ),
        ({"upload_status": "failed", "error": "password"}, "protegido por senha"),
        ({"upload_status": "failed", "error": "cancelled"}, "leitura cancelada"),
        ({"metadata": {"multipart": {}}}, "sendo enviado"),
        ({"metadata": {"multipart": {}}, "created_at": timezone.now() - timedelta(hours=2)}, "envio interrompido"),
    ],
)
def test_the_state_of_a_file_is_said_in_words(
    as_owner: Client, owner: User, fields: dict[str, object], words: str
) -> None:
    Upload.objects.create(user=owner, original_filename="x.pdf", file_path="x", file_size=1, **fields)
    assert words in as_owner.get(PAGE).content.decode()


def test_what_storage_says_never_reaches_a_log(
    owner: User, settings: Settings, directory: Path, caplog: pytest.LogCaptureFixture
) -> None:
    directory.parent.joinpath("full").write_text("no directory")
    settings.MEDIA_ROOT = str(directory.parent / "full")
    with pytest.raises(StorageAway):
        made(owner, "Segredo do cliente.pdf")
    assert "Segredo" not in caplog.text
    assert str(directory.parent) not in caplog.text


def test_who_has_just_lost_her_right_moves_nothing(owner: User, stranger: User) -> None:
    """Between the page's question and the move itself."""
    upload = made(owner)
    project, other = (Project.objects.create(user=owner, name=name) for name in ("Caso", "Outro"))
    Upload.objects.update(project=project)
    mine = Project.objects.create(user=stranger, name="Meu")
    upload.refresh_from_db()
    for target in (mine, other):
        with pytest.raises(actions.Refused):
            actions.move(upload, target, user=stranger)
    assert Upload.objects.get().project == project
    assert rows() == ["arquivo.enviar"]
