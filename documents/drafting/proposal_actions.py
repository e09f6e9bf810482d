"""A person's word on what the assistant proposes: only here does a proposal reach the document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from conversations import actions as talk
from conversations.actions import Asked
from conversations.models import Conversation
from documents import actions as papers
from documents.blocks import Block
from documents.drafting.models import Proposal
from documents.drafting.proposing import adopted, beside
from documents.html import parse, write
from documents.models import Document

Asking = HttpRequest | None
# What stands after a paragraph is put there before that paragraph becomes another.
ORDER = {Proposal.Action.INSERT: 0, Proposal.Action.REPLACE: 1, Proposal.Action.DELETE: 2}


def ask(document: Document, content: str, *, user: User, model: str, key: Any = None, request: Asking = None) -> Asked:
    """A question about the document, in its conversation; one is begun where there is none she may write in.

    Raises `conversations.actions.BeingAnswered`.
    """
    about = {"document": str(document.pk)}
    with transaction.atomic():
        found = _held(document)  # of two who ask at one moment the second one finds the conversation of the first
        conversation = conversation_of(found, user)
        if conversation is None:
            conversation = talk.start(
                user=user, mode=Conversation.Mode.REDACAO, model=model, project=found.project,
                title=found.title, metadata={"titled": "person"}, request=request,
            )  # fmt: skip
            found.conversation = conversation
            found.save(update_fields=["conversation"])
        document.conversation = conversation
        return talk.ask(conversation, content=content, user=user, key=key, about=about, request=request)


def _held(document: Document) -> Document:
    """As it is now; nobody else moves or changes it until this is done."""
    found: Document = Document.objects.select_for_update(of=("self",)).select_related("project").get(pk=document.pk)
    return found


def conversation_of(document: Document, user: User) -> Conversation | None:
    """The document's conversation, while it is seen by the same people as the document."""
    if document.conversation_id is None:
        return None
    mine = Conversation.objects.for_user(user).filter(pk=document.conversation_id, project=document.project_id)
    return mine.first()


@transaction.atomic
def accept(document: Document, ids: Iterable[int], *, user: User, request: Asking = None) -> tuple[int, int]:
    """Applies these proposals, as one version; how many were, and how many could not be: their paragraph is another.

    Those that could not stay open. Raises `documents.html.TooLarge`.
    """
    found = _held(document)
    wanted = _open(document, ids)
    blocks, applied = parse(found.content), list[Proposal]()
    for proposal in sorted(wanted, key=lambda one: (ORDER[Proposal.Action(one.action)], -one.pk)):
        if _apply(blocks, proposal):
            applied.append(proposal)
    if applied:
        papers.save(
            found, found.revision, user=user, content=write(blocks), source=Document.Source.AI,
            note="Propostas aceitas" if len(applied) > 1 else "Proposta aceita", request=request,
        )  # fmt: skip
        _decide(applied, Proposal.State.ACCEPTED, user)
        said = {"proposals": [one.pk for one in applied]}
        record("documento.aceitar-proposta", user=user, request=request, entity=document, new=said)
    return len(applied), len(wanted) - len(applied)


@transaction.atomic
def reject(document: Document, ids: Iterable[int], *, user: User, request: Asking = None) -> int:
    wanted = _open(document, ids)
    if wanted:
        _decide(wanted, Proposal.State.REJECTED, user)
        said = {"proposals": [one.pk for one in wanted]}
        record("documento.rejeitar-proposta", user=user, request=request, entity=document, new=said)
    return len(wanted)


def _open(document: Document, ids: Iterable[int]) -> list[Proposal]:
    these = Proposal.objects.open().filter(document=document, pk__in=list(ids))
    return list(these.select_for_update().order_by("pk"))


def _decide(proposals: Sequence[Proposal], state: str, user: User) -> None:
    these = Proposal.objects.filter(pk__in=[one.pk for one in proposals])
    these.update(state=state, decided_by=user, decided_at=timezone.now())


def place_of(blocks: Sequence[Block], proposal: Proposal) -> int | None:
    """Where the paragraph stands now, if its words are the same; None if nowhere.

    Of equal ones the nearest to where it stood, and of two as near the later one: more is added than taken away.
    """
    if not proposal.number:
        return -1
    same = [place for place, block in enumerate(blocks) if write([block]) == proposal.before]
    return min(same, key=lambda place: (abs(place + 1 - proposal.number), -place), default=None)


def _apply(blocks: list[Block], proposal: Proposal) -> bool:
    place = place_of(blocks, proposal)
    if place is None:
        return False
    after = parse(proposal.after)
    if proposal.action == Proposal.Action.INSERT:
        blocks[place + 1 : place + 1] = beside(blocks[place] if place >= 0 else None, after)
        return True
    fresh = adopted(blocks[place], after)
    before, blocks[place : place + 1] = proposal.before, fresh
    if fresh:  # what else was proposed for this paragraph is for its new words
        others = Proposal.objects.open().filter(document=proposal.document_id, before=before, number=proposal.number)
        others.exclude(pk=proposal.pk).update(before=write(fresh[:1]))
    return True
