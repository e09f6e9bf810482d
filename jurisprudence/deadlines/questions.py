"""A question as the page asks it, kept as JSON: the rules follow from the regime and the court that it names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from jurisprudence.deadlines.asking import GIVEN, GIVEN_REDUCED, GIVEN_SUSPENDED, Asked
from jurisprudence.deadlines.calendars import Calendar
from jurisprudence.deadlines.rules import OF_CIVIL_LAW
from jurisprudence.deadlines.table import calendar_of

REGIMES = {
    "civel": "Processo civil (CPC)",
    "trabalho": "Processo do trabalho (CLT)",
    "juizado": "Juizados (Leis 9.099, 10.259 e 12.153)",
    "penal": "Processo penal (CPP)",
    "material": "Direito material ou decadência (CC)",
}
# Whose terms are not doubled in a regime, and why.
NOT_DOUBLED = {
    ("trabalho", "litisconsortes"): "OJ 310 da SDI-1 do TST: o art. 229 do CPC não se aplica",
    ("juizado", "fazenda_publica"): "Lei 10.259/2001, art. 9º, e Lei 12.153/2009, art. 7º: sem prazo diferenciado",
    ("juizado", "ministerio_publico"): "Lei 10.259/2001, art. 9º, e Lei 12.153/2009, art. 7º: sem prazo diferenciado",
    ("juizado", "defensoria"): "Enunciado 53 do FONAJEF e 3 da Fazenda Pública do FONAJE: sem prazo em dobro",
    ("juizado", "litisconsortes"): "Enunciado 164 do FONAJE: o art. 229 do CPC não se aplica aos Juizados",
    ("penal", "ministerio_publico"): "CPP: o Ministério Público não tem prazo em dobro em matéria penal",
    ("penal", "fazenda_publica"): "CPP: a dobra do art. 183 do CPC é do processo civil",
    ("penal", "litisconsortes"): "CPP: a dobra do art. 229 do CPC é do processo civil",
}
# Where what is attached to the case begins nothing: what counts is the day of the act itself, which is earlier.
NOT_FROM_ATTACHING = {
    "penal": "No processo penal o prazo conta da intimação, e não da juntada (Súmula 710 do STF)",
    "trabalho": "No processo do trabalho o prazo conta do recebimento da notificação, e não da juntada (CLT, art. 774)",
    "juizado": "Nos Juizados o prazo conta da ciência do ato, e não da juntada (Enunciado 13 do FONAJE)",
}

Day = date  # within `Question` the name is a field's


@dataclass(frozen=True)
class Question:
    """What was asked. `urgent`: the recess does not stop it. The lists are days that whoever asks brings along."""

    event: str
    date: date
    amount: int
    unit: str = "uteis"
    regime: str = "civel"
    court: str = ""
    uf: str = ""
    city: str = ""
    party: str = ""
    electronic: bool = True
    own_term: bool = False
    urgent: bool = False
    closed: tuple[Day, ...] = field(default=())
    reduced: tuple[Day, ...] = field(default=())
    suspended: tuple[Day, ...] = field(default=())

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Question:
        """One that was kept by `as_json`; a key that an older version did not have takes its default."""
        values = {name: kept[name] for name in cls.__dataclass_fields__ if name in kept}
        for name in ("closed", "reduced", "suspended"):
            values[name] = tuple(date.fromisoformat(day) for day in values.get(name, ()))
        return cls(**values | {"date": date.fromisoformat(values["date"])})

    def as_json(self) -> dict[str, Any]:
        return {
            name: value.isoformat() if isinstance(value, date)
            else [day.isoformat() for day in value] if isinstance(value, tuple) else value
            for name, value in asdict(self).items()
        }  # fmt: skip

    @property
    def is_material(self) -> bool:
        return self.regime == "material"

    @property
    def not_doubled(self) -> str:
        """Why the regime doubles nothing for this party; "" when it does, or when there is nothing to double."""
        if self.is_material and self.party:
            return "os prazos do direito material não se dobram"
        return NOT_DOUBLED.get((self.regime, self.party), "")

    @property
    def mistakes(self) -> dict[str, str]:
        """What would be counted to an end later than the law's, by the field to correct: in words, for the form.

        Criminal terms in months or years are of substantive law: they include the day on which they begin and never
        move (CP, art. 10), so that what is counted here would end at least a day late.
        """
        found = {}
        if self.event == "juntada" and self.regime in NOT_FROM_ATTACHING:
            found["event"] = f"{NOT_FROM_ATTACHING[self.regime]}. Escolha “Intimação” ou “Ciência”, com a data dela."
        if self.regime == "penal" and self.unit in OF_CIVIL_LAW:
            found["unit"] = (
                "Prazos penais em meses ou anos, como o da queixa e o da representação, incluem o dia do começo e não "
                "se prorrogam (CP, art. 10): esta página não os conta."
            )
        if self.regime == "penal" and self.unit == "uteis":
            found["unit"] = "No processo penal os prazos são em dias corridos (CPP, art. 798)."
        return found

    def calendar(self) -> Calendar:
        """The court's days with those of the question. One query."""
        return self.on(calendar_of(self.court, self.uf, self.city))

    def on(self, calendar: Calendar) -> Calendar:
        """With the days of the question; what the table says of a day goes before."""
        return replace(
            calendar,
            closed={**dict.fromkeys(self.closed, GIVEN), **calendar.closed},
            reduced={**dict.fromkeys(self.reduced, GIVEN_REDUCED), **calendar.reduced},
            suspended={**dict.fromkeys(self.suspended, GIVEN_SUSPENDED), **calendar.suspended},
        )

    def asked(self, calendar: Calendar) -> Asked:
        """What the rules count. Raises `asking.Wrong`.

        What acts of a court do to the course of its deadlines (suspension, reduced hours) is nothing to substantive
        law: no act of a court stops it (CC, art. 207), and only a day without court hours moves its end.
        """
        if self.is_material:
            calendar = replace(calendar, suspended={}, reduced={})
        return Asked(
            event=self.event,
            date=self.date,
            amount=self.amount,
            unit=self.unit,
            calendar=calendar,
            party=None if self.not_doubled else self.party or None,
            electronic=self.electronic,
            own_term=self.own_term,
            suspended_in_recess=not (self.urgent or self.is_material),
            start_on_open_day=not self.is_material,
        )
