from django import template

from jurisprudence.citations.kept import Checked
from jurisprudence.citations.showing import chip_of, source_of, tone_of

register = template.Library()


@register.filter
def chip(one: Checked) -> str:
    """The verdict in a word or two."""
    return chip_of(one)


@register.filter
def tone(one: Checked) -> str:
    """The classes of the verdict's colour."""
    return tone_of(one)


@register.filter
def source(one: Checked) -> str:
    """Where it was found and as of when; "" when nothing was looked up."""
    return source_of(one)
