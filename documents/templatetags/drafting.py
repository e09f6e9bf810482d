"""What stands beside a document while it is drafted and changed with the assistant's help."""

from __future__ import annotations

from typing import Any

from django import template

from documents.drafting.showing import assistant_context, draft_context
from documents.models import Document

register = template.Library()


@register.inclusion_tag("documents/_draft.html", takes_context=True)
def draft_of(context: dict[str, Any], document: Document) -> dict[str, Any]:
    """How far the draft of this document has come; nothing when it is none."""
    return draft_context(context["request"], document)


@register.inclusion_tag("documents/_assistant.html", takes_context=True)
def assistant_beside(context: dict[str, Any], document: Document) -> dict[str, Any]:
    """Where one asks for changes, and decides on them."""
    return assistant_context(context["request"], document)
