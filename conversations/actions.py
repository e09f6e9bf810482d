"""What a person can do to conversations and messages: each in one transaction, with its audit row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from procrastinate.contrib.django import app

from accounts.models import User
from audit.actions import record
from audit.models import READING
from conversations.models import Conversation, Message
from conversations.signals import reply_ended
from conversations.tasks import enqueue_answer
from conversations.threads import links_of, thread_with
from projects.actions import HELD, touch
from projects.models import Project
from romagent.base import access
from romagent.base.ids import new_id
from uploads.models import Upload


class Refused(Exception):
    """Not done; the message says why, to the person who asked."""


class BeingAnswered(Exception):
    """Another question of this conversation is still being answered."""


@dataclass(frozen=True)
class Asked:
    """A question that was accepted, and the reply that is owed to it."""

    question: Message
    reply: Message


def start(
    *, user: User, mode: str, model: str, request: HttpRequest | None = None, content: str = "",
    key: UUID | None = None, files: Sequence[Upload] = (), project: Project | None = None, title: str = "",
    metadata: dict[str, Any] | None = None,
) -> Conversation:  # fmt: skip
    """A new conversation, in `project` when there is one, with its first question when there is one."""
    sent = _sent_before(user, key) if key else None
    if sent and sent.question.conversation.deleted_at is None:
        return sent.question.conversation
    key = None if sent else key  # sent again after its conversation was deleted: a question of its own
    try:
        with transaction.atomic():
            conversation = Conversation.objects.create(
                user=user, mode=mode, model=model, project=project, title=title or Conversation.UNTITLED,
                metadata=metadata or {},
            )  # fmt: skip
            record("conversa.criar", user=user, request=request, entity=conversation)
            if project:
                touch(project)
            if content:
                _insert(conversation, content, user, request, mode, model, key, files)
    except IntegrityError:
        if key and (sent := _sent_before(user, key)):  # the same form, sent twice at the same moment
            return sent.question.conversation
        raise
    return conversation


def ask(
    conversation: Conversation, *, content: str, user: User, request: HttpRequest | None = None, mode: str = "",
    model: str = "", key: UUID | None = None, files: Sequence[Upload] = (), about: dict[str, Any] | None = None,
) -> Asked:  # fmt: skip
    """Accepts a question: the question, the empty reply, the job that will fill it and the audit row, or nothing.

    `files` come with it; those that belong nowhere yet belong to the conversation (and its project) from now on.

    `about` says what else the question is about; see `conversations/assistant/offers.py`.

    `key` is the form's own id: the same one sent again gives what was accepted the first time.
    Raises BeingAnswered while an earlier question of this conversation is, and Refused when the conversation has moved
    since it was fetched, or the form was accepted in another one: what she may see of that is not asked here.
    """
    try:
        with transaction.atomic():
            return _insert(conversation, content, user, request, mode, model, key, files, about)
    except IntegrityError as error:
        if key and (sent := _sent_before(user, key)):  # the same form, sent twice
            if sent.question.conversation_id != conversation.pk:
                raise Refused(ELSEWHERE) from error
            return sent
        if "messages_one_reply_at_a_time" in str(error):
            raise BeingAnswered from error
        raise


# Both messages, after what stands last, and what the conversation remembers: one statement, since questions come in
# bursts and each statement more is one more turn at the interpreter for everybody.
INSERT = """
WITH moved AS (
    UPDATE conversations SET updated_at = %(now)s, mode = coalesce(%(new_mode)s, mode),
        model = coalesce(%(new_model)s, model)
    WHERE id = %(conversation)s
), last AS (
    SELECT id FROM messages WHERE conversation_id = %(conversation)s AND superseded_at IS NULL
    ORDER BY created_at DESC, id DESC LIMIT 1
)
INSERT INTO messages (
    id, conversation_id, user_id, role, content, model, status, stop_reason, reply_to_id, submission_key, attempts,
    created_at, metadata
) VALUES (
    %(question)s, %(conversation)s, %(user)s, 'user', %(content)s, '', 'complete', '', (SELECT id FROM last), %(key)s,
    0, %(now)s, %(about)s
), (
    %(reply)s, %(conversation)s, %(user)s, 'assistant', '', %(model)s, 'queued', '', %(question)s, NULL,
    0, %(now)s, %(metadata)s
)
RETURNING id, reply_to_id, project_id
"""
MOVED = "A conversa foi movida enquanto você perguntava. Recarregue a página e pergunte de novo."
ELSEWHERE = "Esta pergunta já foi enviada, em outra conversa."


def _insert(
    conversation: Conversation, content: str, user: User, request: HttpRequest | None, mode: str, model: str,
    key: UUID | None, files: Sequence[Upload], about: dict[str, Any] | None = None,
) -> Asked:  # fmt: skip
    now = timezone.now()
    named = [{"id": str(file.pk), "name": file.original_filename} for file in files]
    question = Message(
        conversation=conversation,
        user=user,
        role=Message.Role.USER,
        content=content,
        created_at=now,
        submission_key=key,
        metadata=(about or {}) | ({"files": named} if files else {}),
    )
    reply = _owed(question, user, model=model or conversation.model, mode=mode or conversation.mode, now=now)
    values: dict[str, Any] = {
        "now": now, "new_mode": mode or None, "new_model": model or None, "model": reply.model,
        "conversation": conversation.pk, "user": user.pk, "key": key,
        "question": question.pk, "content": content, "reply": reply.pk, "metadata": json.dumps(reply.metadata),
        "about": json.dumps(question.metadata),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(INSERT, values)
        rows = {pk: about for pk, *about in cursor.fetchall()}
    question.reply_to_id, project_id = rows[question.pk]
    if project_id != conversation.project_id:  # not the one in which she was let in
        raise Refused(MOVED)
    if files:
        own = Upload.objects.for_editor(user).filter(pk__in=[file.pk for file in files])
        own.filter(conversation=None, project=None).update(conversation=conversation, project=conversation.project_id)
    new = {"files": [str(file.pk) for file in files]} if files else None
    record("mensagem.enviar", user=user, request=request, entity=question, new=new)
    return Asked(question, reply)


def _owed(question: Message, user: User, *, model: str, mode: str, now: datetime) -> Message:
    """An empty reply, with the job that will write it; `user`, who asked for it, pays for it."""
    reply_id = new_id()
    return Message(
        id=reply_id,
        conversation_id=question.conversation_id,
        user_id=user.pk,
        role=Message.Role.ASSISTANT,
        status=Message.Status.QUEUED,
        model=model,
        reply_to=question,
        created_at=now,
        metadata={"mode": mode, "job": enqueue_answer(reply_id)},
    )


def _sent_before(user: User, key: UUID) -> Asked | None:
    question = Message.objects.filter(user=user, submission_key=key).select_related("conversation").first()
    if question is None:
        return None
    reply = question.replies.in_order().first()
    return Asked(question, reply) if reply else None


def redo(reply: Message, *, user: User, request: HttpRequest | None = None) -> Message:
    """Another answer to the same question. The earlier one stays; it and what followed are put out of the way."""
    with _one_at_a_time():
        now = _put_out_of_the_way(reply)
        question = Message.objects.get(pk=reply.reply_to_id)
        mode, model = reply.conversation.mode, reply.conversation.model
        fresh = _owed(question, user, model=model, mode=mode, now=now)
        fresh.save(force_insert=True)
        Conversation.objects.filter(pk=reply.conversation_id).update(updated_at=now)
        record("mensagem.refazer", user=user, request=request, entity=reply)
    return fresh


def edit(question: Message, *, content: str, user: User, request: HttpRequest | None = None) -> Asked:
    """The question in other words. The earlier one and what followed are kept, out of the way."""
    with _one_at_a_time():
        now = _put_out_of_the_way(question)
        fresh = Message(
            conversation_id=question.conversation_id,
            user_id=user.pk,
            role=Message.Role.USER,
            content=content,
            created_at=now,
            reply_to_id=question.reply_to_id,
            metadata=question.metadata,
        )
        conversation = question.conversation
        reply = _owed(fresh, user, model=conversation.model, mode=conversation.mode, now=now)
        Message.objects.bulk_create([fresh, reply])
        Conversation.objects.filter(pk=question.conversation_id).update(updated_at=now)
        record("mensagem.editar", user=user, request=request, entity=question)
    return Asked(fresh, reply)


def _put_out_of_the_way(first: Message) -> datetime:
    """Supersedes `first` and what follows it; refuses while a reply of the conversation is being written."""
    thread = Message.objects.filter(conversation=first.conversation_id).active()
    if thread.unfinished().exists():
        raise BeingAnswered
    now = timezone.now()
    (thread.after(first) | thread.filter(pk=first.pk)).update(superseded_at=now)
    return now


class _one_at_a_time(transaction.Atomic):  # noqa: N801 - reads as a `with` block
    """A transaction in which the constraint on one reply at a time means BeingAnswered."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        super().__exit__(kind, error, trace)
        if isinstance(error, IntegrityError) and "messages_one_reply_at_a_time" in str(error):
            raise BeingAnswered from error


def resume(conversation: Conversation, version: UUID, *, user: User, request: HttpRequest | None = None) -> None:
    """Makes the thread that the message `version` belongs to the present one; the rest is kept, out of the way."""
    with transaction.atomic():
        Conversation.objects.select_for_update().get(pk=conversation.pk)
        messages = Message.objects.filter(conversation=conversation)
        if messages.unfinished().exists():
            raise BeingAnswered
        wanted = thread_with(version, links_of(conversation))
        messages.active().exclude(pk__in=wanted).update(superseded_at=timezone.now())
        messages.filter(pk__in=wanted).update(superseded_at=None)
        record("conversa.retomar", user=user, request=request, entity=conversation)


def continue_reply(reply: Message, *, user: User, request: HttpRequest | None = None) -> None:
    """Has a reply that was cut, stopped or interrupted written on, in the same message, by who pays for the rest."""
    with _one_at_a_time():
        fresh = Message.objects.select_for_update(of=("self",)).get(pk=reply.pk)
        if not fresh.can_continue or _is_followed(fresh):
            raise BeingAnswered
        metadata = {key: value for key, value in fresh.metadata.items() if key != "error"}
        metadata |= {"mode": reply.conversation.mode, "job": enqueue_answer(reply.pk)}
        Message.objects.filter(pk=reply.pk).update(
            status=Message.Status.QUEUED, stop_reason="", heartbeat_at=timezone.now(), metadata=metadata, user=user
        )
        record("mensagem.continuar", user=user, request=request, entity=reply)


def _is_followed(reply: Message) -> bool:
    later = Message.objects.filter(conversation=reply.conversation_id).active().after(reply)
    return reply.superseded_at is not None or later.exists()


def stop(reply: Message, *, user: User, request: HttpRequest | None = None) -> None:
    """Stops a reply. One that waits is stopped here; one being written is stopped by its writer, text kept.

    Stopping what has ended already changes nothing.
    """
    with transaction.atomic():
        fresh = Message.objects.select_for_update(of=("self",)).get(pk=reply.pk)
        if not fresh.is_unfinished:
            return
        if fresh.status == Message.Status.QUEUED:
            status = Message.Status.STOPPED
            metadata = {key: value for key, value in fresh.metadata.items() if key != "job"}
        else:
            status, metadata = Message.Status(fresh.status), fresh.metadata | {"stop": True}
        Message.objects.filter(pk=reply.pk).update(status=status, metadata=metadata)
        if job := fresh.metadata.get("job"):
            app.job_manager.cancel_job_by_id(job, abort=True)
        if status == Message.Status.STOPPED:
            reply_ended.send(sender=Message, conversation=reply.conversation_id, about=reply.conversation.metadata)
        record("mensagem.parar", user=user, request=request, entity=reply)


def rename(conversation: Conversation, title: str, *, user: User, request: HttpRequest | None = None) -> None:
    old = conversation.title
    conversation.title = title
    conversation.metadata = conversation.metadata | {"titled": "person"}
    _save(conversation, "conversa.renomear", user, request, ["title", "metadata"], {"title": old}, {"title": title})


def pin(conversation: Conversation, *, user: User, request: HttpRequest | None = None) -> None:
    """Pins the conversation, or takes the pin away."""
    conversation.pinned_at = None if conversation.pinned_at else timezone.now()
    action = "conversa.fixar" if conversation.pinned_at else "conversa.desafixar"
    _save(conversation, action, user, request, ["pinned_at"])


def archive(conversation: Conversation, *, user: User, request: HttpRequest | None = None) -> None:
    conversation.archived_at = conversation.archived_at or timezone.now()
    _save(conversation, "conversa.arquivar", user, request, ["archived_at"])


def restore(conversation: Conversation, *, user: User, request: HttpRequest | None = None) -> None:
    """Takes an archived conversation back into the list."""
    conversation.archived_at = None
    _save(conversation, "conversa.restaurar", user, request, ["archived_at"])


@transaction.atomic
def move(
    conversation: Conversation, project: Project | None, *, user: User, request: HttpRequest | None = None
) -> None:
    """Into `project`, or out of projects, with the files that were given in it. Raises `Refused`.

    Out of projects it is its beginner's alone: only she takes it there, and only while nobody else has written in it.
    """
    was = Conversation.objects.select_for_update(of=("self",)).select_related("project").get(pk=conversation.pk)
    if project is None and was.user_id != user.pk:
        raise Refused("Só quem começou a conversa pode tirá-la do projeto.")
    if project is None and was.messages.exclude(user=user).exists():
        raise Refused("Outras pessoas escreveram nesta conversa: ela fica no projeto.")
    if was.project == project:
        return
    if was.project and was.project.preservar:
        raise Refused(HELD)
    files = Upload.objects.filter(conversation=conversation, project=was.project_id)
    files = files.filter(user=user) if project is None or was.project_id is None else files
    moved = {"uploads": files.update(project=project)}
    conversation.project = project
    old, new = ({"project": str(one.pk) if one else None} for one in (was.project, project))
    _save(conversation, "conversa.mover", user, request, ["project"], old, new | moved)
    for one in filter(None, (was.project, project)):
        touch(one)
    if was.project:
        access.changed()


def delete(conversation: Conversation, *, user: User, request: HttpRequest | None = None) -> None:
    """Takes the conversation out of sight; `undelete` brings it back until the clean-up removes it for good."""
    with transaction.atomic():
        for reply in conversation.messages.unfinished():
            stop(reply, user=user, request=request)
        conversation.deleted_at = timezone.now()
        _save(conversation, "conversa.excluir", user, request, ["deleted_at"])


def undelete(conversation: Conversation, *, user: User, request: HttpRequest | None = None) -> None:
    conversation.deleted_at = None
    _save(conversation, "conversa.desfazer-exclusao", user, request, ["deleted_at"])


def read_contents(
    conversation: Conversation,
    *,
    reason: str,
    user: User,
    request: HttpRequest | None = None,
    before: UUID | None = None,
) -> None:
    """Says in the log, where the owner sees it too, that the staff reads what was written, and why.

    `before` is the message up to which the reading goes on, in a conversation of several parts.
    """
    new = {"reason": reason} | ({"before": str(before)} if before else {})
    record(READING, user=user, request=request, entity=conversation, new=new)


def _save(
    conversation: Conversation,
    action: str,
    user: User,
    request: HttpRequest | None,
    fields: list[str],
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
) -> None:
    with transaction.atomic():
        conversation.save(update_fields=fields)
        record(action, user=user, request=request, entity=conversation, old=old, new=new)
