"""Where a worker looks for jobs of this app."""

from jurisprudence.datajud.tasks import look_up, refresh, take_up
from jurisprudence.deadlines.tasks import seed_holidays

__all__ = ["look_up", "refresh", "seed_holidays", "take_up"]
