"""allauth's forms for codes and passkeys, with our count of wrong guesses, our log, and our words."""

from __future__ import annotations

import re
import time
from typing import Any

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from django import forms

from accounts import guessing
from audit.actions import record
from romagent.base.limits import too_many

TOO_MANY_CODES = "Muitos códigos errados."
CODE_LASTS_SECONDS = 120  # the code before, this one and the next, and some more
CODE = {"placeholder": "", "autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
# What an answer that no browser makes is met with, somewhere in its parsing.
MALFORMED = (ValueError, TypeError, KeyError, AttributeError, IndexError)


def refuse(user: Any, *, kind: str) -> None:
    """A wrong code or key is a row in the log, whoever is asked for it."""
    request = context.request
    known = request.user if request.user.is_authenticated else None
    email = user.email if user else ""
    record("entrar.recusado", user=known, request=request, email=email, new={"kind": kind})


class _CountedCode:
    """A code, at sign-in or when confirming who one is. A code of the app counts once."""

    user: Any
    authenticator: Authenticator
    fields: dict[str, Any]

    def _set_words(self) -> None:
        self.fields["code"].label = "Código"
        self.fields["code"].widget.attrs.update(CODE)
        self.fields["code"].help_text = "Os 6 dígitos do aplicativo, ou um dos códigos de recuperação."

    def clean_code(self) -> str:
        request, email = context.request, self.user.email
        if wait := guessing.seconds_to_wait(request, email, guessing.CODE):
            raise ImmediateHttpResponse(too_many(request, wait, TOO_MANY_CODES))
        try:
            code: str = super().clean_code()  # type: ignore[misc]
            self._use_up(code)
        except forms.ValidationError:
            refuse(self.user, kind="codigo")
            guessing.failed(request, email, guessing.CODE)
            raise
        guessing.succeeded(request, email, guessing.CODE)
        if self.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            record("codigos.usar", user=self.user, request=request, entity=self.user)
        return code

    def _use_up(self, code: str) -> None:
        """Refuses a code of the app that was used a moment ago; allauth remembers it in the cache only."""
        if self.authenticator.type != Authenticator.Type.TOTP:
            return
        row = Authenticator.objects.select_for_update().get(pk=self.authenticator.pk)
        code = re.sub(r"\D", "", code)
        used = row.data.get("used", {})
        if used.get("code") == code and time.time() - used.get("at", 0) < CODE_LASTS_SECONDS:
            raise forms.ValidationError("Este código já foi usado. Espere o próximo.")
        row.data["used"] = {"code": code, "at": time.time()}
        row.save(update_fields=["data"])


class AuthenticateForm(_CountedCode, base.AuthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._set_words()


class ReauthenticateForm(_CountedCode, base.ReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._set_words()


class ActivateTOTPForm(totp.ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Código que o aplicativo mostra"
        self.fields["code"].widget.attrs.update(CODE)


class AddPasskeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    """Always one that can also sign in without the password: it is protected by a PIN, a finger or a face."""

    passwordless = forms.BooleanField(initial=True, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = "Para reconhecê-la na lista: “Celular”, “Notebook do escritório”."
        self.fields["name"] = forms.CharField(label="Nome", required=False, max_length=100, help_text=help_text)
        self.initial["name"] = ""

    def clean(self) -> Any:
        try:
            return super().clean()
        except MALFORMED as error:
            raise forms.ValidationError("O navegador enviou uma chave que não pôde ser lida.") from error


class RenamePasskeyForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label="Nome", max_length=100)


class _CheckedPasskey:
    user: Any

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (forms.ValidationError, *MALFORMED) as error:
            refuse(self.user, kind="chave")
            raise forms.ValidationError("Esta chave de acesso não foi reconhecida.") from error


class AuthenticatePasskeyForm(_CheckedPasskey, webauthn.AuthenticateWebAuthnForm):  # type: ignore[misc]
    """The passkey as second factor, after the password."""


class ReauthenticatePasskeyForm(_CheckedPasskey, webauthn.ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """The passkey to confirm who one is."""


class LoginPasskeyForm(_CheckedPasskey, webauthn.LoginWebAuthnForm):  # type: ignore[misc]
    """The passkey instead of e-mail and password. Whose it claims to be is not believed before it is checked."""
