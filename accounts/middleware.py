"""Login is required everywhere but where a view says otherwise; of the staff a second factor too, under REQUIRE_MFA."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, JsonResponse
from django.shortcuts import redirect

from accounts import presence

# What may be reached without the second factor that is required: what sets it up. Signing out needs no login.
SETTING_UP = {
    "second_factor_required", "mfa_activate_totp", "mfa_add_webauthn", "account_reauthenticate",
}  # fmt: skip


def wants_page(request: HttpRequest) -> bool:
    """Whether the answer will be shown as a page; streams and fragments are read by code."""
    return not request.headers.get("HX-Request") and request.accepts("text/html")


def has_second_factor(user: Any) -> bool:
    """Recovery codes are none by themselves: they stand in for one that was lost."""
    return Authenticator.objects.filter(user=user).exclude(type=Authenticator.Type.RECOVERY_CODES).exists()


class LoginRequiredMiddleware(DjangoLoginRequired):
    """Pages send to the sign-in page; a stream or a fragment gets 401 in words, never a page."""

    def process_view(self, request: HttpRequest, view_func: Callable[..., Any], *args: Any) -> Any:
        if not getattr(view_func, "login_required", True):
            return None
        if request.user.is_authenticated and not presence.is_open(request):
            request.session.flush()
            request.user = AnonymousUser()
        if not request.user.is_authenticated:
            return self.handle_no_permission(request, view_func)
        if settings.REQUIRE_MFA and request.user.is_staff and not self._may_pass(request):
            return self._send_to_second_factor(request)
        return None

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> Any:
        if wants_page(request) and not request.path.endswith("/stream/"):
            return super().handle_no_permission(request, view_func)
        return JsonResponse({"error": "Sua sessão terminou. Entre de novo."}, status=401)

    @staticmethod
    def _may_pass(request: HttpRequest) -> bool:
        match = request.resolver_match
        is_setting_up = match is not None and not match.namespaces and match.url_name in SETTING_UP
        return is_setting_up or has_second_factor(request.user)

    @staticmethod
    def _send_to_second_factor(request: HttpRequest) -> Any:
        if wants_page(request) and not request.path.endswith("/stream/"):
            return redirect("second_factor_required")
        return JsonResponse({"error": "Sua conta precisa de um segundo fator antes de continuar."}, status=403)
