"""A question, its reply, its job and its audit row are one: all of them, or none."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.exceptions import ConnectorException

from accounts.models import User
from audit.models import AuditLog
from conversations import actions
from conversations.actions import Asked, BeingAnswered
from conversations.models import Conversation, Message
from conversations.tests.making import MODEL, QUESTION, ask, make_conversation, make_exchange, refusing
from projects.models import Project

pytestmark = pytest.mark.data_layer
in_one_connection = pytest.mark.django_db
in_many_connections = pytest.mark.usefixtures("committed")


def rows() -> tuple[int, int, int, int]:
    return (
        Conversation.objects.count(),
        Message.objects.count(),
        ProcrastinateJob.objects.count(),
        AuditLog.objects.count(),
    )


# The question and the reply, the job, the conversation's date, the audit row.
TABLES = ["messages", "procrastinate_jobs", "conversations", "audit_log"]
REFUSED = (IntegrityError, ConnectorException)  # the second one from the queue


@in_one_connection
def test_all_four_are_there(conversation: Conversation, owner: User) -> None:
    asked = actions.ask(conversation, content=QUESTION, user=owner)
    assert rows() == (1, 2, 1, 1)
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args, job.status) == ("conversations.answer", {"reply_id": str(asked.reply.pk)}, "todo")
    assert asked.reply.metadata == {"mode": "juridico", "job": job.pk}
    assert AuditLog.objects.get().entity_id == asked.question.pk


@in_one_connection
@pytest.mark.parametrize("table", TABLES)
def test_when_one_step_fails_nothing_remains(conversation: Conversation, owner: User, table: str) -> None:
    before = rows()
    with refusing(table), pytest.raises(REFUSED):
        actions.ask(conversation, content=QUESTION, user=owner)
    assert rows() == before


@in_one_connection
@pytest.mark.parametrize("table", TABLES)
def test_a_new_conversation_does_not_remain_without_its_question(owner: User, table: str) -> None:
    with refusing(table), pytest.raises(REFUSED):
        actions.start(user=owner, mode="juridico", model=MODEL, content=QUESTION)
    assert rows() == (0, 0, 0, 0)


@in_one_connection
@pytest.mark.parametrize("table", ["messages", "procrastinate_jobs", "audit_log"])
@pytest.mark.parametrize("action", ["redo", "edit", "continue_reply", "stop"])
def test_what_is_done_to_a_message_is_done_whole_or_not_at_all(
    conversation: Conversation, owner: User, table: str, action: str
) -> None:
    question, reply = make_exchange(conversation, stop_reason="max_tokens")
    waiting = ask(conversation, "Outra?").reply if action == "stop" else reply
    what: dict[str, Callable[[], Any]] = {
        "redo": lambda: actions.redo(reply, user=owner),
        "edit": lambda: actions.edit(question, content="Outra?", user=owner),
        "continue_reply": lambda: actions.continue_reply(reply, user=owner),
        "stop": lambda: actions.stop(waiting, user=owner),
    }
    before, messages = rows(), list(conversation.messages.order_by("id").values())
    with refusing(table), pytest.raises(REFUSED):
        what[action]()
    assert rows() == before
    assert list(conversation.messages.order_by("id").values()) == messages
    assert not ProcrastinateJob.objects.exclude(status="todo").exists()


@in_one_connection
def test_a_conversation_that_is_started_twice_with_one_form_is_one(owner: User) -> None:
    key = uuid4()
    first, second = (
        actions.start(user=owner, mode="juridico", model=MODEL, content=QUESTION, key=key) for _ in range(2)
    )
    assert first == second
    assert rows() == (1, 2, 1, 2)


@in_one_connection
def test_a_form_is_sent_again_after_its_conversation_was_deleted(owner: User) -> None:
    """The browser's back button brings the form back with its key."""
    key = uuid4()
    conversation = actions.start(user=owner, mode="juridico", model=MODEL, content=QUESTION, key=key)
    actions.delete(conversation, user=owner)
    actions.start(user=owner, mode="juridico", model=MODEL, content=QUESTION, key=key)


# Two at once -------------------------------------------------------------------------------------


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What the calls give, or raise, when they are made in the same moment."""
    together, results = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number: int, call: Callable[[], Any]) -> None:
        try:
            connection.ensure_connection()
            together.wait(60)
            results[number] = call()
        except Exception as error:
            results[number] = error  # type: ignore[call-overload]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results


@in_many_connections
def test_of_two_questions_at_once_one_is_accepted(owner: User) -> None:
    conversation = make_conversation(owner)
    for _ in range(5):
        results = at_once(*[lambda: actions.ask(conversation, content=QUESTION, user=owner)] * 3)
        accepted = [result for result in results if isinstance(result, Asked)]
        assert len(accepted) == 1
        assert sum(isinstance(result, BeingAnswered) for result in results) == 2
        assert conversation.messages.unfinished().count() == 1
        actions.stop(accepted[0].reply, user=owner)
    assert conversation.messages.count() == 10


@in_many_connections
def test_one_form_sent_twice_at_once_is_one_question(owner: User) -> None:
    conversation = make_conversation(owner)
    key = uuid4()
    results = at_once(*[lambda: actions.ask(conversation, content=QUESTION, user=owner, key=key)] * 3)
    assert {result.reply for result in results} == {conversation.messages.get(role="assistant")}
    assert rows() == (1, 2, 1, 1)


@in_many_connections
def test_a_question_that_comes_while_its_conversation_moves_is_refused_and_moves_nothing(owner: User) -> None:
    conversation = make_conversation(owner)
    project = Project.objects.create(user=owner, name="Caso do banco")
    moved, may_end = threading.Event(), threading.Event()

    def move() -> None:
        with transaction.atomic():
            actions.move(Conversation.objects.get(pk=conversation.pk), project, user=owner)
            moved.set()
            may_end.wait(60)

    def asking() -> None:
        moved.wait(60)
        threading.Timer(0.5, may_end.set).start()
        actions.ask(conversation, content=QUESTION, user=owner)

    results = at_once(move, asking)
    assert results[0] is None
    assert isinstance(results[1], actions.Refused)
    assert not conversation.messages.exists()
    asked = actions.ask(Conversation.objects.get(pk=conversation.pk), content=QUESTION, user=owner)
    assert set(Message.objects.values_list("project", flat=True)) == {project.pk}
    assert asked.reply.is_unfinished


@in_many_connections
def test_a_conversation_that_moves_while_a_question_comes_takes_it_along(owner: User) -> None:
    conversation = make_conversation(owner)
    project = Project.objects.create(user=owner, name="Caso do banco")
    asked, may_end = threading.Event(), threading.Event()

    def asking() -> None:
        with transaction.atomic():
            actions.ask(conversation, content=QUESTION, user=owner)
            asked.set()
            may_end.wait(60)

    def move() -> None:
        asked.wait(60)
        threading.Timer(0.5, may_end.set).start()
        actions.move(Conversation.objects.get(pk=conversation.pk), project, user=owner)

    assert at_once(asking, move) == [None, None]
    assert set(Message.objects.values_list("project", flat=True)) == {project.pk}


@in_many_connections
def test_one_conversation_started_twice_at_once_is_one(owner: User) -> None:
    for _ in range(10):
        key = uuid4()
        results = at_once(
            *[lambda key=key: actions.start(user=owner, mode="juridico", model=MODEL, content=QUESTION, key=key)] * 3
        )
        assert len(set(results)) == 1
        assert not Conversation.objects.filter(messages=None).exists()


@in_many_connections
def test_of_a_redo_and_a_question_at_once_one_is_accepted(owner: User) -> None:
    for _ in range(5):
        conversation = make_conversation(owner)
        _, reply = make_exchange(conversation)
        results = at_once(
            lambda reply=reply: actions.redo(reply, user=owner),
            lambda conversation=conversation: actions.ask(conversation, content="Outra?", user=owner),
        )
        assert sum(isinstance(result, BeingAnswered) for result in results) == 1, results
        assert conversation.messages.unfinished().count() == 1


@in_many_connections
def test_of_two_continuations_at_once_one_is_accepted(owner: User) -> None:
    conversation = make_conversation(owner)
    _, reply = make_exchange(conversation, status=Message.Status.STOPPED)
    results = at_once(*[lambda: actions.continue_reply(reply, user=owner)] * 2)
    assert sorted(str(type(result).__name__) for result in results) == ["BeingAnswered", "NoneType"]
    assert ProcrastinateJob.objects.filter(status="todo").count() == 1


@pytest.mark.django_db
def test_a_question_without_a_choice_of_its_own_undoes_no_choice_made_meanwhile(owner: User) -> None:
    """In another tab, between this request's look at the conversation and its writing."""
    seen = make_conversation(owner)
    Conversation.objects.filter(pk=seen.pk).update(mode="resumo", model="claude-haiku-5-5")
    actions.ask(seen, content="E agora?", user=owner)
    seen.refresh_from_db()
    assert (seen.mode, seen.model) == ("resumo", "claude-haiku-5-5")
