"""What a person can do about summaries: the part of `tests/acts.py` that is about them."""

from __future__ import annotations

from tests.scene import Act, Scene, call, url
from uploads.models import Summary, Upload, UploadPage
from uploads.summaries import actions as summaries


def read(scene: Scene) -> None:
    """The file has been read, and lies in the project."""
    UploadPage.objects.create(upload=scene.upload, number=1, text="O réu foi citado.")
    Upload.objects.filter(pk=scene.upload.pk).update(upload_status="ready", project=scene.project)


def waiting(scene: Scene) -> None:
    Summary.objects.update(status="queued")


def stopped(scene: Scene) -> None:
    Summary.objects.update(status="stopped")


def deleted(scene: Scene) -> None:
    Summary.objects.update(deleted_at=scene.summary.created_at)


URLS: dict[str, Act] = {
    "uploads:summarize": url("resumo.pedir", "newest_summary", before=(read,)),
    "uploads:summarize-project": url("resumo.pedir", "newest_summary", before=(read,)),
    "uploads:summary-export": url("resumo.exportar", "summary", method="get"),
    "uploads:summary-stop": url("resumo.parar", "summary", before=(waiting,)),
    "uploads:summary-continue": url("resumo.continuar", "summary", before=(stopped,)),
    "uploads:summary-delete": url("resumo.excluir", "summary"),
    "uploads:summary-undelete": url("resumo.desfazer-exclusao", "summary", before=(deleted,)),
}

FUNCTIONS: dict[str, Act] = {
    "uploads.summaries.begin": call(
        "resumo.pedir", "newest_summary", lambda s: summaries.begin("m", user=s.owner, upload=s.upload.pk)
    ),
    "uploads.summaries.go_on": call(
        "resumo.continuar", "summary", lambda s: summaries.go_on(s.summary, user=s.owner), before=(stopped,)
    ),
    "uploads.summaries.stop": call(
        "resumo.parar", "summary", lambda s: summaries.stop(s.summary, user=s.owner), before=(waiting,)
    ),
    "uploads.summaries.delete": call("resumo.excluir", "summary", lambda s: summaries.delete(s.summary, user=s.owner)),
    "uploads.summaries.undelete": call(
        "resumo.desfazer-exclusao", "summary", lambda s: summaries.undelete(s.summary, user=s.owner), before=(deleted,)
    ),
    "uploads.summaries.note_export": call(
        "resumo.exportar", "summary", lambda s: summaries.note_export(s.summary, "md", user=s.owner)
    ),
}
