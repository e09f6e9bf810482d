"""Precedents by their names: what is typed when one knows which one, and how each is called on a page."""

from __future__ import annotations

import re
from dataclasses import dataclass

from jurisprudence.precedents.known import class_of
from jurisprudence.precedents.models import Precedent
from projects.cnj import masked

Kind = Precedent.Kind
COURTS = ("STF", "STJ", "TST")  # those with súmulas that the whole country follows; offered where one chooses
MOST_DIGITS = 15


@dataclass(frozen=True)
class Named:
    """A precedent, as far as the words name it: what is empty may be anything."""

    kind: str = ""
    court: str = ""
    series: str = ""
    number: int = 0
    case_number: str = ""  # the twenty digits of a CNJ number


_COURT = r"(?P<court>STF|STJ|TST|TSE|STM|TNU|T[JR][A-Z]{1,3}\d{0,2})"
_NUMBER = r"(?:N[.º°O]*\s*)?(?P<number>\d{1,3}(?:\.\d{3})+|\d+)"
_AFTER = rf"(?:[\s/,-]+(?:D[OA]\s+)?{_COURT})?"
_SERIES = r"(?:[\s,]+(?:D[OA]\s+)?(?P<series>SDI-?\s?1\s?T|SDI-?\s?[12]|SDC|TP/?OE)(?:\s+TRANSIT[OÓ]RIA)?)?"
_KINDS = {
    Kind.SUMULA_VINCULANTE: r"(?:S[UÚ]MULA\s+VINCULANTE|S[UÚ]M\.?\s+VINC\.?|SV)",
    Kind.SUMULA: r"(?:S[UÚ]MULA|S[UÚ]M\.?|ENUNCIADO)",
    Kind.TEMA: r"TEMA(?:\s+REPETITIVO|\s+DE\s+REPERCUSS[AÃ]O\s+GERAL)?",
    Kind.ORIENTACAO: r"(?:ORIENTA[CÇ][AÃ]O\s+JURISPRUDENCIAL|OJ)",
    Kind.PRECEDENTE_NORMATIVO: r"(?:PRECEDENTE\s+NORMATIVO|PN)",
}
_RULES = {
    kind.value: re.compile(
        rf"{words}\s*(?:(?:D[OA]\s+)?(?P<before>{_COURT.replace('court', 'first')})\s*)?{_NUMBER}{_SERIES}{_AFTER}"
    )
    for kind, words in _KINDS.items()
}
_CASE = re.compile(rf"(?P<class>[A-Z][A-ZÀ-Ý .]{{0,60}}?)\s*{_NUMBER}(?:\s*[/-]\s*[A-Z]{{2}})?{_AFTER}")
_BARE = re.compile(rf"{_NUMBER}(?:\s*/\s*[A-Z]{{2}})?")
_CNJ = re.compile(r"\d{7}-?\d{2}\.?\d{4}\.?\d\.?\d{2}\.?\d{4}")


def named(typed: str) -> Named | None:
    """What a person asks for by its number: `súmula 7 stj`, `tema 1.046`, `REsp 1.234.567/SP`; None for other words."""
    text = re.sub(r"\s+", " ", typed).strip().upper()
    if len(text) > 120:
        return None
    if _CNJ.fullmatch(text):
        return Named(case_number=re.sub(r"\D", "", text))
    for kind, pattern in _RULES.items():
        if found := pattern.fullmatch(text):
            number = _number(found["number"])
            court = found["court"] or found["first"] or ("STF" if kind == Kind.SUMULA_VINCULANTE else "")
            return Named(kind, court, _series(found["series"]), number) if number else None
    if found := _BARE.fullmatch(text):
        return Named(number=number) if (number := _number(found["number"])) else None
    if (found := _CASE.fullmatch(text)) and (number := _number(found["number"])) > 99:
        return Named(Kind.DECISAO.value, found["court"] or "", class_of(found["class"]), number)
    return None


def _number(text: str) -> int:
    digits = text.replace(".", "")
    return int(digits) if len(digits) <= MOST_DIGITS else 0


def _series(text: str | None) -> str:
    plain = re.sub(r"[\s-]", "", text or "")
    return {"TPOE": "TP/OE"}.get(plain, re.sub(r"^SDI(?=\d)", "SDI-", plain))


def name_of(precedent: Precedent) -> str:
    """How it is called: `Súmula 7 do STJ`, `OJ 10 da SDI-1 do TST`, `AgInt no REsp 1.234.567 (STJ)`."""
    number = f"{precedent.number:,}".replace(",", ".")
    match precedent.kind:
        case Kind.DECISAO:
            case = number if precedent.number else masked(precedent.case_number)
            return " ".join(part for part in (precedent.case_class, case, f"({precedent.court})") if part)
        case Kind.SUMULA_VINCULANTE:
            return f"Súmula Vinculante {number}"
        case Kind.ORIENTACAO:
            body = "do" if precedent.series == "TP/OE" else "da"  # Tribunal Pleno ou Órgão Especial
            return f"OJ {number} {body} {precedent.series} do {precedent.court}"
    of = "da" if precedent.court == "TNU" else "do"  # Turma Nacional de Uniformização
    return f"{precedent.get_kind_display().capitalize()} {number} {of} {precedent.court}"
