"""Large files in parts to this machine's disk, where there is no S3: taken up again, put in place, never read whole."""

import os
import resource
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit.models import AuditLog
from projects.models import Project, ProjectMember
from romagent import orphans
from romagent.base.retention import Policy
from uploads import actions, parts
from uploads.models import Upload

pytestmark = pytest.mark.django_db
MB = 1024**2
SIZE = 17 * MB + 5  # three parts, the last small
CODE = {"hx-request": "true"}
CONTENT = os.urandom(SIZE)


@pytest.fixture(autouse=True)
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


def begun(client: Client, **fields: Any) -> dict[str, Any]:
    response = client.post("/arquivos/envio/", {"name": "Autos.pdf", "size": SIZE} | fields, headers=CODE)
    assert response.status_code == 201, response.content
    plan: dict[str, Any] = response.json()
    return plan


def send_part(client: Client, plan: dict[str, Any], number: int, content: bytes | None = None) -> int:
    where = client.post(plan["part"], {"part": number}, headers=CODE).json()
    assert where["method"] == "POST"
    at = (number - 1) * plan["partSize"]
    body = CONTENT[at : at + plan["partSize"]] if content is None else content
    return client.post(where["url"], body, content_type="application/octet-stream", headers=CODE).status_code


def files_in(directory: Path) -> list[str]:
    return sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())


def rows() -> list[str]:
    return list(AuditLog.objects.order_by("id").values_list("action", flat=True))


def test_a_file_comes_in_parts_in_any_order_and_is_what_was_sent(as_owner: Client, directory: Path) -> None:
    plan = begun(as_owner)
    assert (plan["parts"], plan["partSize"], plan["arrived"]) == (3, 8 * MB, [])
    assert [send_part(as_owner, plan, number) for number in (3, 1, 2)] == [204, 204, 204]
    assert as_owner.get(plan["state"], headers=CODE).json()["arrived"] == [1, 2, 3]
    assert as_owner.post(plan["finish"], headers=CODE).status_code == 200
    upload = Upload.objects.get()
    stored = directory / upload.file_path
    assert stored.read_bytes() == CONTENT
    assert stored.stat().st_mode & 0o077 == 0, "nobody else on the machine reads it"
    assert files_in(directory) == [upload.file_path], "nothing is left of the parts"
    assert (upload.upload_status, upload.being_sent) == ("pending", False)
    assert rows() == ["arquivo.iniciar-envio", "arquivo.enviar"]


def test_after_a_cut_line_only_what_is_missing_is_sent(as_owner: Client) -> None:
    plan = begun(as_owner)
    send_part(as_owner, plan, 2)
    assert as_owner.post(plan["finish"], headers=CODE).status_code == 409
    assert as_owner.get(plan["state"], headers=CODE).json()["arrived"] == [2]
    send_part(as_owner, plan, 1)
    send_part(as_owner, plan, 3)
    assert [as_owner.post(plan["finish"], headers=CODE).status_code for _ in range(2)] == [200, 200]
    assert rows() == ["arquivo.iniciar-envio", "arquivo.enviar"]


@pytest.mark.parametrize("size", [0, 8 * MB - 1, 8 * MB + 1])
def test_a_part_of_another_size_has_not_arrived(as_owner: Client, size: int) -> None:
    plan = begun(as_owner)
    assert send_part(as_owner, plan, 1, bytes(size)) == 422
    assert as_owner.get(plan["state"], headers=CODE).json()["arrived"] == []


@pytest.mark.parametrize("number", [0, 4])
def test_there_is_no_part_beyond_the_file(as_owner: Client, number: int) -> None:
    plan = begun(as_owner)
    response = as_owner.post(f"{plan['part']}{number}/", b"x", content_type="application/octet-stream", headers=CODE)
    assert (response.status_code, response.json()["error"]) == (422, "Esta parte do arquivo não existe.")


def test_a_cancelled_sending_leaves_nothing(as_owner: Client, directory: Path) -> None:
    plan = begun(as_owner)
    send_part(as_owner, plan, 1)
    assert as_owner.post(plan["cancel"], headers=CODE).status_code == 204
    assert files_in(directory) == []
    assert as_owner.post(plan["finish"], headers=CODE).status_code == 404


def test_a_file_put_in_place_by_a_request_that_died_is_taken_for_whole(as_owner: Client) -> None:
    plan = begun(as_owner)
    for number in (1, 2, 3):
        send_part(as_owner, plan, number)
    assert parts.complete(actions.sending_of(Upload.objects.get())), "and then the process died"
    assert as_owner.post(plan["finish"], headers=CODE).status_code == 200
    assert not Upload.objects.get().being_sent


def test_a_disk_that_takes_nothing_is_said(as_owner: Client, settings: Settings, directory: Path) -> None:
    plan = begun(as_owner)
    directory.parent.joinpath("full").write_text("no directory")
    settings.MEDIA_ROOT = str(directory.parent / "full")
    response = as_owner.post("/arquivos/envio/", {"name": "x.pdf", "size": SIZE}, headers=CODE)
    assert response.status_code == 503
    assert send_part(as_owner, plan, 1) == 503
    assert Upload.objects.count() == 1


def test_nobody_else_has_a_part_in_it(as_owner: Client, as_stranger: Client, owner: User, stranger: User) -> None:
    plan = begun(as_owner)
    project = Project.objects.create(user=owner, name="Caso")
    ProjectMember.objects.create(project=project, user=stranger)
    Upload.objects.update(project=project)
    for path in (f"{plan['part']}1/", plan["finish"], plan["cancel"], plan["part"]):
        assert as_stranger.post(path, {"part": 1}, headers=CODE).status_code == 404


def test_who_is_no_editor_any_more_cannot_go_on(as_owner: Client, owner: User, stranger: User) -> None:
    project = Project.objects.create(user=stranger, name="Caso")
    member = ProjectMember.objects.create(project=project, user=owner)
    plan = begun(as_owner, projeto=project.pk)
    assert Upload.objects.get().project == project
    member.delete()
    assert as_owner.post(plan["finish"], headers=CODE).status_code == 404
    assert as_owner.post(f"{plan['part']}1/", b"x", content_type="x/x", headers=CODE).status_code == 404


def test_parts_that_nobody_goes_on_with_are_cleaned_up_and_others_not(as_owner: Client, directory: Path) -> None:
    for number in range(2):
        plan = begun(as_owner, name=f"{number}.pdf")
        send_part(as_owner, plan, 1)
    old, young = Upload.objects.order_by("pk")
    Upload.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=8))
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for path in directory.rglob("*"):
        os.utime(path, (long_ago, long_ago))
    known = old.metadata["multipart"]["id"]
    found = sorted(orphans.find(Policy.from_settings()))
    assert found == [f"partes/{known}", f"partes/{known}.chegou"]
    for name in found:
        default_storage.delete(name)
    assert as_owner.get(f"/arquivos/envio/{UUID(str(old.pk))}/", headers=CODE).json()["arrived"] == []
    assert as_owner.get(f"/arquivos/envio/{young.pk}/", headers=CODE).json()["arrived"] == [1]


def test_two_requests_that_finish_at_the_same_moment_leave_the_file_as_it_was_sent(
    as_owner: Client, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same file chosen twice is one sending; the second request has just seen that nothing is in place yet."""
    plan = begun(as_owner)
    for number in (1, 2, 3):
        send_part(as_owner, plan, number)
    sending = actions.sending_of(Upload.objects.get())
    arrived, answers = parts.arrived, []

    def meanwhile(which: Any) -> dict[int, str]:
        found = arrived(which)
        if not answers:
            answers.append(True)
            answers.append(parts.complete(sending))
        return found

    monkeypatch.setattr(parts, "arrived", meanwhile)
    assert parts.complete(sending)
    assert answers == [True, True]
    assert (directory / sending.path).read_bytes() == CONTENT
    assert files_in(directory) == [sending.path]


def test_a_file_whose_bytes_are_gone_is_not_put_together_of_nothing(as_owner: Client, directory: Path) -> None:
    plan = begun(as_owner)
    for number in (1, 2, 3):
        send_part(as_owner, plan, number)
    (directory / "partes" / Upload.objects.get().metadata["multipart"]["id"]).unlink()
    assert as_owner.post(plan["finish"], headers=CODE).status_code == 409
    assert as_owner.get(plan["state"], headers=CODE).json()["arrived"] == [], "all of it has to be sent again"
    assert [send_part(as_owner, plan, number) for number in (1, 2, 3)] == [204, 204, 204]
    assert as_owner.post(plan["finish"], headers=CODE).status_code == 200
    assert (directory / Upload.objects.get().file_path).read_bytes() == CONTENT


def test_a_part_of_which_the_disk_takes_only_the_beginning_has_not_arrived(as_owner: Client) -> None:
    """A disk that gets full takes a piece of the last write, without an error until the next one."""
    plan = begun(as_owner)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8 * MB - 1000, hard))
    try:
        status = send_part(as_owner, plan, 1)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert status == 503
    assert as_owner.get(plan["state"], headers=CODE).json()["arrived"] == []


def test_what_became_whole_while_it_was_cancelled_is_deleted_and_can_be_taken_back(
    as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = begun(as_owner)
    for number in (1, 2, 3):
        send_part(as_owner, plan, number)
    upload = Upload.objects.get()
    monkeypatch.setattr(parts, "abort", lambda sending: actions.finish_sending(upload, user=owner))
    assert as_owner.post(f"/arquivos/{upload.pk}/excluir/").status_code == 303
    html = as_owner.get("/arquivos/").content.decode()
    assert "O arquivo “Autos.pdf” foi excluído." in html
    assert f"/arquivos/{upload.pk}/desfazer-exclusao/" in html
    assert rows() == ["arquivo.iniciar-envio", "arquivo.enviar", "arquivo.excluir"]


def test_what_was_cancelled_while_it_was_put_together_is_not_said_to_be_there(
    as_owner: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = begun(as_owner)
    for number in (1, 2, 3):
        send_part(as_owner, plan, number)
    upload, complete = Upload.objects.get(), parts.complete

    def meanwhile(sending: Any) -> bool:
        whole = complete(sending)
        actions.cancel_sending(upload, user=owner)
        return whole

    monkeypatch.setattr(parts, "complete", meanwhile)
    assert as_owner.post(plan["finish"], headers=CODE).status_code == 409
    assert rows() == ["arquivo.iniciar-envio", "arquivo.cancelar-envio"]
