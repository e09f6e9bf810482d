"""A draft and proposals as the page beside the document shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.requests import SignedInRequest
from audit.budgets import standing
from conversations.models import Conversation, Message
from conversations.rendering import ERRORS, Shown, shown
from documents.blocks import Block, plain
from documents.comparing import Budget, Change, word_changes
from documents.drafting.models import Draft, Proposal, is_being_drafted
from documents.drafting.proposal_actions import conversation_of, place_of
from documents.drafting.proposing import MOST_CHARACTERS, paragraphs_read
from documents.html import parse
from documents.models import Document
from documents.views import may_change
from romagent.base.ids import new_id

MOST_SHOWN = 100  # proposals on one page; the others follow when these are decided
LAST_QUESTIONS = 3
NEWS = timedelta(days=1)  # for which a page still says that the draft has ended
REASONS = {
    "apart": "A conversa desta redação foi excluída ou está em outro lugar. O que foi escrito está no documento.",
    "budget": "O orçamento de IA acabou. O que foi escrito está no documento; veja “Meu uso”.",
    "empty": "O assistente não escreveu nada nesta parte.",
    "endless": "Esta parte não chegou ao fim depois de muitas tentativas. O que foi escrito está na conversa.",
    "refusal": "O modelo recusou-se a escrever esta parte.",
    "too_large": "O documento chegou ao tamanho máximo. Esta parte está na conversa.",
    "model_context_window_exceeded": "A redação não cabe mais na janela do modelo.",
}


# The draft ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How a draft stands, in words, and the reply that is being written for it."""

    draft: Draft
    reply: Shown | None
    revision: int

    @property
    def total(self) -> int:
        return len(self.draft.parts)

    @property
    def part(self) -> str:
        return f"parte {self.draft.part + 1} de {self.total}: {self.draft.name}"

    @property
    def said(self) -> str:
        if self.draft.state == Draft.State.DONE:
            return f"A redação terminou: {_parts(self.draft.part, self.total)}. Leia tudo antes de usar."
        if self.draft.is_writing:
            waits = self.reply is None or self.reply.message.status == Message.Status.QUEUED
            return f"{'Na fila' if waits else 'Escrevendo'} a {self.part}."
        return f"A redação parou na {self.part}. O que já está no documento fica; o começo desta parte, na conversa."

    @property
    def why(self) -> str:
        if self.draft.state != Draft.State.FAILED:
            return ""
        return REASONS.get(self.draft.reason) or ERRORS.get(self.draft.reason, ERRORS["internal"])

    @property
    def key(self) -> str:
        """Changes when there is something else to show than the growing of the same part."""
        reply = self.reply.message.pk if self.reply else ""
        return f"{self.draft.state}.{self.draft.part}.{reply}.{self.revision}"


def _parts(done: int, total: int) -> str:
    return f"{done} de {total} partes" if done < total else "1 parte" if total == 1 else f"{total} partes"


def progress_of(document: Document) -> Progress | None:
    draft = Draft.objects.filter(pk=document.pk).first()
    if draft is None or (draft.state == Draft.State.DONE and timezone.now() - draft.updated_at > NEWS):
        return None
    unfinished = Message.objects.filter(reply_to=draft.question).unfinished() if draft.question else None
    reply = unfinished.first() if unfinished is not None else None
    return Progress(draft, shown([reply], fresh=True)[0] if reply else None, document.revision)


# Proposals ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ShownProposal:
    proposal: Proposal
    pieces: list[Change]
    place: int | None  # the block it is about, from 0; -1 is the beginning; None: it is not there any more

    @property
    def title(self) -> str:
        number = self.proposal.number if self.place is None else self.place + 1
        if self.proposal.action == Proposal.Action.INSERT:
            return f"Inserir depois do parágrafo {number}" if number else "Inserir no começo"
        return f"{'Excluir' if self.proposal.action == Proposal.Action.DELETE else 'Mudar'} o parágrafo {number}"

    @property
    def is_stale(self) -> bool:
        return self.place is None


def open_proposals(document: Document) -> list[ShownProposal]:
    found = list(_open_ones(document).order_by("pk")[:MOST_SHOWN])
    blocks = parse(document.content) if found else []
    budget = Budget()  # of all of them together
    made = [ShownProposal(one, _pieces(one, budget), place_of(blocks, one)) for one in found]
    return sorted(made, key=lambda one: (one.proposal.number if one.place is None else one.place + 1, one.proposal.pk))


def _open_ones(document: Document) -> QuerySet[Proposal]:
    return Proposal.objects.open().filter(document=document)  # type: ignore[no-any-return]


def _pieces(proposal: Proposal, budget: Budget) -> list[Change]:
    after = _words(proposal.after)
    if proposal.action == Proposal.Action.INSERT:
        return [Change("added", after)]
    return word_changes(_words(proposal.before), after, budget)


def _words(stored: str) -> str:
    blocks: Sequence[Block] = parse(stored)
    return plain(blocks, numbers=False)


# Beside the document -----------------------------------------------------------------------------


def draft_context(request: SignedInRequest, document: Document) -> dict[str, Any]:
    """What `documents/_draft.html` needs."""
    progress = progress_of(document)
    return {"request": request, "document": document, "progress": progress, "may_change": may_change(request, document)}


def assistant_context(
    request: SignedInRequest, document: Document, *, content: str = "", error: str = "", told: str = ""
) -> dict[str, Any]:
    """What `documents/_assistant.html` needs: the last questions about this document, the open proposals, the box."""
    conversation = conversation_of(document, request.user)
    thread = _last_questions(document, conversation) if conversation else []
    proposals = open_proposals(document)
    return {
        "request": request,
        "document": document,
        "may_change": may_change(request, document),
        "is_drafted": is_being_drafted(document),
        "conversation": conversation,
        "thread": shown(thread, read_only=True, reader=request.user),
        "proposals": proposals,
        "is_several": sum(not one.is_stale for one in proposals) > 1,
        "is_cut": len(proposals) == MOST_SHOWN and _open_ones(document).count() > MOST_SHOWN,
        "unread": _unread(document),
        "submission_key": new_id(),
        "budget": standing(request.user.pk).notice,
        "content": content,
        "error": error,
        "told": told,
    }


def _unread(document: Document) -> dict[str, int] | None:
    """How much of a document that is too long for a question the assistant reads; None when it reads all of it."""
    if len(document.content) <= MOST_CHARACTERS // 2:  # cannot be: what is sent is hardly longer than what is stored
        return None
    blocks = parse(document.content)
    read = paragraphs_read(blocks)
    return {"read": read, "total": len(blocks)} if read < len(blocks) else None


def _last_questions(document: Document, conversation: Conversation) -> list[Message]:
    thread = Message.objects.filter(conversation=conversation).active()
    about = thread.filter(role=Message.Role.USER, metadata__document=str(document.pk))
    asked = list(about.order_by("-created_at", "-pk").values_list("pk", flat=True)[:LAST_QUESTIONS])
    return list((thread.filter(pk__in=asked) | thread.filter(reply_to__in=asked)).in_order())
