"""A person's copy of her own data, as the tests open it."""

import io
import random
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import Settings

from accounts.models import User
from romagent import portability
from romagent.portability import write_archive
from uploads.models import Upload


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr(portability, "REST_SHARE", 0)


def make_upload(user: User, name: str, content: bytes | None = b"texto", **fields: Any) -> Upload:
    path = "" if content is None else default_storage.save(f"arquivos/{random.random()}.bin", ContentFile(content))
    upload: Upload = Upload.objects.create(
        user=user, original_filename=name, file_path=path, file_size=len(content or b""), **fields
    )
    return upload


def archive_of(user: User) -> dict[str, bytes]:
    file = io.BytesIO()
    write_archive(user, file, lambda done: None, 7)
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        assert len(set(archive.namelist())) == len(archive.namelist())
        return {name: archive.read(name) for name in archive.namelist()}


def at_noon(day: int) -> datetime:
    return datetime(2026, 11, day, 15, tzinfo=UTC)  # noon in Brasília
