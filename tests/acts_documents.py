"""What a person can do to documents: the part of `tests/acts.py` that is about them."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from documents import actions as papers
from documents import paper_actions
from documents.models import Document
from documents.units import NO_PAPER
from tests.scene import Act, Scene, call, url


def deleted(scene: Scene) -> None:
    Document.objects.update(deleted_at=timezone.now())


def long_ago(scene: Scene) -> None:
    Document.objects.update(updated_at=timezone.now() - timedelta(hours=1))


def of_somebody_else(scene: Scene) -> None:
    """Edited since by a colleague."""
    papers.save(scene.document, 1, user=scene.editor, content="<p>De outra pessoa.</p>")


def saved(scene: Scene) -> Document:
    return papers.save(scene.document, 1, user=scene.owner, content="<p>Outro texto.</p>")


URLS: dict[str, Act] = {
    "documents:move": url("documento.mover", "document", form=lambda s, c: {"project": s.project.pk}),
    "documents:delete": url("documento.excluir", "document"),
    "documents:undelete": url("documento.desfazer-exclusao", "document", before=(deleted,)),
    "documents:export": url("documento.exportar", "document", method="get", query="?formato=docx"),
    "documents:export-comparison": url("documento.exportar", "document", method="get"),
    "documents:export-project": url("projeto.exportar-documentos", "project", method="get"),
    "documents:paper": url("documento.papel", "document", form={"modelo": "abnt", "papel": NO_PAPER}),
}  # fmt: skip

FUNCTIONS: dict[str, Act] = {
    "documents.create": call(
        "documento.criar", "newest_document", lambda s: papers.create("Contrato", "<p>x</p>", user=s.owner)
    ),
    "documents.save": call("documento.editar", "document", saved, before=(long_ago,)),
    "documents.keep_version": call(
        "documento.guardar-versao", "document", lambda s: papers.keep_version(s.document, user=s.owner),
        before=(of_somebody_else,),
    ),
    "documents.restore": call(
        "documento.restaurar", "document",
        lambda s: papers.restore(s.document, s.document.versions.get(number=1), 2, user=s.owner),
        before=(of_somebody_else,),
    ),
    "documents.confirm_review": call(
        "documento.conferir", "document",
        lambda s: papers.confirm_review(s.document, s.document.sha256, user=s.owner),
    ),
    "documents.choose_paper": call(
        "documento.papel", "document",
        lambda s: paper_actions.choose_paper(s.document, NO_PAPER, "abnt", user=s.owner),
    ),
    "documents.move": call("documento.mover", "document", lambda s: papers.move(s.document, s.project, user=s.owner)),
    "documents.delete": call("documento.excluir", "document", lambda s: papers.delete(s.document, user=s.owner)),
    "documents.undelete": call(
        "documento.desfazer-exclusao", "document", lambda s: papers.undelete(s.document, user=s.owner), before=(deleted,)
    ),
}  # fmt: skip

NOTHING: dict[str, str] = {}

NO_ACTS: dict[str, str] = {}
