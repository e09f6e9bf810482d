"""The pen of a reply: one writer at a time, an older one can write nothing, and what is abandoned is found."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from audit.calls.client import Call
from audit.models import AIModel, AIOperation, AuditLog, Usage
from conversations import actions
from conversations.assistant import pen
from conversations.assistant.pen import Outcome, Work
from conversations.models import Message
from conversations.relay import save_texts
from conversations.tests.making import MODEL, QUESTION, ask, ask_something, make_conversation
from romagent.worker import sweep
from tests.running import take_job

pytestmark = [pytest.mark.django_db, pytest.mark.data_layer]
Status = Message.Status
COMPLETE = Outcome(Status.COMPLETE, "end_turn")


@pytest.fixture
def reply(owner: User) -> Message:
    return ask_something(owner)


def taken(reply: Message) -> Work:
    work = pen.take(reply.pk)
    assert work
    return work


def silent(reply: Message, **fields: Any) -> None:
    """As when nothing has been heard of it for longer than a writer's lease."""
    long_ago = timezone.now() - timedelta(seconds=settings.REPLY_LEASE_SECONDS + 1)
    Message.objects.filter(pk=reply.pk).update(**dict.fromkeys(fields or ["heartbeat_at"], long_ago))
    if "created_at" in fields:  # a reply is as old as its question
        Message.objects.filter(pk=reply.reply_to_id).update(created_at=long_ago)


# Taking ------------------------------------------------------------------------------------------


def test_taking_says_what_is_to_be_written_and_for_whom(reply: Message, owner: User) -> None:
    work = taken(reply)
    assert (work.reply_id, work.conversation_id, work.person) == (reply.pk, reply.conversation_id, owner.pk)
    assert (work.attempt, work.written, work.stop_requested, work.takeovers) == (1, "", False, 0)
    assert (work.prompt.model, work.prompt.mode) == (MODEL, "juridico")
    assert [(turn.role, turn.content) for turn in work.prompt.turns] == [("user", QUESTION)]
    assert (work.prompt.context_tokens, work.prompt.max_output_tokens) == (1_000_000, 128_000)
    reply.refresh_from_db()
    assert (reply.status, reply.attempts) == (Status.STREAMING, 1)
    assert reply.heartbeat_at


def test_the_model_is_told_what_was_said_before_in_the_order_of_time(owner: User) -> None:
    """Ids of imported messages are in no order; what the system noted, and what is out of the way, was not said."""
    conversation = make_conversation(owner)
    now = timezone.now()

    def said(number: int, role: str, content: str, **fields: Any) -> None:
        pk, at = UUID(int=100 - number), now - timedelta(minutes=9 - number)
        whose: dict[str, Any] = {"conversation": conversation, "user": owner, "created_at": at}
        Message.objects.create(pk=pk, role=role, content=content, **whose, **fields)

    said(1, "user", "Primeira pergunta")
    said(2, "assistant", "Primeira resposta")
    said(3, "system", "A conversa foi movida")
    said(4, "user", "Posta de lado", superseded_at=now)
    reply = ask(conversation, "Segunda pergunta").reply
    turns = [(turn.role, turn.content) for turn in taken(reply).prompt.turns]
    assert turns == [
        ("user", "Primeira pergunta"),
        ("assistant", "Primeira resposta"),
        ("user", "Segunda pergunta"),
    ]


def test_a_pen_in_use_is_not_taken(reply: Message) -> None:
    taken(reply)
    assert pen.take(reply.pk) is None
    reply.refresh_from_db()
    assert reply.attempts == 1


@pytest.mark.parametrize("status", [Status.COMPLETE, Status.STOPPED, Status.INTERRUPTED, Status.FAILED])
def test_what_has_ended_is_not_taken(reply: Message, status: str) -> None:
    Message.objects.filter(pk=reply.pk).update(status=status)
    assert pen.take(reply.pk) is None


def test_a_silent_writers_pen_is_taken_with_what_it_wrote(reply: Message) -> None:
    first = taken(reply)
    Message.objects.filter(pk=reply.pk).update(content="Até aqui. \n")
    silent(reply)
    second = taken(reply)
    assert (second.attempt, second.written, second.takeovers) == (first.attempt + 1, "Até aqui.", 1)
    assert AIOperation.objects.get().error_message == "writer_died"


def test_a_model_we_do_not_know_is_left_to_the_api(owner: User) -> None:
    work = taken(ask_something(owner, model="claude-inexistente"))
    assert work.prompt.model == "claude-inexistente"
    assert not AIModel.objects.filter(pk="claude-inexistente").exists()
    assert work.prompt.room > 0


# Writing -----------------------------------------------------------------------------------------


def test_an_older_writer_can_write_nothing(reply: Message) -> None:
    older = taken(reply)
    silent(reply)
    newer = taken(reply)
    older.calls.append(Call("answer", MODEL))
    rows_before = AIOperation.objects.count()
    assert save_texts([(str(reply.pk), older.attempt, "do mais velho", True, None)]) == set()
    assert pen.hand_back(older, "do mais velho") is False
    assert pen.finish(older, "do mais velho", COMPLETE) is None
    reply.refresh_from_db()
    assert (reply.content, reply.status, reply.attempts) == ("", Status.STREAMING, newer.attempt)
    assert AIOperation.objects.count() == rows_before
    assert not AuditLog.objects.filter(action__startswith="resposta.").exists()
    assert pen.finish(newer, "do mais novo", COMPLETE)


def test_a_writer_can_write_nothing_after_the_end(reply: Message) -> None:
    work = taken(reply)
    assert pen.finish(work, "O fim.", COMPLETE)
    assert save_texts([(str(reply.pk), work.attempt, "depois", True, None)]) == set()
    assert pen.hand_back(work, "depois") is False
    assert pen.finish(work, "depois", COMPLETE) is None
    reply.refresh_from_db()
    assert reply.content == "O fim."


def test_saving_renews_the_lease_and_sends_only_what_changed(reply: Message) -> None:
    work = taken(reply)
    save_texts([(str(reply.pk), work.attempt, "Um começo", True, None)])
    silent(reply)
    assert save_texts([(str(reply.pk), work.attempt, "não mudou, não vai", False, None)]) == {reply.pk}
    reply.refresh_from_db()
    assert reply.content == "Um começo"
    assert pen.take(reply.pk) is None


def test_the_end_is_one_with_its_cost_and_its_audit_row(reply: Message, owner: User) -> None:
    work = taken(reply)
    call = Call("answer", MODEL, usage=Usage(input=1000, output=200), ttft_ms=120, latency_ms=900)
    work.calls.append(call)
    article = pen.finish(work, "O prazo é de quinze dias.", COMPLETE)
    assert article
    assert "O prazo é de quinze dias." in article
    reply.refresh_from_db()
    assert (reply.status, reply.stop_reason, reply.tokens_input, reply.tokens_output) == (
        Status.COMPLETE, "end_turn", 1000, 200,
    )  # fmt: skip
    operation = AIOperation.objects.get()
    assert (operation.message_id, operation.ttft_ms, str(operation.cost_usd)) == (reply.pk, 120, "0.008000")
    assert AuditLog.objects.get(action="resposta.complete").entity_id == reply.pk
    assert ProcrastinateJob.objects.filter(task_name="conversations.make_title").count() == 1


def test_when_the_end_cannot_be_written_nothing_of_it_is(reply: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    work = taken(reply)
    work.calls.append(Call("answer", MODEL))

    def refuse(*_: object, **__: object) -> None:
        raise RuntimeError("refused")

    monkeypatch.setattr(pen, "record", refuse)
    with pytest.raises(RuntimeError):
        pen.finish(work, "O prazo.", COMPLETE)
    reply.refresh_from_db()
    assert (reply.status, reply.content) == (Status.STREAMING, "")
    assert not AIOperation.objects.exists()


@pytest.mark.parametrize(
    ("outcome", "status", "error"),
    [
        (Outcome(Status.STOPPED), Status.STOPPED, None),
        (Outcome(Status.FAILED, error="invalid"), Status.FAILED, "invalid"),
        (Outcome(Status.INTERRUPTED, error="cut"), Status.INTERRUPTED, "cut"),
    ],
)
def test_every_end_keeps_the_text_and_says_why(
    reply: Message, outcome: Outcome, status: str, error: str | None
) -> None:
    pen.finish(taken(reply), "Até aqui", outcome)
    reply.refresh_from_db()
    assert (reply.status, reply.content, reply.metadata.get("error")) == (status, "Até aqui", error)
    assert "job" not in reply.metadata


# Giving back -------------------------------------------------------------------------------------


def test_giving_back_puts_text_and_job_into_the_queue(reply: Message) -> None:
    work = taken(reply)
    take_job(reply)
    work.calls.append(Call("answer", MODEL, status="stopped"))
    assert pen.hand_back(work, "Até aqui")
    reply.refresh_from_db()
    assert (reply.status, reply.content) == (Status.QUEUED, "Até aqui")
    job = ProcrastinateJob.objects.get(status="todo")
    assert (job.pk, job.args) == (reply.metadata["job"], {"reply_id": str(reply.pk)})
    assert AIOperation.objects.get().status == "stopped"
    assert taken(reply).written == "Até aqui"


def test_what_the_sweep_had_taken_for_abandoned_is_given_back_with_the_job_that_waits(reply: Message) -> None:
    work = taken(reply)
    take_job(reply)
    silent(reply)
    assert sweep() == 1
    assert pen.hand_back(work, "Até aqui")
    reply.refresh_from_db()
    assert (reply.status, reply.content) == (Status.QUEUED, "Até aqui")
    assert ProcrastinateJob.objects.filter(status="todo").count() == 1


# Abandoned replies -------------------------------------------------------------------------------


def test_a_reply_whose_writer_is_silent_is_abandoned_and_gets_a_new_job(reply: Message) -> None:
    taken(reply)
    take_job(reply)
    assert not Message.objects.abandoned(timezone.now()).exists()
    assert sweep() == 0
    silent(reply)
    assert list(Message.objects.abandoned(timezone.now())) == [reply]
    assert sweep() == 1
    assert ProcrastinateJob.objects.filter(status="todo", args={"reply_id": str(reply.pk)}).count() == 1


def test_a_reply_that_waits_in_the_queue_has_its_job_already(reply: Message) -> None:
    silent(reply, created_at=True)
    assert list(Message.objects.abandoned(timezone.now())) == [reply]
    assert sweep() == 0
    assert ProcrastinateJob.objects.count() == 1


def test_a_reply_that_waits_and_whose_job_is_lost_gets_a_new_one(reply: Message) -> None:
    take_job(reply)  # by a worker that died before it began
    silent(reply, created_at=True)
    assert sweep() == 1
    assert sweep() == 0
    assert taken(reply)


def test_what_has_ended_is_nobodys_to_abandon(reply: Message) -> None:
    pen.finish(taken(reply), "Fim", COMPLETE)
    silent(reply)
    silent(reply, created_at=True)
    assert not Message.objects.abandoned(timezone.now()).exists()


def test_a_reply_that_is_continued_is_not_taken_for_abandoned_at_once(reply: Message, owner: User) -> None:
    """It was created long ago, and nobody has had the time to take it."""
    pen.finish(taken(reply), "Até aqui", Outcome(Status.STOPPED))
    take_job(reply)
    silent(reply, created_at=True)
    actions.continue_reply(reply, user=owner)
    assert sweep() == 0
    assert ProcrastinateJob.objects.filter(status="todo", task_name="conversations.answer").count() == 1


def test_cache_writes_of_an_hour_are_kept_apart_for_their_price(reply: Message) -> None:
    work = taken(reply)
    for usage in (Usage(1, 2, 3, 40, 5), Usage(1, 2, 3, 40, 0)):
        work.calls.append(Call("answer", MODEL, usage=usage))
    pen.save_calls(work)
    longer, plain = AIOperation.objects.order_by("id")
    assert (longer.cache_write_tokens, longer.metadata["cache_write_1h"]) == (45, 5)
    assert (plain.cache_write_tokens, "cache_write_1h" in plain.metadata) == (40, False)
    assert [longer.usage, plain.usage] == [Usage(1, 2, 3, 40, 5), Usage(1, 2, 3, 40, 0)]
