"""How allauth behaves here: no open sign-up, guesses are counted, mails go out by the worker, and what happens to an
account is a row in the audit log."""

from __future__ import annotations

import base64
import functools
import hashlib
import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from accounts import actions, devices, guessing
from accounts.models import User
from accounts.qr import qr_svg
from audit.actions import client_address, record
from romagent.base.limits import too_many

log = logging.getLogger(__name__)

PRODUCT = "ROM Agent"
WAYS = {
    "reauthenticate": "Usar a senha",
    "mfa_reauthenticate": "Usar um código",
    "mfa_reauthenticate:webauthn": "Usar uma chave de acesso",
}
TOO_MANY_GUESSES = "Muitas tentativas de entrar."


def user_display(user: User) -> str:
    return str(user)


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {"email_password_mismatch": "E-mail ou senha incorretos."}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts are made by the office's administration only."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """In place of allauth's own count, with which a stranger could lock a lawyer out."""
        if wait := guessing.seconds_to_wait(request, _email(credentials), guessing.PASSWORD):
            raise ImmediateHttpResponse(too_many(request, wait, TOO_MANY_GUESSES))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        user = super().authenticate(request, **credentials)
        if user:
            guessing.succeeded(request, _email(credentials), guessing.PASSWORD)
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        super().authentication_failed(request, **credentials)
        email = _email(credentials)
        record("entrar.recusado", user=request.user, request=request, email=email[:255])
        guessing.failed(request, email, guessing.PASSWORD)

    def login(self, request: HttpRequest, user: User) -> None:
        with transaction.atomic():
            super().login(request, user)
            record("entrar", user=user, request=request, entity=user)

    def post_login(self, request: HttpRequest, user: User, **options: Any) -> HttpResponse:
        response = super().post_login(request, user, **options)
        devices.remember(request, response, user.email)
        return response

    def logout(self, request: HttpRequest) -> None:
        if request.user.is_authenticated:
            record("sair", user=request.user, request=request, entity=request.user)
        super().logout(request)

    def set_password(self, user: User, password: str) -> None:
        """The new password, and the end of all sessions but the one in which it is changed."""
        actions.set_password(user, password, request=context.request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        actions.send_notice(template_prefix.rpartition("/")[2], to=email)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        """The worker makes a link of its own: the one in `context` is used by nobody."""
        actions.send_link(user, request=self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        return [method | {"description": WAYS[method["id"]]} for method in super().get_reauthentication_methods(user)]

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or "0.0.0.0"  # noqa: S104 - allauth's list of sessions needs one


class MFAAdapter(DefaultMFAAdapter):
    """Secrets are kept encrypted: a copy of the database is not enough to make somebody's codes."""

    def encrypt(self, text: str) -> str:
        return _fernet(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; one that no code fits when it was encrypted under a key that is gone."""
        try:
            fernet = _fernet(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
            return fernet.decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            log.warning("a second factor cannot be read: SESSION_SECRET is another one")
            return base64.b32encode(
                hashlib.sha256(encrypted_text.encode() + settings.SECRET_KEY.encode()).digest()
            ).decode()

    def generate_authenticator_name(self, user: User, type: Any) -> str:
        return f"Chave de acesso {Authenticator.objects.filter(user=user, type=type).count() + 1}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        entity: dict[str, str] = super().get_public_key_credential_rp_entity()
        return entity | {"name": PRODUCT}

    def get_totp_issuer(self) -> str:
        return PRODUCT

    def build_totp_svg(self, url: str) -> str:
        return qr_svg(url)


@functools.cache
def _fernet(*keys: str) -> MultiFernet:
    derived = (hashlib.sha256(b"accounts.second-factor" + key.encode()).digest() for key in keys)
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in derived])


def _email(credentials: dict[str, Any]) -> str:
    return str(credentials.get("email", ""))
