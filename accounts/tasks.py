"""Jobs of the accounts: mail that is owed to somebody."""

from __future__ import annotations

import asyncio
import smtplib
from typing import Any
from uuid import UUID

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from accounts.models import User
from romagent.base.chores import run_chore

# A mail server may be away for hours: the pauses grow from two seconds to more than an hour.
AWAY = (OSError, smtplib.SMTPException)
PATIENCE = RetryStrategy(max_attempts=13, exponential_wait=2, retry_exceptions=set(AWAY))


@app.task(name="accounts.send_invitation", queue="chores", retry=PATIENCE)
async def send_invitation(*, user_id: str) -> None:
    """Mails the link by which a person sets her first password; no database connection waits for the mail server."""
    mail = await run_chore(_invitation, UUID(user_id))
    if mail is None:
        return
    try:
        await asyncio.to_thread(send_mail, **mail, from_email=settings.DEFAULT_FROM_EMAIL)
    except AWAY as error:
        await run_chore(_note, UUID(user_id), f"failed: {type(error).__name__}")
        raise
    await run_chore(_note, UUID(user_id), timezone.now().isoformat())


def _invitation(user_id: UUID) -> dict[str, Any] | None:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return None
    key = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    context = {
        "user": user,
        "url": settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=key),
        "days": settings.PASSWORD_RESET_TIMEOUT // (24 * 3600),
        "again": settings.SITE_URL + reverse("account_reset_password"),
    }
    return {
        "subject": render_to_string("account/email/invitation_subject.txt", context).strip(),
        "message": render_to_string("account/email/invitation_message.txt", context),
        "recipient_list": [user.email],
    }


def _note(user_id: UUID, state: str) -> None:
    """How it went, where the staff sees it."""
    user = User.objects.get(pk=user_id)
    User.objects.filter(pk=user_id).update(metadata=user.metadata | {"invitation": state})
