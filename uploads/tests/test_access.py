"""A file is seen by who gave it and by who may see its project."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from projects.models import Project, ProjectMember
from uploads.models import Upload, UploadPage

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]


def make_upload(user: User, **fields: object) -> Upload:
    found: Upload = Upload.objects.create(user=user, original_filename="contrato.pdf", **fields)
    return found


def test_ones_own_file_is_nobody_elses(owner: User, stranger: User, staff: User) -> None:
    upload = make_upload(owner)
    assert list(Upload.objects.for_user(owner)) == [upload]
    assert not Upload.objects.for_user(stranger).exists()
    assert not Upload.objects.for_user(staff).exists()


def test_the_files_of_a_project_are_its_members(owner: User, stranger: User) -> None:
    project = Project.objects.create(user=owner, name="Caso")
    upload, _alone = make_upload(owner, project=project), make_upload(owner)
    assert not Upload.objects.for_user(stranger).exists()
    ProjectMember.objects.create(project=project, user=stranger)
    assert list(Upload.objects.for_user(stranger)) == [upload]
    Project.objects.update(deleted_at=timezone.now())
    assert not Upload.objects.for_user(stranger).exists()


def test_what_is_deleted_is_seen_by_nobody(owner: User) -> None:
    make_upload(owner, deleted_at=timezone.now())
    assert not Upload.objects.for_user(owner).exists()


def test_a_page_has_one_text(owner: User) -> None:
    upload = make_upload(owner)
    UploadPage.objects.create(upload=upload, number=1, text="Primeira.")
    with pytest.raises(IntegrityError), transaction.atomic():
        UploadPage.objects.create(upload=upload, number=1, text="Outra.")


def test_states_are_of_a_known_kind(owner: User) -> None:
    make_upload(owner)
    with pytest.raises(IntegrityError), transaction.atomic():
        Upload.objects.update(upload_status="talvez")
