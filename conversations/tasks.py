"""Jobs: answering a question, and giving a conversation its title."""

from __future__ import annotations

import logging
from uuid import UUID

from django.conf import settings
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.job_context import AbortReason

from conversations.assistant import current
from jurisprudence.datajud.tasks import ByTheNext
from romagent.base.chores import run_errand

log = logging.getLogger("romagent.assistant")


@app.task(name="conversations.answer", queue="answers", pass_context=True)
async def answer(context: JobContext, *, reply_id: str) -> None:
    await current.assistant().answer(UUID(reply_id), is_stop=lambda: context.abort_reason() != AbortReason.SHUTDOWN)


@app.task(name="conversations.make_title", queue="answers", priority=-10)
async def make_title(*, conversation_id: str) -> None:
    from conversations.assistant.titles import make

    await make(current.assistant(), UUID(conversation_id), settings.TITLE_MODEL)


@app.task(name="conversations.look_up_cited", queue="courts", retry=ByTheNext())
async def look_up_cited(*, message_id: str) -> None:
    """Asks the courts' index for the case numbers that a reply cites, and judges them again."""
    from conversations import citing
    from jurisprudence.datajud import lookups

    if numbers := await run_errand(citing.unasked, UUID(message_id)):
        await lookups.ask_new(numbers)
        # Also when none was new: somebody else has asked meanwhile, or a worker that died before it came to this.
        await run_errand(citing.check_again, UUID(message_id))


def enqueue_answer(reply_id: UUID) -> int:
    """Owes the reply an answer, within the caller's transaction; the job's id."""
    return answer.configure(queueing_lock=f"answer:{reply_id}").defer(reply_id=str(reply_id))
