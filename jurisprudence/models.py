"""The tables of this app, each in its package."""

from jurisprudence.deadlines.models import Deadline, Holiday
from jurisprudence.precedents.models import Precedent, PrecedentChange, PrecedentImport

__all__ = ["Deadline", "Holiday", "Precedent", "PrecedentChange", "PrecedentImport"]
