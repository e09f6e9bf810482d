"""What every request passes through: its id, its log line, and headers that keep the browser in.

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
                log.info("%s %s %s %.0fms", request.method, request.path, response.status_code, took)
            return response
        finally:
            request_id.reset(token)

    return middleware


# What a page may ask the browser for: nothing but passkeys.
PERMISSIONS = ", ".join(
    [f"{feature}=()" for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "geolocation",
        "gyroscope", "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "usb",
        "xr-spatial-tracking",
    )] + ["publickey-credentials-get=(self)", "publickey-credentials-create=(self)"]
)  # fmt: skip


def security_headers(get_response: GetResponse) -> GetResponse:
    """The headers that Django has no setting for, on every answer, static files and errors too."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response["Permissions-Policy"] = PERMISSIONS
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        return response

    return middleware
