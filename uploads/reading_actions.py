"""What a person can do about the reading of a file: each in one transaction, with its audit row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from uploads import passwords
from uploads.models import Upload
from uploads.tasks import enqueue_reading, enqueue_transcription

Status, Transcription = Upload.Status, Upload.Transcription
LOCKED = ("password", "wrong_password")


def give_password(upload: Upload, password: str, *, user: User, request: HttpRequest | None = None) -> bool:
    """Has a protected file read with this password; False when it waits for none."""

    def change(found: Upload) -> Iterable[str]:
        found.metadata[passwords.KEY] = passwords.sealed(password)
        return _queued(found)

    return _changed(
        upload, {"upload_status": Status.FAILED, "error__in": LOCKED}, change, "arquivo.senha", user, request
    )


def stop_reading(upload: Upload, *, user: User, request: HttpRequest | None = None) -> bool:
    """Stops the reading; what was read stays. False when nothing is being read."""

    def change(found: Upload) -> Iterable[str]:
        found.upload_status, found.error, found.processed_at = Status.FAILED, "cancelled", timezone.now()
        found.reading_turn += 1
        return ("upload_status", "error", "processed_at", "reading_turn")

    moving = {"upload_status__in": [Status.PENDING, Status.PROCESSING]}
    return _changed(upload, moving, change, "arquivo.parar-leitura", user, request)


def read_again(upload: Upload, *, user: User, request: HttpRequest | None = None) -> bool:
    """Goes on with a reading that was stopped or failed, after the last page that is kept."""
    failed = {"upload_status": Status.FAILED}
    return _changed(upload, failed, _queued, "arquivo.ler-de-novo", user, request)


def transcribe(upload: Upload, *, user: User, request: HttpRequest | None = None) -> bool:
    """Has the pages that are images transcribed, at the cost that was shown; again, after it failed."""

    def change(found: Upload) -> Iterable[str]:
        found.transcription, found.error = Transcription.WORKING, ""
        enqueue_transcription(found.pk)
        return ("transcription", "error")

    waiting = {"transcription__in": [Transcription.ASKED, Transcription.FAILED, Transcription.DECLINED]}
    return _changed(upload, waiting, change, "arquivo.transcrever", user, request)


def leave_images(upload: Upload, *, user: User, request: HttpRequest | None = None) -> bool:
    """Does without a transcription, or stops one; what was transcribed stays."""

    def change(found: Upload) -> Iterable[str]:
        found.transcription, found.error = Transcription.DECLINED, ""
        found.reading_turn += 1
        return ("transcription", "error", "reading_turn")

    open_ = {"transcription__in": [Transcription.ASKED, Transcription.WORKING, Transcription.FAILED]}
    return _changed(upload, open_, change, "arquivo.nao-transcrever", user, request)


def _queued(found: Upload) -> Iterable[str]:
    found.upload_status, found.error, found.processed_at = Status.PENDING, "", None
    found.reading_turn += 1
    enqueue_reading(found.pk)
    return ("upload_status", "error", "processed_at", "reading_turn", "metadata")


def _changed(
    upload: Upload, condition: dict[str, Any], change: Any, action: str, user: User, request: HttpRequest | None
) -> bool:
    with transaction.atomic():
        found = Upload.objects.select_for_update().filter(pk=upload.pk, **condition).exclude(file_path="").first()
        if found is None:
            return False
        found.save(update_fields=change(found))
        record(action, user=user, request=request, entity=found)
    return True
