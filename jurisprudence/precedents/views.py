"""The pages of precedents: the search, and one of them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.requests import SignedInRequest
from jurisprudence.precedents.models import Precedent, PrecedentImport
from jurisprudence.precedents.naming import COURTS, name_of
from jurisprudence.precedents.search import Filters, Page, search
from jurisprudence.precedents.standing import standing_of
from romagent.base.limits import Limit, too_many
from romagent.base.search import MOST_TYPED, TooSlow

PAGE = 20
SEARCHES = Limit("jurisprudencia", 120, 60)


COURT = re.compile(r"[A-Z][A-Z0-9-]{1,19}\Z")


class SearchForm(forms.Form):
    """The filters of the page. What cannot be understood filters nothing, and the page says so."""

    tribunal = forms.RegexField(COURT, required=False, label="Tribunal", widget=forms.Select)
    tipo = forms.ChoiceField(label="Tipo", required=False, choices=[("", "Todos"), *Precedent.Kind.choices])
    situacao = forms.ChoiceField(
        label="Situação", required=False, choices=[("", "Todas"), *((s.value, s.label) for s in Precedent.Status if s)]
    )
    de = forms.IntegerField(label="De (ano)", required=False, min_value=1800, max_value=2200)
    ate = forms.IntegerField(label="Até (ano)", required=False, min_value=1800, max_value=2200)

    def __init__(self, data: Any) -> None:
        chosen = data.get("tribunal", "").upper()
        data = data.copy()
        data["tribunal"] = chosen
        super().__init__(data, auto_id="filtro-%s")
        # Any other court can be asked for in the address.
        others = [chosen] if chosen and chosen not in COURTS and COURT.match(chosen) else []
        choices: Any = [("", "Todos"), *((court, court) for court in (*COURTS, *others))]
        self.fields["tribunal"].widget.choices = choices  # type: ignore[attr-defined]

    def filters(self) -> Filters:
        value = self.cleaned_data.get
        return Filters(
            kind=value("tipo") or "", court=value("tribunal") or "", status=value("situacao") or "",
            since=value("de"), until=value("ate"), after=self.data.get("depois", ""),
        )  # fmt: skip


@require_GET
def precedents(request: SignedInRequest) -> HttpResponse:
    """The search; without words, what courts have laid down, in order."""
    if wait := SEARCHES.hit(request.user.pk):
        return too_many(request, wait, "Muitas buscas em pouco tempo.")
    typed = request.GET.get("q", "").replace("\x00", " ").strip()
    form = SearchForm(request.GET)
    form.is_valid()
    page, too_slow = Page(), False
    try:
        page = search(typed[: MOST_TYPED + 1], form.filters(), PAGE)
    except TooSlow:
        too_slow = True
    context = {
        "typed": typed, "form": form, "page": page, "too_slow": too_slow, "shortened": len(typed) > MOST_TYPED,
        "most": MOST_TYPED, "next_url": _address(request, page.after) if page.after else "",
        "filtered": any(form.cleaned_data.values()),
        "newest": PrecedentImport.objects.filter(state=PrecedentImport.State.DONE).order_by("-updated_at").first(),
    }  # fmt: skip
    return render(request, "jurisprudence/precedents.html", context)


def _address(request: SignedInRequest, after: str) -> str:
    names = ("q", "tribunal", "tipo", "situacao", "de", "ate")
    values = {name: request.GET.get(name, "") for name in names} | {"depois": after}
    return f"?{urlencode({name: value for name, value in values.items() if value})}"


@require_GET
def precedent(request: SignedInRequest, pk: UUID) -> HttpResponse:
    found = get_object_or_404(Precedent.objects.for_user(request.user), pk=pk)
    context = {
        "precedent": found,
        "name": name_of(found),
        "standing": standing_of(found),
        "changes": _changes(found),
        "details": _details(found),
    }
    return render(request, "jurisprudence/precedent.html", context)


WORDS = {
    "title": "Título", "text": "Texto", "status": "Situação", "note": "Nota", "judge": "Relator",
    "body": "Órgão julgador", "decided_on": "Julgado ou aprovado em", "published_on": "Publicado em",
    "case_class": "Classe", "case_number": "Processo",
}  # fmt: skip
DETAILS = {
    "decisao": "Decisão", "informacoes": "Informações complementares", "referencias": "Referências legislativas",
    "citada": "Jurisprudência citada", "similares": "Acórdãos similares", "termos": "Termos auxiliares",
    "tema": "Tema",
}  # fmt: skip


def _changes(found: Precedent) -> list[dict[str, Any]]:
    """What it said before, newest first, in words."""
    changes = found.changes.order_by("-created_at", "-pk")[:20]
    return [
        {
            "change": change,
            "values": [(WORDS[name], _in_words(name, value)) for name, value in change.old.items() if name in WORDS],
        }
        for change in changes
    ]


def _in_words(name: str, value: Any) -> str:
    if name in ("decided_on", "published_on") and value:
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return value or "(vazio)"


def _details(found: Precedent) -> list[tuple[str, list[str]]]:
    """The rest of what the source gives, by its name: paragraphs."""
    shown = []
    for name, label in DETAILS.items():
        value = found.details.get(name)
        paragraphs = value if isinstance(value, list) else [value] if value else []
        if paragraphs:
            shown.append((label, [str(one) for one in paragraphs]))
    return shown
