"""What a person can do to files. Each change is one transaction with its audit row; storage is waited for outside."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from typing import IO, Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from projects.actions import HELD, touch
from projects.models import Project
from romagent.base.ids import new_id
from romagent.base.threads import let_connection_go
from uploads import sharing
from uploads.models import Upload
from uploads.multipart import Sending, StorageAway
from uploads.names import clean_name, mime_type_of, path_for, stored_name
from uploads.places import NOWHERE, Place
from uploads.tasks import enqueue_reading, enqueue_transcription
from uploads.ways import way

log = logging.getLogger(__name__)


class Refused(Exception):
    """Not done; the message says why, to the person who asked."""


class NotWhole(Exception):
    """Parts of the file are missing, or what came together has another size than was said."""


def receive(file: File[bytes], *, user: User, place: Place = NOWHERE, request: HttpRequest | None = None) -> Upload:
    """Keeps a file that came through the server, and has it read. The same bytes are stored once where they belong.

    Raises `StorageAway` when it could not be kept: then nothing is.
    """
    upload = _new(user, file.name or "", file.size, place)
    upload.sha256 = _sha256(file)
    if twin := _stored_twin(upload):
        with transaction.atomic():
            if sharing.share(upload, twin):
                _keep(upload, user, request)
                return upload
    upload.file_path = _in_storage(lambda: default_storage.save(upload.file_path, file))
    try:
        with transaction.atomic():
            _keep(upload, user, request)
    except Exception:
        _in_storage(lambda: default_storage.delete(upload.file_path))
        raise
    return upload


def begin_sending(
    name: str, size: int, *, user: User, place: Place = NOWHERE, request: HttpRequest | None = None
) -> Upload:
    """A file that the browser will send in parts, to S3 or to the server's disk. Raises `StorageAway`."""
    upload = _new(user, name, size, place)
    sending = way().begin(upload.file_path, size, upload.mime_type)
    upload.metadata = {"multipart": {"id": sending.id, "part_size": sending.part_size}}
    with transaction.atomic():
        upload.save(force_insert=True)
        record("arquivo.iniciar-envio", user=user, request=request, entity=upload, new=_told(upload))
    return upload


def sending_of(upload: Upload) -> Sending:
    known = upload.metadata["multipart"]
    return Sending(upload.file_path, known["id"], upload.file_size, known["part_size"])


def finish_sending(upload: Upload, *, user: User, request: HttpRequest | None = None) -> None:
    """Puts the parts together and looks at what came of it. Raises `NotWhole` or `StorageAway`."""
    if not way().complete(sending_of(upload)):
        raise NotWhole
    with transaction.atomic():
        found = Upload.objects.select_for_update().get(pk=upload.pk)
        if not found.file_path:  # cancelled at the same moment
            raise NotWhole
        if not found.being_sent:  # the same was asked twice at the same moment
            return
        found.metadata.pop("multipart")
        found.save(update_fields=["metadata"])
        enqueue_reading(found.pk)
        record("arquivo.enviar", user=user, request=request, entity=found, new=_told(found))


def cancel_sending(upload: Upload, *, user: User, request: HttpRequest | None = None) -> bool:
    """Forgets a file that is not whole; the clean-up removes its row. False when it has become whole meanwhile."""
    way().abort(sending_of(upload))
    with transaction.atomic():
        found = Upload.objects.select_for_update().get(pk=upload.pk)
        if not found.being_sent:
            return not found.file_path
        found.metadata.pop("multipart")
        found.file_path = ""
        found.upload_status, found.error = Upload.Status.FAILED, "envio cancelado"
        found.deleted_at = timezone.now()
        found.save(update_fields=["metadata", "file_path", "upload_status", "error", "deleted_at"])
        record("arquivo.cancelar-envio", user=user, request=request, entity=found)
    return True


def opened(upload: Upload, *, user: User, request: HttpRequest | None = None) -> IO[bytes]:
    """The file itself, to be read by this person. Raises `FileNotFoundError`."""
    file: IO[bytes] = default_storage.open(upload.file_path)
    record("arquivo.baixar", user=user, request=request, entity=upload)
    return file


def signed_link(upload: Upload, disposition: str, *, user: User, request: HttpRequest | None = None) -> str:
    """An address that gives this person the file for a few minutes, as a download and nothing else."""
    record("arquivo.baixar", user=user, request=request, entity=upload)
    parameters = {"ResponseContentDisposition": disposition, "ResponseContentType": "application/octet-stream"}
    link: str = default_storage.url(upload.file_path, parameters=parameters)  # type: ignore[call-arg]
    return link


def record_text(upload: Upload, *, user: User, request: HttpRequest | None = None) -> None:
    """This person takes all of the file's text with her."""
    record("arquivo.baixar-texto", user=user, request=request, entity=upload)


def delete(upload: Upload, *, user: User, request: HttpRequest | None = None) -> None:
    """Takes the file out of sight; `undelete` brings it back until the clean-up removes it for good."""
    with transaction.atomic():
        found = _locked(upload, deleted_at=None)
        if found is None:  # somebody else has done it at the same moment
            return
        found.deleted_at = timezone.now()
        found.save(update_fields=["deleted_at"])
        record("arquivo.excluir", user=user, request=request, entity=found)


def undelete(upload: Upload, *, user: User, request: HttpRequest | None = None) -> None:
    """Brings it back. What its deletion has cut short goes on: the reading, the transcription of its images."""
    with transaction.atomic():
        found = _locked(upload, deleted_at__isnull=False)
        if found is None:
            return
        found.deleted_at = None
        found.save(update_fields=["deleted_at"])
        if found.upload_status in (Upload.Status.PENDING, Upload.Status.PROCESSING):
            enqueue_reading(found.pk)
        if found.transcription == Upload.Transcription.WORKING:
            enqueue_transcription(found.pk)
        record("arquivo.desfazer-exclusao", user=user, request=request, entity=found)


@transaction.atomic
def move(upload: Upload, project: Project | None, *, user: User, request: HttpRequest | None = None) -> None:
    """Into `project`, or out of projects; only who gave it takes it there, where it is hers alone. Raises `Refused`.

    It stays with the conversation it was given in only where that is, too.
    """
    mine = Upload.objects.for_editor(user).select_for_update(of=("self",)).select_related("project", "conversation")
    was = mine.filter(pk=upload.pk).first()
    if was is None:
        raise Refused("Este arquivo foi excluído ou movido há pouco, ou você já não pode movê-lo.")
    if project is None and was.user_id != user.pk:
        raise Refused("Só quem enviou o arquivo pode tirá-lo do projeto.")
    if was.being_sent:
        raise Refused("Este arquivo ainda está sendo enviado. Tente de novo quando ele chegar.")
    if was.project == project:
        return
    if was.project and was.project.preservar:
        raise Refused(HELD)
    upload.project, upload.conversation = project, was.conversation
    if was.conversation and was.conversation.project_id != (project.pk if project else None):
        upload.conversation = None
    upload.save(update_fields=["project", "conversation"])
    old, new = ({"project": str(one.pk) if one else None} for one in (was.project, project))
    record("arquivo.mover", user=user, request=request, entity=upload, old=old, new=new)
    for one in filter(None, (was.project, project)):
        touch(one)


def _locked(upload: Upload, **condition: Any) -> Upload | None:
    found: Upload | None = Upload.objects.select_for_update().filter(pk=upload.pk, **condition).first()
    return found


def settle_hash(upload: Upload, sha256: str) -> None:
    """What the bytes of a file sent in parts are, once they have been read. Where the same are stored already, that
    file is shared and this one deleted after the commit, unless another row has come to share it meanwhile;
    `upload.file_path` then says the new place.
    """
    upload.sha256 = sha256
    upload.save(update_fields=["sha256"])  # first: of two that come at once, one finds the other
    if twin := _stored_twin(upload):
        with transaction.atomic():
            own = sharing.share(upload, twin)
            upload.save(update_fields=["file_path", "stored_filename"])
            # Who shares it has locked this row before; who would from now on finds another name in it.
            if own and not Upload.objects.filter(file_path=own).exists():
                transaction.on_commit(lambda: _forget_file(own))


def _stored_twin(upload: Upload) -> Upload | None:
    """A file with the same bytes whose storage has them."""
    twin = sharing.twin_of(upload)
    return twin if twin and _in_storage(lambda: default_storage.exists(twin.file_path)) else None


def _forget_file(path: str) -> None:
    try:
        _in_storage(lambda: default_storage.delete(path))
    except StorageAway:
        log.warning("a file that is stored twice was not deleted and stays as an orphan")


def _keep(upload: Upload, user: User, request: HttpRequest | None) -> None:
    """The row of a file that is there whole, and the job that reads it."""
    upload.save(force_insert=True)
    enqueue_reading(upload.pk)
    record("arquivo.enviar", user=user, request=request, entity=upload, new=_told(upload))


def _new(user: User, given: str, size: int, place: Place) -> Upload:
    pk, name = new_id(), clean_name(given)
    return Upload(
        id=pk,
        user=user,
        project_id=place.project,
        conversation_id=place.conversation,
        original_filename=name,
        stored_filename=stored_name(pk, name),
        file_path=path_for(pk, name),
        file_size=size,
        mime_type=mime_type_of(name)[:100],
    )


def _told(upload: Upload) -> dict[str, Any]:
    """What the audit row says of a file: never its name, which is often a client's."""
    return {"size": upload.file_size, "type": upload.mime_type}


def _sha256(file: File[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _in_storage(call: Callable[[], Any]) -> Any:
    """Something that may wait for S3, or for a disk that is full: without a connection to PostgreSQL."""
    let_connection_go()
    try:
        return call()
    except (BotoCoreError, ClientError, OSError) as error:
        log.error("storage of files failed: %s", type(error).__name__)
        raise StorageAway(type(error).__name__) from error
