"""What the tests of backups and of restores make: files in the storage, archives that are none."""

import io
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from accounts.models import User
from uploads.models import Upload


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


def make_upload(owner: User, name: str, content: bytes) -> Upload:
    default_storage.save(name, ContentFile(content))
    upload: Upload = Upload.objects.create(
        user=owner, original_filename=Path(name).name, file_path=name, file_size=len(content)
    )
    return upload


def hostile(path: Path, *members: tuple[Any, ...]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, kind, *link in members:
            info = tarfile.TarInfo(name)
            info.type, info.size, info.linkname = kind, 1 if kind == tarfile.REGTYPE else 0, "".join(link)
            tar.addfile(info, io.BytesIO(b"x"))
    return path
