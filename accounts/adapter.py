"""How allauth behaves here: no open sign-up, and every sign-in and failed sign-in is an audit row."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from audit.actions import record


def user_display(user: User) -> str:
    return str(user)


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by the office's administration only."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        record("entrar", user=user, request=request, entity=user)

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            record("sair", user=request.user, request=request, entity=request.user)
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        with transaction.atomic():
            super().set_password(user, password)
            record("senha.alterar", user=user, request=context.request, entity=user)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        record("entrar.recusado", request=request, email=str(credentials.get("email", ""))[:255])
