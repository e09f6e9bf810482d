"""What an import has done: counts that add up, and a line for every record that was left out or gave cause to wonder.

Names ids and reasons only; never texts, names or e-mails.
"""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, TextIO

KINDS = ("users", "projects", "documents", "files", "conversations", "messages")


class DoesNotAddUp(Exception):
    """A mistake of the import's own: records were read that are neither imported nor left out."""


@dataclass
class Tally:
    read: int = 0
    imported: int = 0
    skipped: int = 0

    def as_json(self) -> dict[str, int]:
        return {"read": self.read, "imported": self.imported, "skipped": self.skipped}


@dataclass
class Report:
    """Counts by kind, reasons, warnings; lines go to `file` as they come, so that a million of them need no memory."""

    file: TextIO | None = None
    tallies: dict[str, Tally] = field(default_factory=lambda: {kind: Tally() for kind in KINDS})
    reasons: Counter[str] = field(default_factory=Counter)
    warnings: Counter[str] = field(default_factory=Counter)
    ignored: list[str] = field(default_factory=list)  # files

    def __post_init__(self) -> None:
        self._writer = csv.writer(self.file, delimiter=";") if self.file else None
        if self._writer:
            self._writer.writerow(["tipo", "id", "posição", "resultado", "motivo"])

    def read(self, kind: str, count: int = 1) -> None:
        self.tallies[kind].read += count

    def imported(self, kind: str, count: int = 1) -> None:
        self.tallies[kind].imported += count

    def skip(self, kind: str, legacy: object, reason: str, place: object = "") -> None:
        self.tallies[kind].skipped += 1
        self.reasons[reason] += 1
        self._line(kind, legacy, place, "pulado", reason)

    def warn(self, kind: str, legacy: object, reason: str, place: object = "") -> None:
        self.warnings[reason] += 1
        self._line(kind, legacy, place, "aviso", reason)

    def _line(self, *columns: object) -> None:
        if self._writer:
            self._writer.writerow([_harmless(str(column)[:200]) for column in columns])

    def check(self) -> None:
        for kind, tally in self.tallies.items():
            if tally.read != tally.imported + tally.skipped:
                raise DoesNotAddUp(f"{kind}: {tally}")

    def as_json(self) -> dict[str, Any]:
        return {kind: tally.as_json() for kind, tally in self.tallies.items()} | {
            "reasons": dict(self.reasons),
            "warnings": sum(self.warnings.values()),
        }


def _harmless(text: str) -> str:
    """As a spreadsheet shows it and does not run it; half surrogates cannot be written."""
    found = text.encode("utf-8", "replace").decode()
    return f"'{found}" if found.startswith(("=", "+", "-", "@", "\t")) else found
