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
from documents import actions, checks, citing, types
from documents.checking.paper import Level, words_of
from documents.citing import Cited, with_verdicts
from documents.html import parse
from documents.views import document_to_change, may_change, my_document
from jurisprudence.citations.kept import Checked
from projects.views import see

# Where each block of the stored form begins: a table, or a paragraph that is in none.
BLOCK = re.compile(r"<table\b.*?</table>|<(?:p|h[1-4])\b", re.DOTALL)
TAG = re.compile(r"<\w+")
SHA256 = re.compile(r"[0-9a-f]{64}")


@require_GET
def check(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What the checks find in the text as it is now, and the text; who may change it can say that she has read it."""
    document = my_document(request, pk)
    report = checks.check(document)
    context = {
        "document": document,
        "report": report,
        "levels": Level.__members__,  # a template would call the class itself
        "text": anchored(document.content, report.cited),
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
        unverified = citing.check(document).unverified
        actions.confirm_review(document, sha256, unverified=unverified, user=request.user, request=request)
    except actions.Refused as refused:
        notes.error(request, str(refused))
    else:
        notes.success(request, "Está anotado que você leu e conferiu este texto. Qualquer alteração desfaz a anotação.")
    return see("documents:check", pk)


def anchored(content: str, cited: Cited | None = None) -> str:
    """The stored form with the place of each block as its id, `bloco-0` and so on: what a finding leads to.

    Behind each citation stands its verdict, which leads to `citacao-1` and so on.
    """
    starts = [match.start() for match in BLOCK.finditer(content)]
    pieces = [content[: starts[0]] if starts else content]
    marks: dict[int, list[tuple[int, Checked]]] = {}
    for number, one in cited.numbered if cited else ():
        marks.setdefault(one.block, []).append((number, one.checked))
    texts = [words_of(block) for block in parse(content)] if marks else []
    for place, (start, end) in enumerate(itertools.pairwise([*starts, len(content)])):
        tag = TAG.match(content, start, end)
        assert tag
        piece = f'{tag[0]} id="bloco-{place}"{content[tag.end() : end]}'
        pieces.append(with_verdicts(piece, texts[place], marks[place]) if place in marks else piece)
    return "".join(pieces)
