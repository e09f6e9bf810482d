"""Where and when each session was last seen, and that one which was ended in PostgreSQL has ended everywhere.

A process writes it at most every five minutes a session, from what it remembers; Redis is not asked. Then it also
looks whether the session's row is still there: a copy in a Redis that was away when the session was ended must not
bring it back.
"""

from __future__ import annotations

import time
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Session
from audit.actions import client_address

SEEN_SECONDS = 300
REMEMBERED = 20_000  # sessions; then a process begins anew

_looked: dict[str, float] = {}  # session key: time.monotonic() of the last look


def is_open(request: HttpRequest) -> bool:
    """Whether the session of this signed-in request has not been ended; notes that it was seen."""
    key = request.session.session_key or ""
    if time.monotonic() - _looked.get(key, -SEEN_SECONDS) < SEEN_SECONDS:
        return True
    if not Session.objects.filter(pk=key, expire_date__gt=timezone.now()).exists():
        return False
    _note(request, key)
    if len(_looked) >= REMEMBERED:
        _looked.clear()
    _looked[key] = time.monotonic()
    return True


def forget() -> None:
    """As after the start of the process."""
    _looked.clear()


def _note(request: HttpRequest, key: str) -> None:
    now = timezone.now()
    seen = {
        "ip": client_address(request) or "0.0.0.0",  # noqa: S104 - the column wants one
        "user_agent": request.headers.get("User-Agent", "")[:200],
        "last_seen_at": now,
    }
    mine = UserSession.objects.filter(session_key=key)
    if not mine.filter(last_seen_at__lt=now - timedelta(seconds=SEEN_SECONDS)).update(**seen):
        UserSession.objects.bulk_create(
            [UserSession(session_key=key, user=request.user, **seen)], ignore_conflicts=True
        )
