"""What a person can do to her files: each in one transaction, with its audit row.

No transaction is open while bytes go to the storage: the row comes after them, and a file whose row never came is
an orphan that the clean-up finds.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from romagent.base.ids import new_id
from uploads import multipart
from uploads.models import FOLDER, Upload

NAME = 500  # characters of a file's name that are kept


def receive(*, user: User, file: UploadedFile, request: HttpRequest | None = None) -> Upload:
    """Keeps a file that came through the server."""
    pk = new_id()
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    stored = default_storage.save(_place(user, pk), file)
    with transaction.atomic():
        upload: Upload = Upload.objects.create(
            id=pk,
            user=user,
            original_filename=_name(file.name),
            file_path=stored,
            stored_filename=PurePosixPath(stored).name,
            file_size=file.size or 0,
            mime_type=(file.content_type or "")[:100],
            sha256=digest.hexdigest(),
        )
        record("arquivo.enviar", user=user, request=request, entity=upload, new={"size": file.size})
    return upload


def begin(*, user: User, name: str, size: int, mime_type: str, request: HttpRequest | None = None) -> Upload:
    """Begins a file that the browser sends straight to S3, in parts."""
    pk = new_id()
    place = _place(user, pk)
    started = multipart.start(place, mime_type)
    with transaction.atomic():
        upload: Upload = Upload.objects.create(
            id=pk,
            user=user,
            original_filename=_name(name),
            file_path=place,
            stored_filename=str(pk),
            file_size=size,
            mime_type=mime_type[:100],
            metadata={"multipart": started},
        )
        record("arquivo.iniciar-envio", user=user, request=request, entity=upload, new={"size": size})
    return upload


def complete(upload: Upload, parts: list[dict[str, Any]], *, user: User, request: HttpRequest | None = None) -> None:
    """The parts are one file now. Raises multipart.Refused when they are not what was announced."""
    multipart.finish(upload.file_path, upload.metadata["multipart"], parts, upload.file_size)
    with transaction.atomic():
        metadata = {key: value for key, value in upload.metadata.items() if key != "multipart"}
        Upload.objects.filter(pk=upload.pk).update(metadata=metadata)
        record("arquivo.enviar", user=user, request=request, entity=upload, new={"size": upload.file_size})


def cancel(upload: Upload, *, user: User, request: HttpRequest | None = None) -> None:
    """Gives up a file that has not come whole."""
    multipart.abort(upload.file_path, upload.metadata["multipart"])
    with transaction.atomic():
        record("arquivo.cancelar-envio", user=user, request=request, entity=upload)
        upload.delete()


def delete(upload: Upload, *, user: User, request: HttpRequest | None = None) -> None:
    """Takes the file out of sight; `undelete` brings it back until the clean-up removes it."""
    _mark(upload, timezone.now(), "arquivo.excluir", user, request)


def undelete(upload: Upload, *, user: User, request: HttpRequest | None = None) -> None:
    _mark(upload, None, "arquivo.desfazer-exclusao", user, request)


def _mark(upload: Upload, moment: Any, action: str, user: User, request: HttpRequest | None) -> None:
    with transaction.atomic():
        upload.deleted_at = moment
        upload.save(update_fields=["deleted_at"])
        record(action, user=user, request=request, entity=upload)


def _place(user: User, pk: Any) -> str:
    """Where it lies: no name that a person gave is part of it."""
    return f"{FOLDER}/{user.pk}/{pk}"


def _name(given: str | None) -> str:
    """The file's own name, as it was, without a folder before it."""
    return PurePosixPath((given or "").replace("\\", "/")).name.replace("\x00", "")[:NAME] or "arquivo"
