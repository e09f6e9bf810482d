"""Where a worker looks for jobs of this app."""

from jurisprudence.deadlines.tasks import seed_holidays

__all__ = ["seed_holidays"]
