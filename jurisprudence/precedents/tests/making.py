"""Precedents for tests: invented, and numbered above what exists, so that nobody takes them for real ones."""

from datetime import date
from typing import Any

from jurisprudence.models import Precedent


def make_precedent(kind: str = "sumula", court: str = "STJ", number: int = 9001, **values: Any) -> Precedent:
    filled = {"text": "O prazo é contado em dobro.", "status": "em vigor", "source": "teste", "as_of": date(2026, 8, 1)}
    if kind == "decisao":
        filled |= {"status": "", "reference": f"r{number}", "series": "RESP", "year": 2024}
    return Precedent.objects.create(kind=kind, court=court, number=number, **filled | values)
