"""The same bytes are stored once where they belong, and go with the last file that has them."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from projects.models import Project
from romagent import orphans, retention
from romagent.base.retention import Policy
from tests.running import SimulatedApi, read_files
from uploads import actions, portability, sharing
from uploads.models import Upload
from uploads.places import Place
from uploads.tests.papers import pdf

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(autouse=True)
def directory(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


def sent(user: User, name: str = "a.pdf", content: bytes = b"abc", place: Place | None = None) -> Upload:
    return actions.receive(ContentFile(content, name), user=user, place=place or Place())


def stored(directory: Path) -> list[Path]:
    return [path for path in directory.rglob("*") if path.is_file()]


def clean_up() -> None:
    retention.clean(Policy.from_settings(deleted_days=1), "uploads")


def test_the_same_bytes_are_stored_once_under_either_name(owner: User, directory: Path) -> None:
    first, second = sent(owner, "a.pdf"), sent(owner, "b.pdf")
    assert (first.original_filename, second.original_filename) == ("a.pdf", "b.pdf")
    assert first.file_path == second.file_path
    assert len(stored(directory)) == 1
    assert sent(owner, content=b"abd").file_path != first.file_path


def test_bytes_are_not_shared_beyond_the_person_or_the_project(owner: User, stranger: User, directory: Path) -> None:
    project = Project.objects.create(user=owner, name="Caso")
    own, others = sent(owner), sent(stranger)
    in_project, again = sent(owner, place=Place(project.pk)), sent(stranger, place=Place(project.pk))
    assert len({own.file_path, others.file_path, in_project.file_path}) == 3
    assert again.file_path == in_project.file_path
    assert len(stored(directory)) == 3


def test_a_file_that_the_storage_has_lost_is_not_shared(owner: User, directory: Path) -> None:
    first = sent(owner)
    default_storage.delete(first.file_path)
    second = sent(owner)
    assert second.file_path != first.file_path
    assert (directory / second.file_path).read_bytes() == b"abc"


def test_the_file_goes_with_the_last_row_that_has_it(owner: User, directory: Path) -> None:
    first, second = sent(owner), sent(owner)
    long_ago = timezone.now() - timedelta(days=30)
    Upload.objects.filter(pk=first.pk).update(deleted_at=long_ago)
    clean_up()
    assert list(Upload.objects.all()) == [second]
    assert (directory / second.file_path).read_bytes() == b"abc"
    assert list(orphans.find(Policy.from_settings(now=timezone.now() + timedelta(days=9)))) == []
    Upload.objects.filter(pk=second.pk).update(deleted_at=long_ago)
    clean_up()
    assert stored(directory) == []


def test_two_that_share_a_file_and_go_at_once_take_it_with_them(owner: User, directory: Path) -> None:
    sent(owner), sent(owner)
    Upload.objects.update(deleted_at=timezone.now() - timedelta(days=30))
    clean_up()
    assert stored(directory) == []


def test_a_copy_of_ones_own_data_has_the_file_under_each_of_its_names(owner: User) -> None:
    sent(owner, "a.pdf"), sent(owner, "b.pdf")
    parts = {part.path: part for part in portability.parts(owner) if part.counts == "files"}
    assert sorted(parts) == ["arquivos/a.pdf", "arquivos/b.pdf"]
    assert {b"".join(part.chunks) for part in parts.values()} == {b"abc"}


def test_what_was_sent_in_parts_shares_as_soon_as_its_bytes_are_known(owner: User, directory: Path) -> None:
    first, second = sent(owner), sent(owner, "b.pdf", b"xyz")
    (directory / second.file_path).write_bytes(b"abc")  # as if it had come in parts, unknown
    Upload.objects.filter(pk=second.pk).update(sha256="")
    actions.settle_hash(second, first.sha256)
    second.refresh_from_db()
    assert (second.file_path, second.sha256) == (first.file_path, first.sha256)
    assert stored(directory) == [directory / first.file_path]


def test_two_that_come_at_once_are_not_both_forgotten(owner: User, directory: Path) -> None:
    first, second = sent(owner), sent(owner, "b.pdf", b"xyz")
    Upload.objects.filter(pk=second.pk).update(sha256=first.sha256)
    (directory / second.file_path).write_bytes(b"abc")
    second.refresh_from_db()
    late = Upload.objects.get(pk=second.pk)
    actions.settle_hash(first, first.sha256)
    actions.settle_hash(late, first.sha256)
    assert set(Upload.objects.values_list("file_path", flat=True)) == {second.file_path}
    assert stored(directory) == [directory / second.file_path]


def test_a_file_that_somebody_has_just_begun_to_share_is_not_forgotten(
    owner: User, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three at once: while the first one moves to the second one's file, a third comes to share the first one's."""
    first, second = sent(owner, content=b"xyz"), sent(owner, "b.pdf")
    (directory / first.file_path).write_bytes(b"abc")  # as if it had come in parts, unknown until now
    shared, third = sharing.share, []

    def meanwhile(upload: Upload, twin: Upload) -> str:
        if upload.pk == first.pk:
            third.append(sent(owner, "c.pdf"))
        return shared(upload, twin)

    monkeypatch.setattr(sharing, "share", meanwhile)
    actions.settle_hash(Upload.objects.get(pk=first.pk), second.sha256)
    assert third[0].file_path == first.file_path, "the first one's, which is the oldest"
    for upload in Upload.objects.all():
        assert (directory / upload.file_path).read_bytes() == b"abc"


def test_a_large_file_sent_twice_is_read_and_stored_once(owner: User, directory: Path, api: SimulatedApi) -> None:
    content = pdf(["Primeira página, com algum texto que se leia."])
    first, second = sent(owner, content=content), sent(owner, "b.pdf", b"x" * len(content))
    (directory / second.file_path).write_bytes(content)
    Upload.objects.filter(pk=second.pk).update(sha256="")
    read_files(first, second)
    assert (first.upload_status, second.upload_status) == ("ready", "ready")
    assert second.pages.get().text == first.pages.get().text
    assert stored(directory) == [directory / first.file_path]


def test_bytes_that_are_new_stay_where_they_are(owner: User, directory: Path) -> None:
    upload = sent(owner)
    Upload.objects.update(sha256="")
    upload.refresh_from_db()
    actions.settle_hash(upload, "0" * 64)
    upload.refresh_from_db()
    assert upload.sha256 == "0" * 64
    assert (directory / upload.file_path).read_bytes() == b"abc"


def test_what_opens_a_file_is_no_part_of_a_copy_of_ones_data(owner: User) -> None:
    upload = sent(owner)
    Upload.objects.filter(pk=upload.pk).update(metadata={"password": "cifrada", "volumes": []})
    described = b"".join(b"".join(part.chunks) for part in portability.parts(owner) if part.path == "arquivos.json")
    assert b"cifrada" not in described
    assert b"volumes" in described
