"""The staff's pages about the types of documents: which there are, adapting one, and going back to the shipped one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.staff import render_staff, staff_page
from documents import type_actions as actions
from documents import types
from documents.models import DocumentTypeVersion

RIGHT = "documents.change_documenttypeversion"
HISTORY = 50


class TypeForm(forms.Form):
    """The text of a type, and the number of the one that was in use when the page was opened."""

    text = forms.CharField(
        label="Texto do tipo",
        strip=False,
        max_length=types.LONGEST,
        widget=forms.Textarea({"rows": 40, "spellcheck": "true", "wrap": "soft"}),
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


@require_GET
@staff_page(RIGHT)
def overview(request: HttpRequest) -> HttpResponse:
    """All types, and which of them the office has adapted."""
    adapted = DocumentTypeVersion.objects.filter(is_active=True).select_related("author").defer("text")
    by_slug = {version.slug: version for version in adapted}
    rows = [(kind, by_slug.get(kind.slug)) for kind in types.all_types()]
    return render_staff(request, "documents/types.html", {"title": "Tipos de peça", "rows": rows})


@require_http_methods(["GET", "POST"])
@staff_page(RIGHT)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """A type's text; with `?versao=N` the form begins with an earlier one (0: the shipped one)."""
    _must_exist(slug)
    active = DocumentTypeVersion.objects.filter(slug=slug, is_active=True).first()
    form = TypeForm(request.POST or None, initial=_begun(request, slug, active))
    problems: tuple[str, ...] = ()
    if request.method == "POST" and form.is_valid():
        problems = _save(request, slug, form.cleaned_data)
        if not problems:
            return redirect("admin:document-type", slug)
    context = {
        "title": (types.get(slug) or types.shipped()[slug]).name,
        "slug": slug, "form": form, "active": active, "history": _history(request, slug), "problems": problems,
        "areas": types.AREAS, "kinds": types.KINDS, "project_fields": types.PROJECT_FIELDS,
    }  # fmt: skip
    return render_staff(request, "documents/type.html", context, status=422 if problems or form.errors else 200)


def _save(request: HttpRequest, slug: str, data: dict[str, Any]) -> tuple[str, ...]:
    """What keeps the text from being kept."""
    user: Any = request.user
    try:
        made = actions.adapt(slug, data["text"], data["seen"], user=user, request=request)
    except types.Invalid as invalid:
        return invalid.problems
    except actions.Refused as refused:
        return (str(refused),)
    messages.success(request, f"A versão {made.number} está em uso nas peças que começarem agora.")
    return ()


@require_POST
@staff_page(RIGHT)
def go_back(request: HttpRequest, slug: str) -> HttpResponse:
    _must_exist(slug)
    user: Any = request.user
    seen = _number(request.POST.get("seen", ""))
    try:
        actions.go_back(slug, -1 if seen is None else seen, user=user, request=request)
    except actions.Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, "O texto original está em uso de novo; os adaptados ficam no histórico.")
    return redirect("admin:document-type", slug)


def _must_exist(slug: str) -> None:
    if slug not in types.shipped():
        raise Http404


def _begun(request: HttpRequest, slug: str, active: DocumentTypeVersion | None) -> dict[str, Any]:
    wanted = _number(request.GET.get("versao", ""))
    if wanted == actions.SHIPPED:
        text = types.shipped_text(slug)
    elif wanted is not None:
        text = _text_of(slug, wanted)
    else:
        text = active.text if active else types.shipped_text(slug)
    return {"text": text, "seen": active.number if active else actions.SHIPPED}


def _text_of(slug: str, number: int) -> str:
    found = DocumentTypeVersion.objects.filter(slug=slug, number=number).values_list("text", flat=True).first()
    if found is None:
        raise Http404
    return found


def _history(request: HttpRequest, slug: str) -> dict[str, Any]:
    """Versions, newest first; with `?antes=N` those before that one."""
    rows = DocumentTypeVersion.objects.filter(slug=slug).select_related("author").defer("text").order_by("-number")
    before = _number(request.GET.get("antes", ""))
    found = list(rows.filter(number__lt=before)[: HISTORY + 1] if before else rows[: HISTORY + 1])
    return {"items": found[:HISTORY], "before": found[HISTORY - 1].number if len(found) > HISTORY else None}


def _number(given: str) -> int | None:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 9 else None
