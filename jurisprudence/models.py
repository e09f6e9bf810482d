"""The tables of all parts, where Django looks for them."""

from jurisprudence.precedents.models import Precedent, PrecedentChange, PrecedentImport

__all__ = ["Precedent", "PrecedentChange", "PrecedentImport"]
