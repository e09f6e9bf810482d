"""Whoever waits for the end of replies hears of each, within the transaction that ends it; what others put on the desk."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from conversations import actions
from conversations.assistant import offers
from conversations.assistant.offers import Offer, Question
from conversations.models import Conversation, Message
from conversations.signals import reply_ended
from conversations.tests.making import ask, make_conversation
from tests.running import SimulatedApi, write

pytestmark = pytest.mark.usefixtures("committed")
Heard = list[tuple[Any, dict[str, Any], bool]]


@pytest.fixture
def heard() -> Iterator[Heard]:
    found: Heard = []

    def hear(sender: Any, *, conversation: Any, about: dict[str, Any], **said: Any) -> None:
        found.append((conversation, about, connection.in_atomic_block))

    reply_ended.connect(hear)
    yield found
    reply_ended.disconnect(hear)


def test_the_end_of_a_reply_is_heard_with_what_its_conversation_says_of_itself(
    owner: User, api: SimulatedApi, heard: Heard
) -> None:
    conversation = make_conversation(owner, metadata={"draft": "x"})
    write(ask(conversation).reply)
    assert heard == [(conversation.pk, {"draft": "x"}, True)]


def test_a_failure_is_an_end_too(owner: User, api: SimulatedApi, heard: Heard) -> None:
    api.script([{"kind": "status", "status": 401}])
    reply = ask(make_conversation(owner)).reply
    write(reply)
    assert (reply.status, len(heard)) == ("failed", 1)


def test_a_waiting_reply_that_is_stopped_is_heard_of_once(owner: User, heard: Heard) -> None:
    reply = ask(make_conversation(owner)).reply
    actions.stop(reply, user=owner)
    actions.stop(reply, user=owner)
    assert len(heard) == 1


def test_who_hears_and_fails_keeps_the_reply_from_ending(owner: User, heard: Heard) -> None:
    def fail(sender: Any, **said: Any) -> None:
        raise RuntimeError

    reply = ask(make_conversation(owner)).reply
    reply_ended.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            actions.stop(reply, user=owner)
    finally:
        reply_ended.disconnect(fail)
    assert Message.objects.get(pk=reply.pk).status == "queued"


@dataclass
class Counting:
    """A tool of another app."""

    material: str = "O número é 7."
    document_id = None
    tools: tuple[dict[str, Any], ...] = (
        {"name": "contar", "description": "Conta.", "input_schema": {"type": "object", "properties": {}}},
    )
    done: list[Any] = field(default_factory=list)

    def announcement(self, call: dict[str, Any]) -> str:
        return "Contando"

    def run(self, call: dict[str, Any]) -> tuple[str, bool]:
        self.done.append(call["input"])
        return "São 7.", False


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    found = Counting()

    def provide(question: Question) -> Offer | None:
        return found if question.about.get("count") else None

    monkeypatch.setattr(offers, "_providers", [provide])
    return found


def test_what_another_app_offers_is_before_the_question_and_its_tool_is_used(
    owner: User, api: SimulatedApi, counting: Counting
) -> None:
    conversation = make_conversation(owner)
    write(ask(conversation, "Antes.").reply)
    reply = actions.ask(conversation, content="Use a ferramenta contar", user=owner, about={"count": True}).reply
    write(reply)
    assert counting.done == [{}]
    assert reply.metadata["reading"]["steps"] == ["Contando"]
    _, first, second = api.requests()
    assert first["messages"][-1]["content"] == [
        {"type": "text", "text": "O número é 7."}, {"type": "text", "text": "Use a ferramenta contar"},
    ]  # fmt: skip
    assert first["messages"][0]["content"] == "Antes.", "of this question only"
    assert second["messages"][-1]["content"][0]["content"] == [{"type": "text", "text": "São 7."}]


def test_other_questions_get_nothing_of_it(owner: User, api: SimulatedApi, counting: Counting) -> None:
    write(ask(make_conversation(owner), "Use a ferramenta contar").reply)
    (request,) = api.requests()
    assert "tools" not in request
    assert counting.done == []
    assert Conversation.objects.count() == 1
