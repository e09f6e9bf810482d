"""One box over everything a person may see: each app looks through its own, this puts the answers on one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.requests import SignedInRequest
from conversations.search import search as in_conversations
from documents.search import search as in_documents
from jurisprudence.search import search as in_jurisprudence
from projects.models import Project, scopes_of
from projects.search import search as in_projects
from romagent.base.limits import Limit, too_many
from romagent.base.search import MOST_TYPED, Asked, Filters, Found, TooSlow, understand
from uploads.models import Upload
from uploads.search import search as in_files

OF_EACH = 5  # on the page of all kinds
OF_ONE = 20
PROJECTS = 200  # to choose from; the others are found by their names
SEARCHES = Limit("busca", 240, 60)  # as one types, three or four a second


class Kind(NamedTuple):
    """What is looked for, in its app; `name` is what the address says."""

    name: str
    label: str
    search: Callable[[User, Asked, Filters, int], Found]


KINDS = (
    Kind("projetos", "Projetos", in_projects),
    Kind("prazos", "Prazos e processos", in_jurisprudence),
    Kind("conversas", "Conversas", in_conversations),
    Kind("documentos", "Documentos", in_documents),
    Kind("arquivos", "Arquivos", in_files),
)


@dataclass(frozen=True)
class Group:
    """What was found of one kind."""

    kind: Kind
    found: Found
    more_url: str = ""
    too_slow: bool = False


class SearchForm(forms.Form):
    """The filters of the page. What cannot be understood filters nothing, and the page says so."""

    tipo = forms.ChoiceField(
        label="O quê", required=False, choices=[("", "Tudo"), *((kind.name, kind.label) for kind in KINDS)]
    )
    projeto = forms.ModelChoiceField(Project.objects.none(), label="Projeto", required=False, empty_label="Todos")
    arquivo = forms.ModelChoiceField(Upload.objects.none(), required=False, widget=forms.HiddenInput)
    de = forms.DateField(label="De", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))
    ate = forms.DateField(label="Até", required=False, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data: Any, user: User) -> None:
        super().__init__(data, auto_id="filtro-%s")
        project: Any = self.fields["projeto"]
        project.queryset = Project.objects.for_user(user)
        newest = list(project.queryset.order_by("-updated_at", "-pk").values_list("pk", "name")[:PROJECTS])
        project.choices = [("", "Todos"), *newest]
        file: Any = self.fields["arquivo"]
        file.queryset = Upload.objects.for_user(user).only("original_filename")

    def value(self, name: str) -> Any:
        return self.cleaned_data.get(name) or None

    def offer_chosen(self) -> None:
        """A project that is filtered by stands in the list, however old: else the next search would drop it."""
        chosen: Project | None = self.value("projeto")
        field: Any = self.fields["projeto"]
        if chosen and chosen.pk not in dict(field.choices):
            field.choices = [*field.choices, (chosen.pk, chosen.name)]

    def filters(self) -> Filters:
        """From the beginning of the first day to the end of the last one, in São Paulo."""
        project, file, until = self.value("projeto"), self.value("arquivo"), self.value("ate")
        return Filters(
            project=project and project.pk,
            upload=file and file.pk,
            since=_midnight(self.value("de")),
            until=_midnight(until + timedelta(days=1)) if until and until < date.max else None,
            after=self.data.get("depois", ""),
        )


@require_GET
def page(request: SignedInRequest) -> HttpResponse:
    """The page, or its results only, for code that asks as one types."""
    if wait := SEARCHES.hit(request.user.pk):
        return too_many(request, wait, "Muitas buscas em pouco tempo.")
    form = SearchForm(request.GET, request.user)
    form.is_valid()
    form.offer_chosen()
    asked = understand(request.GET.get("q", ""))
    context = {
        "asked": asked, "form": form, "groups": groups(request.user, asked, form), "file": form.value("arquivo"),
        "most": MOST_TYPED, "without_file": _address(request.GET, arquivo=""),
    }  # fmt: skip
    live = request.headers.get("HX-Request")
    response = render(request, "romagent/_found.html" if live else "romagent/search.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def groups(user: User, asked: Asked, form: SearchForm) -> list[Group]:
    """What was found of each kind that is looked for; kinds without anything are left out."""
    if not asked:
        return []
    chosen = "arquivos" if form.value("arquivo") else form.value("tipo")
    kinds = [kind for kind in KINDS if chosen in (None, kind.name)]
    filters = replace(form.filters(), scopes=tuple(scopes_of(user)))
    filters = filters if chosen else replace(filters, after="")
    found = [_group(kind, user, asked, filters, form.data, OF_ONE if chosen else OF_EACH) for kind in kinds]
    return [group for group in found if group.found.hits or group.found.note or group.too_slow]


def _group(kind: Kind, user: User, asked: Asked, filters: Filters, data: Any, limit: int) -> Group:
    try:
        found = kind.search(user, asked, filters, limit)
    except TooSlow:
        return Group(kind, Found(), too_slow=True)
    more = _address(data, tipo=kind.name, depois=found.after) if found.after else ""
    return Group(kind, found, more)


def _address(data: Any, **changes: str) -> str:
    """This search with something changed."""
    names = ("q", "tipo", "projeto", "arquivo", "de", "ate")
    values = {name: data.get(name, "") for name in names} | changes
    return f"{reverse('search')}?{urlencode({name: value for name, value in values.items() if value})}"


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time())) if day and day.year > 1 else None
