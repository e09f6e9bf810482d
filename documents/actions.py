"""What a person can do to documents: each in one transaction, with its audit row, which never says what was written.

Who changes a document says on which `revision`. Somebody else's change in between is never overwritten: the text that
came second is kept as a version aside, and `Conflict` tells of both.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from conversations import actions as talk
from conversations.models import Conversation
from documents import versions
from documents.blocks import plain
from documents.checking.tasks import enqueue as check_citations_later
from documents.html import clean, parse
from documents.models import Document, DocumentVersion
from projects.actions import HELD, touch
from projects.models import Project

STRETCH = timedelta(minutes=10)  # of writing: a version is kept at least so often, and one audit row tells of it
UNTITLED = "Documento sem título"
Asking = HttpRequest | None


class Refused(Exception):
    """Not done; the message says why, to the person who asked."""


class Conflict(Exception):
    """The document was changed in between: `document` as it is now, `aside` the text that came second."""

    def __init__(self, document: Document, aside: DocumentVersion) -> None:
        self.document, self.aside = document, aside
        super().__init__(str(document.pk))


@transaction.atomic
def create(
    title: str, content: str, *, user: User, project: Project | None = None, conversation: Conversation | None = None,
    document_type: str = "", source: str = Document.Source.EDIT, note: str = "", request: Asking = None, **fields: Any,
) -> Document:  # fmt: skip
    """Keeps a new document and its first version. Raises `documents.html.TooLarge`."""
    document = Document(
        user=user, project=project, conversation=conversation, title=_title(title), document_type=document_type,
        source=source, edited_by=user, version=0, **fields,
    )  # fmt: skip
    _write(document, clean(content))
    document.save(force_insert=True)
    versions.keep(document, source=source, author=user, note=note)
    check_citations_later(document.pk)
    record("documento.criar", user=user, request=request, entity=document, new={"source": str(source)})
    if project:
        touch(project)
    return document


def save(
    document: Document, revision: int, *, user: User, title: str | None = None, content: str | None = None,
    source: str = Document.Source.EDIT, note: str = "", is_kept: bool = False, request: Asking = None,
) -> Document:  # fmt: skip
    """Changes the title, the text, or both, as they were seen in `revision`; the document as it is then.

    A version is kept of what stood there before, when somebody else or something else wrote it; of the new state when
    `is_kept`, when it is not a person's typing, and after each stretch of writing. Raises `Conflict` (after it has
    kept the text aside) and `documents.html.TooLarge`.
    """
    content = None if content is None else clean(content)
    title = None if title is None else _title(title)
    aside = None
    with transaction.atomic():
        found = _locked(document)
        wanted = (found.title if title is None else title, found.content if content is None else content)
        if wanted == (found.title, found.content):
            if is_kept:
                keep_version(found, user=user, note=note, request=request)
        elif found.revision != revision:
            aside = _keep_aside(found, *wanted, source, user, request)
        else:
            _change(found, *wanted, source, user, note, is_kept, request)
    if aside:  # after the commit, which keeps it
        raise Conflict(found, aside)
    return found


def _change(
    found: Document, title: str, content: str, source: str, user: User, note: str, is_kept: bool, request: Asking
) -> None:
    is_typing = source == Document.Source.EDIT
    goes_on = is_typing and found.source == source and found.edited_by_id == user.pk
    is_new_stretch = not goes_on or timezone.now() - found.updated_at > STRETCH
    if not goes_on:  # what stood there is kept as its author's
        versions.keep(found, source=found.source, author=found.edited_by)
    text_is_new = content != found.content
    found.title, found.source, found.edited_by = title, source, user
    if text_is_new:
        _write(found, content)
    _forget_review(found, user, request)
    found.revision += 1
    found.updated_at = timezone.now()
    found.save(update_fields=[
        "title", "content", "text", "source", "edited_by", "revision", "updated_at", "reviewed_sha256", "reviewed_by",
        "reviewed_at",
    ])  # fmt: skip
    check_citations_later(found.pk)
    if is_kept or not is_typing or _is_due(found):
        versions.keep(found, source=source, author=user, note=note)
    if is_new_stretch or is_kept:
        new = {"revision": found.revision}
        record(f"documento.{VERBS[source]}", user=user, request=request, entity=found, new=new)


VERBS: dict[str, str] = {
    Document.Source.EDIT: "editar",
    Document.Source.AI: "escrever",
    Document.Source.IMPORT: "importar",
    Document.Source.RESTORE: "restaurar",
}


def _is_due(document: Document) -> bool:
    last = document.versions.filter(is_aside=False).order_by("-number").values_list("created_at", flat=True).first()
    return last is None or timezone.now() - last > STRETCH


def _keep_aside(found: Document, title: str, content: str, source: str, user: User, request: Asking) -> DocumentVersion:
    note = "Guardada à parte: o documento já tinha outra alteração"
    versions.keep(found, source=found.source, author=found.edited_by)
    aside = versions.keep(found, source=source, author=user, note=note, title=title, content=content, is_aside=True)
    record("documento.guardar-a-parte", user=user, request=request, entity=found, new={"version": aside.number})
    return aside


@transaction.atomic
def keep_version(document: Document, *, user: User, note: str = "", request: Asking = None) -> DocumentVersion:
    """Keeps the document as it is now; nothing happens when its newest version is the same."""
    found = _locked(document)
    before = found.version
    kept = versions.keep(found, source=found.source, author=found.edited_by, note=note)
    if kept.number != before:
        record("documento.guardar-versao", user=user, request=request, entity=found, new={"version": kept.number})
    return kept


def restore(
    document: Document, version: DocumentVersion, revision: int, *, user: User, request: Asking = None
) -> Document:
    """The document says again what this version says; the state before stays as a version. Raises `Conflict`."""
    return save(
        document, revision, user=user, title=version.title, content=versions.content_of(version),
        source=Document.Source.RESTORE, note=f"Restaurada a versão {version.number}", request=request,
    )  # fmt: skip


@transaction.atomic
def confirm_review(document: Document, sha256: str, *, user: User, unverified: int = 0, request: Asking = None) -> None:
    """A person says that she has read exactly this text, `unverified` citations and all.

    Raises `Refused` when it is another text by now.
    """
    found = _locked(document)
    if found.sha256 != sha256:
        raise Refused("O documento mudou depois que você o abriu. Leia a alteração e confirme de novo.")
    versions.keep(found, source=found.source, author=found.edited_by)
    found.reviewed_sha256, found.reviewed_by, found.reviewed_at = sha256, user, timezone.now()
    found.save(update_fields=["reviewed_sha256", "reviewed_by", "reviewed_at"])
    record(
        "documento.conferir", user=user, request=request, entity=found, new={"sha256": sha256, "unverified": unverified}
    )


def _forget_review(found: Document, user: User, request: Asking) -> None:
    if found.reviewed_sha256:
        old = {"sha256": found.reviewed_sha256}
        found.reviewed_sha256, found.reviewed_by, found.reviewed_at = "", None, None
        record("documento.desfazer-conferencia", user=user, request=request, entity=found, old=old)


@transaction.atomic
def move(document: Document, project: Project | None, *, user: User, request: Asking = None) -> None:
    """Into `project`, or out of projects; only who made it takes it there, where it is hers alone. Raises `Refused`.

    The conversation in which it is drafted goes along; with another one it stays only where that is, too.
    """
    mine = Document.objects.for_editor(user).select_for_update(of=("self",)).select_related("project", "conversation")
    was = mine.filter(pk=document.pk).first()
    if was is None:
        raise Refused("Este documento foi excluído ou movido há pouco, ou você já não pode movê-lo.")
    if project is None and was.user_id != user.pk:
        raise Refused("Só quem criou o documento pode tirá-lo do projeto.")
    old = was.project
    if old == project:
        return
    if old and old.preservar:
        raise Refused(HELD)
    _take_along(was, project, user, request)
    document.project = was.project = project
    if was.conversation and was.conversation.project_id != (project.pk if project else None):
        was.conversation = None
    document.conversation = was.conversation
    was.save(update_fields=["project", "conversation"])
    said = [{"project": str(one.pk) if one else None} for one in (old, project)]
    record("documento.mover", user=user, request=request, entity=was, old=said[0], new=said[1])
    for one in filter(None, (old, project)):
        touch(one)


def _take_along(document: Document, project: Project | None, user: User, request: Asking) -> None:
    """A draft's own conversation, unless it is elsewhere already or has to stay: then the draft ends."""
    own = Conversation.objects.for_editor(user).filter(pk=document.conversation_id, project=document.project_id)
    conversation = own.filter(metadata__draft=str(document.pk)).first()
    if conversation is None:
        return
    with suppress(talk.Refused):
        talk.move(conversation, project, user=user, request=request)
        document.conversation = conversation


@transaction.atomic
def delete(document: Document, *, user: User, request: Asking = None) -> None:
    """Takes the document out of sight; `undelete` brings it back until the clean-up removes it for good.

    What is being drafted stops: nobody is to pay for what nobody will read.
    """
    from documents.drafting import actions as drafts  # which stand on these

    drafts.stop(document, user=user, request=request)
    _mark(document, timezone.now(), "documento.excluir", user, request)


def undelete(document: Document, *, user: User, request: Asking = None) -> None:
    _mark(document, None, "documento.desfazer-exclusao", user, request)


@transaction.atomic
def _mark(document: Document, when: Any, action: str, user: User, request: Asking) -> None:
    document.deleted_at = when
    document.save(update_fields=["deleted_at"])
    record(action, user=user, request=request, entity=document)


def _locked(document: Document) -> Document:
    """The document as it is now; who else would change it waits until this is done."""
    related = ("project", "conversation", "edited_by")
    found: Document = Document.objects.select_for_update(of=("self",)).select_related(*related).get(pk=document.pk)
    return found


def _write(document: Document, content: str) -> None:
    document.content, document.text = content, plain(parse(content))


def _title(title: str) -> str:
    return " ".join(title.split())[:500] or UNTITLED
