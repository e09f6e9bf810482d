"""A question asked and answered in a transaction that is taken back, so that the first real one meets nothing cold.

Compiles the queries, loads the templates and the parser, opens what is opened on first use. Nothing of it stays:
not a row, not a job, not a notification.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.handlers.asgi import ASGIRequest
from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from accounts.models import User
from accounts.sessions import SessionStore
from conversations import actions
from conversations.models import Conversation, Message
from conversations.relay import save_texts
from romagent.base.ids import new_id
from romagent.base.markdown import GrowingMarkdown

TIMES = 2  # in each thread; Python makes a function faster after its eighth call
TEXT = "# Um\n\n- *dois*\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\ntrês"


def rehearse_page(get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
    """What a web process does for a question: the page's request through all of Django, and its two messages.

    Without the signals of a request's start and end, at which Django drops a connection that is in a transaction.
    """
    for _ in range(TIMES):
        with transaction.atomic():
            user = _person()
            conversation = actions.start(user=user, mode=Conversation.Mode.JURIDICO, model="ensaio")
            session = _session(user)
            response = get_response(ASGIRequest(_scope(conversation, session), io.BytesIO(b"content=Ensaio")))
            transaction.set_rollback(True)
        session.delete()  # from Redis, too
    if response.status_code not in {200, 429}:  # 429: the office's budget is used up, and nobody will ask
        raise RuntimeError(f"the rehearsed question was answered with {response.status_code}")


def _session(user: User) -> SessionStore:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.create()
    return session


def _scope(conversation: Conversation, session: SessionStore) -> dict[str, Any]:
    """As the page's script sends it: an ASGI scope (https://asgi.readthedocs.io/en/latest/specs/www.html)."""
    host, token = settings.ALLOWED_HOSTS[0].lstrip("*.") or "localhost", "ensaio" * 6
    cookies = f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={token[:32]}"
    headers = {
        "host": host,
        "origin": f"{'https' if settings.HTTPS else 'http'}://{host}",
        "x-forwarded-proto": "https" if settings.HTTPS else "http",
        "accept": "text/event-stream",
        "content-type": "application/x-www-form-urlencoded",
        "cookie": cookies,
        "x-csrftoken": token[:32],
    }
    return {
        "type": "http",
        "method": "POST",
        "path": reverse("conversations:ask", args=[conversation.pk]),
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


def rehearse_answer() -> None:
    """What a worker does for a question: takes the pen, saves, and ends the reply."""
    for _ in range(TIMES):
        growing = GrowingMarkdown()
        growing.append(TEXT)
        growing.take_finished()
        growing.open_html()
        with transaction.atomic():
            user = _person()
            conversation = actions.start(user=user, mode=Conversation.Mode.JURIDICO, model="ensaio")
            asked = actions.ask(conversation, content="Ensaio", user=user, key=new_id())
            _answer(asked.reply)
            transaction.set_rollback(True)


def _person() -> User:
    return User.objects.create_user(f"{new_id().hex}@ensaio.invalid")


def _answer(reply: Message) -> None:
    from conversations.assistant import pen  # it loads the SDK, which a web process never needs

    work = pen.take(reply.pk)
    if work is None:
        raise RuntimeError("a reply nobody else can see was taken")
    save_texts([(str(reply.pk), work.attempt, TEXT, True, None)])
    pen.finish(work, TEXT, pen.Outcome(Message.Status.COMPLETE, stop_reason="end_turn"))
