"""Sizes and states of files, as people speak of them."""

from django import template

from uploads.forms import in_words
from uploads.states import state_of
from uploads.words import why_page

register = template.Library()
register.filter("size_in_words", in_words)
register.filter("state", state_of)
register.filter("why", why_page)
