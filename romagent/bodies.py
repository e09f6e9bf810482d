"""How large a request may be: little everywhere, a file only where files are sent, and only from who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest
from django.http.cookie import parse_cookie
from django.http.response import HttpResponseBase

from romagent.views import error_page

FILES = "/arquivos/"  # where the form of the files' page is sent to
DOCUMENTS = "/documentos/"
WORD = f"{DOCUMENTS}importar/"  # where the form for a Word file is sent to
FORM_BYTES = 1024**2  # what a form says beside its file
Scope = dict[str, Any]


def takes_a_file(scope: Scope) -> bool:
    return bool(scope["method"] == "POST" and scope["path"] in (FILES, WORD))


def waits_for_storage(scope: Scope) -> bool:
    """Requests that may wait for S3, move a whole file, draw a page of one or write one: they have threads apart."""
    path = scope["path"]
    if path.startswith(DOCUMENTS):
        return bool(path.endswith("/exportar/") or (path == WORD and scope["method"] == "POST"))
    if not path.startswith(FILES):
        return False
    return bool(path.startswith(f"{FILES}envio/") or path.endswith("/imagem/") or scope["method"] == "POST")


def limit_for(scope: Scope) -> int:
    """Bytes of the request's body that are read at all. Asks the session where a file may come: not for the loop."""
    if takes_a_file(scope) and _signed_in(scope):
        return int(settings.SERVER_UPLOAD_MAX_BYTES) + FORM_BYTES
    return int(settings.MAX_BODY_BYTES)


def announced(scope: Scope) -> int:
    """What the request says its body's length is; 0 when it says nothing that can be read."""
    value = dict(scope["headers"]).get(b"content-length", b"")
    return int(value) if value.isdigit() else 0


def too_large(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: the page for a request whose body was not read, with the headers that every answer has."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if getattr(request, "scope", {}).get("too_large"):
            return error_page(request, 413)
        return get_response(request)

    return middleware


def _signed_in(scope: Scope) -> bool:
    header = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    key = parse_cookie(header).get(settings.SESSION_COOKIE_NAME)
    try:
        return bool(key) and SESSION_KEY in import_module(settings.SESSION_ENGINE).SessionStore(key)
    except (DatabaseError, InterfaceError):  # what follows will meet the outage too, and say so
        return False
