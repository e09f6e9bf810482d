"""The mails that the office sends about accounts. They are built in the worker, so that no link is kept in a job."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User

SECONDS_A_DAY = 24 * 3600


def access_mail(user: User, *, by_office: bool) -> EmailMessage:
    """The link with which she chooses her password: an invitation when she has none yet."""
    template = "password_reset_key" if user.has_usable_password() else "invitation"
    context = {
        "user": user,
        "by_office": by_office,
        "password_reset_url": password_link(user),
        "days": max(1, settings.PASSWORD_RESET_TIMEOUT // SECONDS_A_DAY),
        "site": settings.SITE_URL,
    }
    return render(template, user.email, context)


def password_link(user: User) -> str:
    """Valid for PASSWORD_RESET_TIMEOUT seconds, until she signs in or the password or e-mail changes."""
    arguments = {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs=arguments)


def render(template: str, to: str, context: dict[str, Any]) -> EmailMessage:
    """The mail `account/email/<template>_subject.txt` and `…_message.txt`."""
    path = f"account/email/{template}"
    subject = " ".join(render_to_string(f"{path}_subject.txt", context).split())
    body = render_to_string(f"{path}_message.txt", context | {"email": to}).strip() + "\n"
    return EmailMessage(subject, body, to=[to])
