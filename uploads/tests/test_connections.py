"""Who waits for the storage holds no connection to PostgreSQL: ten slow files must not shut out the office."""

from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from uploads import actions
from uploads.models import Upload


@pytest.mark.usefixtures("committed")
def test_no_connection_is_held_while_a_file_is_written(
    owner: User, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    held: list[bool] = []
    save = default_storage.save

    def watched(name: str, file: object) -> str:
        held.append(connection.connection is not None)
        return save(name, file)  # type: ignore[arg-type]

    monkeypatch.setattr(default_storage, "save", watched)
    assert connection.connection is not None
    upload = actions.receive(ContentFile(b"abc", "x.pdf"), user=owner)
    assert held == [False]
    assert Upload.objects.get() == upload
