"""A question about a deadline, as a value; read from JSON, with what is wrong in words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from jurisprudence.deadlines.calendars import FEDERAL, STATE, Calendar

EVENTS = {
    "disponibilizacao": "Disponibilização no diário eletrônico",
    "publicacao": "Publicação no diário",
    "intimacao": "Intimação (pessoal, por oficial, em audiência ou em cartório)",
    "ciencia": "Ciência",
    "juntada": "Juntada aos autos do mandado, do AR ou da carta",
    "leitura_portal": "Leitura da intimação no portal eletrônico",
    "envio_portal": "Envio da intimação ao portal, sem leitura",
    "citacao_domicilio": "Confirmação da citação no Domicílio Judicial Eletrônico",
}
UNITS = {"uteis": "dias úteis", "corridos": "dias corridos", "meses": "meses", "anos": "anos"}
CALENDARS = {STATE: "Justiça Estadual", FEDERAL: "Justiça Federal e tribunais superiores"}
PARTIES = {
    "fazenda_publica": "Fazenda Pública",
    "defensoria": "Defensoria Pública",
    "ministerio_publico": "Ministério Público",
    "litisconsortes": "Litisconsortes com procuradores de escritórios distintos",
}
MOST = {"uteis": 3_660, "corridos": 3_660, "meses": 600, "anos": 50}
YEARS = range(1950, 2200)  # of the event: before them the rules were others
GIVEN = "dia sem expediente, informado por quem pergunta"
GIVEN_REDUCED = "expediente reduzido ou sistema indisponível, informado por quem pergunta"
GIVEN_SUSPENDED = "prazos suspensos, informado por quem pergunta"


class Wrong(Exception):
    """The question cannot be answered; the message says why, in Portuguese, to who asked."""


@dataclass(frozen=True)
class Asked:
    """One question. `amount` is as the law or the judge gave it, before any doubling."""

    event: str
    date: date
    amount: int
    unit: str = "uteis"
    calendar: Calendar = field(default_factory=Calendar)
    party: str | None = None
    electronic: bool = True
    own_term: bool = False
    suspended_in_recess: bool = True
    start_on_open_day: bool = True

    def __post_init__(self) -> None:
        """Raises `Wrong` for what no deadline can have."""
        if self.date.year not in YEARS:
            raise Wrong(f"A data deve estar entre {YEARS[0]} e {YEARS[-1]}.")
        if not 1 <= self.amount <= MOST[self.unit]:
            raise Wrong(f"O prazo em {UNITS[self.unit]} deve ir de 1 a {MOST[self.unit]}.")


def from_json(given: Any) -> Asked:
    """The question of one JSON object, as `manage.py deadline --json` reads it. Raises `Wrong`.

    A key that is missing, or null, has its default; keys that are not known are let be.
    """
    if not isinstance(given, Mapping):
        raise Wrong("Cada linha deve ser um objeto JSON.")
    return Asked(
        event=_one_of(given, "event", EVENTS),
        date=_date(given.get("date"), "date"),
        amount=_amount(given.get("amount")),
        unit=_one_of(given, "unit", UNITS, "uteis"),
        calendar=Calendar(
            _one_of(given, "calendar", CALENDARS, STATE),
            _dates(given, "closed", GIVEN),
            _dates(given, "reduced", GIVEN_REDUCED),
            _dates(given, "suspended", GIVEN_SUSPENDED),
        ),
        party=_one_of(given, "party", PARTIES) if given.get("party") is not None else None,
        electronic=_flag(given, "electronic", True),
        own_term=_flag(given, "own_term", False),
        suspended_in_recess=_flag(given, "suspended_in_recess", True),
        start_on_open_day=_flag(given, "start_on_open_day", True),
    )


def _one_of(given: Mapping[str, Any], key: str, known: Mapping[str, str], default: str = "") -> str:
    value = given.get(key)
    if value is None:
        value = default
    if not isinstance(value, str) or value not in known:
        shown = f"“{_shown(value)}” não é um valor conhecido de" if value else "Falta"
        raise Wrong(f"{shown} “{key}”; os valores são: {', '.join(known)}.")
    return value


def _date(value: Any, key: str) -> date:
    if value is None:
        raise Wrong(f"Falta “{key}”, a data no formato AAAA-MM-DD.")
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise Wrong(f"“{_shown(value)}” não é uma data em “{key}”; o formato é AAAA-MM-DD.")


def _dates(given: Mapping[str, Any], key: str, reason: str) -> dict[date, str]:
    values = given.get(key)
    if values is None:
        return {}
    if not isinstance(values, list):
        raise Wrong(f"“{key}” deve ser uma lista de datas no formato AAAA-MM-DD.")
    return {_date(value, key): reason for value in values}


def _amount(value: Any) -> int:
    if value is None:
        raise Wrong("Falta “amount”, o tamanho do prazo.")
    if isinstance(value, bool) or not isinstance(value, int):
        raise Wrong(f"“{_shown(value)}” não é um número inteiro em “amount”.")
    return value


def _flag(given: Mapping[str, Any], key: str, default: bool) -> bool:
    value = given.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise Wrong(f"“{key}” deve ser true ou false.")
    return value


def _shown(value: Any) -> str:
    """The beginning of what was given, fit to be printed whatever it is."""
    return str(value)[:60].encode("utf-8", "replace").decode()
