"""What a person can do about the reading of a file: the part of `tests/acts.py` that is about it."""

from __future__ import annotations

from tests.scene import Act, Scene, call, url
from uploads import reading_actions as reading
from uploads.models import Upload


def locked(scene: Scene) -> None:
    Upload.objects.filter(pk=scene.upload.pk).update(upload_status="failed", error="password")


def images_asked(scene: Scene) -> None:
    Upload.objects.filter(pk=scene.upload.pk).update(upload_status="ready", transcription="asked")


URLS: dict[str, Act] = {
    "uploads:password": url("arquivo.senha", "upload", before=(locked,), password="segredo"),
    "uploads:stop-reading": url("arquivo.parar-leitura", "upload"),
    "uploads:read-again": url("arquivo.ler-de-novo", "upload", before=(locked,)),
    "uploads:transcribe": url("arquivo.transcrever", "upload", before=(images_asked,)),
    "uploads:no-transcription": url("arquivo.nao-transcrever", "upload", before=(images_asked,)),
}

FUNCTIONS: dict[str, Act] = {
    "uploads.give_password": call(
        "arquivo.senha", "upload", lambda s: reading.give_password(s.upload, "x", user=s.owner), before=(locked,)
    ),
    "uploads.stop_reading": call(
        "arquivo.parar-leitura", "upload", lambda s: reading.stop_reading(s.upload, user=s.owner)
    ),
    "uploads.read_again": call(
        "arquivo.ler-de-novo", "upload", lambda s: reading.read_again(s.upload, user=s.owner), before=(locked,)
    ),
    "uploads.transcribe": call(
        "arquivo.transcrever", "upload", lambda s: reading.transcribe(s.upload, user=s.owner), before=(images_asked,)
    ),
    "uploads.leave_images": call(
        "arquivo.nao-transcrever",
        "upload",
        lambda s: reading.leave_images(s.upload, user=s.owner),
        before=(images_asked,),
    ),
}
