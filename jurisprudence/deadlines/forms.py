"""The form that counts a deadline, and the one that keeps it in a project."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import User
from jurisprudence.deadlines.asking import EVENTS, MOST, PARTIES, UNITS, YEARS
from jurisprudence.deadlines.models import UFS, Deadline
from jurisprudence.deadlines.questions import REGIMES, Question
from jurisprudence.deadlines.table import PLACES
from projects.choosing import OFFERED
from projects.models import Project

MOST_DAYS = 200
DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
LONGEST_NOTE = 2_000
FIELDS = {"event": "evento", "unit": "unidade"}  # of a question, by their names in the form
COURT_KINDS = (
    ("Tribunais superiores", ("STF", "STJ", "TST", "TSE", "STM")),
    ("Justiça Estadual", "TJ"), ("Justiça Federal", "TRF"),
    ("Justiça do Trabalho", "TRT"), ("Justiça Eleitoral", "TRE"),
)  # fmt: skip


def _courts() -> list[Any]:
    """Grouped as people know them; a name once."""
    groups: list[Any] = [("", "Nenhum: só a lei nacional")]
    for label, kind in COURT_KINDS:
        chosen = kind if isinstance(kind, tuple) else [sigla for sigla in PLACES if sigla.startswith(kind)]
        groups.append((label, [(sigla, str(PLACES[sigla].court)) for sigla in chosen]))
    return groups


class DaysField(forms.CharField):
    """Days typed one after the other, as 16/02/2026."""

    widget = forms.Textarea(attrs={"rows": 2})

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=4_000, required=False, **options)

    def clean(self, value: Any) -> tuple[date, ...]:  # type: ignore[override]
        text: str = super().clean(value)
        found = []
        for word in text.replace(",", " ").replace(";", " ").split():
            match = DAY.fullmatch(word)
            try:
                found.append(date(int(match[3]), int(match[2]), int(match[1])) if match else _not_a_day(word))
            except ValueError:
                _not_a_day(word)
        if len(found) > MOST_DAYS:
            raise forms.ValidationError(f"São dias demais: no máximo {MOST_DAYS}.")
        return tuple(sorted(set(found)))


def _not_a_day(word: str) -> date:
    raise forms.ValidationError(f"“{word[:20]}” não é uma data; escreva como 16/02/2026.")


class CountForm(forms.Form):
    """The question. Its values stand in the address, so that a count can be gone back to; nothing is kept by it."""

    evento = forms.ChoiceField(label="O que aconteceu", choices=list(EVENTS.items()), initial="disponibilizacao")
    dia = forms.DateField(
        label="Em que dia", widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "Informe o dia.", "invalid": "Este dia não existe."},
    )  # fmt: skip
    quantidade = forms.IntegerField(
        label="Prazo", min_value=1, max_value=max(MOST.values()), initial=15, help_text="Como a lei o dá, sem dobrar.",
        error_messages={"required": "Informe o prazo."},
    )  # fmt: skip
    unidade = forms.ChoiceField(label="Unidade", choices=list(UNITS.items()), initial="uteis")
    regime = forms.ChoiceField(label="Regime", choices=list(REGIMES.items()), initial="civel")
    tribunal = forms.ChoiceField(
        label="Tribunal", choices=_courts, required=False, help_text="De quem é o calendário de dias sem expediente."
    )
    uf = forms.ChoiceField(
        label="UF", choices=[("", "A do tribunal"), *UFS], required=False,
        help_text="Só para tribunais de mais de um estado.",
    )  # fmt: skip
    municipio = forms.CharField(label="Município", max_length=100, required=False, help_text="Pelos feriados locais.")
    parte = forms.ChoiceField(
        label="Parte com prazo em dobro", choices=[("", "Nenhuma"), *PARTIES.items()], required=False
    )
    fisico = forms.BooleanField(label="Autos em papel (pelo art. 229 do CPC)", required=False)
    proprio = forms.BooleanField(label="Prazo próprio da parte na lei: não dobra", required=False)
    urgente = forms.BooleanField(label="Não para no recesso: réu preso, Maria da Penha, ato urgente", required=False)
    fechados = DaysField(label="Dias sem expediente, além da tabela", help_text="Um depois do outro, como 16/02/2026.")
    reduzidos = DaysField(
        label="Dias de expediente reduzido ou sistema fora do ar", help_text="Só mudam o primeiro e o último dia."
    )
    suspensos = DaysField(label="Dias de prazos suspensos por ato do tribunal")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        unit, amount, day = values.get("unidade"), values.get("quantidade"), values.get("dia")
        if unit and amount and amount > MOST[unit]:
            self.add_error("quantidade", f"Em {UNITS[unit]}, no máximo {MOST[unit]}.")
        if day and day.year not in YEARS:
            self.add_error("dia", f"O ano deve estar entre {YEARS[0]} e {YEARS[-1]}.")
        if not self.errors:
            for name, words in self.question().mistakes.items():
                self.add_error(FIELDS[name], words)
            self._look_at_the_place(values)
        return values

    def _look_at_the_place(self, values: dict[str, Any]) -> None:
        """A place that would change nothing is said, instead of being passed over."""
        place = PLACES.get(values["tribunal"])
        of_court = place.uf if place else ""
        if of_court and values["uf"] not in ("", of_court):
            self.add_error("uf", f"Este tribunal é de {of_court}: deixe “A do tribunal”.")
        if values["municipio"].strip() and not (of_court or values["uf"]):
            self.add_error("uf", "Escolha também a UF: sem ela os feriados do município não entram.")

    def question(self) -> Question:
        """Of a form that is valid."""
        value = self.cleaned_data
        return Question(
            event=value["evento"], date=value["dia"], amount=value["quantidade"], unit=value["unidade"],
            regime=value["regime"], court=value["tribunal"], uf=value["uf"], city=value["municipio"].strip(),
            party=value["parte"], electronic=not value["fisico"], own_term=value["proprio"],
            urgent=value["urgente"], closed=value["fechados"], reduced=value["reduzidos"],
            suspended=value["suspensos"],
        )  # fmt: skip

    MORE = ("uf", "municipio", "parte", "fisico", "proprio", "urgente", "fechados", "reduzidos", "suspensos")

    @property
    def has_more(self) -> bool:
        """Whether something is said, or wrong, in the part of the form that is folded up."""
        return any(self[name].value() or name in self.errors for name in self.MORE)


def as_query(question: Question) -> dict[str, str]:
    """The values of the form that asks this."""
    values = {
        "evento": question.event, "dia": question.date.isoformat(), "quantidade": str(question.amount),
        "unidade": question.unit, "regime": question.regime, "tribunal": question.court, "uf": question.uf,
        "municipio": question.city, "parte": question.party, "fisico": "" if question.electronic else "on",
        "proprio": "on" if question.own_term else "", "urgente": "on" if question.urgent else "",
        "fechados": _typed(question.closed), "reduzidos": _typed(question.reduced),
        "suspensos": _typed(question.suspended),
    }  # fmt: skip
    return {name: value for name, value in values.items() if value}


def _typed(days: tuple[date, ...]) -> str:
    return " ".join(f"{day:%d/%m/%Y}" for day in days)


class NamedForm(forms.Form):
    """What a deadline is called, and what is noted beside it."""

    titulo = forms.CharField(
        label="Título", max_length=300, error_messages={"required": "Dê um título ao prazo."},
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": "Contestação"}),
    )  # fmt: skip
    observacao = forms.CharField(
        label="Observação", max_length=LONGEST_NOTE, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )


class EditForm(NamedForm):
    """What is kept of a deadline beside its count; `visto` is the state of it that the person has seen."""

    responsavel = forms.ModelChoiceField(
        User.objects.none(), label="Responsável", required=False, empty_label="Quem o contou",
        error_messages={"invalid_choice": "Escolha quem participa do projeto."},
    )  # fmt: skip
    visto = forms.DateTimeField(widget=forms.HiddenInput)
    field_order = ("titulo", "responsavel", "observacao", "visto")

    def __init__(self, deadline: Deadline, data: Any = None) -> None:
        super().__init__(data, initial={
            "titulo": deadline.title, "observacao": deadline.note, "responsavel": deadline.responsible_id,
            "visto": deadline.updated_at.isoformat(),
        })  # fmt: skip
        field: Any = self.fields["responsavel"]
        project = deadline.project
        members = project.members.values("user")
        field.queryset = User.objects.filter(Q(pk=project.user_id) | Q(pk__in=members), is_active=True).order_by("name")

    def seen_now(self, deadline: Deadline) -> EditForm:
        """The same, typed over what the deadline is by now: to be sent once more by who has seen that."""
        typed: Any = self.data
        data = typed.copy()
        data["visto"] = deadline.updated_at.isoformat()
        return EditForm(deadline, data)


class KeepForm(NamedForm):
    """Where the count is kept, and under which name."""

    projeto = forms.ModelChoiceField(
        Project.objects.none(), label="Projeto",
        error_messages={
            "required": "Escolha o projeto.", "invalid_choice": "Escolha um projeto em que você pode editar.",
        },
    )  # fmt: skip
    field_order = ("titulo", "projeto", "observacao")

    def __init__(self, *args: Any, user: User, **options: Any) -> None:
        super().__init__(*args, **options)
        field: Any = self.fields["projeto"]
        field.queryset = Project.objects.for_editor(user)
        newest = field.queryset.order_by("-updated_at", "-pk").values_list("pk", "name")[:OFFERED]
        offered = [(str(pk), name) for pk, name in newest]
        named = str(self.initial.get("projeto") or (self.data.get("projeto") if self.is_bound else ""))
        if named and named not in dict(offered):  # an older one: it stands in the list, so that it is not lost
            offered += _named(field.queryset, named)
        field.choices = [("", "Escolha o projeto"), *offered]


def _named(projects: Any, named: str) -> list[tuple[str, str]]:
    try:
        return [(str(pk), name) for pk, name in projects.filter(pk=named).values_list("pk", "name")]
    except (ValueError, forms.ValidationError):
        return []
