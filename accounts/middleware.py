"""Login is required everywhere but where a view says otherwise."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware as DjangoLoginRequired
from django.http import HttpRequest, JsonResponse


def wants_page(request: HttpRequest) -> bool:
    """Whether the answer will be shown as a page; streams and fragments are read by code."""
    return not request.headers.get("HX-Request") and request.accepts("text/html")


class LoginRequiredMiddleware(DjangoLoginRequired):
    """Pages send to the sign-in page; a stream or a fragment gets 401 in words, never a page."""

    def handle_no_permission(self, request: HttpRequest, view_func: Callable[..., Any]) -> Any:
        if wants_page(request) and not request.path.endswith("/stream/"):
            return super().handle_no_permission(request, view_func)
        return JsonResponse({"error": "Sua sessão terminou. Entre de novo."}, status=401)
