"""Whatever is asked, redone, edited and resumed, a thread is always one path through the tree of messages."""

import random
from datetime import timedelta
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import pytest
from django.utils import timezone

from accounts.models import User
from conversations import actions
from conversations.assistant import pen
from conversations.models import Conversation, Message
from conversations.tests.making import ask, make_conversation
from conversations.threads import Link, links_of, thread_with

pytestmark = pytest.mark.data_layer


def act(conversation: Conversation, user: User, chance: random.Random) -> None:
    """One thing that a person may do now."""
    messages = list(Message.objects.filter(conversation=conversation).order_by("id"))
    present = [m for m in messages if m.superseded_at is None]
    replies = [m for m in present if m.role == "assistant"]
    questions = [m for m in present if m.role == "user"]
    past = [m for m in messages if m.superseded_at is not None]
    what = chance.choice(["ask", "ask", "redo", "edit", "resume"])
    if what == "redo" and replies:
        actions.redo(chance.choice(replies), user=user)
    elif what == "edit" and questions:
        actions.edit(chance.choice(questions), content="Em outras palavras", user=user)
    elif what == "resume" and past:
        actions.resume(conversation, chance.choice(past).pk, user=user)
    else:
        ask(conversation)
    Message.objects.filter(conversation=conversation).unfinished().update(status="complete", content="Resposta")


def assert_is_path(conversation: Conversation, thread: list[UUID]) -> None:
    messages = {m.pk: m for m in Message.objects.filter(conversation=conversation)}
    before = None
    for number, pk in enumerate(thread):
        assert messages[pk].reply_to_id == before
        assert messages[pk].role == ("user" if number % 2 == 0 else "assistant")
        before = pk
    assert thread == sorted(thread)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(4))
def test_after_any_number_of_acts_every_thread_is_a_path_and_nothing_is_lost(owner: User, seed: int) -> None:
    conversation, chance = make_conversation(owner), random.Random(seed)
    seen: set[UUID] = set()
    for _ in range(25):
        act(conversation, owner, chance)
        links = links_of(conversation)
        ids = {link.id for link in links}
        assert seen <= ids
        seen = ids
        assert_is_path(conversation, [link.id for link in links if link.is_present])
    for link in links:
        thread = thread_with(link.id, links)
        assert link.id in thread
        assert_is_path(conversation, thread)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_what_is_resumed_is_what_was_looked_at(owner: User, seed: int) -> None:
    conversation, chance = make_conversation(owner), random.Random(100 + seed)
    for _ in range(12):
        act(conversation, owner, chance)
    for message in Message.objects.filter(conversation=conversation).order_by("?"):
        shown = thread_with(message.pk, links_of(conversation))
        actions.resume(conversation, message.pk, user=owner)
        present = Message.objects.filter(conversation=conversation).active().order_by("id")
        assert list(present.values_list("pk", flat=True)) == shown


def test_the_present_branch_is_preferred_and_then_the_last_one() -> None:
    a, b1, b2, b3, c2 = (uuid4() for _ in range(5))
    links = [Link(a, None, True), Link(b1, a, False), Link(b2, a, True), Link(c2, b2, False), Link(b3, a, False)]
    assert thread_with(a, links) == [a, b2, c2]
    assert thread_with(b1, links) == [a, b1]
    nowhere_present = [Link(link.id, link.parent, False) for link in links]
    assert thread_with(a, nowhere_present) == [a, b3]


@pytest.mark.django_db
def test_messages_are_in_the_order_of_time_whatever_their_ids(owner: User) -> None:
    """What the import has made has ids that follow from the old system's, in no order."""
    conversation = make_conversation(owner)
    start = timezone.now() - timedelta(days=400)
    last = None
    for number in range(4):
        last = Message.objects.create(
            id=uuid5(NAMESPACE_OID, f"{number}"), conversation=conversation, user=owner, reply_to=last,
            role="assistant" if number % 2 else "user", content=f"parte {number}",
            created_at=start + timedelta(minutes=number),
        )  # fmt: skip
    asked = ask(conversation, "parte 4")
    assert asked.question.reply_to_id == last.pk
    active = Message.objects.filter(conversation=conversation).active()
    assert [m.content for m in active.in_order()] == ["parte 0", "parte 1", "parte 2", "parte 3", "parte 4", ""]
    assert [link.id for link in links_of(conversation)] == list(active.in_order().values_list("pk", flat=True))
    assert list(active.before(last.created_at, last.pk).in_order().values_list("content", flat=True)) == [
        "parte 0", "parte 1", "parte 2",
    ]  # fmt: skip
    assert list(active.after(last).in_order().values_list("pk", flat=True)) == [asked.question.pk, asked.reply.pk]
    turns = pen.take(asked.reply.pk).prompt.turns  # type: ignore[union-attr]
    assert [turn.content for turn in turns] == [f"parte {number}" for number in range(5)]
