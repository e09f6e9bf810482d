"""Ordering a document: its kind, what has to be known for it, the files it is written from."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, cast

from django import forms
from django.http import QueryDict

from accounts.models import User
from audit.models import AIModel
from conversations.forms import AskForm, FilesField, QuestionField, default_model
from documents.drafting.brief import Order
from documents.types import DocumentType, Fact, Kind, all_types, unaccented
from projects.models import Project
from uploads.models import Upload

LONGEST_FACT = 20_000  # characters
FILES_OFFERED = 200


@dataclass
class Area:
    name: str
    types: list[DocumentType] = field(default_factory=list)


def areas(words: str = "") -> list[Area]:
    """The types that have all these words in their name or area, by area."""
    wanted = unaccented(words).split()
    found: list[Area] = []
    for kind in all_types():
        said = unaccented(f"{kind.name} {kind.area_name}")
        if not all(word in said for word in wanted):
            continue
        if not found or found[-1].name != kind.area_name:
            found.append(Area(kind.area_name))
        found[-1].types.append(kind)
    return found


def known_facts(kind: DocumentType, project: Project | None) -> dict[str, str]:
    """What the project says already, by the fact's key."""
    if project is None:
        return {}
    said = {fact.key: str(getattr(project, fact.project, "")) for fact in kind.facts if fact.project}
    numbers = {fact.key: project.number for fact in kind.facts if fact.project == "case_number"}
    return {key: words for key, words in (said | numbers).items() if words.strip()}


class OrderForm(forms.Form):
    """The facts that are not known yet, and what the person wants; everything may be left open."""

    title = forms.CharField(required=False, max_length=500)
    wishes = QuestionField(required=False)
    model = forms.CharField(required=False, max_length=100)
    submission_key = forms.UUIDField(required=False)
    arquivo = FilesField(required=False)
    clean_arquivo, clean_model = AskForm.clean_arquivo, AskForm.clean_model
    current_model = ""
    newest_only = 0  # how many files are offered, where there are more

    def __init__(self, *args: Any, kind: DocumentType, project: Project | None, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.kind, self.project, self.user = kind, project, user
        self.known = known_facts(kind, project)
        self.asked = [fact for fact in kind.facts if fact.key not in self.known]
        for fact in self.asked:
            self.fields[f"fato_{fact.key}"] = _field(fact)

    def clean(self) -> dict[str, Any]:
        if not self._parts():
            raise forms.ValidationError("Escolha pelo menos uma parte.")
        return self.cleaned_data

    @property
    def model_id(self) -> str:
        return self.cleaned_data["model"] or default_model()

    def order(self) -> Order:
        said = self.cleaned_data
        return Order(
            slug=self.kind.slug,
            name=self.kind.name,
            title=said["title"].strip() or _title(self.kind, self.project),
            parts=self._parts(),
            instructions=f"{self.kind.instructions}\n\nTamanho do documento inteiro: {self.kind.size}.",
            facts=tuple((fact.question, self.known.get(fact.key) or self._answer(fact)) for fact in self.kind.facts),
            wishes=said["wishes"],
            optional=frozenset(fact.question for fact in self.kind.facts if not fact.is_required),
        )

    def _parts(self) -> list[dict[str, Any]]:
        """Those that are required, and of the others those that were not left out."""
        wanted = self._given("parte")
        parts = [part for place, part in enumerate(self.kind.parts) if part.is_required or str(place) in wanted]
        return [{"name": part.name, "about": _about(part), "is_required": part.is_required} for part in parts]

    def _answer(self, fact: Fact) -> str:
        value = self.cleaned_data.get(f"fato_{fact.key}") or ""
        return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value).strip()

    # For the template

    @property
    def first_facts(self) -> list[dict[str, Any]]:
        return [self._shown(fact) for fact in self.asked if fact.is_required]

    @property
    def other_facts(self) -> list[dict[str, Any]]:
        return [self._shown(fact) for fact in self.asked if not fact.is_required]

    def _shown(self, fact: Fact) -> dict[str, Any]:
        name = f"fato_{fact.key}"
        value = self.data.get(name, "")
        errors = " ".join(map(str, self.errors.get(name, ())))
        return {"name": name, "fact": fact, "kind": str(fact.kind), "value": value, "error": errors}

    @property
    def optional_parts(self) -> list[dict[str, Any]]:
        given = self._given("parte")
        return [
            {"place": place, "name": part.name, "is_wanted": not self.is_bound or str(place) in given}
            for place, part in enumerate(self.kind.parts)
            if not part.is_required
        ]

    @cached_property
    def offered_files(self) -> list[Upload]:
        """Those of the project; outside of projects one's own that are in none. The newest `FILES_OFFERED`."""
        mine = Upload.objects.for_user(self.user).filter(project=self.project)
        if self.project is None:
            mine = mine.filter(user=self.user)
        found = mine.only("id", "original_filename", "page_count").order_by("-created_at", "-id")[: FILES_OFFERED + 1]
        newest = list(found)
        self.newest_only = FILES_OFFERED if len(newest) > FILES_OFFERED else 0
        return newest[:FILES_OFFERED]

    @cached_property
    def chosen_files(self) -> set[str]:
        return self._given("arquivo")

    def _given(self, name: str) -> set[str]:
        """All the values that were sent under this name."""
        return set(cast(QueryDict, self.data).getlist(name)) if self.is_bound else set()

    @property
    def models(self) -> list[AIModel]:
        return list(AIModel.objects.filter(offered=True).order_by("position"))


def _field(fact: Fact) -> forms.Field:
    if fact.kind == Kind.DATE:
        formats = ["%Y-%m-%d", "%d/%m/%Y"]
        words = {"invalid": "Escreva a data como dia/mês/ano."}
        return forms.DateField(required=False, input_formats=formats, error_messages=words)
    if fact.kind == Kind.CHOICE:
        return forms.ChoiceField(required=False, choices=[("", ""), *((one, one) for one in fact.choices)])
    return forms.CharField(required=False, max_length=LONGEST_FACT)


def _about(part: Any) -> str:
    said = [f"cerca de {part.words} palavras"] if part.words else []
    said += ["sem título, só o texto"] if part.signs else []
    said += [] if part.is_required else ["só se couber no caso"]
    return "; ".join(said)


def _title(kind: DocumentType, project: Project | None) -> str:
    return f"{kind.name} – {project.name}" if project else kind.name
