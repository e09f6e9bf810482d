"""The way in, and the pages for what went wrong: plain Portuguese, no internals, no database."""

import sys
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string

from audit.actions import record

ERRORS = {
    400: "O pedido não pôde ser entendido.",
    403: "Você não tem permissão para isto, ou a página ficou aberta por tempo demais. Recarregue e tente de novo.",
    404: "Não encontrado.",
    413: "O envio é grande demais.",
    500: "Algo falhou do nosso lado. O que já foi salvo continua salvo; tente de novo.",
    503: "O banco de dados está fora do ar por um momento. O rascunho ficou no navegador; tente de novo em instantes.",
}


def home(request: HttpRequest) -> HttpResponse:
    return redirect("conversations:list")


def error_page(request: HttpRequest, status: int) -> HttpResponse:
    """The error as a page, or as a sentence for code that asked for a stream or a fragment."""
    if "text/event-stream" in request.headers.get("Accept", "") or request.headers.get("HX-Request"):
        return JsonResponse({"error": ERRORS[status]}, status=status)
    return HttpResponse(render_to_string(f"{status}.html"), status=status)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 400)


@login_not_required
def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Somebody without the right: the page, and a row in the audit log."""
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        record("acesso.negado", user=user, request=request, new={"method": request.method, "path": request.path[:500]})
    return error_page(request, 403)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "", **kwargs: Any) -> HttpResponse:
    return error_page(request, 403)


@login_not_required
def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_page(request, 404)


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """A lost or refused connection to PostgreSQL, wherever it was met, is an outage and not our mistake."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        response = error_page(request, 503)
        response["Retry-After"] = "5"
        return response
    return error_page(request, 500)
