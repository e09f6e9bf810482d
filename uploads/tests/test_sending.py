"""Files on S3, and large ones straight from the browser to it: a real client at the wire, a simulated S3 behind."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from projects.models import Project, ProjectMember
from romagent.deployment import bucket_origin
from uploads import actions, multipart
from uploads.models import Upload

if TYPE_CHECKING:
    from tests.bucket import SimulatedS3

pytest_plugins = ["tests.bucket"]
pytestmark = pytest.mark.django_db
MB = 1024**2
SIZE = 17 * MB + 5  # two parts, the second small
NAMES = {"name": "Autos completos.pdf", "size": SIZE}
CODE = {"hx-request": "true"}


def put(url: str, body: bytes) -> int:
    headers = {"Content-Type": "application/octet-stream"}  # urllib would call it a form
    request = urllib.request.Request(url, data=body, method="PUT", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


def begun(client: Client, **changes: Any) -> dict[str, Any]:
    response = client.post("/arquivos/envio/", NAMES | changes, headers=CODE)
    assert response.status_code == 201, response.content
    found: dict[str, Any] = response.json()
    return found


def send_part(client: Client, plan: dict[str, Any], number: int, size: int) -> int:
    answer = client.post(plan["part"], {"part": number}, headers=CODE)
    assert answer.status_code == 200, answer.content
    return put(answer.json()["url"], bytes(size))


def send_all(client: Client, plan: dict[str, Any]) -> None:
    assert send_part(client, plan, 1, 16 * MB) == 200
    assert send_part(client, plan, 2, MB + 5) == 200


def rows() -> list[str]:
    return list(AuditLog.objects.order_by("id").values_list("action", flat=True))


# The bucket --------------------------------------------------------------------------------------


def test_a_file_through_the_server_lands_encrypted_and_private_in_the_bucket(
    as_owner: Client, owner: User, s3: SimulatedS3, bucket: str
) -> None:
    as_owner.post("/arquivos/", {"file": ContentFile(b"abc", "Contrato.pdf")})
    (key,) = s3.keys(bucket)
    head = s3.client.head_object(Bucket=bucket, Key=key)
    assert (head["ServerSideEncryption"], head["ContentLength"]) == ("AES256", 3)
    assert key == Upload.objects.get().file_path
    grants = s3.client.get_object_acl(Bucket=bucket, Key=key)["Grants"]
    assert not [grant for grant in grants if "AllUsers" in grant["Grantee"].get("URI", "")]


def test_what_is_there_is_never_overwritten(s3: SimulatedS3, bucket: str) -> None:
    first = default_storage.save("arquivos/x.pdf", ContentFile(b"um"))
    second = default_storage.save("arquivos/x.pdf", ContentFile(b"dois"))
    assert first != second
    assert s3.client.get_object(Bucket=bucket, Key=first)["Body"].read() == b"um"


def test_a_large_file_that_is_opened_is_never_whole_in_memory(bucket: str) -> None:
    name = default_storage.save("arquivos/x.pdf", ContentFile(bytes(9 * MB)))
    with default_storage.open(name) as stored:
        assert stored.read(3) == bytes(3)
        assert stored.file._rolled, "on the disk"


def test_a_download_is_a_link_that_is_soon_worth_nothing(as_owner: Client, owner: User, bucket: str) -> None:
    upload = actions.receive(ContentFile(b"abc", "Petição.pdf"), user=owner)
    response = as_owner.get(f"/arquivos/{upload.pk}/baixar/")
    assert (response.status_code, response["Cache-Control"]) == (302, "no-store")
    query = parse_qs(urlsplit(response["Location"]).query)
    assert query["X-Amz-Expires"] == ["300"]
    assert query["response-content-disposition"][0].startswith("attachment;")
    assert query["response-content-type"] == ["application/octet-stream"]
    with urllib.request.urlopen(response["Location"], timeout=30) as answer:
        assert answer.read() == b"abc"
    assert rows()[-1] == "arquivo.baixar"


def test_s3_that_does_not_answer_is_said_and_leaves_nothing(
    as_owner: Client, bucket: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.AWS_S3_ENDPOINT_URL = "http://127.0.0.1:9"  # nobody listens there
    settings.STORAGES = dict(settings.STORAGES)  # made anew
    for path, form in [("/arquivos/", {"file": ContentFile(b"abc", "x.pdf")}), ("/arquivos/envio/", NAMES)]:
        response = as_owner.post(path, form, headers=CODE)
        assert response.status_code == 503
        assert "O armazenamento de arquivos não respondeu" in response.json()["error"]
    assert not Upload.objects.exists()
    assert rows() == []


@pytest.mark.parametrize(("endpoint", "region"), [(None, "sa-east-1"), ("https://s3.servico.example:9000/", None)])
def test_the_pages_policy_names_the_origin_that_links_are_made_for(
    settings: Settings, endpoint: str | None, region: str | None
) -> None:
    settings.AWS_STORAGE_BUCKET_NAME = "rom-arquivos"
    settings.AWS_S3_ENDPOINT_URL, settings.AWS_S3_REGION_NAME = endpoint, region
    settings.AWS_ACCESS_KEY_ID, settings.AWS_SECRET_ACCESS_KEY = "x", "y"
    settings.STORAGES = settings.STORAGES | {"default": {"BACKEND": "uploads.s3.PrivateS3"}}
    link = urlsplit(multipart.link_for(multipart.Sending("arquivos/x.pdf", "id", 10, 10), 1))
    assert f"{link.scheme}://{link.netloc}" == bucket_origin("rom-arquivos", region, endpoint)


# Straight from the browser -----------------------------------------------------------------------


def test_a_large_file_goes_to_s3_in_parts_and_is_there_whole(
    as_owner: Client, owner: User, s3: SimulatedS3, bucket: str
) -> None:
    plan = begun(as_owner)
    assert (plan["parts"], plan["partSize"], plan["arrived"]) == (2, 16 * MB, [])
    upload = Upload.objects.get()
    assert (upload.upload_status, upload.file_size, upload.being_sent) == ("pending", SIZE, True)
    send_all(as_owner, plan)
    assert as_owner.get(plan["state"], headers=CODE).json()["arrived"] == [1, 2]
    answer = as_owner.post(plan["finish"], headers=CODE)
    assert (answer.status_code, answer.json()["next"], answer.json()["id"]) == (200, "/arquivos/", str(upload.pk))
    upload.refresh_from_db()
    assert (upload.upload_status, upload.being_sent) == ("pending", False), "it waits to be read"
    assert ProcrastinateJob.objects.filter(task_name="uploads.read", args={"upload_id": str(upload.pk)}).count() == 1
    head = s3.client.head_object(Bucket=bucket, Key=upload.file_path)
    assert (head["ContentLength"], head["ServerSideEncryption"]) == (SIZE, "AES256")
    assert rows() == ["arquivo.iniciar-envio", "arquivo.enviar"]
    assert s3.sendings(bucket) == []


def test_finishing_again_after_a_lost_answer_changes_nothing(as_owner: Client, bucket: str) -> None:
    plan = begun(as_owner)
    send_all(as_owner, plan)
    assert [as_owner.post(plan["finish"], headers=CODE).status_code for _ in range(3)] == [200, 200, 200]
    assert rows() == ["arquivo.iniciar-envio", "arquivo.enviar"]


def test_a_file_put_together_by_a_request_that_died_is_taken_for_whole(
    as_owner: Client, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = begun(as_owner)
    send_all(as_owner, plan)
    assert multipart.complete(actions.sending_of(Upload.objects.get())), "and then the process died"
    assert as_owner.post(plan["finish"], headers=CODE).status_code == 200
    assert not Upload.objects.get().being_sent


def test_what_is_not_whole_is_not_taken_and_can_be_gone_on_with(as_owner: Client, bucket: str) -> None:
    plan = begun(as_owner)
    send_part(as_owner, plan, 1, 16 * MB)
    answer = as_owner.post(plan["finish"], headers=CODE)
    assert answer.status_code == 409
    assert "não chegou inteiro" in answer.json()["error"]
    assert as_owner.get(plan["state"], headers=CODE).json()["arrived"] == [1]
    assert send_part(as_owner, plan, 2, MB + 5) == 200
    assert as_owner.post(plan["finish"], headers=CODE).status_code == 200


def test_a_part_of_another_size_counts_as_not_arrived(as_owner: Client, bucket: str) -> None:
    """S3 itself refuses it, since the length is in the link's signature; the simulated one does not look."""
    plan = begun(as_owner)
    url = as_owner.post(plan["part"], {"part": 2}, headers=CODE).json()["url"]
    assert "content-length" in parse_qs(urlsplit(url).query)["X-Amz-SignedHeaders"][0]
    put(url, bytes(MB))
    assert as_owner.get(plan["state"], headers=CODE).json()["arrived"] == []


def test_what_the_bucket_has_forgotten_is_said_to_be_gone_for_good(
    as_owner: Client, s3: SimulatedS3, bucket: str
) -> None:
    """Not that S3 does not answer: whoever tries again in a moment would hear the same for ever."""
    plan = begun(as_owner)
    sending = actions.sending_of(Upload.objects.get())
    s3.client.abort_multipart_upload(Bucket=bucket, Key=sending.path, UploadId=sending.id)
    answers = [as_owner.get(plan["state"], headers=CODE), as_owner.post(plan["finish"], headers=CODE)]
    assert [answer.status_code for answer in answers] == [410, 410]
    assert "não está mais no armazenamento" in answers[0].json()["error"]
    assert as_owner.post(plan["cancel"], headers=CODE).status_code == 204


def test_two_requests_that_finish_at_the_same_moment_are_both_told_that_it_is_there(
    as_owner: Client, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = begun(as_owner)
    send_all(as_owner, plan)
    sending, size_of_file, asked = actions.sending_of(Upload.objects.get()), multipart._size_of_file, []

    def meanwhile(which: multipart.Sending) -> int | None:
        found = size_of_file(which)
        if not asked:
            asked.append(True)
            assert multipart.complete(sending), "the other one, between our question and its answer"
        return found

    monkeypatch.setattr(multipart, "_size_of_file", meanwhile)
    assert multipart.complete(sending)


@pytest.mark.parametrize("part", ["0", "3", "-1", "x", ""])
def test_there_are_no_links_for_parts_that_the_file_has_not(as_owner: Client, bucket: str, part: str) -> None:
    answer = as_owner.post(begun(as_owner)["part"], {"part": part}, headers=CODE)
    assert (answer.status_code, answer.json()) == (422, {"error": "Esta parte do arquivo não existe."})


def test_a_cancelled_sending_leaves_nothing_in_the_bucket(as_owner: Client, s3: SimulatedS3, bucket: str) -> None:
    plan = begun(as_owner)
    send_part(as_owner, plan, 1, 16 * MB)
    assert len(s3.sendings(bucket)) == 1
    assert as_owner.post(plan["cancel"], headers=CODE).status_code == 204
    assert (s3.sendings(bucket), s3.keys(bucket)) == ([], [])
    upload = Upload.objects.get()
    assert (upload.upload_status, upload.file_path) == ("failed", "")
    assert upload.deleted_at, "the clean-up removes its row"
    assert as_owner.post(plan["finish"], headers=CODE).status_code == 404
    assert as_owner.post(f"/arquivos/{upload.pk}/desfazer-exclusao/").status_code == 404, (
        "there is nothing to take back"
    )
    assert rows() == ["arquivo.iniciar-envio", "arquivo.cancelar-envio"]


def test_the_list_can_cancel_what_was_left_on_its_way(as_owner: Client, s3: SimulatedS3, bucket: str) -> None:
    begun(as_owner)
    upload = Upload.objects.get()
    html = as_owner.get("/arquivos/").content.decode()
    assert f"/arquivos/{upload.pk}/baixar/" not in html
    assert as_owner.get(f"/arquivos/{upload.pk}/baixar/").status_code == 409
    assert as_owner.post(f"/arquivos/{upload.pk}/excluir/").status_code == 303
    assert s3.sendings(bucket) == []
    assert "foi cancelado" in as_owner.get("/arquivos/").content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"size": 0}, "vazio"), ({"size": 1024**3 + 1}, "o limite é 1 GB"), ({"size": -1}, ""), ({"name": ""}, "")],
)
def test_what_cannot_be_taken_is_refused_before_it_is_sent(
    as_owner: Client, s3: SimulatedS3, bucket: str, changes: dict[str, Any], words: str
) -> None:
    answer = as_owner.post("/arquivos/envio/", NAMES | changes, headers=CODE)
    assert answer.status_code == 422
    assert words in answer.json()["error"]
    assert s3.sendings(bucket) == []
    assert not Upload.objects.exists()


def test_the_limit_of_an_hour_counts_large_files_too(as_owner: Client, bucket: str, settings: Settings) -> None:
    settings.UPLOADS_PER_HOUR = 1
    begun(as_owner)
    assert as_owner.post("/arquivos/envio/", NAMES, headers=CODE).status_code == 429


def test_nobody_else_has_a_part_in_it(
    as_owner: Client, as_stranger: Client, owner: User, stranger: User, s3: SimulatedS3, bucket: str
) -> None:
    """Not even a member of the file's project, who may read it when it is whole."""
    plan = begun(as_owner)
    project = Project.objects.create(user=owner, name="Caso")
    ProjectMember.objects.create(project=project, user=stranger)
    Upload.objects.update(project=project)
    assert as_stranger.get(plan["state"], headers=CODE).status_code == 404
    for what in ("part", "finish", "cancel"):
        assert as_stranger.post(plan[what], {"part": 1}, headers=CODE).status_code == 404, what
    assert len(s3.sendings(bucket)) == 1


def test_the_page_says_that_what_is_larger_goes_straight_there(as_owner: Client, bucket: str) -> None:
    html = as_owner.get("/arquivos/").content.decode()
    assert "até 1 GB; os que passam de 16 MB vão direto do navegador para o armazenamento do escritório." in html


@pytest.mark.parametrize(
    ("size", "part_size"), [(1, 16 * MB), (100 * 1024**3, 21 * MB), (5 * 1024**4, 1049 * MB), (16 * MB, 16 * MB)]
)
def test_a_file_of_any_size_has_as_many_parts_as_s3_takes(size: int, part_size: int) -> None:
    assert multipart.part_size_for(size) == part_size
    sending = multipart.Sending("x", "x", size, part_size)
    assert sending.parts <= 10_000
    assert sum(sending.size_of(number) for number in range(1, sending.parts + 1)) == size
