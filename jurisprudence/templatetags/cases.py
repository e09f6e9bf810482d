"""Grades and dates of processes, as people speak of them."""

from __future__ import annotations

from django import template

from jurisprudence.datajud.showing import day, grade_name

register = template.Library()
register.filter("grade_name", grade_name)
register.filter("day", day)
