"""`manage.py import_legacy`: moves the old system's JSON files into this one."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

from django.core.management import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import User
from romagent.legacy.importer import Importer
from romagent.legacy.reading import NotJson
from romagent.legacy.report import Report
from romagent.legacy.run import Unknown, find_sources, import_files
from romagent.numbers import thousands

WORDS = {
    "users": "pessoas",
    "projects": "projetos",
    "documents": "documentos",
    "files": "arquivos de projetos",
    "conversations": "conversas",
    "messages": "mensagens",
}


CHOICES = ("dry_run", "keep_empty", "keep_default", "allow_admins", "files_root")


class Command(BaseCommand):
    help = (
        "Importa os arquivos JSON do sistema antigo: users.json, projects.json, projects/projects-index.json, "
        "kb-documents.json e conversations.json. Pode ser repetido: o que já veio não muda."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("source", type=Path, metavar="DIR_OR_FILE", help="a pasta dos arquivos, ou um deles")
        parser.add_argument("--owner", metavar="E-MAIL", help="de quem fica o que não era de ninguém")
        parser.add_argument("--dry-run", action="store_true", help="faz tudo e desfaz no fim: só o relatório fica")
        parser.add_argument("--keep-empty", action="store_true", help="importa também conversas sem mensagens")
        parser.add_argument("--keep-default", action="store_true", help="importa também o projeto de exemplo")
        parser.add_argument("--allow-admins", action="store_true", help="quem administrava continua administrando")
        parser.add_argument("--files-root", type=Path, metavar="DIR", help="onde estão os arquivos dos projetos")
        parser.add_argument("--report", type=Path, metavar="FILE", help="CSV com cada registro pulado e cada aviso")
        parser.add_argument("--json", action="store_true", help="termina com uma linha em JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        owner = self._owner(options["owner"])
        if options["files_root"] and not options["files_root"].is_dir():
            raise CommandError(f"--files-root: {options['files_root']} não é uma pasta")
        path = options["report"] or Path(f"importacao-{timezone.localtime():%Y%m%d-%H%M%S}.csv")
        with _opened(path) as file:
            run = Importer(Report(file), owner, **{name: options[name] for name in CHOICES})
            self._import(run, options["source"])
        self._summary(run, path)
        if options["json"]:
            self.stdout.write(json.dumps(run.report.as_json(), ensure_ascii=False))

    def _owner(self, email: str | None) -> User | None:
        if not email:
            return None
        owner = User.objects.filter(email=email.strip().lower(), is_active=True).first()
        if owner is None:
            raise CommandError(f"--owner: não há pessoa ativa com o e-mail {email}")
        return owner

    def _import(self, run: Importer, source: Path) -> None:
        try:
            import_files(run, find_sources(source, run), lambda path: self.stderr.write(f"{path.name}: lendo…"))
        except (NotJson, Unknown) as error:
            raise CommandError(str(error)) from error

    def _summary(self, run: Importer, path: Path) -> None:
        report = run.report
        self.stdout.write("Simulação: nada foi gravado." if run.dry_run else "Importado:")
        self.stdout.write(f"  {'':<22}{'lidos':>12}{'importados':>12}{'pulados':>12}")
        for kind, tally in report.tallies.items():
            columns = "".join(f"{thousands(n):>12}" for n in (tally.read, tally.imported, tally.skipped))
            self.stdout.write(f"  {WORDS[kind]:<22}{columns}")
        for title, found in (("Pulados por", report.reasons), ("Avisos", report.warnings)):
            if found:
                self.stdout.write(f"{title}:")
            for reason, count in found.most_common():
                self.stdout.write(f"  {thousands(count):>12}  {reason}")
        if report.ignored:
            self.stdout.write(f"Arquivos deixados de lado: {', '.join(report.ignored[:50])}")
        self.stdout.write(f"Cada registro pulado e cada aviso: {path}")


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            yield file
    except OSError as error:
        if error.filename and Path(error.filename) != path:
            raise
        raise CommandError(f"não foi possível escrever {path}: {error.strerror}. Use --report.") from error
