"""Documents given out as files: one, what changed in one, and all of a project."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any
from uuid import UUID

from django.contrib import messages as notes
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_POST

from accounts.requests import SignedInRequest
from documents import checklist as checks_list
from documents import checks, citing, exporting, paper_actions, project_files, versions
from documents.checking.form import BLANK
from documents.drafting.models import Draft
from documents.exporting import KINDS, Failed, Wanted
from documents.formats import CHOICES, FORMATS
from documents.models import Document, DocumentVersion
from documents.papers import paper_of
from documents.units import NO_PAPER, OfficeUnit
from documents.views import document_to_change, may_change, my_document
from projects.views import my_project, see
from romagent.base.limits import seconds_to_wait, too_many
from romagent.base.portability import safe_name
from romagent.base.threads import let_connection_go

EXPORTS_PER_MINUTE, PROJECTS_PER_MINUTE = 60, 4
MOST_BLANKS = 100  # that are listed
LEAST_MB, MOST_MB = 0.5, 500.0
ZIP = "application/zip"
WHY = {
    "time": "O arquivo demorou demais para ser escrito. Tente de novo; se o documento for muito longo, divida-o.",
    "PageTooLarge": "Uma página sozinha é maior do que o tamanho pedido. Escolha um tamanho maior.",
    "memory": "O documento é grande demais para este formato.",
}
OTHERWISE = "Não foi possível escrever o arquivo. O documento está a salvo; tente de novo ou escolha outro formato."


@require_GET
def export(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The file with `?formato=`; without, the page on which one chooses."""
    document = my_document(request, pk)
    kind = request.GET.get("formato", "")
    if kind not in KINDS:
        return _page(request, document)
    most_mb, said = _most_mb(request.GET.get("maximo", ""))
    if said:
        return _page(request, document, error=said)
    paper = paper_of(document)
    wanted = Wanted(
        kind, document.title, document.content, paper.fmt, paper.head_for(document.text), document.user.name,
        most_mb if kind == "pdf" else None,
    )  # fmt: skip
    return _given(request, document, wanted, safe_name(document.title, f".{kind}"))


@require_GET
def checklist(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The list of what was checked in the text as it is now, as a Word file of its own."""
    document = my_document(request, pk)
    report = checks.check(document)
    wanted = Wanted(
        "docx", f"Lista de conferência: {document.title}", checks_list.content(document, report),
        paper_of(document).fmt, author=request.user.name,
    )  # fmt: skip
    said = {"checklist": True, "unverified": report.cited.unverified}
    return _given(request, document, wanted, safe_name(document.title, " (conferência).docx"), **said)


@require_GET
def export_comparison(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """From version `?de=` (else the one before) to `?para=` (else the text as it is), as Word's tracked changes."""
    document = my_document(request, pk)
    later, earlier = (_version(document, request.GET.get(name, "")) for name in ("para", "de"))
    earlier = earlier or _last_other(document, later)
    try:
        new = versions.content_of(later) if later else document.content
        old = versions.content_of(earlier) if earlier else new  # the first one has nothing before it
    except versions.Damaged:
        return _page(request, document, error="Uma das versões está danificada e não pode ser comparada.", status=422)
    author = later.author if later else document.edited_by
    wanted = Wanted(
        "comparison", later.title if later else document.title, new, paper_of(document).fmt,
        author=author.name if author else "", old=old, when=later.created_at if later else document.updated_at,
    )  # fmt: skip
    names = f"{earlier.number if earlier else 0}-{later.number if later else 'atual'}"
    said: dict[str, Any] = {"from": earlier.number if earlier else None, "to": later.number if later else None}
    if later:
        said["text_sha256"] = later.sha256
    return _given(request, document, wanted, safe_name(document.title, f" (comparação {names}).docx"), **said)


def _last_other(document: Document, later: DocumentVersion | None) -> DocumentVersion | None:
    """The last version that says something else than this one (or than the text as it is)."""
    kept = document.versions.filter(is_aside=False).exclude(sha256=later.sha256 if later else document.sha256)
    before = kept.filter(number__lt=later.number) if later else kept
    found: DocumentVersion | None = before.order_by("-number").first()
    return found


def _version(document: Document, number: str) -> DocumentVersion | None:
    """The version of that number; None when none is named; 404 when there is none such."""
    if not number or number == "atual":
        return None
    if not (number.isascii() and number.isdigit() and len(number) < 9):
        raise Http404
    found: DocumentVersion = get_object_or_404(document.versions.select_related("author"), number=int(number))
    return found


@require_GET
def export_project(request: SignedInRequest, pk: UUID) -> HttpResponseBase:
    """All documents of the project, as Word and as PDF, in one ZIP that is written while it is sent."""
    project = my_project(request, pk)
    if wait := seconds_to_wait("exportar-projeto", request.user.pk, PROJECTS_PER_MINUTE):
        return too_many(request, wait, "Muitas exportações em pouco tempo.")
    return project_files.response(project, user=request.user, request=request)


@require_POST
def paper(request: SignedInRequest, pk: UUID) -> HttpResponse:
    """The format and the letterhead of the document, from now on."""
    document = document_to_change(request, pk)
    key, named = request.POST.get("modelo", ""), request.POST.get("papel", "")
    unit = named if named in ("", NO_PAPER) else _named_unit(named)
    if unit is None or (key and key not in FORMATS):
        return _page(request, document, error="Escolha um dos modelos e dos papéis da lista.")
    paper_actions.choose_paper(document, unit, key, user=request.user, request=request)
    notes.success(request, "O modelo e o papel deste documento foram guardados.")
    return see("documents:export", pk)


def _named_unit(named: str) -> OfficeUnit | None:
    try:
        found: OfficeUnit | None = OfficeUnit.objects.defer("logo").filter(pk=UUID(named)).first()
    except ValueError:
        return None
    return found


def _page(request: SignedInRequest, document: Document, error: str = "", status: int = 422) -> HttpResponse:
    found = BLANK.finditer(document.text)
    context: dict[str, Any] = {
        "document": document,
        "may_change": may_change(request, document),
        "kinds": KINDS.values(),
        "kind": request.GET.get("formato", ""),
        "most_mb": request.GET.get("maximo", "")[:20],
        "formats": CHOICES,
        "units": OfficeUnit.objects.only("name").order_by("name"),
        "unit": document.metadata.get("unit", ""),
        "format": document.metadata.get("format", ""),
        "no_paper": NO_PAPER,
        "paper": paper_of(document),
        "cited": citing.check(document),
        "blanks": [" ".join(blank[1].split()) for blank in itertools.islice(found, MOST_BLANKS)],
        "more_blanks": sum(1 for _ in found),
        "is_unfinished": Draft.objects.filter(pk=document.pk).exclude(state=Draft.State.DONE).exists(),
        "has_versions": document.version > 1,
        "error": error,
    }
    return render(request, "documents/export.html", context, status=status if error else 200)


def _most_mb(given: str) -> tuple[float | None, str]:
    """How large one PDF may be, or why that cannot be said."""
    if not given.strip():
        return None, ""
    try:
        most = float(given.replace(",", "."))
    except ValueError:
        most = 0
    if not LEAST_MB <= most <= MOST_MB:
        return None, "O tamanho máximo vai de 0,5 a 500 MB."
    return most, ""


def _given(request: SignedInRequest, document: Document, wanted: Wanted, name: str, **said: Any) -> HttpResponse:
    """The file, after its audit row; while it is written no connection is held."""
    if wait := seconds_to_wait("exportar", request.user.pk, EXPORTS_PER_MINUTE):
        return too_many(request, wait, "Muitas exportações em pouco tempo.")
    let_connection_go()
    try:
        files = asyncio.run(exporting.files_of(wanted))
    except Failed as end:
        return _page(request, document, error=WHY.get(end.code, OTHERWISE), status=503)
    exporting.note(document, wanted.kind, files, user=request.user, request=request, **said)
    if len(files) == 1:
        return _attachment(files[0], name, exporting.mime_type(wanted.kind))
    return _attachment(project_files.zipped(files, name), f"{name.removesuffix('.pdf')}.zip", ZIP)


def _attachment(data: bytes, name: str, mime_type: str) -> HttpResponse:
    headers = {
        "Content-Disposition": content_disposition_header(True, name) or "attachment",
        "Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }  # fmt: skip
    return HttpResponse(data, content_type=mime_type, headers=headers)
