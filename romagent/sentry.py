"""Errors to Sentry: what went wrong and where in our code, never what anybody wrote.

What is sent is put together anew from what is known to be harmless; everything else of an event is left behind:
messages of exceptions and of logs, values of variables, requests, addresses, breadcrumbs. Every event begins as a log
record of level ERROR, so the web process, the worker and the commands need nothing else.
"""

from __future__ import annotations

import logging
from typing import Any

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration, ignore_logger
from sentry_sdk.integrations.threading import ThreadingIntegration

from romagent.base.logs import request_id

KEPT = ("event_id", "timestamp", "level", "logger", "platform", "release", "environment", "server_name", "sdk")
KEPT_OF_AN_EXCEPTION = ("type", "module")
KEPT_OF_A_FRAME = ("filename", "function", "module", "lineno", "in_app", "pre_context", "context_line", "post_context")
OURS = ("romagent", "accounts", "audit", "projects", "uploads", "conversations", "documents", "django")
FLUSH_SECONDS = 2


def start() -> None:
    """Begins to send to where `SENTRY_DSN` says."""
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.ENVIRONMENT or None,
        release=settings.RELEASE or None,
        server_name=str(settings.DATABASES["default"]["OPTIONS"]["application_name"]),
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_session_tracking=False,
        shutdown_timeout=FLUSH_SECONDS,
        before_send=harmless,
        default_integrations=False,
        auto_enabling_integrations=False,
        integrations=[
            LoggingIntegration(level=None, event_level=logging.ERROR),
            DedupeIntegration(),
            ExcepthookIntegration(),
            ThreadingIntegration(propagate_hub=False),
            AtexitIntegration(callback=lambda *_: None),
        ],
    )
    ignore_logger("django.security.DisallowedHost")  # strangers that knock at every address


def harmless(event: Any, hint: Any) -> Any:
    """The event as it may be sent."""
    kept: dict[str, Any] = {name: event[name] for name in KEPT if name in event}
    kept["tags"] = {"request_id": request_id.get()}
    kept["logentry"] = {"message": _template(event)}
    if thrown := event.get("exception"):
        kept["exception"] = {"values": [_exception(each) for each in thrown.get("values", ())]}
    return kept


def _template(event: Any) -> str:
    """A log message before its values were put in; of libraries, which may have put them in already, only the name."""
    logger: str = event.get("logger") or "process"
    message = str((event.get("logentry") or {}).get("message") or "")
    return message if message and logger.partition(".")[0] in OURS else logger


def _exception(thrown: dict[str, Any]) -> dict[str, Any]:
    frames = (thrown.get("stacktrace") or {}).get("frames", ())
    return {name: thrown.get(name) for name in KEPT_OF_AN_EXCEPTION} | {
        "stacktrace": {"frames": [{name: frame.get(name) for name in KEPT_OF_A_FRAME} for frame in frames]},
    }
