"""Jobs: sending mails. A mail server that is away is tried again for a day, and holds no connection meanwhile."""

from __future__ import annotations

import asyncio
import functools
import logging
import smtplib
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from django.core.mail import EmailMessage
from procrastinate import BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.contrib.django import app
from procrastinate.jobs import Job

from accounts import mail
from accounts.models import User
from romagent.base.chores import run_errand

log = logging.getLogger("romagent.mail")

PAUSES = (30, 120, 600, 1_800, 3_600, 3 * 3_600, 6 * 3_600, 12 * 3_600)  # seconds before each further try
SENDERS = 2  # mails at once
REFUSED = (OSError, smtplib.SMTPException)


class GrowingPauses(BaseRetryStrategy):
    """Tries again later and later, each mail at a moment of its own and without keeping back those behind it."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if job.attempts >= len(PAUSES) or not isinstance(exception, REFUSED):
            return None
        pause = PAUSES[job.attempts] * (100 + (job.id or 0) % 50) // 100
        return RetryDecision(retry_in={"seconds": pause}, lock=f"mail:{job.id}")


@app.task(name="accounts.send_access_link", queue="mail", pass_context=True, retry=GrowingPauses())
async def send_access_link(context: JobContext, *, user_id: str, by_office: bool) -> None:
    """Sends the link to choose a password, and notes at the person's whether it went out."""
    message = await run_errand(access_mail_for, UUID(user_id), by_office)
    if message is None:
        return
    last = context.job is not None and context.job.attempts >= len(PAUSES)
    try:
        await _send(message)
    except REFUSED as error:
        log.warning("a mail was not sent: %s", type(error).__name__)
        await run_errand(note_invitation, UUID(user_id), "failed" if last else "retrying")
        raise
    await run_errand(note_invitation, UUID(user_id), "sent")


@app.task(name="accounts.send_notice", queue="mail", retry=GrowingPauses())
async def send_notice(*, template: str, to: str, name: str = "") -> None:
    """Sends a mail that holds no secret."""
    await _send(mail.render(template, to, {"name": name}))


def access_mail_for(user_id: UUID, by_office: bool) -> EmailMessage | None:
    """The mail, or None when there is nobody any more who may have it."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return mail.access_mail(user, by_office=by_office) if user else None


def note_invitation(user_id: UUID, state: str) -> None:
    if user := User.objects.filter(pk=user_id).only("pk").first():
        user.note_invitation(state)


@functools.cache
def _senders() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(SENDERS, thread_name_prefix="mail")


async def _send(message: EmailMessage) -> None:
    await asyncio.get_running_loop().run_in_executor(_senders(), message.send)
