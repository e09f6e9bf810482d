"""A Word file that becomes a document; the file itself is kept as it came."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from documents import actions, importing
from documents.models import Document
from projects.models import Project
from romagent.base.ids import new_id
from romagent.base.threads import let_connection_go
from uploads.multipart import StorageAway
from uploads.names import clean_name, mime_type_of

log = logging.getLogger(__name__)


def import_word(
    file: File[bytes], *, user: User, project: Project | None = None, request: HttpRequest | None = None
) -> Document:
    """A new document with what the file says; `metadata["left"]` lists what could not come along.

    Raises `importing.NotRead`, `importing.Busy`, `uploads.multipart.StorageAway` and `documents.html.TooLarge`; then
    nothing is kept.
    """
    name, pk = clean_name(file.name or ""), new_id()
    let_connection_go()  # reading and storing take their time
    with _on_disk(file) as path:
        word = importing.read(path)
    stored = _stored(f"{importing.FOLDER}/{timezone.now():%Y/%m}/{pk}.docx", file)
    try:
        return actions.create(
            word.title or PurePath(name).stem, word.html, user=user, project=project, request=request,
            source=Document.Source.IMPORT, note=f"Importada de “{name}”", id=pk, file_path=stored, file_size=file.size,
            mime_type=mime_type_of("x.docx"), metadata={"file": name, "left": word.left},
        )  # fmt: skip
    except BaseException:
        default_storage.delete(stored)
        raise


@contextmanager
def _on_disk(file: Any) -> Iterator[Path]:
    """Where the child can read it; small uploads are in memory."""
    if hasattr(file, "temporary_file_path"):
        yield Path(file.temporary_file_path())
        return
    with tempfile.NamedTemporaryFile(suffix=".docx") as copy:
        for chunk in file.chunks():
            copy.write(chunk)
        copy.flush()
        yield Path(copy.name)


def _stored(name: str, file: File[bytes]) -> str:
    file.seek(0)
    try:
        stored: str = default_storage.save(name, file)
    except (BotoCoreError, ClientError, OSError) as error:
        log.error("storage of files failed: %s", type(error).__name__)
        raise StorageAway(type(error).__name__) from error
    return stored
