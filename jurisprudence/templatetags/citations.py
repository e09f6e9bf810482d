from django import template

from jurisprudence.citations.showing import CHIP, source_of
from jurisprudence.citations.verdicts import Judged

register = template.Library()


@register.filter
def chip(one: Judged) -> str:
    """The verdict in a word or two."""
    return CHIP[one.verdict]


@register.filter
def source(one: Judged) -> str:
    """Where it was found and as of when; "" when nothing was looked up."""
    return source_of(one)
