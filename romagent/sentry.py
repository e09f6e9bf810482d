"""Errors to Sentry: what kind, where in the code, on which path. Never what anybody wrote, sent or is called.

Texts of exceptions are left out too: a database's error repeats the row it refused.
"""

import logging
from typing import Any

import sentry_sdk
from sentry_sdk.integrations.atexit import AtexitIntegration
from sentry_sdk.integrations.dedupe import DedupeIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.integrations.excepthook import ExcepthookIntegration
from sentry_sdk.integrations.logging import LoggingIntegration

KEPT = frozenset(
    ["event_id", "timestamp", "level", "platform", "environment", "release", "exception", "logger", "transaction"]
)
KEPT_OF_A_FRAME = frozenset({"filename", "abs_path", "function", "module", "lineno", "in_app"})


def start_sentry(dsn: str, *, environment: str, release: str) -> None:
    """Reports errors from now on; nothing is traced or sampled, and only the integrations named here are active."""
    sentry_sdk.init(
        dsn=dsn,
        environment=environment or None,
        release=release or None,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        auto_enabling_integrations=False,
        default_integrations=False,
        integrations=[
            DjangoIntegration(middleware_spans=False, signals_spans=False, cache_spans=False),
            LoggingIntegration(level=None, event_level=logging.ERROR),
            ExcepthookIntegration(),
            DedupeIntegration(),
            AtexitIntegration(callback=lambda pending, timeout: None),
        ],
        before_send=without_contents,
    )


def without_contents(event: Any, hint: Any = None) -> Any:
    """The event with nothing but what is known to hold no contents."""
    kept = {key: value for key, value in event.items() if key in KEPT}
    for raised in kept.get("exception", {}).get("values", []):
        raised["value"] = ""
        raised.pop("mechanism", None)
        trace = raised.get("stacktrace") or {}
        frames = trace.get("frames", [])
        raised["stacktrace"] = {
            "frames": [{key: frame[key] for key in KEPT_OF_A_FRAME if key in frame} for frame in frames]
        }
    method = event.get("request", {}).get("method")
    return kept | ({"request": {"method": method}} if method else {})
