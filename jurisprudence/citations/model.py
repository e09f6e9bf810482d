"""What the recogniser hands over: a citation, where it stands, and what it says."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """What is cited. The values are part of the contract of `check_citations`."""

    PROCESSO = "processo"  # a case number of Resolução CNJ 65/2008
    SUMULA = "sumula"
    SUMULA_VINCULANTE = "sumula_vinculante"
    TEMA = "tema"  # of repercussão geral or of recursos repetitivos
    ORIENTACAO = "orientacao"  # orientação jurisprudencial of the TST
    PRECEDENTE_NORMATIVO = "precedente_normativo"  # of the TST
    ENUNCIADO = "enunciado"  # of a study group (FONAJE, Jornadas): binds nobody
    DECISAO = "decisao"  # by class and number: REsp 1.234.567/SP
    ARTIGO = "artigo"
    LEI = "lei"  # a law or code without an article
    DATA = "data"  # only where it faults the decision it belongs to


@dataclass(frozen=True)
class Passage:
    """A slice of the text: `text == whole[start:end]`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True)
class Quotation(Passage):
    """Words in quotation marks; `negated`: the author says a "não" of her own right before them."""

    negated: bool = False


@dataclass(frozen=True)
class Dated(Passage):
    """A date as it is written; `day` is None where the calendar has no such day.

    `published`: of a publication, which the gazettes date ahead.
    """

    day: datetime.date | None
    published: bool = False


@dataclass(frozen=True)
class Law:
    """The law that is named: the `key` of `laws.LAWS` if it is known there, or what is written.

    `local` is a law of a state or a city, whose number says nothing about the federal one.
    """

    label: str  # "CPC", "Lei 8.078/1990"
    kind: str = ""  # "Lei", "Lei Complementar", "Decreto"…; empty for a code named by its name
    number: str = ""  # without points
    year: int | None = None
    local: bool = False


@dataclass(frozen=True)
class Citation:
    """One authority that a text relies on. Which of the fields after `normalized` are filled depends on `kind`."""

    start: int
    end: int
    text: str
    kind: Kind
    normalized: str = ""
    court: str = ""  # abbreviation: "STJ", "TJSP", "TRF4"; empty if the text does not say
    number: int | None = None
    series: str = ""  # "SDI-1" of an orientação, "repercussão geral" of a tema
    category: str = ""  # class of a decision: "AgInt no AREsp"
    state: str = ""  # "SP"
    digits: str = ""  # of a case number, as many as there are, without its mask
    suffix: str = ""  # "A" of art. 1.240-A
    until: int | None = None  # the last article of a range
    until_suffix: str = ""
    pinpoint: str = ""  # "§ 3º, II, a"
    law: Law | None = None
    guessed: bool = False  # the law is the one named nearby, which the text does not say to be that of the article
    quotation: Quotation | None = None  # what the text claims to be its words
    dates: tuple[Dated, ...] = ()  # of the judgment or its publication

    def but(self, **changes: object) -> Citation:
        return replace(self, **changes)  # type: ignore[arg-type]
