"""Makes a database ready: migrations, the holidays of the law, and under `make run` the demonstration accounts."""

import os
from typing import Any

from django.core.management import BaseCommand, call_command

from accounts.models import User
from jurisprudence.deadlines.table import seed_around

PASSWORD = "demonstracao"
PEOPLE = [
    ("advogada@exemplo.adv.br", "Advogada de demonstração", User.Role.USER),
    ("colega@exemplo.adv.br", "Colega de demonstração", User.Role.USER),
    ("equipe@exemplo.adv.br", "Equipe de demonstração", User.Role.ADMIN),
]


class Command(BaseCommand):
    help = "Aplica as migrações, põe os feriados da lei e, com o PostgreSQL embutido, cria as contas de demonstração."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", interactive=False, verbosity=0)
        seed_around()  # elsewhere the worker does it, at night
        if os.environ.get("EMBEDDED_POSTGRES") == "true":
            make_demonstration_accounts()


def make_demonstration_accounts() -> None:
    """Known passwords: never anywhere but in the embedded PostgreSQL, which listens to this machine only."""
    for email, name, role in PEOPLE:
        if not User.objects.filter(email=email).exists():
            User.objects.create_user(email, PASSWORD, name=name, role=role, is_superuser=role == User.Role.ADMIN)
