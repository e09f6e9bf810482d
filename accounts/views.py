"""Security of one's own account: allauth's views with our limits and audit rows, and the pages that join them.

Each change and its row are one transaction: that is what the views are overridden for.
"""

from __future__ import annotations

from typing import Any

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts import actions, devices, guessing
from accounts.agents import describe
from accounts.middleware import has_second_factor
from accounts.models import Session, User
from accounts.requests import SignedInRequest
from audit.actions import record
from romagent.base.limits import Limit, too_many

SESSIONS_SHOWN = 50
PASSWORDS = Limit("senha.pedidos", 10)
LINKS = Limit("link.pedidos", 60)
PASSKEYS = Limit("chave.pedidos", 120)


class Limited:
    """Refuses what comes too often from one person, or from one address of who is not signed in."""

    limit: Limit
    limited_methods = frozenset({"POST"})

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in self.limited_methods:
            who = request.user.pk if request.user.is_authenticated else guessing.network(request)
            if wait := self.limit.hit(who):
                return too_many(request, wait, "Muitos pedidos em pouco tempo.")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response


class Whole:
    """What a form does is one transaction with its rows in the log."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().post(*args, **kwargs)  # type: ignore[misc]
            return response


# The password ------------------------------------------------------------------------------------


class ChangePassword(Whole, Limited, account.PasswordChangeView):  # type: ignore[misc]
    limit = PASSWORDS
    success_url = reverse_lazy("mfa_index")

    def get_default_success_url(self) -> str:
        return str(self.success_url)


class SetPassword(Whole, Limited, account.PasswordSetView):  # type: ignore[misc]
    limit = PASSWORDS


class ForgottenPassword(account.PasswordResetView):  # type: ignore[misc]
    """Each link that is asked for counts, also for an address that nobody has."""

    def form_valid(self, form: Any) -> HttpResponse:
        request, email = self.request, form.cleaned_data["email"]
        if wait := guessing.seconds_to_wait(request, email, guessing.LINK):
            return too_many(
                request, wait, "Já foram pedidos muitos links.", kept="Os que chegaram por e-mail ainda valem."
            )
        with transaction.atomic():
            response: HttpResponse = super().form_valid(form)
        guessing.failed(request, email, guessing.LINK)
        return response


@method_decorator(login_not_required, name="dispatch")
class PasswordFromLink(Whole, Limited, account.PasswordResetFromKeyView):  # type: ignore[misc]
    """Who has the mail in hand is no stranger: her browser is known from now on, whoever guesses elsewhere."""

    limit = LINKS

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        devices.remember(self.request, response, self.reset_user.email)
        return response


class Reauthenticate(Whole, account.ReauthenticateView):  # type: ignore[misc]
    """The password again. Wrong ones are counted where all wrong ones are (accounts/adapter.py)."""


# The second factor -------------------------------------------------------------------------------


@never_cache
@require_GET
def security(request: SignedInRequest) -> HttpResponse:
    """Password, second factor and sessions on one page."""
    found = list(Authenticator.objects.filter(user=request.user).order_by("created_at"))
    of_type = {kind: [a for a in found if a.type == kind] for kind in Authenticator.Type}
    context = {
        "totp": of_type[Authenticator.Type.TOTP],
        "passkeys": of_type[Authenticator.Type.WEBAUTHN],
        "codes_left": sum(len(a.wrap().get_unused_codes()) for a in of_type[Authenticator.Type.RECOVERY_CODES]),
        "sessions": _sessions(request).count(),
    }
    return render(request, "mfa/index.html", context)


@never_cache
@require_GET
def second_factor_required(request: SignedInRequest) -> HttpResponse:
    """Where REQUIRE_MFA leads who has none yet; shows nothing of the office."""
    if has_second_factor(request.user):
        return redirect("mfa_index")
    return render(request, "mfa/required.html")


class Authenticate(Whole, mfa.AuthenticateView):  # type: ignore[misc]
    """The second step of signing in."""


class ReauthenticateByCode(Whole, mfa.ReauthenticateView):  # type: ignore[misc]
    """A code to confirm who one is."""


@method_decorator(never_cache, name="dispatch")
class ActivateTOTP(Whole, Limited, totp.ActivateTOTPView):  # type: ignore[misc]
    limit = PASSWORDS

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _record(self.request, "segundo_fator.ativar")
        if self.did_generate_recovery_codes:
            _record(self.request, "codigos.gerar")
        return response


class DeactivateTOTP(Whole, totp.DeactivateTOTPView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        _record(self.request, "segundo_fator.desativar")
        response: HttpResponse = super().form_valid(form)
        return response


@method_decorator(never_cache, name="dispatch")
class RecoveryCodes(codes.ViewRecoveryCodesView):  # type: ignore[misc]
    def get(self, *args: Any, **kwargs: Any) -> HttpResponse:
        with transaction.atomic():
            response: HttpResponse = super().get(*args, **kwargs)
            _record(self.request, "codigos.ver")
        return response


class DownloadRecoveryCodes(codes.DownloadRecoveryCodesView):  # type: ignore[misc]
    content_type = "text/plain; charset=utf-8"

    def dispatch(self, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The codes are noted as seen only together with the row that says so."""
        with transaction.atomic():
            response: HttpResponseBase = super().dispatch(*args, **kwargs)
        return response

    def render_to_response(self, context: dict[str, Any], **options: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(context, **options)
        response["Content-Disposition"] = 'attachment; filename="codigos-de-recuperacao.txt"'
        _record(self.request, "codigos.baixar")
        return response


class GenerateRecoveryCodes(Whole, codes.GenerateRecoveryCodesView):  # type: ignore[misc]
    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _record(self.request, "codigos.gerar")
        return response


class AddPasskey(Whole, Limited, webauthn.AddWebAuthnView):  # type: ignore[misc]
    limit = PASSWORDS

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _record(self.request, "chave.adicionar", name=form.cleaned_data["name"])
        if self.did_generate_recovery_codes:
            _record(self.request, "codigos.gerar")
        return response


class RemovePasskey(Whole, webauthn.RemoveWebAuthnView):  # type: ignore[misc]
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        _record(self.request, "chave.remover", name=self.object.wrap().name)
        response: HttpResponse = super().form_valid(form)
        return response


class RenamePasskey(Whole, webauthn.EditWebAuthnView):  # type: ignore[misc]
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super().form_valid(form)
        _record(self.request, "chave.renomear", name=form.cleaned_data["name"])
        return response


@method_decorator(login_not_required, name="dispatch")
class LoginByPasskey(Whole, Limited, webauthn.LoginWebAuthnView):  # type: ignore[misc]
    """Asking for a challenge makes a session, so that is limited too."""

    limit = PASSKEYS
    limited_methods = frozenset({"GET", "POST"})


class ReauthenticateByPasskey(Whole, webauthn.ReauthenticateWebAuthnView):  # type: ignore[misc]
    """A passkey to confirm who one is."""


# Sessions ----------------------------------------------------------------------------------------


@never_cache
@require_GET
def sessions(request: SignedInRequest) -> HttpResponse:
    """Where one is signed in, the latest first."""
    here = request.session.session_key
    rows = list(_sessions(request).order_by("-last_seen_at")[:SESSIONS_SHOWN])
    listed = [{"row": row, "device": describe(row.user_agent), "is_here": row.session_key == here} for row in rows]
    return render(request, "usersessions/list.html", {"sessions": listed, "more_than": SESSIONS_SHOWN})


@require_POST
def end_session(request: SignedInRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(UserSession.objects.filter(user=request.user), pk=pk)
    if session.session_key == request.session.session_key:
        return redirect("account_logout")
    actions.end_session(session, by=request.user, request=request)
    messages.success(request, "Sessão encerrada.")
    return _seen(redirect("usersessions_list"))


@require_POST
def end_other_sessions(request: SignedInRequest) -> HttpResponse:
    ended = actions.end_sessions(request.user, by=request.user, request=request, but=request.session.session_key or "")
    messages.success(request, f"{ended} sessões encerradas." if ended != 1 else "1 sessão encerrada.")
    return _seen(redirect("usersessions_list"))


def _sessions(request: SignedInRequest) -> Any:
    """Those that are still open: one that has run out leaves its row in the list behind."""
    open_ones = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return UserSession.objects.filter(user=request.user, session_key__in=open_ones)


def _seen(response: HttpResponse) -> HttpResponse:
    response.status_code = 303
    return response


def _record(request: HttpRequest, action: str, **new: Any) -> None:
    user: User = request.user  # type: ignore[assignment]
    record(action, user=user, request=request, entity=user, new=new or None)
