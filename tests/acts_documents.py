"""What a person can do to documents: the part of `tests/acts.py` that is about them."""

from __future__ import annotations

from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from documents import actions as papers
from documents import import_actions, paper_actions, type_actions
from documents.models import Document, DocumentTypeVersion
from documents.tests.making import word_file
from documents.types import shipped_text
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


KIND = "contestacao"


def at_kind(scene: Scene) -> dict[str, str]:
    return {"slug": KIND}


def other_text() -> str:
    return shipped_text(KIND) + "\nSempre em primeira pessoa do plural.\n"


def kind_adapted(scene: Scene) -> None:
    DocumentTypeVersion.objects.create(slug=KIND, number=1, text=other_text(), author=scene.staff)


URLS: dict[str, Act] = {
    "documents:confirm": url("documento.conferir", "document", form=lambda s, c: {"sha256": s.document.sha256}),
    "admin:document-type": url(
        "tipo.adaptar", "newest_kind", by="staff", at=at_kind, form=lambda s, c: {"text": other_text(), "seen": 0}
    ),
    "admin:document-type-original": url(
        "tipo.voltar-ao-original", "newest_kind", by="staff", at=at_kind, before=(kind_adapted,), seen="1"
    ),
    "documents:list": url("documento.criar", "newest_document", title="Procuração"),
    "documents:import": url(
        "documento.criar", "newest_document", form=lambda s, c: {"file": ContentFile(word_file("Texto."), "peca.docx")}
    ),
    "documents:save": url(
        "documento.editar", "document", before=(of_somebody_else,), revision="2", content="<p>Meu.</p>"
    ),
    "documents:save of a version": url(
        "documento.guardar-versao", "document", before=(of_somebody_else,), revision="2", guardar="1"
    ),
    "documents:restore": url("documento.restaurar", "document", before=(of_somebody_else,), revision="2"),
    "documents:move": url("documento.mover", "document", form=lambda s, c: {"project": s.project.pk}),
    "documents:delete": url("documento.excluir", "document"),
    "documents:undelete": url("documento.desfazer-exclusao", "document", before=(deleted,)),
    "documents:export": url("documento.exportar", "document", method="get", query="?formato=docx"),
    "documents:checklist": url("documento.exportar", "document", method="get"),
    "documents:export-comparison": url("documento.exportar", "document", method="get"),
    "documents:export-project": url("projeto.exportar-documentos", "project", method="get"),
    "documents:paper": url("documento.papel", "document", form={"modelo": "abnt", "papel": NO_PAPER}),
}  # fmt: skip

FUNCTIONS: dict[str, Act] = {
    "documents.adapt": call(
        "tipo.adaptar", "newest_kind", lambda s: type_actions.adapt(KIND, other_text(), 0, user=s.staff), by="staff"
    ),
    "documents.go_back": call(
        "tipo.voltar-ao-original", "newest_kind", lambda s: type_actions.go_back(KIND, 1, user=s.staff), by="staff",
        before=(kind_adapted,),
    ),
    "documents.create": call(
        "documento.criar", "newest_document", lambda s: papers.create("Contrato", "<p>x</p>", user=s.owner)
    ),
    "documents.import_word": call(
        "documento.criar", "newest_document",
        lambda s: import_actions.import_word(ContentFile(word_file("Texto."), "peca.docx"), user=s.owner),
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
