"""`manage.py import_precedents FILE…`: súmulas, temas, orientations and decisions from files."""

from __future__ import annotations

import json
import time
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from jurisprudence.precedents.importing import Busy, import_file
from jurisprudence.precedents.models import PrecedentImport
from jurisprudence.precedents.reading import Unreadable
from romagent.base.search import thousands

WORDS = (
    ("added", "novos"), ("changed", "alterados"), ("unchanged", "iguais"), ("repeated", "repetidos no arquivo"),
    ("outdated", "mais antigos do que os que há (ficaram como estão)"), ("refused", "recusados"),
)  # fmt: skip
SAID = 200  # records refused that are named one by one
EVERY = 2.0  # seconds


class Command(BaseCommand):
    help = (
        "Importa precedentes: súmulas, orientações e temas (um objeto JSON por linha) e espelhos de acórdãos do STJ "
        "(listas JSON dos dados abertos, também em ZIP). Pode ser repetido: o que foi interrompido continua."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="o arquivo, ou vários")
        parser.add_argument("--source", default="", help="a fonte, em lugar da que cada registro diz")
        parser.add_argument(
            "--as-of", type=_day, metavar="AAAA-MM-DD", help="quando a fonte foi lida; senão, a data do arquivo"
        )
        parser.add_argument("--older", action="store_true", help="aceita que um arquivo mais antigo mude o que há")
        parser.add_argument("--json", action="store_true", help="uma linha em JSON por arquivo, no fim de cada um")

    def handle(self, *args: Any, **options: Any) -> None:
        found = [self._import(path, options) for path in options["files"]]
        refused = sum(run.refused if run else 1 for run in found)
        if refused:
            many = "1 recusado" if refused == 1 else f"{thousands(refused)} recusados"
            raise CommandError(f"Nem tudo foi importado: {many}. O resto está guardado.")

    def _import(self, path: Path, options: dict[str, Any]) -> PrecedentImport | None:
        progress = Progress(self, path)
        choices = {name: options[name] for name in ("source", "as_of", "older")}
        try:
            run = import_file(path, say=progress.refused, after_batch=progress.at, **choices)
        except Busy as error:
            raise CommandError(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError(
                "O banco de dados não respondeu. O que foi lido até ali está guardado: o mesmo comando continua."
            ) from error
        except (Unreadable, OSError) as error:
            self.stderr.write(f"{path}: {error}")
            if options["json"]:
                self._line({"file": str(path), "error": str(error)})
            return None
        self._summary(run, progress)
        if options["json"]:
            self._line(_as_json(run, progress))
        return run

    def _summary(self, run: PrecedentImport, progress: Progress) -> None:
        counts = "; ".join(f"{thousands(getattr(run, name))} {word}" for name, word in WORDS if getattr(run, name))
        self.stderr.write(
            f"{run.file_name} (conferido em {run.as_of:%d/%m/%Y}): {counts or 'nada'}. {progress.speed()}"
        )

    def _line(self, values: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(values, ensure_ascii=False))
        self.stdout.flush()


def _day(text: str) -> date:
    """What a newer list says would never be taken after a day that is yet to come."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"“{text}” não é uma data; escreva AAAA-MM-DD") from None
    if day > timezone.localdate():
        raise ArgumentTypeError(f"{day:%d/%m/%Y} ainda não chegou")
    return day


def _as_json(run: PrecedentImport, progress: Progress) -> dict[str, Any]:
    counts = {name: getattr(run, name) for name, _ in WORDS}
    return {
        "file": run.file_name, "format": run.file_format, "source": run.source, "as_of": run.as_of.isoformat(),
        "read": run.position, **counts, "problems": run.problems, "seconds": round(progress.seconds, 3),
        "per_second": round(progress.rate),
    }  # fmt: skip


class Progress:
    """What is said on the way, on the error output: the other one may be read by a program."""

    def __init__(self, command: BaseCommand, path: Path) -> None:
        self.command, self.name = command, path.name
        self.began = self.said_at = time.monotonic()
        self.first: int | None = None
        self.position = self.problems = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    @property
    def rate(self) -> float:
        return (self.position - (self.first or 0)) / self.seconds if self.seconds else 0.0

    def speed(self) -> str:
        return f"{self.seconds:.1f} s, {thousands(round(self.rate))} registros por segundo."

    def at(self, position: int) -> None:
        self.position = position
        self.first = position if self.first is None else self.first  # where an interrupted run goes on
        if time.monotonic() - self.said_at >= EVERY:
            self.said_at = time.monotonic()
            self.command.stderr.write(f"{self.name}: {thousands(position)} registros; {self.speed()}")

    def refused(self, words: str) -> None:
        self.problems += 1
        if self.problems <= SAID:
            self.command.stderr.write(f"{self.name}, {words}")
        elif self.problems == SAID + 1:
            self.command.stderr.write(f"{self.name}: há mais recusados, que não são ditos um a um.")
