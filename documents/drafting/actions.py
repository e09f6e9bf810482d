"""What a person does to a draft, and what follows when a part of it has been written.

The parts are written by the same engine as any answer: each is a question in a conversation of the document's, and
its reply. What happened to a part and what is asked next are one transaction, under the draft's row.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit import budgets
from audit.actions import record
from conversations import actions as talk
from conversations.models import Conversation, Message
from conversations.reading import Reading
from documents import actions as papers
from documents.blocks import HEADINGS, Block, Kind, Paragraph
from documents.drafting.brief import Order, first_words, part_words
from documents.drafting.models import Draft
from documents.from_markdown import blocks_of
from documents.html import TooLarge, clean, parse, write
from documents.models import Document
from projects.models import Project
from uploads.models import Upload

MOST_TURNS = 40  # at one part, of the model's: a part that never ends must
PREAMBLE = 300  # characters, at most
# "Vou procurar nos autos": said of what one is about to do. An address, a title or a date before a heading is not.
ABOUT_TO = re.compile(
    r"\b(?:vou|vamos|irei|iremos|deixe-me|permita-me|(?:ler|ver|busca|consulta|procura|verifica)rei|preciso \w+r)\b",
    re.IGNORECASE,
)
NOT_FOR_THIS_CASE = re.compile(r"\W*não se aplica\W*", re.IGNORECASE)  # as `rules.md` has it said
WHOLE = ("", "end_turn", "stop_sequence")
Asking = HttpRequest | None


def begin(
    order: Order, *, user: User, model: str, project: Project | None = None, files: list[Upload] | None = None,
    key: UUID | None = None, request: Asking = None,
) -> Document:  # fmt: skip
    """A new document that is being written: with its conversation, its first question, and the reply owed to it.

    `key` is the form's own id: the same one sent again gives the document that was made the first time.
    Raises `conversations.actions.Refused` when it was accepted as something else.
    """
    if made := _made_before(user, key):
        return made
    try:
        with transaction.atomic():
            return _begin(order, user, model, project, files or [], key, request)
    except talk.Refused:  # the same form, sent twice at one moment
        if made := _made_before(user, key):
            return made
        raise


def _begin(
    order: Order, user: User, model: str, project: Project | None, files: list[Upload], key: UUID | None,
    request: Asking,
) -> Document:  # fmt: skip
    conversation = talk.start(
        user=user, mode=Conversation.Mode.REDACAO, model=model, project=project, title=order.title, request=request
    )
    document = papers.create(
        order.title, "", user=user, project=project, conversation=conversation, document_type=order.slug,
        source=Document.Source.AI, request=request,
    )  # fmt: skip
    # Said in the conversation, so that the end of any other reply costs nothing here.
    conversation.metadata = {"draft": str(document.pk), "titled": "person"}
    conversation.save(update_fields=["metadata"])
    draft = Draft(document=document, brief=order.brief, parts=order.parts, files=[str(file.pk) for file in files])
    _ask(draft, conversation, first_words(order), user, files, key, request)
    draft.save(force_insert=True)
    record("documento.redigir", user=user, request=request, entity=document, new={"parts": len(order.parts)})
    return document


@transaction.atomic
def from_message(message: Message, *, user: User, request: Asking = None) -> Document:
    """A document that says what this reply says.

    Asked for once more (a button pressed twice, a page that was gone back to), it is the one made the first time, as
    long as nobody has changed that. Raises `documents.html.TooLarge`.
    """
    Message.objects.select_for_update(no_key=True).get(pk=message.pk)  # of two at one moment the second finds the first
    conversation = message.conversation
    content = clean(write(blocks_of(message.content, Reading.of(message.metadata))))
    same = Document.objects.for_editor(user).filter(
        user=user, metadata__message=str(message.pk), project=conversation.project_id, revision=1, content=content
    )
    if made := same.order_by("pk").first():
        return made  # type: ignore[no-any-return]
    return papers.create(
        conversation.title, content, user=user, project=conversation.project, conversation=conversation,
        source=Document.Source.AI, note="Criado de uma resposta do assistente", request=request,
        metadata={"message": str(message.pk)},
    )  # fmt: skip


def _made_before(user: User, key: UUID | None) -> Document | None:
    if key is None:
        return None
    asked = Message.objects.filter(user=user, submission_key=key).values("conversation")
    found: Document | None = Document.objects.for_user(user).filter(conversation__in=asked).first()
    return found


@transaction.atomic
def stop(document: Document, *, user: User, request: Asking = None) -> None:
    """No further part is asked for, and the one that is being written ends where it is."""
    draft = _locked(document.pk)
    if draft is None or not draft.is_writing:
        return
    _end(draft, Draft.State.STOPPED)
    reply = _reply(draft)
    if reply and reply.is_unfinished:
        talk.stop(reply, user=user, request=request)
    record("documento.parar-redacao", user=user, request=request, entity=document)


@transaction.atomic
def go_on(document: Document, *, user: User, request: Asking = None) -> None:
    """Where it was stopped or broken off: that part is written on, by who pays for the rest."""
    draft = _locked(document.pk)
    if draft is None or not draft.can_go_on:
        return
    draft.state, draft.reason = Draft.State.WRITING, ""
    if not _may_go_on(draft, user):
        return
    record("documento.continuar-redacao", user=user, request=request, entity=document)
    reply = _reply(draft)
    if reply and reply.can_continue:
        try:
            with transaction.atomic():
                talk.continue_reply(reply, user=user, request=request)
        except talk.BeingAnswered:  # something was said after it: the part is asked for anew
            draft.question = None
            _ask_next(draft, user)
    elif reply and (reply.is_unfinished or (_is_whole(reply) and reply.content.strip())):
        _advance(draft, reply)
    else:
        draft.question = None
        _ask_next(draft, user)
    _keep(draft)


@transaction.atomic
def finish(document: Document, *, user: User, request: Asking = None) -> None:
    """No more is to be written: of a draft that stands still. What is in the document is the document."""
    draft = _locked(document.pk)
    if draft is None or not draft.can_go_on:
        return
    _end(draft, Draft.State.DONE)
    record("documento.encerrar-redacao", user=user, request=request, entity=document, new={"parts": draft.part})


@transaction.atomic
def carry_on(document_id: UUID) -> None:
    """Puts what was written into the document and asks for the next part; nothing while something is being written."""
    draft = _locked(document_id)
    if draft is None or draft.state == Draft.State.DONE:
        return
    reply = _reply(draft)
    if draft.question and reply is None:  # taken back, or worded anew, in the conversation
        draft.question = None
        _end(draft, Draft.State.STOPPED)
    elif reply is None:
        if draft.is_writing:
            _ask_next(draft, draft.document.user)
    elif not reply.is_unfinished:
        _advance(draft, reply)
    _keep(draft)


# Steps --------------------------------------------------------------------------------------------


def _advance(draft: Draft, reply: Message) -> None:
    """What follows from a reply that has ended."""
    if reply.is_unfinished:
        return
    if reply.status == Message.Status.STOPPED:
        _end(draft, Draft.State.STOPPED)
    elif reply.status != Message.Status.COMPLETE:
        _end(draft, Draft.State.FAILED, str(reply.metadata.get("error") or "internal"))
    elif reply.stop_reason == "max_tokens":
        _write_on(draft, reply)
    elif not _is_whole(reply):
        _end(draft, Draft.State.FAILED, reply.stop_reason)
    elif not reply.content.strip():
        _end(draft, Draft.State.FAILED, "empty")
    elif _put(draft, reply) and draft.is_writing:
        _ask_next(draft, reply.user)


def _is_whole(reply: Message) -> bool:
    return reply.status == Message.Status.COMPLETE and reply.stop_reason in WHOLE


def _write_on(draft: Draft, reply: Message) -> None:
    """A part that was cut goes on in the same reply."""
    if not draft.is_writing or not _may_go_on(draft, reply.user):
        return
    if reply.attempts >= MOST_TURNS:
        _end(draft, Draft.State.FAILED, "endless")
        return
    try:
        with transaction.atomic():
            talk.continue_reply(reply, user=reply.user)
    except talk.BeingAnswered:
        _end(draft, Draft.State.STOPPED)


def _put(draft: Draft, reply: Message) -> bool:
    """The part at the end of the document, below whatever a person has written there meanwhile."""
    document = Document.objects.select_for_update(of=("self",)).get(pk=draft.document_id)
    if NOT_FOR_THIS_CASE.fullmatch(reply.content.strip()) and not draft.parts[draft.part].get("is_required", True):
        _next(draft, reply.user)
        return True
    stands = parse(document.content)
    has_title = any(isinstance(block, Paragraph) and block.kind == Kind.TITLE for block in stands)
    reading = Reading.of(reply.metadata)
    blocks = _without_preamble(blocks_of(reply.content, reading, has_title=has_title), reading)
    note = f"Parte {draft.part + 1} de {len(draft.parts)}: {draft.name}"
    try:
        papers.save(
            document, document.revision, user=reply.user, content="\n".join([document.content, write(blocks)]),
            source=Document.Source.AI, note=note,
        )  # fmt: skip
    except TooLarge:
        _end(draft, Draft.State.FAILED, "too_large")
        return False
    _next(draft, reply.user)
    return True


def _without_preamble(blocks: list[Block], reading: Reading) -> list[Block]:
    """Without what the model said before it looked into the files ("Vou procurar…"), which is no part of the text.

    Only a few words before a heading, only where files were looked into, and only such as say that something is about
    to be done; they stay in the conversation. Rather one too many than the court's name gone.
    """
    first = next((place for place, block in enumerate(blocks) if _is_heading(block)), 0)
    said = list(takewhile(_is_preamble, blocks[:first]))
    is_short = sum(len(block.text) for block in said if isinstance(block, Paragraph)) <= PREAMBLE
    return blocks[len(said) :] if reading.steps and is_short else blocks


def _is_preamble(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.kind == Kind.TEXT and bool(ABOUT_TO.search(block.text))


def _is_heading(block: Block) -> bool:
    return isinstance(block, Paragraph) and block.kind in (Kind.TITLE, *HEADINGS)


def _next(draft: Draft, user: User) -> None:
    """This part is done with; after the last one so is the draft."""
    draft.part += 1
    draft.question = None
    if draft.part >= len(draft.parts):
        _end(draft, Draft.State.DONE)
        record("documento.concluir-redacao", user=user, entity=draft.document)


def _ask_next(draft: Draft, user: User) -> None:
    conversation = draft.document.conversation
    if not _may_go_on(draft, user) or conversation is None:
        return
    files = list(Upload.objects.for_user(user).filter(pk__in=draft.files)) if draft.files else []
    words = part_words(draft.parts, draft.part)
    try:
        _ask(draft, conversation, words, user, files)
    except talk.BeingAnswered:  # something else was asked there: when that is answered, this is
        return
    except talk.Refused:  # the conversation is being moved
        _end(draft, Draft.State.STOPPED)


def _may_go_on(draft: Draft, user: User) -> bool:
    """Whether she who asked may still write in both places, which are seen by the same people, and has something to
    spend. Otherwise the draft ends here.
    """
    document = draft.document
    may_change = Document.objects.for_editor(user).filter(pk=document.pk).exists()
    if not (user.is_active and may_change):
        _end(draft, Draft.State.STOPPED)
        return False
    here = Conversation.objects.for_editor(user).filter(project=document.project_id)
    if not here.filter(pk=document.conversation_id).exists():
        _end(draft, Draft.State.FAILED, "apart")
        return False
    if budgets.refusal(user.pk):
        _end(draft, Draft.State.FAILED, "budget")
        return False
    return True


def _ask(
    draft: Draft, conversation: Conversation, words: str, user: User, files: list[Upload], key: UUID | None = None,
    request: Asking = None,
) -> None:  # fmt: skip
    about = {"draft": str(draft.document_id)}
    asked = talk.ask(conversation, content=words, user=user, files=files, about=about, key=key, request=request)
    draft.question = asked.question.pk


def _reply(draft: Draft) -> Message | None:
    """The present reply to the question of the part; none when it was put out of the way."""
    if draft.question is None:
        return None
    replies = Message.objects.filter(reply_to=draft.question, role=Message.Role.ASSISTANT).active()
    return replies.select_related("user", "conversation").in_order().last()


def _locked(document_id: UUID) -> Draft | None:
    found = Draft.objects.select_for_update(of=("self",)).filter(pk=document_id, document__deleted_at=None)
    draft: Draft | None = found.select_related("document__conversation", "document__project", "document__user").first()
    return draft


def _end(draft: Draft, state: str, reason: str = "") -> None:
    draft.state, draft.reason = state, reason[:50]
    _keep(draft)


def _keep(draft: Draft) -> Any:
    draft.updated_at = timezone.now()
    draft.save(update_fields=["state", "reason", "part", "question", "updated_at"])
