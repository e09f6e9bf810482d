"""What a person can do to documents: the part of `tests/acts.py` that is about them."""

from __future__ import annotations

from django.utils import timezone

from conversations.tests.making import MODEL
from documents import actions as papers
from documents.drafting import actions as drafts
from documents.drafting import proposal_actions as proposals
from documents.drafting.models import Proposal
from documents.drafting.tests.making import begin
from documents.models import Document
from tests.scene import Act, Form, Scene, call, url


def deleted(scene: Scene) -> None:
    Document.objects.update(deleted_at=timezone.now())


def of_somebody_else(scene: Scene) -> None:
    """Edited since by a colleague."""
    papers.save(scene.document, 1, user=scene.editor, content="<p>De outra pessoa.</p>")


def saved(scene: Scene) -> Document:
    return papers.save(scene.document, 1, user=scene.owner, content="<p>Outro texto.</p>")


def saved_late(scene: Scene) -> None:
    try:
        saved(scene)
    except papers.Conflict:
        return
    raise AssertionError("the other text was overwritten")


def drafted(scene: Scene) -> None:
    scene.document = begin(scene.owner)


def stopped(scene: Scene) -> None:
    drafted(scene)
    drafts.stop(scene.document, user=scene.owner)


def proposed(scene: Scene) -> None:
    scene.proposal = Proposal.objects.create(
        document=scene.document, revision=1, number=1, action="replace", before="<p>Nega os fatos.</p>",
        after="<p>Nega tudo.</p>",
    )  # fmt: skip


def decided(word: str) -> Form:
    return lambda scene, client: {word: scene.proposal.pk}


ORDERED = {
    "conversa.criar": "newest", "documento.criar": "newest_document", "mensagem.enviar": "newest_question",
    "documento.redigir": "newest_document",
}  # fmt: skip
ASKED = {"conversa.criar": "newest", "mensagem.enviar": "newest_question"}
STOPPED = {"documento.parar-redacao": "document", "mensagem.parar": "waiting"}
GONE_ON = {"documento.continuar-redacao": "document", "mensagem.continuar": "stopped_reply"}
ACCEPTED = {"documento.aceitar-proposta": "document", "documento.escrever": "document"}

URLS: dict[str, Act] = {
    "documents:new": url(ORDERED, tipo="contestacao"),
    "documents:stop-drafting": url(STOPPED, before=(drafted,)),
    "documents:continue-drafting": url(GONE_ON, before=(stopped,)),
    "documents:assistant": url(ASKED, content="Deixe mais curto."),
    "documents:proposals accept": url(ACCEPTED, before=(proposed,), form=decided("aceitar")),
    "documents:proposals reject": url(
        "documento.rejeitar-proposta", "document", before=(proposed,), form=decided("rejeitar")
    ),
    "documents:from-message": url("documento.criar", "newest_document"),
    "documents:move": url("documento.mover", "document", form=lambda s, c: {"project": s.project.pk}),
    "documents:delete": url("documento.excluir", "document"),
    "documents:undelete": url("documento.desfazer-exclusao", "document", before=(deleted,)),
}

FUNCTIONS: dict[str, Act] = {
    "documents.drafting.begin": call(ORDERED, "", lambda s: begin(s.owner)),
    "documents.drafting.stop": call(STOPPED, "", lambda s: drafts.stop(s.document, user=s.owner), before=(drafted,)),
    "documents.drafting.go_on": call(GONE_ON, "", lambda s: drafts.go_on(s.document, user=s.owner), before=(stopped,)),
    "documents.drafting.from_message": call(
        "documento.criar", "newest_document", lambda s: drafts.from_message(s.reply, user=s.owner)
    ),
    "documents.drafting.ask": call(
        ASKED, "", lambda s: proposals.ask(s.document, "Deixe mais curto.", user=s.owner, model=MODEL)
    ),
    "documents.drafting.accept": call(
        ACCEPTED, "", lambda s: proposals.accept(s.document, [s.proposal.pk], user=s.owner), before=(proposed,)
    ),
    "documents.drafting.reject": call(
        "documento.rejeitar-proposta", "document",
        lambda s: proposals.reject(s.document, [s.proposal.pk], user=s.owner), before=(proposed,),
    ),
    "documents.create": call(
        "documento.criar", "newest_document", lambda s: papers.create("Contrato", "<p>x</p>", user=s.owner)
    ),
    "documents.save": call("documento.editar", "document", saved),
    "documents.save too late": call("documento.guardar-a-parte", "document", saved_late, before=(of_somebody_else,)),
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
    "documents.move": call("documento.mover", "document", lambda s: papers.move(s.document, s.project, user=s.owner)),
    "documents.delete": call("documento.excluir", "document", lambda s: papers.delete(s.document, user=s.owner)),
    "documents.undelete": call(
        "documento.desfazer-exclusao", "document", lambda s: papers.undelete(s.document, user=s.owner), before=(deleted,)
    ),
}  # fmt: skip

NOTHING: dict[str, str] = {}

NO_ACTS: dict[str, str] = {
    "documents.drafting.carry_on": "the worker's: its rows are those of what it saves and asks",
    "documents.drafting.conversation_of": "only looks",
    "documents.drafting.place_of": "only looks",
}
