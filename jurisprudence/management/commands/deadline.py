"""`manage.py deadline --json`: counts deadlines, one JSON object a line from standard input, one line for each.

In:  {"event", "date", "amount", "unit", "calendar", "closed", "reduced", "party", "electronic", "own_term",
      "suspended_in_recess", "start_on_open_day"}; only the first three must be there. "suspended" is taken too: dates
      on which an act of the court stopped all deadlines.
Out: {"publication", "start", "amount", "end", "skipped": [{"date", "reason"}], "basis"}

`start` is the first day that counts, `amount` the one that was counted (doubled where the law doubles it),
`publication` null when there is no gazette, `skipped` every day from the event to the end that was passed over. A line
that cannot be answered gets {"error": "…"} and does not stop the others; the exit code is 1 at the end when there was
one. It needs neither settings nor a database: `manage.py` starts it by itself.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from jurisprudence.deadlines.asking import Wrong, from_json
from jurisprudence.deadlines.counting import count

NOT_JSON = "A linha não é um objeto JSON."


class Command(BaseCommand):
    help = "Conta prazos: um objeto JSON por linha da entrada padrão, uma linha de resposta para cada um."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="uma linha de JSON por prazo; sem isto, uma frase")

    def handle(self, *, json: bool, **options: Any) -> None:
        wrong = 0
        for line in sys.stdin.buffer:
            if not line.strip():
                continue
            found = answer(line)
            wrong += "error" in found
            self.stdout.write(as_line(found) if json else sentence(found))
            self.stdout.flush()
        if wrong:
            raise CommandError(f"{wrong} linha(s) não puderam ser contadas.", returncode=1)


def answer(line: bytes) -> dict[str, Any]:
    """What there is to say to one line: the deadline, or what is wrong with the question."""
    try:
        return count(from_json(json.loads(line))).as_json()
    except Wrong as wrong:
        return {"error": str(wrong)}
    except (ValueError, RecursionError):  # also what is no UTF-8
        return {"error": NOT_JSON}


def as_line(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False)


def sentence(found: dict[str, Any]) -> str:
    if "error" in found:
        return str(found["error"])
    return f"Início {found['start']}, fim {found['end']}, {found['amount']} no total. {found['basis']}."
