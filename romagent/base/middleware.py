"""What every request passes through: its id and log line, and a plain page when PostgreSQL is away.

Written as synchronous functions: Django's whole stack runs in one thread a request (see romagent/asgi.py).
"""

import logging
import time
from collections.abc import Callable

import uuid_utils
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string

from romagent.base.logs import request_id

GetResponse = Callable[[HttpRequest], HttpResponseBase]
log = logging.getLogger("romagent.web")


def request_log(get_response: GetResponse) -> GetResponse:
    """Names the request (`X-Request-Id`) and logs one line for it: method, path, status, milliseconds."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        name = uuid_utils.uuid7().hex
        token = request_id.set(name)
        started = time.perf_counter()
        try:
            response = get_response(request)
            response["X-Request-Id"] = name
            if not request.path.startswith(("/health/", "/static/")):
                took = (time.perf_counter() - started) * 1000
                log.info("%s %s %s %.0fms", request.method, request.path, response.status_code, took)
            return response
        finally:
            request_id.reset(token)

    return middleware


def database_outage(get_response: GetResponse) -> GetResponse:
    """Turns a lost or refused connection into a 503 page that says so; the browser keeps the draft.

    An exception raised in a view reaches middleware only through `process_exception`, so the outage is
    caught there and, for what other middleware raises (the session, the user), around the call.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        try:
            return get_response(request)
        except (OperationalError, InterfaceError) as error:
            return unavailable(request, error)

    def process_exception(request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError | InterfaceError):
            return unavailable(request, error)
        return None

    middleware.process_exception = process_exception  # type: ignore[attr-defined]
    return middleware


def unavailable(request: HttpRequest, error: DatabaseError | InterfaceError) -> HttpResponse:
    """The 503 page: made without the database, the session or the person."""
    log.error("PostgreSQL INDISPONÍVEL em %s %s: %s", request.method, request.path, type(error).__name__)
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})
