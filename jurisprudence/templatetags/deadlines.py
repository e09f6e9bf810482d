"""How the pages of deadlines write a day."""

from __future__ import annotations

from datetime import date

from django import template

register = template.Library()
WEEKDAYS = ("seg", "ter", "qua", "qui", "sex", "sáb", "dom")  # Django's own have no accent


@register.filter
def with_weekday(day: date) -> str:
    """2026-08-08 → `sáb 08/08/2026`."""
    return f"{WEEKDAYS[day.weekday()]} {day:%d/%m/%Y}"
