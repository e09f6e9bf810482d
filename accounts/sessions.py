"""Sessions: read from Redis, written through to the table `sessions`, renewed at most once a day.

Without Redis they come from PostgreSQL, so a cache that is emptied signs nobody out.
"""

from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.cached_db import SessionStore as CachedDbStore
from django.contrib.sessions.middleware import SessionMiddleware as DjangoSessionMiddleware
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

RENEW_AFTER_SECONDS = 24 * 3600
RENEWED = "_renewed"  # seconds since the epoch, kept in the session


class SessionStore(CachedDbStore):
    cache_key_prefix = "session."

    @classmethod
    def get_model_class(cls) -> Any:
        from accounts.models import Session

        return Session

    def save(self, must_create: bool = False) -> None:
        """Django takes every fault of the database for a session that has been ended, and says so with a 400; that
        PostgreSQL went away while the page was made is an outage like any other."""
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError | InterfaceError):
                raise error.__context__ from None
            raise


class SessionMiddleware(DjangoSessionMiddleware):
    """Django's own, which also pushes the seven days forward once a day for who keeps working."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> Any:
        session = request.session
        if session.accessed and session.get("_auth_user_id") and self._due(session.get(RENEWED)):
            session[RENEWED] = int(timezone.now().timestamp())
        return super().process_response(request, response)  # type: ignore[arg-type]

    @staticmethod
    def _due(renewed: int | None) -> bool:
        age = timezone.now().timestamp() - (renewed or 0)
        return age > min(RENEW_AFTER_SECONDS, settings.SESSION_COOKIE_AGE / 2)
