"""Dates where a template or the administration shows one without saying how: 22/11/2026, 22/11/2026 14:32."""

DATE_FORMAT = SHORT_DATE_FORMAT = r"d/m/Y"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = r"d/m/Y H:i"
