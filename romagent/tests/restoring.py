"""An office, its copy, and a database that it comes back to."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from audit.actions import record
from audit.models import AIOperation
from conversations.tests.making import make_conversation, make_exchange
from projects.models import Project, ProjectMember
from romagent import archive
from romagent.backup import make_backup
from romagent.tests.backups import make_upload
from romagent.tests.databases import address, contents, definitions, empty_database
from uploads.models import UploadPage

NAME = "arquivos/petição.pdf"


@pytest.fixture(autouse=True)
def media(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def elsewhere() -> Iterator[str]:
    with empty_database() as name:
        yield name


@pytest.fixture
def office(owner: User, stranger: User, as_owner: Client) -> User:
    """Something in every table that a backup must bring back, and one person signed in."""
    project = Project.objects.create(user=owner, name="Caso Ação", client="Fulana", metadata={"ç": [1, None]})
    ProjectMember.objects.create(project=project, user=stranger)
    conversation = make_conversation(owner, project=project, pinned_at=timezone.now())
    make_exchange(conversation, "Pergunta\n\t\\N \\. 'aspas' “curvas” 👩🏽‍⚖️", "$1 \\copy; -- \\connect outro\n\\.\n;")
    make_exchange(make_conversation(stranger, archived_at=timezone.now()))
    upload = make_upload(owner, NAME, os.urandom(5000))
    UploadPage.objects.create(upload=upload, number=1, text="Primeira página.")
    AIOperation.objects.create(
        user=owner, operation_type="answer", model="m", status="complete", tokens_input=3, cost_usd="0.000001"
    )
    record("conversa.criar", user=owner, entity=conversation, new={"ação": "x"})
    return owner


@pytest.fixture
def copy(office: User, tmp_path: Path) -> Path:
    path = tmp_path / "copia.tar"
    make_backup(path)
    return path


def without_notes(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Without what making and restoring a backup writes itself."""
    rows = [row for row in found["audit_log"] if "copia." not in row]
    return found | {"audit_log": rows}


def _to(name: str) -> dict[str, Any]:
    return address() | {"dbname": name}


def altered(copy: Path, change: Callable[[archive.Manifest], None], dump: bytes | None = None) -> Path:
    """The same backup with another manifest or dump, whole in itself."""
    manifest, _ = archive.check(copy)
    path = copy.with_name("outra.tar")
    change(manifest)
    with open(path, "wb+") as file:
        writer = archive.Writer(file)
        for name, member in archive.members(copy):
            if name == archive.DATABASE and dump is not None:
                writer.add(name, [dump])
            elif name != archive.MANIFEST:
                writer.add(name, [member.read()])
        writer.finish(manifest)
    return path


def fails_and_changes_nothing(path: Path, media: Path, words: str) -> None:
    default_storage.delete(NAME)
    before, structure = contents(), definitions()
    with pytest.raises(CommandError, match=words):
        call_command("restore", str(path), "--replace")
    assert contents() == before
    assert definitions() == structure
    assert not default_storage.exists(NAME)
