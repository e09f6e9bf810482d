"""The request as views see it: the middleware lets nobody through who is not signed in."""

from django.http import HttpRequest

from accounts.models import User


class SignedInRequest(HttpRequest):
    """For type checkers only; the request itself is Django's."""

    user: User
