"""A page as it looks, a file's whole text, and the file's own page: who gets them, and that nothing in them can act."""

from decimal import Decimal
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from projects.models import Project, ProjectMember
from tests.running import SimulatedApi, read_files
from uploads import serving
from uploads.models import Upload, UploadPage
from uploads.tests.papers import pdf, sent

pytestmark = pytest.mark.usefixtures("committed")
WORDS = "O laudo pericial conclui pela incapacidade total e permanente do autor."
FRAGMENT = {"hx-request": "true"}


@pytest.fixture(autouse=True)
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def upload(owner: User, api: SimulatedApi) -> Upload:
    made = sent(owner, pdf([WORDS, "Segunda página, também com palavras para ler."]), "Laudo “final”.pdf")
    read_files(made)
    return made


def closed(response: object) -> bool:
    headers = response.headers  # type: ignore[attr-defined]
    return (headers["Content-Security-Policy"], headers["X-Content-Type-Options"]) == (
        "sandbox; default-src 'none'", "nosniff",
    )  # fmt: skip


def body_of(response: object) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


# A page as it looks ------------------------------------------------------------------------------


def test_a_page_is_drawn_and_kept_by_the_browser_as_long_as_it_may_be_seen(as_owner: Client, upload: Upload) -> None:
    path = f"/arquivos/{upload.pk}/paginas/2/imagem/"
    response = as_owner.get(path)
    assert (response.status_code, response["Content-Type"]) == (200, "image/jpeg")
    assert response.content.startswith(b"\xff\xd8\xff")
    assert closed(response)
    assert response["Cache-Control"] == "private, no-cache"
    again = as_owner.get(path, headers={"if-none-match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert as_owner.get(f"/arquivos/{upload.pk}/paginas/1/imagem/")["ETag"] != response["ETag"]
    assert path in as_owner.get(f"/arquivos/{upload.pk}/paginas/2/").content.decode()


def test_no_connection_is_held_while_a_page_is_drawn(
    as_owner: Client, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[bool] = []

    async def drawn(upload: Upload, number: int) -> bytes:
        held.append(connection.connection is not None)
        return b"x"

    monkeypatch.setattr(serving, "_drawn", drawn)
    assert as_owner.get(f"/arquivos/{upload.pk}/paginas/1/imagem/").status_code == 200
    assert held == [False]


@pytest.mark.parametrize("number", [0, 3])
def test_there_is_no_picture_of_a_page_that_is_none(as_owner: Client, upload: Upload, number: int) -> None:
    assert as_owner.get(f"/arquivos/{upload.pk}/paginas/{number}/imagem/").status_code == 404


def test_what_has_no_pages_to_draw_has_no_picture(as_owner: Client, owner: User, api: SimulatedApi) -> None:
    text = sent(owner, "Um texto simples, sem páginas.".encode(), "nota.txt")
    read_files(text)
    assert as_owner.get(f"/arquivos/{text.pk}/paginas/1/imagem/").status_code == 404
    assert "imagem/" not in as_owner.get(f"/arquivos/{text.pk}/paginas/1/").content.decode()


def test_a_page_that_cannot_be_drawn_says_why(as_owner: Client, upload: Upload, directory: Path) -> None:
    (directory / upload.file_path).write_bytes(b"%PDF-1.7 cortado")
    response = as_owner.get(f"/arquivos/{upload.pk}/paginas/1/imagem/")
    assert response.status_code == 422
    assert response["Content-Type"].startswith("text/plain")
    default_storage.delete(upload.file_path)
    assert as_owner.get(f"/arquivos/{upload.pk}/paginas/1/imagem/").status_code == 410


# The whole text ----------------------------------------------------------------------------------


def test_the_text_comes_with_its_pages_marked_under_the_files_name(as_owner: Client, upload: Upload) -> None:
    UploadPage.objects.filter(upload=upload, number=2).update(source="vision", error="too_long")
    response = as_owner.get(f"/arquivos/{upload.pk}/texto/")
    text = body_of(response).decode()
    assert text.startswith("=== Página 1 de 2 ===\n\nO laudo pericial")
    assert "=== Página 2 de 2, lido da imagem ===\n\n[A página tem texto demais" in text
    assert "filename*=utf-8''Laudo%20%E2%80%9Cfinal%E2%80%9D.txt" in response["Content-Disposition"]
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert closed(response)
    assert AuditLog.objects.filter(action="arquivo.baixar-texto", entity_id=upload.pk).count() == 1


@pytest.mark.parametrize(
    ("pages", "words"),
    [(2, ""), (3, "=== A página 3 não foi lida ==="), (812, "=== As páginas 3 a 812 não foram lidas ===")],
)
def test_a_text_that_is_not_all_of_the_file_says_so_at_its_end(
    as_owner: Client, upload: Upload, pages: int, words: str
) -> None:
    Upload.objects.update(page_count=pages, upload_status="failed", error="cancelled")
    text = body_of(as_owner.get(f"/arquivos/{upload.pk}/texto/")).decode()
    assert text.rstrip().endswith(words)
    assert ("lida" in text) == bool(words)


def test_a_long_text_comes_some_pages_at_a_time(as_owner: Client, upload: Upload) -> None:
    pages = [UploadPage(upload=upload, number=number, text="x") for number in range(3, 121)]
    UploadPage.objects.bulk_create(pages)
    parts = list(as_owner.get(f"/arquivos/{upload.pk}/texto/").streaming_content)
    assert len(parts) == 3
    assert b"".join(parts).count(b"=== P\xc3\xa1gina ") == 120


def test_the_file_itself_is_served_as_something_that_runs_nothing(as_owner: Client, upload: Upload) -> None:
    response = as_owner.get(f"/arquivos/{upload.pk}/baixar/")
    assert closed(response)
    assert body_of(response).startswith(b"%PDF")


# Who may -----------------------------------------------------------------------------------------


def test_viewers_see_all_of_it_former_members_and_strangers_nothing(
    owner: User, stranger: User, upload: Upload
) -> None:
    project = Project.objects.create(user=owner, name="Caso")
    Upload.objects.update(project=project)
    ways = ["", "paginas/1/", "paginas/1/imagem/", "texto/", "baixar/"]
    colleague = signed_in(stranger)

    def statuses() -> set[int]:
        responses = [colleague.get(f"/arquivos/{upload.pk}/{way}") for way in ways]
        for response in responses:
            response.close()
        return {response.status_code for response in responses}

    assert statuses() == {404}
    member = ProjectMember.objects.create(project=project, user=stranger, role="viewer")
    assert statuses() == {200}
    html = colleague.get(f"/arquivos/{upload.pk}/").content.decode()
    assert "excluir/" not in html
    for way in ("excluir", "senha", "ler-de-novo", "parar-leitura", "transcrever"):
        assert colleague.post(f"/arquivos/{upload.pk}/{way}/").status_code == 403, way
    member.delete()
    assert statuses() == {404}


# The file's own page -----------------------------------------------------------------------------


def page_of(client: Client, upload: Upload, **options: object) -> str:
    return client.get(f"/arquivos/{upload.pk}/", **options).content.decode()  # type: ignore[arg-type]


def test_a_files_page_says_what_it_is(as_owner: Client, upload: Upload) -> None:
    html = page_of(as_owner, upload)
    for words in ("Laudo “final”.pdf", "application/pdf", upload.sha256, "Pronto: 2 páginas.", "Baixar o texto"):
        assert words in html
    assert "data-active" not in html


def test_it_leads_to_a_page_by_its_number(as_owner: Client, upload: Upload) -> None:
    response = as_owner.get(f"/arquivos/{upload.pk}/", {"pagina": "2"})
    assert (response.status_code, response["Location"]) == (302, f"/arquivos/{upload.pk}/paginas/2/")
    for number in ("0", "3", "x", "9" * 500, "²"):
        assert as_owner.get(f"/arquivos/{upload.pk}/", {"pagina": number}).status_code == 200


def test_while_it_is_read_the_part_that_moves_is_asked_for_alone(as_owner: Client, upload: Upload) -> None:
    Upload.objects.update(upload_status="processing", page_count=40, pages_done=11)
    html = page_of(as_owner, upload, headers=FRAGMENT)
    assert "<html" not in html
    assert "data-active" in html
    assert 'data-said="lendo página 12 de 40"' in html
    assert '<progress max="40" value="11"' in html
    assert "Cancelar a leitura" in html


def test_a_protected_file_asks_for_its_password_and_is_then_read(
    as_owner: Client, owner: User, api: SimulatedApi
) -> None:
    protected = sent(owner, pdf([WORDS], password="segredo"), "protegido.pdf")
    read_files(protected)
    html = page_of(as_owner, protected)
    assert "Protegido por senha." in html
    assert "Informe a senha para que seja lido." in html
    assert "Ler de novo" not in html
    as_owner.post(f"/arquivos/{protected.pk}/senha/", {"password": "segredo"})
    read_files(protected)
    assert "Pronto: 1 página." in page_of(as_owner, protected)
    assert as_owner.get(f"/arquivos/{protected.pk}/paginas/1/imagem/").status_code == 200


def test_pages_that_could_not_be_read_are_named_with_the_reason(as_owner: Client, upload: Upload) -> None:
    rows = [UploadPage(upload=upload, number=n, error="damaged") for n in (4, 5, 9)]
    UploadPage.objects.bulk_create(rows)
    assert "Danificada: páginas 4 a 5 e 9." in page_of(as_owner, upload)
    Upload.objects.update(upload_status="failed", error="damaged", metadata={"error_page": 10})
    html = page_of(as_owner, upload)
    assert "A leitura parou na página 10." in html
    assert "Ler de novo" in html
    assert "Ler o texto" in html


def test_the_cost_of_transcribing_many_images_is_said_before(
    as_owner: Client, upload: Upload, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("uploads.pages.expected_cost", lambda pages: Decimal("0.70") * pages)
    UploadPage.objects.filter(upload=upload).update(error="no_text", text="")
    Upload.objects.update(transcription="asked")
    html = page_of(as_owner, upload)
    assert "2 páginas são imagens. Transcrever custa cerca de US$" in html
    assert "1,40" in html
    assert "Transcrever as imagens" in html
    assert "Deixar sem transcrição" in html


def test_the_part_that_moves_is_never_taken_for_the_page_itself(as_owner: Client, upload: Upload) -> None:
    for headers in ({}, FRAGMENT):
        assert "HX-Request" in as_owner.get(f"/arquivos/{upload.pk}/", headers=headers)["Vary"]
