"""What the staff keeps, each in its package."""

from jurisprudence.deadlines.admin import HolidayAdmin

__all__ = ["HolidayAdmin"]
