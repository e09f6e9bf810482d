"""`manage.py dbstats`: how big the database is, table by table, and how full its disk and its connections are."""

import json
from typing import Any

from django.core.management import BaseCommand, CommandParser

from romagent.dbstats import WARN_FROM, Stats, read
from romagent.numbers import size, thousands


class Command(BaseCommand):
    help = "Mostra o tamanho do banco, de cada tabela e de cada índice, a parte do disco em uso e as conexões."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="termina com uma linha em JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        stats = read()
        self._print(stats)
        if stats.warning:
            self.stderr.write(self.style.WARNING(f"ATENÇÃO: o banco passou de {WARN_FROM}% do disco do plano."))
        if options["json"]:
            self.stdout.write(json.dumps(stats.as_json(), default=str))

    def _print(self, stats: Stats) -> None:
        write = self.stdout.write
        share = "" if stats.percent is None else f", {stats.percent:.1f}% de {size(stats.disk)}".replace(".", ",")
        write(f"Banco {stats.database} (PostgreSQL {stats.version}): {size(stats.size)}{share}")
        write(f"Conexões: {stats.connections} de {stats.max_connections}")
        for client in stats.clients:
            waiting = f", {client.idle_in_transaction} em transação parada" if client.idle_in_transaction else ""
            write(f"  {client.name:<38} {client.connections:>6}{waiting}")
        write(
            f"\n{'Tabela':<40} {'linhas':>12} {'total':>10} {'dados':>10} {'índices':>10} {'TOAST':>10} {'mortas':>10}"
        )
        for table in stats.tables:
            sizes = " ".join(f"{size(value):>10}" for value in (table.total, table.heap, table.indexes, table.toast))
            write(f"{table.name:<40} {'~' + thousands(table.rows):>12} {sizes} {thousands(table.dead):>10}")
        write(f"\n{'Índice':<52} {'tabela':<28} {'tamanho':>10} {'usos':>12}")
        for index in stats.indexes:
            write(f"{index.name:<52} {index.table:<28} {size(index.size):>10} {thousands(index.uses):>12}")
