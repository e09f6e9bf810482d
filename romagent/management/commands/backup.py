"""`manage.py backup FILE`: the database and the stored files of one moment, in one file."""

import json
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError

from romagent.archive import Damaged
from romagent.backup import make_backup
from romagent.numbers import size, thousands
from romagent.pgtools import Unusable, explain


class Command(BaseCommand):
    help = "Faz uma cópia do banco de dados e dos arquivos em um só arquivo, que é conferido depois de escrito."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="onde a cópia é escrita, por exemplo copia-2026-11-22.tar")
        parser.add_argument("--force", action="store_true", help="substitui o arquivo, se já existir")
        parser.add_argument("--json", action="store_true", help="termina com uma linha em JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = make_backup(options["file"], force=options["force"], say=self.stdout.write)
        except (Unusable, Damaged) as error:
            raise CommandError(str(error)) from error
        except (OperationalError, InterfaceError) as error:
            raise CommandError(explain(error)) from error
        except OSError as error:
            raise CommandError(f"A cópia não pôde ser escrita: {error.strerror}.") from error
        found = report.as_json()
        self.stdout.write(
            f"Cópia pronta e conferida: {report.path}, {size(found['bytes'])}, {thousands(found['rows'])} linhas, "
            f"{thousands(found['files'])} arquivos."
        )
        if missing := report.manifest.missing:
            self.stderr.write(f"ATENÇÃO: {thousands(len(missing))} arquivos não estavam no armazenamento:")
            self.stderr.write("\n".join(f"  {name}" for name in missing[:20]))
        if options["json"]:
            self.stdout.write(json.dumps(found, ensure_ascii=False))
