"""What a person can do to drafts and proposals: the part of `tests/acts.py` that is about them."""

from __future__ import annotations

from conversations.tests.making import MODEL
from documents.drafting import actions as drafts
from documents.drafting import proposal_actions as proposals
from documents.drafting.models import Proposal
from documents.drafting.tests.making import begin
from tests.scene import Act, Form, Scene, call, url


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
    "documents:finish-drafting": url("documento.encerrar-redacao", "document", before=(stopped,)),
    "documents:assistant": url(ASKED, content="Deixe mais curto."),
    "documents:proposals accept": url(ACCEPTED, before=(proposed,), form=decided("aceitar")),
    "documents:proposals reject": url(
        "documento.rejeitar-proposta", "document", before=(proposed,), form=decided("rejeitar")
    ),
    "documents:from-message": url("documento.criar", "newest_document"),
}

FUNCTIONS: dict[str, Act] = {
    "documents.drafting.begin": call(ORDERED, "", lambda s: begin(s.owner)),
    "documents.drafting.stop": call(STOPPED, "", lambda s: drafts.stop(s.document, user=s.owner), before=(drafted,)),
    "documents.drafting.go_on": call(GONE_ON, "", lambda s: drafts.go_on(s.document, user=s.owner), before=(stopped,)),
    "documents.drafting.finish": call(
        "documento.encerrar-redacao", "document", lambda s: drafts.finish(s.document, user=s.owner), before=(stopped,)
    ),
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
}  # fmt: skip

NOTHING: dict[str, str] = {}

NO_ACTS: dict[str, str] = {
    "documents.drafting.carry_on": "the worker's: its rows are those of what it saves and asks",
    "documents.drafting.conversation_of": "only looks",
    "documents.drafting.place_of": "only looks",
}
