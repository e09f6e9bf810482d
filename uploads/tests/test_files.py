"""One's files on the server's own disk: sending, fetching, taking away, and what is refused."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from uploads.models import FOLDER, Upload

pytestmark = pytest.mark.django_db
CONTENT = b"%PDF-1.7 " + b"x" * 3_000


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


def send(client: Client, name: str = "Petição inicial.pdf", content: bytes = CONTENT, **more: Any) -> Any:
    file = SimpleUploadedFile(name, content, content_type="application/pdf")
    return client.post("/arquivos/", {"file": file}, **more)


def test_a_file_is_kept_as_it_came(as_owner: Client, owner: User) -> None:
    assert send(as_owner).status_code == 303
    it = Upload.objects.get()
    assert (it.user, it.original_filename, it.file_size, it.upload_status) == (
        owner, "Petição inicial.pdf", len(CONTENT), "pending",
    )  # fmt: skip
    assert it.file_path == f"{FOLDER}/{owner.pk}/{it.pk}"
    assert len(it.sha256) == 64
    answer = as_owner.get(f"/arquivos/{it.pk}/baixar/")
    assert b"".join(answer) == CONTENT
    assert "attachment" in answer["Content-Disposition"]
    assert "Peti%C3%A7%C3%A3o%20inicial.pdf" in answer["Content-Disposition"]
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
    assert [row.action for row in AuditLog.objects.order_by("created_at")] == ["arquivo.enviar", "arquivo.baixar"]


@pytest.mark.parametrize(
    ("given", "kept"), [("../../etc/senhas", "senhas"), ("C:\\Users\\x\\a.doc", "a.doc"), ("é\x00.pdf", "é.pdf")]
)
def test_a_name_never_leads_anywhere(as_owner: Client, media: Path, given: str, kept: str) -> None:
    from uploads.actions import _name

    assert _name(given) == kept
    send(as_owner, given.replace("\x00", ""))
    assert {path.parent.parent for path in media.rglob("*") if path.is_file()} == {media / FOLDER}


def test_the_list_shows_ones_own(as_owner: Client, as_stranger: Client) -> None:
    send(as_owner, "da-helena.pdf")
    assert "da-helena.pdf" in as_owner.get("/arquivos/").content.decode()
    assert "da-helena.pdf" not in as_stranger.get("/arquivos/").content.decode()


def test_what_is_deleted_comes_back(as_owner: Client) -> None:
    send(as_owner)
    it = Upload.objects.get()
    page = as_owner.post(f"/arquivos/{it.pk}/excluir/", follow=True).content.decode()
    assert f"/arquivos/{it.pk}/restaurar/" in page
    assert as_owner.get(f"/arquivos/{it.pk}/baixar/").status_code == 404
    as_owner.post(f"/arquivos/{it.pk}/restaurar/")
    assert b"".join(as_owner.get(f"/arquivos/{it.pk}/baixar/")) == CONTENT
    assert default_storage.exists(it.file_path)


@pytest.mark.parametrize("action", ["baixar", "excluir", "restaurar"])
def test_a_stranger_gets_404(as_owner: Client, as_stranger: Client, as_staff: Client, action: str) -> None:
    send(as_owner)
    it = Upload.objects.get()
    for client in (as_stranger, as_staff):
        ask = client.get if action == "baixar" else client.post
        assert ask(f"/arquivos/{it.pk}/{action}/").status_code == 404
    it.refresh_from_db()
    assert it.deleted_at is None


@pytest.mark.parametrize(
    ("data", "words"),
    [({}, "Escolha um arquivo."), ({"file": SimpleUploadedFile("a", b"")}, "O arquivo está vazio.")],
)
def test_what_is_no_file_is_refused_in_words(as_owner: Client, data: dict[str, Any], words: str) -> None:
    answer = as_owner.post("/arquivos/", data)
    assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert not Upload.objects.exists()


def test_a_file_over_the_limit_is_refused_in_words(as_owner: Client, settings: Settings) -> None:
    settings.SERVER_UPLOAD_MAX_BYTES = 1_000
    answer = send(as_owner)
    assert (answer.status_code, "O arquivo passa de" in answer.content.decode()) == (422, True)


def test_too_many_in_an_hour_are_refused(as_owner: Client, settings: Settings) -> None:
    settings.UPLOADS_PER_HOUR = 2
    assert [send(as_owner).status_code for _ in range(3)] == [303, 303, 429]


def test_a_file_that_is_gone_from_the_disk_is_said(as_owner: Client) -> None:
    send(as_owner)
    it = Upload.objects.get()
    default_storage.delete(it.file_path)
    assert "não está mais no armazenamento" in as_owner.get(f"/arquivos/{it.pk}/baixar/", follow=True).content.decode()


def test_without_s3_a_large_file_is_not_begun(as_owner: Client) -> None:
    answer = as_owner.post("/arquivos/envio/", {"name": "a", "size": 1}, content_type="application/json")
    assert (answer.status_code, "tão grandes" in answer.json()["error"]) == (422, True)


@pytest.mark.parametrize("count", [10, 20])
def test_the_list_takes_as_many_queries_whatever_its_length(
    as_owner: Client, owner: User, count: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for number in range(count):
        Upload.objects.create(user=owner, original_filename=f"{number}.pdf")
    as_owner.get("/arquivos/")
    with django_assert_num_queries(4) as found:
        as_owner.get("/arquivos/")
    assert not [query for query in found.captured_queries if "upload_pages" in query["sql"]]


def test_the_list_goes_on(as_owner: Client, owner: User) -> None:
    for number in range(31):
        Upload.objects.create(user=owner, original_filename=f"n{number:02}.pdf")
    first = as_owner.get("/arquivos/").content.decode()
    assert "n30.pdf" in first
    assert "n00.pdf" not in first
    assert "Mais antigos" in first
