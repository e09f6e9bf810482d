"""Where a worker looks for jobs of the app."""

from jurisprudence.datajud.tasks import look_up, refresh, take_up

__all__ = ["look_up", "refresh", "take_up"]
