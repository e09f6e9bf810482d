"""What stands by a citation and belongs to it: words in quotation marks said to be its own, and dates of a judgment."""

from __future__ import annotations

import datetime
import re
from bisect import bisect_left

from jurisprudence.citations.comparing import NEGATIONS
from jurisprudence.citations.courts import plain
from jurisprudence.citations.model import Citation, Dated, Kind, Quotation

# Quotations -----------------------------------------------------------------------------------------

LEAST = 20  # characters: shorter ones are terms, not quotations
QUOTED = (Kind.SUMULA, Kind.SUMULA_VINCULANTE, Kind.TEMA, Kind.ORIENTACAO, Kind.PRECEDENTE_NORMATIVO)
_QUOTATION = re.compile(
    rf"“(?P<curved>[^“”]{{{LEAST},4000}})”|\"(?P<straight>[^\"]{{{LEAST},4000}})\"|«(?P<angled>[^«»]{{{LEAST},4000}})»"
    r"|(?m:^(?P<block>>[^\n]*(?:\n>[^\n]*)*))"
)
_NEGATED = re.compile(rf"\b(?:{'|'.join(NEGATIONS)})[\s*_]{{1,4}}$".replace("nao", "n[ãa]o"), re.IGNORECASE)
_FAR = 160
_ATTRIBUTING = frozenset(
    re.findall(
        r"\w+",
        "a abaixo afirma ao as assenta assevera assim c cf clara claro com como conforme consagra consoante "
        "consolida consolidou conteudo corte cuja cujo da das de determina dicta dispoe dispor diz do dos e "
        "editada editou em entendimento enuncia enunciado esta estabelece estabeleceu expressa expressamente "
        "expresso firmada firmou fixa fixada fixou in literal literalmente litteram na nas nestes no nos o "
        "ora orienta orientacao os pela pelo possui preconiza prescreve preve quais qual que redacao redigida "
        "reza se segue seguinte seguintes segundo sendo sentido stf stj sumula sumular te tem teor termos "
        "tese texto textual textualmente transcreve transcrevo transcrita tribunal tst vazada vazado verbete "
        "verbis verbo ",
    )
)
_BEFORE_CITATION = re.compile(
    r"\s{0,4}[.,;]?\s{0,4}[(\[–—-]?\s{0,4}(?:(?:é|como|[oa]|que|conforme|nos|termos|segundo|"
    r"consoante|diz|dispõe|prevê|teor|dicção|reza|estabelece|enuncia|"
    r"assim|d[aeo]s?|n[ao]|à|luz|enunciado|verbete|cf\.?|vide|v\.|st[fj],?|tst,?)\s{1,4}){0,7}[(]?",
    re.IGNORECASE,
)

# Dates ----------------------------------------------------------------------------------------------

_AHEAD = 400
_MONTHS = (
    "janeiro",
    "fevereiro",
    "marco",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
)
_DAY = (
    r"(?P<d>\d{1,2})\s?(?:[/.-]\s?(?P<m>\d{1,2})\s?[/.-]\s?(?P<y>\d{4}|\d{2})(?!\d)"
    r"|[º°o]?\s{1,4}de\s{1,4}(?P<name>[a-zA-ZçÇ]{4,9})\s{1,4}de\s{1,4}(?P<long>\d{4})(?!\d))"
)
_DATED = re.compile(
    rf"(?i:\b(?:julgad[oa]s?|julgamento|julg\.|j\.|publicad[oa]s?|publica[çc][ãa]o|publ\.|p\.(?=\s{{0,4}}(?:em|n[oa]|DJ))|"
    rf"DJ-?[eu]?|DEJT|DOU)(?:\s{{0,4}}(?:em|n[oa]|de|:|,|-|DJ-?[eu]?|DEJT|sess[ãa]o|dia)"
    rf"){{0,4}}\s{{0,4}})(?P<date>{_DAY})"
)
# What a date of the decision itself comes after: a sign, a name, its own noun; not "a sentença publicada em".
_ITS_OWN = re.compile(
    r"(?:^|[\n,;.:()\[\]–—|/-]|\b(?:foi|e|ac[óo]rd[ãa]o|decis[ãa]o|data|turma|se[çc][ãa]o|c[âa]mara|plen[áa]rio|pleno|"
    r"unânime|v\.u|[A-ZÀ-Ý][\w.]*))\s{0,4}$"
)
_PARAGRAPH = re.compile(r"\n\s*\n")


def with_surroundings(text: str, citations: list[Citation]) -> list[Citation]:
    return _with_quotations(text, _with_dates(text, citations))


def _with_quotations(text: str, citations: list[Citation]) -> list[Citation]:
    if not citations:
        return citations
    starts = [citation.start for citation in citations]
    for found in _QUOTATION.finditer(text):
        place = _owner(text, citations, starts, found)
        if place is not None and citations[place].quotation is None:
            citations[place] = citations[place].but(quotation=_quotation(found))
    return citations


def _quotation(found: re.Match[str]) -> Quotation:
    group = found.lastgroup or 0
    negated = _NEGATED.search(found.string, max(0, found.start() - 12), found.start()) is not None
    return Quotation(found.start(group), found.end(group), found[group], negated)


def _owner(text: str, citations: list[Citation], starts: list[int], found: re.Match[str]) -> int | None:
    """Whose words these are said to be, if the text says so plainly."""
    after = bisect_left(starts, found.start())
    before = after - 1
    if before >= 0 and citations[before].end <= found.start() and _introduced(text, citations, before, found.start()):
        return before
    while after < len(citations) and citations[after].start < found.end():
        after += 1  # cited inside the quotation
    if after < len(citations) and citations[after].kind in QUOTED:
        gap = citations[after].start - found.end()
        if gap < 80 and _BEFORE_CITATION.fullmatch(text, found.end(), citations[after].start):
            return after if not _in_a_list(citations, after) else None
    return None


def _introduced(text: str, citations: list[Citation], place: int, quotation: int) -> bool:
    citation = citations[place]
    if citation.kind not in QUOTED or quotation - citation.end > _FAR or _in_a_list(citations, place):
        return False
    return all(word in _ATTRIBUTING for word in plain(text[citation.end : quotation]).split())


def _in_a_list(citations: list[Citation], place: int) -> bool:
    """`Súmulas 5 e 7 do STJ: "…"`: nobody can tell of which."""
    here = citations[place]
    beside = [citations[other] for other in (place - 1, place + 1) if 0 <= other < len(citations)]
    return any(
        other.kind is here.kind and max(other.start, here.start) - min(other.end, here.end) < 8 for other in beside
    )


def _with_dates(text: str, citations: list[Citation]) -> list[Citation]:
    """Those of judgment and publication that follow a decision, up to the next authority or the end of the paragraph.

    A law has dates too, and those after it are its own.
    """
    ends = len(text)
    for place in range(len(citations) - 1, -1, -1):
        citation = citations[place]
        if citation.kind in (Kind.LEI, Kind.ARTIGO):
            ends = citation.start
        if citation.kind not in (Kind.DECISAO, Kind.PROCESSO):
            continue
        until = min(ends, citation.end + _AHEAD)
        if paragraph := _PARAGRAPH.search(text, citation.end, until):
            until = paragraph.start()
        dates = tuple(
            _dated(found)
            for found in _DATED.finditer(text, citation.end, until)
            if _ITS_OWN.search(text[max(citation.end, found.start() - 40) : found.start()])
        )
        if dates:
            citations[place] = citation.but(dates=dates)
        ends = citation.start
    return citations


def _dated(found: re.Match[str]) -> Dated:
    published = found.group()[0] in "pPdD"  # "publicado", "p.", "DJe"
    return Dated(found.start("date"), found.end("date"), found["date"], _day(found), published)


def _day(found: re.Match[str]) -> datetime.date | None:
    year = int(found["y"] or found["long"])
    if year < 100:
        year += 2000 if year < 50 else 1900
    month = _MONTHS.index(name) + 1 if (name := plain(found["name"] or "")) in _MONTHS else int(found["m"] or 0)
    try:
        return datetime.date(year, month, int(found["d"]))
    except ValueError:
        return None
