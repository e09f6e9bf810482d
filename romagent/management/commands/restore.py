"""`manage.py restore FILE`: a backup becomes the database and the stored files again."""

import json
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from romagent.archive import Damaged
from romagent.numbers import thousands
from romagent.pgtools import Unusable, explain
from romagent.restore import Report, restore_backup

NOTHING_CHANGED = "Nada foi alterado."


class Command(BaseCommand):
    help = "Restaura uma cópia feita por `backup`: confere tudo antes, e ou tudo volta ou nada muda."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a cópia")
        parser.add_argument("--replace", action="store_true", help="apaga o que há no banco e substitui arquivos")
        parser.add_argument("--keep-sessions", action="store_true", help="quem estava conectado continua conectado")
        parser.add_argument("--json", action="store_true", help="termina com uma linha em JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        choices = {name: options[name] for name in ("replace", "keep_sessions")}
        try:
            report = restore_backup(options["file"], say=self.stdout.write, **choices)
        except (Unusable, Damaged) as error:
            raise CommandError(f"{error} {NOTHING_CHANGED}") from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError(f"{explain(error)} {NOTHING_CHANGED}") from error
        except OSError as error:
            raise CommandError(f"A cópia ou um arquivo não pôde ser lido ou escrito: {error.strerror}.") from error
        self._summary(report)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))

    def _summary(self, report: Report) -> None:
        found = report.as_json()
        self.stdout.write(
            f"Restaurado: {thousands(found['rows'])} linhas; arquivos: "
            f"{thousands(report.files['added'])} trazidos, {thousands(report.files['replaced'])} substituídos, "
            f"{thousands(report.files['identical'])} já estavam iguais."
        )
        if not report.sessions_kept:
            self.stdout.write("As sessões da cópia foram encerradas: todos precisam entrar de novo.")
        if missing := report.manifest.missing:
            self.stderr.write(f"ATENÇÃO: {thousands(len(missing))} arquivos já faltavam quando a cópia foi feita.")
