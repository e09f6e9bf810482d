"""Log lines: one line an event, as text or JSON, with the request's id. Never contents, never secrets."""

import json
import logging
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="-")


AROUND = "(the same again)"


def _when(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _one_line(text: str) -> str:
    return text.replace("\r", "\\r").replace("\n", "\\n")


def exception_text(error: BaseException | None) -> str:
    """The traceback with the first line of each message only: PostgreSQL's next one, DETAIL, is the refused row.

    Causes may go round in a circle, when one that was the cause of another is raised again while that is handled.
    """
    parts: list[str] = []
    told: list[BaseException] = []
    while error is not None:
        if any(error is one for one in told):
            parts.append(AROUND)
            break
        told.append(error)
        message = str(error).partition("\n")[0]
        parts.append("".join(traceback.format_tb(error.__traceback__)) + f"{type(error).__name__}: {message}")
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\nwhich led to\n".join(reversed(parts))


class TextFormatter(logging.Formatter):
    """For people: `2026-11-22T12:00:00.000+00:00 INFO  romagent.web [id] message`."""

    def format(self, record: logging.LogRecord) -> str:
        head = f"{_when(record)} {record.levelname:<7} {record.name} [{request_id.get()}] "
        text = head + _one_line(record.getMessage())
        return f"{text}\n{exception_text(record.exc_info[1])}" if record.exc_info else text


class JsonFormatter(logging.Formatter):
    """For machines: a JSON object a line; `event` is the message, an exception is one string."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _when(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request_id": request_id.get(),
            "event": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = exception_text(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def logging_config(*, as_json: bool, level: str, loggers: dict[str, Any]) -> dict[str, Any]:
    """A configuration for `logging.config`: everything on the console, one line an event."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "text": {"()": "romagent.base.logs.TextFormatter"},
            "json": {"()": "romagent.base.logs.JsonFormatter"},
        },
        "handlers": {
            "console": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "json" if as_json else "text",
            }
        },
        "root": {"handlers": ["console"], "level": level},
        "loggers": loggers,
    }


DJANGO = {
    "django": {"handlers": [], "level": "INFO", "propagate": True},
    "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
    "django.request": {"level": "ERROR"},
    "procrastinate": {"level": "WARNING"},
    "httpx2": {"level": "WARNING"},
    "anthropic": {"level": "INFO"},  # at DEBUG it prints whole prompts
}
