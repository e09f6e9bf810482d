"""What a person does with files beyond sending and deleting them: the part of `tests/acts.py` that is about it."""

from __future__ import annotations

from django.core.files.base import ContentFile

from tests.scene import Act, Scene, call, url
from uploads import actions as files
from uploads import joining_actions as joining
from uploads.models import Upload


def volumes(scene: Scene) -> None:
    """Two files that are read and can be put together."""
    for name in ("Volume 1.pdf", "Volume 2.pdf"):
        read = files.receive(ContentFile(name.encode(), name), user=scene.owner)
        Upload.objects.filter(pk=read.pk).update(upload_status="ready", page_count=1)


def both(scene: Scene) -> list[Upload]:
    return list(Upload.objects.filter(original_filename__startswith="Volume ").order_by("pk"))


URLS: dict[str, Act] = {
    "uploads:text": url("arquivo.baixar-texto", "upload", method="get"),
    "uploads:join": url(
        "arquivo.juntar", "newest_upload", before=(volumes,),
        form=lambda s, c: {f"ordem-{upload.pk}": number for number, upload in enumerate(both(s), 1)},
    ),
}  # fmt: skip

FUNCTIONS: dict[str, Act] = {
    "uploads.join": call(
        "arquivo.juntar", "newest_upload", lambda s: joining.join(both(s), "Autos", user=s.owner), before=(volumes,)
    ),
    "uploads.record_text": call("arquivo.baixar-texto", "upload", lambda s: files.record_text(s.upload, user=s.owner)),
}

NOTHING: dict[str, str] = {"uploads:chunk": "a part of a file whose beginning is a row already"}

NO_ACTS: dict[str, str] = {"uploads.settle_hash": "what a file's bytes are: nobody's act"}
