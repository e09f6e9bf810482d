"""`manage.py cleanup`: removes what is old enough, in batches, and says what it has removed."""

import json
import signal
import sys
import time
from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from romagent.base.retention import Kind, Policy
from romagent.numbers import thousands
from romagent.retention import KINDS, AlreadyRunning, Report, clean, preview
from romagent.words import counted

EVERY = 0.5  # seconds between two lines of progress


class Command(BaseCommand):
    help = (
        "Remove o que já passou do prazo: conversas arquivadas, chamadas antigas, sessões vencidas, excluídos, sobras."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="só diz o que seria removido")
        parser.add_argument("--archived-days", type=_days, help="idade das conversas arquivadas (padrão: 90)")
        parser.add_argument("--operations-days", type=_days, help="idade das chamadas ao modelo (padrão: 30)")
        parser.add_argument("--deleted-days", type=_days, help="prazo para desfazer uma exclusão (padrão: 7)")
        parser.add_argument("--jobs-days", type=_days, help="idade dos trabalhos encerrados (padrão: 7)")
        parser.add_argument("--audit-days", type=_days, help="idade dos registros de auditoria (padrão: ficam)")
        parser.add_argument("--only", choices=[kind.key for kind in KINDS], default="", help="só este tipo de coisa")
        parser.add_argument("--json", action="store_true", help="termina com uma linha em JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        names = ("archived_days", "operations_days", "deleted_days", "jobs_days", "audit_days")
        policy = Policy.from_settings(**{name: options[name] for name in names})
        report = (preview if options["dry_run"] else self._clean)(policy, options["only"])
        self._summary(report)
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        if report.stopped:
            sys.exit(130)  # as the shell says of what Ctrl-C has ended

    def _clean(self, policy: Policy, only: str) -> Report:
        asked: list[int] = []
        before = {number: signal.signal(number, lambda number, _: asked.append(number)) for number in STOPPING}
        try:
            return clean(policy, only, should_stop=lambda: bool(asked), progress=self._progress())
        except AlreadyRunning as error:
            raise CommandError("outra limpeza já está em andamento; espere que termine") from error
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _progress(self) -> Any:
        said = 0.0

        def say(kind: Kind, report: Report) -> None:
            nonlocal said
            if time.monotonic() - said > EVERY:
                said = time.monotonic()
                speed = round(report.rows / report.seconds) if report.seconds else 0
                self.stderr.write(f"{kind.label}: {thousands(report.rows)} linhas, {thousands(speed)} por segundo")

        return say

    def _summary(self, report: Report) -> None:
        title = "Seriam removidos" if report.dry_run else "Removidos"
        self.stdout.write(title + (" até a interrupção:" if report.stopped else ":"))
        for kind in KINDS:
            if kind.key not in report.by_kind:
                continue
            found = {table: count for table, count in report.by_kind[kind.key].items() if count}
            text = ", ".join(counted(table, count) for table, count in found.items()) or "nada"
            self.stdout.write(f"  {kind.label:<48} {report.refused.get(kind.key, text)}")
        seconds = f"{report.seconds:.1f}".replace(".", ",")
        self.stdout.write(f"  {'Total':<48} {thousands(report.rows)} linhas em {seconds} s")


STOPPING = (signal.SIGINT, signal.SIGTERM)


def _days(text: str) -> int:
    days = int(text)
    if days < 0:
        raise ValueError("negative")
    return days
