"""Browsers in which somebody has signed in before: whoever guesses at a distance cannot lock them out.

A “device cookie” (https://owasp.org/www-community/Slow_Down_Online_Guessing_Attacks_with_Device_Cookies): signed, out
of reach for scripts, and a secret for each account that signed in here. It opens nothing; it only says that failures
in this browser are counted by themselves.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

COOKIE = "rom.aparelho"
SALT = "accounts.devices"
ACCOUNTS = 8  # of one shared computer; the one that has been away longest is forgotten first
KEPT_SECONDS = 400 * 24 * 3600  # browsers keep no cookie for longer


def known(request: HttpRequest, email: str) -> str:
    """This browser's own name for the account of `email`, or "" when nobody has signed in to it here."""
    return _remembered(request).get(account_tag(email), "")


def remember(request: HttpRequest, response: HttpResponseBase, email: str) -> None:
    """Makes this browser one that has signed in to the account, under a new name: earlier guesses do not follow it."""
    accounts = {tag: name for tag, name in _remembered(request).items() if tag != account_tag(email)}
    accounts[account_tag(email)] = secrets.token_urlsafe(9)
    response.set_cookie(
        COOKIE,
        signing.dumps(list(accounts.items())[-ACCOUNTS:], salt=SALT),
        max_age=KEPT_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _remembered(request: HttpRequest) -> dict[str, str]:
    try:
        return dict(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT_SECONDS))
    except (signing.BadSignature, ValueError, TypeError):
        return {}


def account_tag(email: str) -> str:
    """Names the account without saying whose it is to who reads the cookie, or a key in Redis."""
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:16]
