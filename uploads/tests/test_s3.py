"""Files on S3, at the wire: a simulated S3 on this machine, the real client, and the parts a browser would send."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit
from urllib.request import ProxyHandler, Request, build_opener

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from tests.s3 import BUCKET, SimulatedS3
from uploads import multipart
from uploads.models import Upload

pytestmark = pytest.mark.django_db
PART = 5 * 1024 * 1024  # the least that S3 takes


@pytest.fixture(scope="module")
def _s3() -> Iterator[SimulatedS3]:
    with SimulatedS3() as s3:
        yield s3


@pytest.fixture
def s3(_s3: SimulatedS3, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimulatedS3]:
    for name, value in _s3.settings.items():
        setattr(settings, name, value)
    monkeypatch.setattr(multipart, "PART_BYTES", PART)
    storages._storages.pop("default", None)
    yield _s3
    storages._storages.pop("default", None)


def put(url: str, content: bytes) -> str:
    """As the browser does; the part's ETag."""
    request = Request(url, content, {"Content-Type": "application/octet-stream"}, method="PUT")
    with build_opener(ProxyHandler({})).open(request, timeout=20) as response:
        return str(response.headers["ETag"])


def get(url: str) -> tuple[bytes, Any]:
    with build_opener(ProxyHandler({})).open(url, timeout=20) as response:
        return response.read(), response.headers


def post(client: Client, path: str, data: Any = None) -> Any:
    return client.post(path, json.dumps(data or {}), content_type="application/json")


def begin(client: Client, size: int, name: str = "Volume 1.pdf") -> dict[str, Any]:
    answer = post(client, "/arquivos/envio/", {"name": name, "size": size, "type": "application/pdf"})
    assert answer.status_code == 201, answer.content
    found: dict[str, Any] = answer.json()
    return found


def send_parts(client: Client, begun: dict[str, Any], content: bytes) -> list[dict[str, Any]]:
    numbers = list(range(1, begun["parts"] + 1))
    urls = post(client, f"/arquivos/envio/{begun['id']}/partes/", {"numbers": numbers}).json()["urls"]
    return [
        {"number": n, "etag": put(urls[str(n)], content[(n - 1) * begun["part_size"] : n * begun["part_size"]])}
        for n in numbers
    ]


def test_a_small_file_goes_through_the_server_and_comes_by_a_link(as_owner: Client, s3: SimulatedS3) -> None:
    content = b"%PDF- pequeno"
    file = SimpleUploadedFile("Contestação.pdf", content, content_type="application/pdf")
    assert as_owner.post("/arquivos/", {"file": file}).status_code == 303
    it = Upload.objects.get()
    answer = as_owner.get(f"/arquivos/{it.pk}/baixar/")
    assert answer.status_code == 302
    link = urlsplit(answer["Location"])
    assert parse_qs(link.query)["X-Amz-Expires"] == ["300"]
    found, headers = get(answer["Location"])
    assert found == content
    assert "Contesta%C3%A7%C3%A3o.pdf" in headers["Content-Disposition"]
    stored = s3.client().head_object(Bucket=BUCKET, Key=it.file_path)
    assert stored["ServerSideEncryption"] == "AES256"
    assert AuditLog.objects.filter(action="arquivo.baixar").count() == 1


def test_a_large_file_goes_in_parts_that_the_server_never_sees(as_owner: Client, owner: User, s3: SimulatedS3) -> None:
    content = bytes(range(256)) * (11 * 1024 * 4)  # 11 MB: three parts
    begun = begin(as_owner, len(content))
    assert (begun["parts"], begun["part_size"]) == (3, PART)
    assert "Volume 1.pdf" not in as_owner.get("/arquivos/").content.decode()  # not before it is whole
    parts = send_parts(as_owner, begun, content)
    assert post(as_owner, f"/arquivos/envio/{begun['id']}/concluir/", {"parts": parts}).status_code == 200
    it = Upload.objects.get()
    assert (it.user, it.original_filename, it.file_size, it.metadata) == (owner, "Volume 1.pdf", len(content), {})
    found, _ = get(as_owner.get(f"/arquivos/{it.pk}/baixar/")["Location"])
    assert found == content
    actions = list(AuditLog.objects.order_by("created_at").values_list("action", flat=True))
    assert actions == ["arquivo.iniciar-envio", "arquivo.enviar", "arquivo.baixar"]
    assert post(as_owner, f"/arquivos/envio/{begun['id']}/concluir/", {"parts": parts}).status_code == 404  # once


def test_a_file_that_came_with_another_size_is_not_kept(as_owner: Client, s3: SimulatedS3) -> None:
    begun = begin(as_owner, 1_000)
    parts = send_parts(as_owner, begun, b"x" * 999)
    answer = post(as_owner, f"/arquivos/envio/{begun['id']}/concluir/", {"parts": parts})
    assert (answer.status_code, "outro tamanho" in answer.json()["error"]) == (422, True)
    assert not s3.client().list_objects_v2(Bucket=BUCKET, Prefix=Upload.objects.get().file_path).get("Contents")


@pytest.mark.parametrize(
    "parts", [None, [], [{"number": 2, "etag": "x"}], [{"number": 1}], [{"number": 1, "etag": "x"}] * 2]
)
def test_parts_that_are_missing_are_said(as_owner: Client, s3: SimulatedS3, parts: Any) -> None:
    begun = begin(as_owner, 1_000)
    assert post(as_owner, f"/arquivos/envio/{begun['id']}/concluir/", {"parts": parts}).status_code == 422


def test_parts_that_s3_does_not_know_are_refused(as_owner: Client, s3: SimulatedS3) -> None:
    begun = begin(as_owner, 1_000)
    answer = post(as_owner, f"/arquivos/envio/{begun['id']}/concluir/", {"parts": [{"number": 1, "etag": '"x"'}]})
    assert (answer.status_code, "Envie-o de novo" in answer.json()["error"]) == (422, True)


def test_a_cancelled_file_leaves_nothing(as_owner: Client, s3: SimulatedS3) -> None:
    begun = begin(as_owner, 1_000)
    send_parts(as_owner, begun, b"x" * 1_000)
    place = Upload.objects.get().file_path
    assert post(as_owner, f"/arquivos/envio/{begun['id']}/cancelar/").status_code == 204
    assert not Upload.objects.exists()
    left = s3.client().list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    assert place not in {upload["Key"] for upload in left}
    assert AuditLog.objects.filter(action="arquivo.cancelar-envio").count() == 1


@pytest.mark.parametrize("action", ["partes", "concluir", "cancelar"])
def test_a_stranger_gets_404(as_owner: Client, as_stranger: Client, s3: SimulatedS3, action: str) -> None:
    begun = begin(as_owner, 1_000)
    assert post(as_stranger, f"/arquivos/envio/{begun['id']}/{action}/", {"numbers": [1]}).status_code == 404
    assert Upload.objects.get().metadata["multipart"]


@pytest.mark.parametrize("numbers", [None, "1", [], [0], [2], ["1"], [1] * 101])
def test_only_parts_of_the_file_are_signed(as_owner: Client, s3: SimulatedS3, numbers: Any) -> None:
    begun = begin(as_owner, 1_000)
    assert post(as_owner, f"/arquivos/envio/{begun['id']}/partes/", {"numbers": numbers}).status_code == 422


@pytest.mark.parametrize(
    "data", [{}, {"name": "a"}, {"name": "a", "size": 0}, {"name": "", "size": 5}, {"name": "a", "size": 10**14}, []]
)
def test_an_announcement_that_makes_no_sense_is_refused(as_owner: Client, s3: SimulatedS3, data: Any) -> None:
    answer = post(as_owner, "/arquivos/envio/", data)
    assert answer.status_code == 422
    assert answer.json()["error"]
