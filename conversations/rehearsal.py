"""A question asked and answered in a transaction that is taken back, so that the first real one meets nothing cold.

Compiles the queries, loads the templates and the parser, opens what is opened on first use. Nothing of it stays:
not a row, not a job, not a notification.
"""

from __future__ import annotations

from django.db import transaction

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Message
from conversations.relay import save_texts
from conversations.rendering import render_message, shown
from romagent.base.ids import new_id
from romagent.base.limits import seconds_to_wait
from romagent.base.markdown import GrowingMarkdown

TEXT = "# Um\n\n- *dois*\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\ntrês"


def rehearse(*, answer: bool) -> None:
    """Asks, and when `answer` also takes the pen, saves, and ends the reply (what a worker does)."""
    growing = GrowingMarkdown()
    growing.append(TEXT)
    growing.take_finished()
    growing.open_html()
    with transaction.atomic():
        asked = _ask()
        shown([asked.question, asked.reply], fresh=True)
        if answer:
            _answer(asked.reply)
        transaction.set_rollback(True)
    seconds_to_wait("ensaio", "ninguem", 1000)


def _ask() -> actions.Asked:
    user = User.objects.create_user(f"{new_id().hex}@ensaio.invalid")
    conversation = actions.start(user=user, mode=Conversation.Mode.JURIDICO, model="ensaio")
    conversation = Conversation.objects.for_user(user).get(pk=conversation.pk)
    asked = actions.ask(conversation, content="Ensaio", user=user, key=new_id())
    render_message(asked.reply)
    return asked


def _answer(reply: Message) -> None:
    from conversations.assistant import pen  # it loads the SDK, which a web process never needs

    work = pen.take(reply.pk)
    if work is None:
        raise RuntimeError("a reply nobody else can see was taken")
    save_texts([(str(reply.pk), work.attempt, TEXT, True)])
    pen.finish(work, TEXT, pen.Outcome(Message.Status.COMPLETE, stop_reason="end_turn"))
