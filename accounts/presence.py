"""Where and when each session was last seen, and that one which was ended in PostgreSQL has ended everywhere.

A process writes it at most every five minutes a session, from what it remembers; Redis is not asked. Then it also
looks whether the session's row is still there: a copy in a Redis that was away when the session was ended must not
bring it back.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from audit.actions import client_address

SEEN_SECONDS = 300
REMEMBERED = 20_000  # sessions; then a process begins anew

# Of the session, if it is open: when it was last seen, if it is in the list. Written out, since each person's first
# request of a process asks it, and people come together.
OPEN = """
    SELECT (SELECT last_seen_at FROM usersessions_usersession WHERE session_key = sid)
    FROM sessions WHERE sid = %(key)s AND expire > %(now)s
"""
_looked: dict[str, float] = {}  # session key: time.monotonic() of the last look


def is_open(request: HttpRequest) -> bool:
    """Whether the session of this signed-in request has not been ended; notes that it was seen."""
    key = request.session.session_key or ""
    if time.monotonic() - _looked.get(key, -SEEN_SECONDS) < SEEN_SECONDS:
        return True
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(OPEN, {"key": key, "now": now})
        found = cursor.fetchone()
    if found is None:
        return False
    (last_seen,) = found
    if last_seen is None or now - last_seen > timedelta(seconds=SEEN_SECONDS):
        _note(request, key, now, is_listed=last_seen is not None)
    if len(_looked) >= REMEMBERED:
        _looked.clear()
    _looked[key] = time.monotonic()
    return True


def forget() -> None:
    """As after the start of the process."""
    _looked.clear()


def _note(request: HttpRequest, key: str, now: datetime, *, is_listed: bool) -> None:
    """A session that is not in the list yet began before there was one."""
    seen = {
        "ip": client_address(request) or "0.0.0.0",  # noqa: S104 - the column wants one
        "user_agent": request.headers.get("User-Agent", "")[:200],
        "last_seen_at": now,
    }
    if is_listed:
        UserSession.objects.filter(session_key=key).update(**seen)
    else:
        mine = UserSession(session_key=key, user=request.user, **seen)
        UserSession.objects.bulk_create([mine], ignore_conflicts=True)
