from django import template

from jurisprudence.citations.kept import Checked
from jurisprudence.citations.showing import CHIP, source_of

register = template.Library()


@register.filter
def chip(one: Checked) -> str:
    """The verdict in a word or two."""
    return CHIP[one.verdict]


@register.filter
def source(one: Checked) -> str:
    """Where it was found and as of when; "" when nothing was looked up."""
    return source_of(one)
