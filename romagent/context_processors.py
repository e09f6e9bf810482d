"""What every page's frame shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from conversations.listing import build_rail


def workspace(request: HttpRequest) -> dict[str, Any]:
    """`simulated_api` for the banner; `rail`, read only when a template shows it."""
    context: dict[str, Any] = {"simulated_api": settings.SIMULATED_API}
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        context["rail"] = SimpleLazyObject(lambda: build_rail(user))
    return context
