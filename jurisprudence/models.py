"""The tables of this app, each in its package."""

from jurisprudence.deadlines.models import Deadline, Holiday

__all__ = ["Deadline", "Holiday"]
