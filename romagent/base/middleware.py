"""What every request passes through: its id, its log line, and the headers that every answer has.

Written as a synchronous function: Django's whole stack runs in one thread a request (see romagent/asgi.py).
"""

import logging
import time
from collections.abc import Callable

import uuid_utils
from django.http import Http404, HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase

from romagent.base.logs import request_id

GetResponse = Callable[[HttpRequest], HttpResponseBase]
log = logging.getLogger("romagent.web")

# What a page may ask of the browser: passkeys, and nothing else. https://www.w3.org/TR/permissions-policy/
DENIED = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "display-capture", "encrypted-media",
    "fullscreen", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts", "magnetometer", "microphone",
    "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial", "storage-access", "usb",
    "xr-spatial-tracking",
)  # fmt: skip
ALLOWED = ("publickey-credentials-create", "publickey-credentials-get")
HEADERS = {
    "Permissions-Policy": ", ".join([f"{name}=()" for name in DENIED] + [f"{name}=(self)" for name in ALLOWED]),
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


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


METHODS = ("GET", "HEAD", "POST")


def known_methods(get_response: GetResponse) -> GetResponse:
    """The product speaks three methods; others get 405 here, from every path. A path with a NUL names nothing: 404.

    Said once, since generic views and Django's administration take a PUT for a POST, and a DELETE for a GET; and they
    ask PostgreSQL for whatever a path names, or keep it in the audit log, and PostgreSQL takes no NUL.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.method not in METHODS:
            return HttpResponseNotAllowed(METHODS)
        if "\x00" in request.path:
            raise Http404
        return get_response(request)

    return middleware


def security_headers(get_response: GetResponse) -> GetResponse:
    """The headers that Django's own middleware does not set, or not on errors and static files."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.setdefault(name, value)
        return response

    return middleware


def _path(request: HttpRequest) -> str:
    """The path, without the key of a link that opens something to whoever has it."""
    key = request.resolver_match.kwargs.get("key") if request.resolver_match else None
    return request.path.replace(key, "…") if key else request.path
