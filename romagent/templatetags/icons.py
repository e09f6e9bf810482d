"""Icons, each drawn once: lucide makes the SVG of an icon anew at each place of each page."""

from __future__ import annotations

import functools

from django import template
from lucide.templatetags import lucide as drawing

register = template.Library()


@register.simple_tag
@functools.lru_cache(maxsize=512)  # templates name a few dozens, in a few sizes
def lucide(name: str, *, size: int = 24, **attributes: str) -> str:
    """The icon of that name as inline SVG; safe, since only templates name icons and attributes."""
    return drawing.lucide(name, size=size, **attributes)
