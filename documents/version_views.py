"""Versions: which there are, what one says, what is different between two, and going back to one."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from documents import actions
from documents.comparing import Step, compare
from documents.html import parse, write
from documents.models import Document, DocumentVersion
from documents.versions import Damaged, content_of
from documents.views import document_to_change, may_change, my_document
from projects.views import see

log = logging.getLogger(__name__)

LIST_SIZE = 30
AROUND = 1  # blocks that are shown before and after a change; the other unchanged ones are folded


def in_words(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A version that is damaged in the database is said to be, and the others can still be read."""

    @wraps(view)
    def guarded(request: SignedInRequest, pk: UUID, **named: int) -> HttpResponse:
        try:
            return view(request, pk, **named)
        except Damaged as damaged:
            log.error("a version cannot be read: %s", damaged)
            notes.error(request, "Esta versão está danificada e não pode ser lida. Avise a administração.")
            return see("documents:versions", pk)

    return guarded


@require_GET
def versions(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Newest first, without bodies; `?antes=` goes on before a number."""
    document = my_document(request, pk)
    kept = document.versions.listed().select_related("author")
    before = _number(request.GET.get("antes", ""))
    rows = list((kept.filter(number__lt=before) if before else kept).order_by("-number")[: LIST_SIZE + 1])
    context = {
        "document": document,
        "may_change": may_change(request, document),
        "versions": rows[:LIST_SIZE],
        "next": rows[LIST_SIZE - 1].number if len(rows) > LIST_SIZE else None,
    }
    return render(request, "documents/versions.html", context)


@require_GET
@in_words
def version(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    document = my_document(request, pk)
    found = my_version(document, number)
    context = {
        "document": document, "version": found, "content": content_of(found),
        "may_change": may_change(request, document),
    }  # fmt: skip
    return render(request, "documents/version.html", context)


@require_POST
@in_words
def restore(request: SignedInRequest, pk: UUID, number: int) -> HttpResponse:
    """The document says again what that version says; `revision` is what was on the screen."""
    document = document_to_change(request, pk)
    found = my_version(document, number)
    revision = _number(request.POST.get("revision", "")) or 0
    try:
        actions.restore(document, found, revision, user=request.user, request=request)
    except actions.Conflict:
        notes.warning(request, "O documento mudou depois que você abriu a página. Nada foi restaurado: veja e repita.")
        return see("documents:versions", pk)
    notes.success(request, f"A versão {number} foi restaurada. O texto de antes ficou guardado entre as versões.")
    return see("documents:detail", pk)


@require_GET
@in_words
def comparison(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """What is different between `?de=` and `?para=`, two numbers; without `para`, the document as it is now."""
    document = my_document(request, pk)
    sides = [_side(document, request.GET.get(name, "")) for name in ("de", "para")]
    if sides[0].number is None and (earlier := _before(document, sides[1])):
        sides[0] = _side(document, str(earlier))
    steps = compare(parse(sides[0].content), parse(sides[1].content))
    context = {
        "document": document, "old": sides[0], "new": sides[1], "parts": folded(steps),
        "count": sum(not step.is_same for step in steps),
    }  # fmt: skip
    return render(request, "documents/compare.html", context)


@dataclass(frozen=True)
class Side:
    number: int | None  # None: the document as it is now
    title: str
    content: str

    def __str__(self) -> str:
        return "texto atual" if self.number is None else f"versão {self.number}"


def _side(document: Document, asked: str) -> Side:
    number = _number(asked)
    if number is None:
        return Side(None, document.title, document.content)
    found = my_version(document, number)
    return Side(number, found.title, content_of(found))


def _before(document: Document, side: Side) -> int | None:
    """The newest version that says something else than this side."""
    numbers = document.versions.filter(is_aside=False)
    if side.number is not None:
        numbers = numbers.filter(number__lt=side.number)
    else:
        numbers = numbers.exclude(sha256=document.sha256)
    found: int | None = numbers.order_by("-number").values_list("number", flat=True).first()
    return found


@dataclass(frozen=True)
class Part:
    """A stretch of a comparison: shown, or folded because nothing has changed in it."""

    is_folded: bool
    steps: list[dict[str, Any]]


def folded(steps: list[Step]) -> list[Part]:
    near = {
        place + beside for place, step in enumerate(steps) if not step.is_same for beside in range(-AROUND, AROUND + 1)
    }
    parts = groupby(enumerate(steps), lambda item: item[0] not in near)
    return [Part(is_folded, [_told(step) for _, step in items]) for is_folded, items in parts]


def _told(step: Step) -> dict[str, Any]:
    """A step as the page shows it: how it changed, in words too."""
    if step.is_same and step.new is not None:
        return {"kind": "same", "label": step.new_label, "html": write([step.new])}
    if step.new is None:
        kind, words = "gone", "Retirado daqui (está em outro lugar)" if step.is_moved else "Retirado"
    elif step.old is None:
        kind, words = "added", "Trazido de outro lugar" if step.is_moved else "Novo"
    elif step.is_look:
        kind, words = "look", "Só a formatação mudou"
    else:
        kind, words = "changed", "Alterado"
    return {"kind": kind, "words": words, "label": step.new_label or step.old_label, "changes": step.changes}


def my_version(document: Document, number: int) -> DocumentVersion:
    found: DocumentVersion = get_object_or_404(
        DocumentVersion.objects.select_related("author"), document=document, number=number
    )
    return found


def _number(given: str) -> int | None:
    """A number of a version; None when none is given. What cannot be one is not found."""
    if not given or given == "atual":
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise Http404
    return int(given)
