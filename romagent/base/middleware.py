"""What every request passes through: its id and its log line.

Written as a synchronous function: Django's whole stack runs in one thread a request (see romagent/asgi.py).
"""

import logging
import time
from collections.abc import Callable

import uuid_utils
from django.http import HttpRequest
from django.http.response import HttpResponseBase

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
                log.info("%s %s %s %.0fms", request.method, _path(request), response.status_code, took)
            return response
        finally:
            request_id.reset(token)

    return middleware


def _path(request: HttpRequest) -> str:
    """The path, without the key of a link that opens something to whoever has it."""
    key = request.resolver_match.kwargs.get("key") if request.resolver_match else None
    return request.path.replace(key, "…") if key else request.path
