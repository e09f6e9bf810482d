"""What a citation leaves to its neighbours to say: of which court, of which law."""

from __future__ import annotations

import re

from jurisprudence.citations.articles import SAME_LAW
from jurisprudence.citations.courts import COURT, abbreviation
from jurisprudence.citations.model import Citation, Kind
from jurisprudence.citations.pieces import neighbours

SENTENCE = 120  # characters between a law and an article that it still governs
_JOINED = re.compile(
    r"\s{0,4}[,;]?\s{0,4}(?:e\b|ou\b|c/c|bem como|assim como|combinad[oa] com|cumulad[oa] com|"
    r"além|na forma)?\s{0,4}(?:(?:com\s)?(?:n?d?[oa]s?|ao?s?|à|às)\b)?\s{0,4}"
)
_TIGHT = re.compile(
    r"[\s,;:(–—-]{0,6}(?:(?:em|n[oa]s?|d[oa]s?|ao|aos|seus?|sua|os?|e|especificamente|notadamente|"
    r"especialmente|precisamente|mais)\s{1,4}){0,4}"
)
_ENDS = re.compile(r"[.;!?]\s+[A-ZÀ-Ý\"“*]|\n\s*\n")
_COURT_BEFORE = re.compile(
    COURT + r"[\s,:–—-]{1,4}(?:(?:por|meio|através|n[oa]s?|em|pel[oa]s?|d[ae]s?|su[ao]s?|editou|edita|aplicou|"
    r"cristalizou|consolidou|sumulou|com|a|as|o|os)\s{1,4}){0,6}$"
)
_WINDOW = 90
_NUMBERED = (Kind.SUMULA, Kind.TEMA)


def resolved(text: str, citations: list[Citation]) -> list[Citation]:
    """With courts and laws as the words around say; a law that only introduces articles becomes part of the first."""
    citations = _laws_joined(text, citations)
    _later_says(text, citations)
    _earlier_says(text, citations)
    return citations


def _laws_joined(text: str, citations: list[Citation]) -> list[Citation]:
    """`Lei nº 8.078/90, art. 6º` and `o CPC, em seus arts. 926 e 927` are one citation of an article each."""
    joined: list[Citation] = []
    for citation in citations:
        law = joined[-1] if joined else None
        if law and _introduces(text, law, citation):
            joined.pop()
            start = law.start
            citation = citation.but(start=start, text=text[start : citation.end], law=law.law)
        elif joined and _goes_on(text, joined[-1], citation):
            citation = citation.but(law=joined[-1].law)
        joined.append(citation)
    return joined


def _goes_on(text: str, before: Citation, citation: Citation) -> bool:
    """`CLT, arts. 818 e 832`: a number without "art." is of the law of the one before."""
    if not (before.kind is citation.kind is Kind.ARTIGO) or citation.law or not citation.text[0].isdigit():
        return False
    return bool(_JOINED.fullmatch(text, before.end, citation.start))


def _introduces(text: str, law: Citation, citation: Citation) -> bool:
    if law.kind is not Kind.LEI or citation.kind is not Kind.ARTIGO or citation.law not in (None, SAME_LAW):
        return False
    return bool(_TIGHT.fullmatch(text, law.end, citation.start))


def _later_says(text: str, citations: list[Citation]) -> None:
    """`Súmula 5 e Súmula 7, ambas do STJ`; `art. 186, bem como o art. 927, do CC`: the last speaks for all."""
    places = list(range(len(citations)))
    for this, following in neighbours(places):
        a, b = citations[this], citations[following]
        if a.kind is not b.kind or b.start - a.end > 40 or _ENDS.search(text, a.end, b.start + 1):
            continue
        joined = bool(_JOINED.fullmatch(text, a.end, b.start))
        if a.kind is Kind.ARTIGO and a.law is None and b.law not in (None, SAME_LAW):
            citations[this] = a.but(law=b.law, guessed=b.guessed or not joined)
        elif not joined:
            continue
        elif a.kind in _NUMBERED and not a.court and b.court:
            citations[this] = a.but(court=b.court, series=b.series)
        elif a.kind is Kind.ORIENTACAO and not a.series and b.series:
            citations[this] = a.but(series=b.series)


def _earlier_says(text: str, citations: list[Citation]) -> None:
    last: Citation | None = None  # the last that named a law
    named: dict[tuple[Kind, int | None], str] = {}  # courts, by what was named in full before; "" for more than one
    for place, citation in enumerate(citations):
        if citation.kind is Kind.ARTIGO:
            citation = _with_law(text, citation, last)
        elif citation.kind in _NUMBERED and not citation.court:
            citation = _with_court(text, citation, citations[max(0, place - 1) : place + 2], named)
        if citation.law:
            last = citation
        if citation.court:
            key = citation.kind, citation.number
            named[key] = citation.court if named.get(key, citation.court) == citation.court else ""
        citations[place] = citation


def _with_law(text: str, citation: Citation, last: Citation | None) -> Citation:
    if citation.law == SAME_LAW:
        return citation.but(law=last.law if last else None, guessed=bool(last and last.guessed))
    if citation.law or last is None:
        return citation
    far = citation.start - last.end > SENTENCE or _ENDS.search(text, last.end, citation.start + 1)
    return citation if far else citation.but(law=last.law, guessed=True)


def _with_court(
    text: str, citation: Citation, around: list[Citation], named: dict[tuple[Kind, int | None], str]
) -> Citation:
    found = _COURT_BEFORE.search(text, max(0, citation.start - _WINDOW), citation.start)
    before = around[0]
    if before.kind is citation.kind and before.court and citation.text[0].isdigit():
        return citation.but(court=before.court, series=before.series)  # "STF: Súmulas 282 e 356"
    court = abbreviation(found) if found else named.get((citation.kind, citation.number), "")
    if citation.kind is not Kind.TEMA:
        return citation.but(court=court)
    court = court or next((other.court for other in around if _leads(text, citation, other)), "")
    return citation.but(court=court, series={"STF": "repercussão geral", "STJ": "repetitivos"}.get(court, ""))


def _leads(text: str, tema: Citation, case: Citation) -> bool:
    """`RE 574.706 (Tema 69)`, `Tema 1.184 (RE 1.355.208)`: a tema is of the court of its case."""
    if case.kind is not Kind.DECISAO or case.court not in ("STF", "STJ"):
        return False
    if case.start < tema.start:
        return tema.start - case.end < 40
    return text[tema.end : case.start].strip() == "("
