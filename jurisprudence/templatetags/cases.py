"""Grades and dates of processes, as people speak of them."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.utils import timezone

from jurisprudence.datajud.showing import grade_name

register = template.Library()
register.filter("grade_name", grade_name)


@register.filter
def day(moment: datetime) -> str:
    """The day in Brasília; with the hour, where the source says one."""
    local = timezone.localtime(moment)
    return local.strftime("%d/%m/%Y" if (local.hour, local.minute, local.second) == (0, 0, 0) else "%d/%m/%Y %H:%M")
