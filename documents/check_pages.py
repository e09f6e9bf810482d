"""Checking a document before it leaves: what was found, where it stands, and somebody's word that she has read it."""

from __future__ import annotations

import itertools
import re
from uuid import UUID

from django.contrib import messages as notes
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from documents import actions, checks, types
from documents.checking.paper import Level
from documents.views import document_to_change, may_change, my_document
from projects.views import see

# Where each block of the stored form begins: a table, or a paragraph that is in none.
BLOCK = re.compile(r"<table\b.*?</table>|<(?:p|h[1-4])\b", re.DOTALL)
SHA256 = re.compile(r"[0-9a-f]{64}")


@require_GET
def check(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What the checks find in the text as it is now, and the text; who may change it can say that she has read it."""
    document = my_document(request, pk)
    context = {
        "document": document,
        "report": checks.check(document),
        "levels": Level,
        "text": anchored(document.content),
        "kind": types.get(document.document_type),
        "may_change": may_change(request, document),
    }
    return render(request, "documents/check.html", context)


@require_POST
def confirm(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Keeps that she has read exactly the text whose fingerprint the page had."""
    document = document_to_change(request, pk)
    sha256 = request.POST.get("sha256", "")
    try:
        if not SHA256.fullmatch(sha256):
            raise actions.Refused("Não foi possível saber que texto você leu. Leia de novo e confirme.")
        actions.confirm_review(document, sha256, user=request.user, request=request)
    except actions.Refused as refused:
        notes.error(request, str(refused))
    else:
        notes.success(request, "Está anotado que você leu e conferiu este texto. Qualquer alteração desfaz a anotação.")
    return see("documents:check", pk)


def anchored(content: str) -> str:
    """The stored form with the place of each block as its id, `bloco-0` and so on: what a finding leads to."""
    places = itertools.count()

    def begin(match: re.Match[str]) -> str:
        tag, rest = re.match(r"<\w+", match[0]), match[0]
        assert tag
        return f'{tag[0]} id="bloco-{next(places)}"{rest[tag.end() :]}'

    return BLOCK.sub(begin, content)
