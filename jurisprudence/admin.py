"""What the staff keeps and looks at, each in its package."""

from jurisprudence.deadlines import admin as deadlines
from jurisprudence.precedents import admin as precedents

__all__ = ["deadlines", "precedents"]
