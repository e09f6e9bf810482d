"""For the last administrator, who has nobody to ask."""

from typing import Any

from django.core.management import BaseCommand, CommandError, CommandParser

from accounts import actions
from accounts.models import User


class Command(BaseCommand):
    help = "Remove o segundo fator de uma conta: por enquanto, a senha volta a bastar para entrar."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="o e-mail da conta")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(options["email"])
            actions.remove_second_factor(user)
        except User.DoesNotExist:
            raise CommandError("Não há conta com este e-mail.") from None
        except actions.Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(f"A senha volta a bastar para {user.email}.")
