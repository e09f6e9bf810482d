"""The worker: takes jobs from PostgreSQL and writes the replies."""

import asyncio
import sys
from typing import Any

import uvloop
from django.core.management import BaseCommand

from romagent import worker


class Command(BaseCommand):
    help = "Executa os trabalhos: respostas do assistente, títulos e tarefas periódicas."

    def handle(self, *args: Any, **options: Any) -> None:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            sys.exit(runner.run(worker.run()))
