"""Small things the templates need to know and a context processor need not compute."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django import template
from django.contrib.messages.storage.base import Message
from django.utils import timezone

register = template.Library()


@register.simple_tag
def greeting(now: datetime | None = None) -> str:
    """Bom dia, Boa tarde or Boa noite, by the office's clock."""
    hour = timezone.localtime(now).hour
    if 5 <= hour < 12:
        return "Bom dia"
    return "Boa tarde" if 12 <= hour < 18 else "Boa noite"


@register.filter
def first_name(name: str) -> str:
    """How to address a person: her first name, with the title that may stand before it (`Dra. Helena`)."""
    words = name.split()
    return " ".join(words[: 2 if words and words[0].endswith(".") else 1])


@register.filter
def undo_url(message: Message) -> str:
    """Where to post to undo what the message tells of; empty when it can't be undone."""
    kind, _, url = (message.extra_tags or "").partition(" ")
    return url if kind == "undo" else ""


@register.filter
def being_written(thread: Iterable[Any] | None) -> Any:
    """The message of the thread that is still being written, if there is one."""
    return next((shown.message for shown in thread or () if shown.message.is_unfinished), None)
