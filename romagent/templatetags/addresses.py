"""`{% url %}` as Django's, but each address worked out once: a page of a conversation asks for a hundred.

What Django does for each of them (finding the pattern, trying it, quoting) gives the same path every time but for the
ids in it. So the path is asked for once, with ids that are nobody's, and cut where they stand.
"""

from __future__ import annotations

import functools
from typing import Any
from uuid import UUID

from django import template
from django.conf import settings
from django.template import defaulttags
from django.template.base import Parser, Token
from django.template.context import Context
from django.urls import reverse

register = template.Library()

STAND_INS = [UUID(int=0x0E6F5A5C_8F0C_4D0E_9A53_7D2C6B1F5E90 + number) for number in range(2)]


class Address(defaulttags.URLNode):
    """Only addresses with no argument but ids; all others, and those that are not found, as Django does it."""

    def render(self, context: Context) -> str:
        args = [arg.resolve(context) for arg in self.args]
        if self.asvar or self.kwargs or len(args) > len(STAND_INS) or not all(type(arg) is UUID for arg in args):
            return super().render(context)
        first, *others = pieces(self.view_name.resolve(context), len(args), _namespace(context), settings.ROOT_URLCONF)
        return first + "".join([f"{arg}{piece}" for arg, piece in zip(args, others, strict=True)])


def _namespace(context: Context) -> str | None:
    """Of the page that is being made: Django looks there first."""
    request = getattr(context, "request", None)
    match = getattr(request, "resolver_match", None)
    return getattr(request, "current_app", None) or (match.namespace if match else None)


@functools.lru_cache(maxsize=2000)
def pieces(name: str, ids: int, namespace: str | None, _urlconf: str) -> list[str]:
    """The path of that name with so many ids, cut where they stand, ready to be put into HTML."""
    path, found = reverse(name, args=STAND_INS[:ids], current_app=namespace), []
    for stand_in in STAND_INS[:ids]:
        before, _, path = path.partition(str(stand_in))
        found.append(before)
    if any(char in "".join([*found, path]) for char in "&<>\"'"):
        raise ValueError(f"{name}: a path of ours needs no escaping")
    return [*found, path]


@register.tag
def url(parser: Parser, token: Token) -> Any:
    node = defaulttags.url(parser, token)
    return Address(node.view_name, node.args, node.kwargs, node.asvar)
