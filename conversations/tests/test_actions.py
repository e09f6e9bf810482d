"""What is done to a conversation and to a reply: the effect, and one audit row for each act."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError
from django.test import RequestFactory
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from audit.models import AuditLog
from conversations import actions
from conversations.actions import BeingAnswered
from conversations.assistant import pen
from conversations.assistant.pen import Outcome
from conversations.models import Conversation, Message
from conversations.tests.making import MODEL, QUESTION, ask, make_exchange, refusing
from projects.models import Project
from tests.running import take_job

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
Status = Message.Status


# One audit row for each act ----------------------------------------------------------------------


def prepared(conversation: Conversation, owner: User) -> dict[str, tuple[str, Callable[..., Any]]]:
    """For each action what it is called in the log, and how to call it."""
    question, reply = make_exchange(conversation, stop_reason="max_tokens")

    def superseded(**who: Any) -> None:
        Message.objects.filter(pk=reply.pk).update(superseded_at=timezone.now())
        actions.resume(conversation, reply.pk, **who)

    return {
        "start": ("conversa.criar", lambda **who: actions.start(mode="juridico", model=MODEL, **who)),
        "ask": ("mensagem.enviar", lambda **who: actions.ask(conversation, content="Outra?", **who)),
        "redo": ("mensagem.refazer", lambda **who: actions.redo(reply, **who)),
        "edit": ("mensagem.editar", lambda **who: actions.edit(question, content="Outra?", **who)),
        "resume": ("conversa.retomar", superseded),
        "continue_reply": ("mensagem.continuar", lambda **who: actions.continue_reply(reply, **who)),
        "stop": ("mensagem.parar", lambda **who: actions.stop(ask(conversation).reply, **who)),
        "rename": ("conversa.renomear", lambda **who: actions.rename(conversation, "Outro nome", **who)),
        "pin": ("conversa.fixar", lambda **who: actions.pin(conversation, **who)),
        "archive": ("conversa.arquivar", lambda **who: actions.archive(conversation, **who)),
        "restore": ("conversa.restaurar", lambda **who: actions.restore(conversation, **who)),
        "move": (
            "conversa.mover",
            lambda **who: actions.move(conversation, Project.objects.create(user=owner, name="Caso"), **who),
        ),
        "delete": ("conversa.excluir", lambda **who: actions.delete(conversation, **who)),
        "read_contents": (
            "conversa.ler-conteudo",
            lambda **who: actions.read_contents(conversation, reason="pedido da titular", **who),
        ),
        "undelete": ("conversa.desfazer-exclusao", lambda **who: actions.undelete(conversation, **who)),
    }


def all_actions() -> list[str]:
    public = inspect.getmembers(actions, inspect.isfunction)
    return [name for name, f in public if f.__module__ == actions.__name__ and not name.startswith("_")]


@pytest.mark.parametrize("name", all_actions())
def test_every_action_writes_exactly_one_audit_row(
    conversation: Conversation, owner: User, name: str, rf: RequestFactory
) -> None:
    action, call = prepared(conversation, owner)[name]
    request = rf.post("/", headers={"user-agent": "Navegador/1.0"}, REMOTE_ADDR="203.0.113.9")
    before = set(AuditLog.objects.values_list("pk", flat=True))
    call(user=owner, request=request)
    rows = AuditLog.objects.exclude(pk__in=before)
    if name == "stop":
        rows = rows.exclude(action="mensagem.enviar")  # of the question that was there to be stopped
    (row,) = rows
    assert (row.action, row.user, row.user_email) == (action, owner, owner.email)
    assert (row.ip_address, row.user_agent) == ("203.0.113.9", "Navegador/1.0")
    assert row.entity_type in {"conversations", "messages"}
    assert row.entity_id
    assert "Outra?" not in f"{row.old_value}{row.new_value}"


def test_a_new_name_is_in_the_log_with_the_old_one(conversation: Conversation, owner: User) -> None:
    actions.rename(conversation, "Novo nome", user=owner)
    row = AuditLog.objects.get(action="conversa.renomear")
    assert (row.old_value, row.new_value) == ({"title": "Ação de cobrança"}, {"title": "Novo nome"})


def test_what_changes_nothing_is_not_logged(conversation: Conversation, owner: User) -> None:
    _, reply = make_exchange(conversation)
    actions.stop(reply, user=owner)
    assert not AuditLog.objects.exists()


def test_deleting_a_conversation_that_is_being_answered_is_one_act(conversation: Conversation, owner: User) -> None:
    reply = ask(conversation).reply
    with refusing("conversations"), pytest.raises(IntegrityError):
        actions.delete(conversation, user=owner)
    reply.refresh_from_db()
    assert reply.status == Status.QUEUED


# Conversations -----------------------------------------------------------------------------------


def test_pinning_twice_takes_the_pin_away(conversation: Conversation, owner: User) -> None:
    actions.pin(conversation, user=owner)
    assert conversation.pinned_at
    actions.pin(conversation, user=owner)
    conversation.refresh_from_db()
    assert conversation.pinned_at is None
    assert list(AuditLog.objects.order_by("id").values_list("action", flat=True)) == [
        "conversa.fixar",
        "conversa.desafixar",
    ]


def test_archiving_twice_keeps_the_first_date(conversation: Conversation, owner: User) -> None:
    actions.archive(conversation, user=owner)
    first = conversation.archived_at
    actions.archive(conversation, user=owner)
    conversation.refresh_from_db()
    assert conversation.archived_at == first


def test_what_is_archived_is_not_current_and_comes_back_with_its_dates(conversation: Conversation, owner: User) -> None:
    updated = conversation.updated_at
    actions.archive(conversation, user=owner)
    assert not Conversation.objects.for_user(owner).current().exists()
    assert list(Conversation.objects.for_user(owner).archived()) == [conversation]
    actions.restore(conversation, user=owner)
    assert list(Conversation.objects.for_user(owner).current()) == [conversation]
    conversation.refresh_from_db()
    assert conversation.updated_at == updated


def test_what_is_deleted_is_out_of_sight_and_comes_back_as_it_was(conversation: Conversation, owner: User) -> None:
    make_exchange(conversation)
    actions.delete(conversation, user=owner)
    assert not Conversation.objects.for_user(owner).exists()
    assert not Message.objects.for_user(owner).exists()
    assert list(Conversation.objects.deleted_by(owner)) == [conversation]
    actions.undelete(conversation, user=owner)
    assert list(Conversation.objects.for_user(owner)) == [conversation]
    assert Message.objects.for_user(owner).count() == 2


def test_deleting_stops_what_is_being_written(conversation: Conversation, owner: User) -> None:
    reply = ask(conversation).reply
    actions.delete(conversation, user=owner)
    reply.refresh_from_db()
    assert reply.status == Status.STOPPED
    assert pen.take(reply.pk) is None


def test_a_name_given_by_a_person_is_final(conversation: Conversation, owner: User) -> None:
    actions.rename(conversation, Conversation.UNTITLED, user=owner)
    conversation.refresh_from_db()
    assert not conversation.is_untitled


# Stopping ----------------------------------------------------------------------------------------


def test_a_reply_that_waits_is_stopped_at_once_with_its_job(conversation: Conversation, owner: User) -> None:
    reply = ask(conversation).reply
    actions.stop(reply, user=owner)
    reply.refresh_from_db()
    assert reply.status == Status.STOPPED
    assert "job" not in reply.metadata
    assert ProcrastinateJob.objects.get().status == "cancelled"


def test_a_reply_that_is_being_written_is_stopped_by_its_writer(conversation: Conversation, owner: User) -> None:
    reply = ask(conversation).reply
    take_job(reply)
    pen.take(reply.pk)
    actions.stop(reply, user=owner)
    reply.refresh_from_db()
    assert (reply.status, reply.metadata["stop"]) == (Status.STREAMING, True)
    assert ProcrastinateJob.objects.get().abort_requested


@pytest.mark.parametrize("status", [Status.COMPLETE, Status.STOPPED, Status.INTERRUPTED, Status.FAILED])
def test_stopping_what_has_ended_changes_nothing(conversation: Conversation, owner: User, status: str) -> None:
    _, reply = make_exchange(conversation, status=status)
    actions.stop(reply, user=owner)
    reply.refresh_from_db()
    assert (reply.status, reply.metadata) == (status, {})


# Continuing --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "stop_reason", "can"),
    [
        (Status.COMPLETE, "max_tokens", True),
        (Status.STOPPED, "", True),
        (Status.INTERRUPTED, "", True),
        (Status.FAILED, "", True),
        (Status.COMPLETE, "end_turn", False),
        (Status.COMPLETE, "refusal", False),
        (Status.QUEUED, "", False),
        (Status.STREAMING, "", False),
    ],
)
def test_only_what_was_cut_short_goes_on(
    conversation: Conversation, owner: User, status: str, stop_reason: str, can: bool
) -> None:
    _, reply = make_exchange(conversation, status=status, stop_reason=stop_reason)
    assert reply.can_continue == can
    if not can:
        with pytest.raises(BeingAnswered):
            actions.continue_reply(reply, user=owner)
        return
    actions.continue_reply(reply, user=owner)
    reply.refresh_from_db()
    assert (reply.status, reply.stop_reason) == (Status.QUEUED, "")
    work = pen.take(reply.pk)
    assert work
    assert work.written == reply.content


def test_a_question_is_never_continued(conversation: Conversation, owner: User) -> None:
    question, _ = make_exchange(conversation)
    Message.objects.filter(pk=question.pk).update(status=Status.STOPPED)
    with pytest.raises(BeingAnswered):
        actions.continue_reply(question, user=owner)


def test_what_is_followed_by_a_question_or_put_out_of_the_way_does_not_go_on(
    conversation: Conversation, owner: User
) -> None:
    _, first = make_exchange(conversation, status=Status.STOPPED)
    _, second = make_exchange(conversation, status=Status.STOPPED)
    with pytest.raises(BeingAnswered):
        actions.continue_reply(first, user=owner)
    Message.objects.filter(pk=second.pk).update(superseded_at=timezone.now())
    with pytest.raises(BeingAnswered):
        actions.continue_reply(second, user=owner)


def test_an_answer_that_was_continued_counts_the_tokens_of_both_parts(conversation: Conversation, owner: User) -> None:
    _, reply = make_exchange(conversation, status=Status.STOPPED, tokens_input=100, tokens_output=10)
    actions.continue_reply(reply, user=owner)
    work = pen.take(reply.pk)
    assert work
    pen.finish(work, reply.content + " E mais.", Outcome(Status.COMPLETE, "end_turn"))
    reply.refresh_from_db()
    assert (reply.tokens_input, reply.tokens_output) == (100, 10)


def test_an_error_of_before_is_forgotten(conversation: Conversation, owner: User) -> None:
    _, reply = make_exchange(conversation, status=Status.INTERRUPTED, metadata={"error": "cut", "mode": "juridico"})
    actions.continue_reply(reply, user=owner)
    reply.refresh_from_db()
    assert reply.metadata.keys() == {"mode", "job"}


def test_starting_with_a_question_gives_both_rows(owner: User) -> None:
    actions.start(user=owner, mode="juridico", model=MODEL, content=QUESTION)
    assert sorted(AuditLog.objects.values_list("action", flat=True)) == ["conversa.criar", "mensagem.enviar"]
