"""The administration's pages of all parts, where Django looks for them."""

from jurisprudence.precedents import admin as precedents

__all__ = ["precedents"]
