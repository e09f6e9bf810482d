"""What the tests of the clean-up make, and how they run it."""

import json
import os
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit.models import AIOperation
from romagent.base.retention import Policy
from uploads.models import FOLDER, Upload, UploadPage

NOW = timezone.now()


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


@pytest.fixture(autouse=True)
def storage(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


def policy(**days: Any) -> Policy:
    return Policy.from_settings(**days)


def cleanup(*arguments: str) -> tuple[str, dict[str, Any]]:
    """What the command prints, and its last line."""
    out = StringIO()
    call_command("cleanup", *arguments, "--json", stdout=out, stderr=StringIO())
    text = out.getvalue()
    found: dict[str, Any] = json.loads(text.strip().splitlines()[-1])
    return text, found


def store(name: str, age: float = 2) -> str:
    """A file in the storage, as old as that in days."""
    stored = default_storage.save(f"{FOLDER}/{name}", ContentFile(b"conteudo"))
    moment = days_ago(age).timestamp()
    os.utime(default_storage.path(stored), (moment, moment))
    return stored


def make_operation(user: User, age: float, **fields: Any) -> AIOperation:
    return AIOperation.objects.create(
        **{"user": user, "operation_type": "answer", "model": "claude-opus-5-5", "status": "complete",
           "tokens_input": 10, "tokens_output": 5, "cost_usd": "0.5", "created_at": days_ago(age), **fields}
    )  # fmt: skip


def make_upload(owner: User, name: str, **fields: Any) -> Upload:
    upload: Upload = Upload.objects.create(user=owner, original_filename=name, file_path=store(name), **fields)
    UploadPage.objects.create(upload=upload, number=1, text="texto")
    return upload
