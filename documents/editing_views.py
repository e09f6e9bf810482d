"""The editor: its page, and where it saves. What is asked by its script is answered in JSON, a form's with a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.contrib import messages as notes
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.middleware import wants_page
from accounts.requests import SignedInRequest
from documents import actions, citing
from documents.drafting.models import is_being_drafted
from documents.html import LARGEST, TooLarge
from documents.models import Document
from documents.papers import paper_of
from documents.views import document_to_change, may_change, my_document
from projects.forms import first_error
from projects.views import see

TOO_LARGE = "O texto é grande demais para ser salvo"
UNKNOWN = "Não foi possível saber sobre que estado do texto você escreveu"


class SaveForm(forms.Form):
    """What the editor sends; without `content` only the title is changed."""

    revision = forms.IntegerField(
        min_value=1, error_messages={"required": UNKNOWN, "invalid": UNKNOWN, "min_value": UNKNOWN}
    )
    title = forms.CharField(
        required=False, max_length=10_000, error_messages={"max_length": "O título é longo demais para ser salvo"}
    )
    content = forms.CharField(required=False, strip=False, max_length=LARGEST, error_messages={"max_length": TOO_LARGE})
    guardar = forms.BooleanField(required=False)

    def given(self, name: str) -> str | None:
        """None for what was not sent at all."""
        return self.cleaned_data[name] if name in self.data else None


@never_cache  # going back must not bring a text that has been written on since
@require_GET
def detail(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The editor; for who may only read, the document."""
    document = my_document(request, pk)
    may = may_change(request, document)
    context: dict[str, Any] = {
        "document": document,
        "project": document.project,
        "format": paper_of(document).fmt.key,
        **_cited(document),
        "may_change": may,
        "may_edit": may and not is_being_drafted(document),  # parts are added to it: not the time to type into it
    }
    return render(request, "documents/detail.html", context)


@never_cache
@require_GET
def citations(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The list of what it cites, for the editor's side, which asks for it until it is of the text as it is."""
    document = my_document(request, pk)
    return render(request, "documents/_citations.html", {"document": document, **_cited(document)})


def _cited(document: Document) -> dict[str, Any]:
    cited = citing.kept_of(document)
    if cited is None:  # it was saved before there were checks, or just now
        cited = citing.check(document)
    return {"cited": cited, "is_current": cited.sha256 == document.sha256}


@require_POST
def save(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """Keeps the title, the text or both, as they were written on `revision`; with `guardar`, as a version too."""
    document = document_to_change(request, pk)
    form = SaveForm(request.POST)
    if not form.is_valid():
        return _refused(request, pk, first_error(form), 422)
    try:
        saved = actions.save(
            document, form.cleaned_data["revision"], user=request.user, title=form.given("title"),
            content=form.given("content"), is_kept=form.cleaned_data["guardar"], request=request,
        )  # fmt: skip
    except TooLarge:
        return _refused(request, pk, TOO_LARGE, 413)
    except actions.Conflict as conflict:
        return _conflict(request, conflict)
    if wants_page(request):
        notes.success(request, "O documento foi salvo.")
        return see("documents:detail", pk)
    if form.cleaned_data["guardar"]:
        saved.refresh_from_db(fields=["version"])
    at = timezone.localtime().strftime("%H:%M")
    return JsonResponse({"revision": saved.revision, "version": saved.version, "at": at})


def _refused(request: SignedInRequest, pk: UUID, sentence: str, status: int) -> HttpResponse:
    sentence = sentence.rstrip(".")  # more follows it
    if not wants_page(request):
        return JsonResponse({"error": sentence}, status=status)
    notes.error(request, f"{sentence}. Nada foi alterado.")
    return see("documents:detail", pk)


def _conflict(request: SignedInRequest, conflict: actions.Conflict) -> HttpResponse:
    document, aside = conflict.document, conflict.aside
    kept = f"Seu texto não foi salvo por cima: está guardado à parte, na versão {aside.number}."
    words = f"{who_and_when(document, request)} {kept}"
    between = urlencode({"de": document.version, "para": aside.number})
    compare = f"{reverse('documents:compare', args=[document.pk])}?{between}"
    if wants_page(request):
        notes.warning(request, words)
        return see("documents:detail", document.pk)
    told = {"words": words, "revision": document.revision, "compare": compare}
    return JsonResponse(told, status=409)


def who_and_when(document: Document, request: SignedInRequest) -> str:
    """A sentence on the last change of a document."""
    at = timezone.localtime(document.updated_at).strftime("%d/%m às %H:%M")
    if document.source == Document.Source.AI:
        return f"O assistente alterou este documento em {at}."
    if document.edited_by_id == request.user.pk:
        return f"Você alterou este documento em outra janela, em {at}."
    return f"{document.edited_by or 'Alguém'} alterou este documento em {at}."
