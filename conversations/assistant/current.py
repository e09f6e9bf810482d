"""The assistant of this process; only a worker has one. Kept apart so that a web process never loads the SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from conversations.assistant.answering import Assistant

_assistant: Assistant | None = None


def install(assistant: Assistant) -> None:
    global _assistant
    _assistant = assistant


def assistant() -> Assistant:
    if _assistant is None:
        raise RuntimeError("only the worker command has an assistant")
    return _assistant
