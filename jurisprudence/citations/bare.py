"""Enough of Django to check citations where nothing is set up: formats only, nothing is looked up."""

from __future__ import annotations

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def is_bare() -> bool:
    """Whether the settings cannot be had, for want of a variable; then the smallest ones are made here."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "romagent.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018 - reading one loads them all
    except ImproperlyConfigured:
        settings.configure(USE_TZ=True, TIME_ZONE="America/Sao_Paulo", LANGUAGE_CODE="pt-br")
        return True
    return False


def run() -> None:
    from jurisprudence.management.commands.check_citations import Command

    Command().run_from_argv(sys.argv)
