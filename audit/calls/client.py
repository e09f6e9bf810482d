"""Calls to Anthropic's Messages API: one streamed call, its usage, and what can go wrong with it.

The facts: https://docs.anthropic.com/en/api/messages-streaming (events), /en/api/errors (errors).
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import anthropic
import httpx2
from anthropic import AsyncStream
from django.utils import timezone

from audit.calls.provider import Client, make_client, name_here, name_there
from audit.models import Usage
from romagent.base.ids import new_id

__all__ = ["Call", "CallFailed", "Client", "describe", "explain", "make_client"]
log = logging.getLogger(__name__)

MESSAGES = "/v1/messages"


class CallFailed(Exception):
    """A call that did not end as it should; `code` is what the person is told by (see `rendering.ERRORS`)."""

    def __init__(self, code: str, *, retryable: bool, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable
        self.retry_after = retry_after  # seconds, as the API asked


@dataclass
class Call:
    """One call and what came of it, for `ai_operations`."""

    operation: str
    model: str
    id: UUID = field(default_factory=new_id)  # of its row: written twice, when nobody knows of the first, it is one
    started_at: Any = field(default_factory=timezone.now)
    usage: Usage | None = None  # None: the API never said
    stop_reason: str = ""
    ttft_ms: int | None = None
    latency_ms: int | None = None
    request_id: str = ""
    error: str = ""
    detail: str = ""  # the API's own class and type of error, never its text
    status: str = "stopped"  # until it has ended
    _clock: float = field(default_factory=time.monotonic)

    async def events(self, client: Client, request: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """Streams one call: the events of its blocks as they came (see `rounds.Round`).

        Raises `CallFailed`. An answer is whole only when `message_stop` came, so its absence is a failure too.
        """
        with self._noted():
            async for event in self._events(client, request):
                yield event

    async def text(self, client: Client, request: dict[str, Any]) -> AsyncIterator[str]:
        """Streams the text of one call and nothing else of it. Raises `CallFailed`."""
        async for event in self.events(client, request):
            if event["type"] == "content_block_delta" and (text := event["delta"].get("text")):
                yield text

    async def whole(self, client: Client, request: dict[str, Any]) -> str:
        """The text of one call that nobody watches, in one piece. Raises `CallFailed`."""
        with self._noted():
            response = await client.post(MESSAGES, cast_to=httpx2.Response, body=_there(request))
            self.request_id = response.headers.get("request-id", "")
            try:
                message = response.json()
                self._began(message)
                self.stop_reason = message["stop_reason"] or ""
                return "".join(block["text"] for block in message["content"] if block["type"] == "text")
            except (
                ValueError,
                KeyError,
                TypeError,
                AttributeError,
            ) as error:  # no message, but 200
                raise CallFailed("cut", retryable=True) from error

    @contextmanager
    def _noted(self) -> Iterator[None]:
        """Keeps how the call ended and how long it took; what went wrong leaves it as `CallFailed`."""
        try:
            yield
            self.status = "complete"
        except CallFailed as failure:
            self._failed(failure.code)
            raise
        except (anthropic.APIError, httpx2.TransportError) as error:
            explained = explain(error)
            self.detail = describe(error)
            self.request_id = getattr(error, "request_id", None) or self.request_id
            self._failed(explained.code)
            raise explained from error
        finally:
            self.latency_ms = self._elapsed()

    async def _events(self, client: Client, request: dict[str, Any]) -> AsyncIterator[dict[str, Any]]:
        """The SDK's stream with its events left as they came: model objects were 8% of a busy worker's time."""
        body = _there(request) | {"stream": True}
        stream = await client.post(MESSAGES, cast_to=object, body=body, stream=True, stream_cls=AsyncStream[object])
        self.request_id = stream.response.headers.get("request-id", "")
        whole = False
        event: Any
        try:
            async for event in stream:
                kind = event["type"]
                if kind == "content_block_delta":
                    if self.ttft_ms is None and event["delta"].get("text"):
                        self.ttft_ms = self._elapsed()
                    yield event
                elif kind in ("content_block_start", "content_block_stop"):
                    yield event
                elif kind == "message_start":
                    self._began(event["message"])
                elif kind == "message_delta":
                    self.stop_reason = event["delta"].get("stop_reason") or ""
                    self._count(event["usage"])
                elif kind == "message_stop":
                    whole = True
        finally:
            await stream.close()
        if not whole:
            raise CallFailed("cut", retryable=True)

    def _began(self, message: dict[str, Any]) -> None:
        self.model = name_here(message["model"] or self.model)
        self._count(message["usage"])

    def _count(self, usage: dict[str, Any]) -> None:
        """Takes the latest usage; it is cumulative, and a later event may leave out what an earlier one said."""
        before = self.usage or Usage()
        writes = usage.get("cache_creation") or {}
        self.usage = Usage(
            input=_or(usage.get("input_tokens"), before.input),
            output=_or(usage.get("output_tokens"), before.output),
            cache_read=_or(usage.get("cache_read_input_tokens"), before.cache_read),
            cache_write_5m=_or(
                writes.get("ephemeral_5m_input_tokens", usage.get("cache_creation_input_tokens")),
                before.cache_write_5m,
            ),
            cache_write_1h=_or(writes.get("ephemeral_1h_input_tokens"), before.cache_write_1h),
        )

    def _failed(self, code: str) -> None:
        self.error = code
        self.status = "interrupted" if self.ttft_ms is not None else "failed"

    def _elapsed(self) -> int:
        return round((time.monotonic() - self._clock) * 1000)


def _there(request: dict[str, Any]) -> dict[str, Any]:
    return request | {"model": name_there(request["model"])}


def _or(value: int | None, fallback: int) -> int:
    return fallback if value is None else value


BY_TYPE = {
    "authentication_error": ("rejected_key", False),
    "permission_error": ("rejected_key", False),
    "billing_error": ("billing", False),
    "not_found_error": ("unknown_model", False),
    "request_too_large": ("too_large", False),
    "invalid_request_error": ("invalid", False),
    "rate_limit_error": ("rate_limited", True),
    "overloaded_error": ("overloaded", True),
    "api_error": ("overloaded", True),
    "timeout_error": ("overloaded", True),
    "conflict_error": ("overloaded", True),
}
BY_STATUS = {
    400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
    404: "not_found_error", 408: "timeout_error", 409: "conflict_error", 413: "request_too_large",
    422: "invalid_request_error", 429: "rate_limit_error", 504: "timeout_error", 529: "overloaded_error",
}  # fmt: skip


def explain(error: Exception) -> CallFailed:
    """What the SDK or its transport raised, in our words; never by the text of the message."""
    if isinstance(error, anthropic.APIStatusError):
        kind = getattr(error, "type", None) or BY_STATUS.get(error.status_code, "api_error")
        code, retryable = BY_TYPE.get(kind, ("overloaded", error.status_code >= 500 or error.status_code == 200))
        told = error.response.headers.get("x-should-retry")
        if told in {"true", "false"}:
            retryable = told == "true"
        return CallFailed(code, retryable=retryable, retry_after=_retry_after(error.response.headers))
    if isinstance(error, anthropic.APITimeoutError | httpx2.TimeoutException):
        return CallFailed("silent", retryable=True)
    if isinstance(error, anthropic.APIConnectionError):
        return CallFailed("unreachable", retryable=True)
    return CallFailed("cut", retryable=True)


def describe(error: Exception) -> str:
    """For the staff: the error's class and the API's type and status; no contents."""
    status, kind = getattr(error, "status_code", ""), getattr(error, "type", "") or ""
    return f"{type(error).__name__} {status} {kind}".strip()


def _retry_after(headers: Any) -> float | None:
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        try:
            return float(headers[name]) / unit
        except (KeyError, ValueError):
            continue
    return None
