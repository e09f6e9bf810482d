"""What courts have numbered: súmulas, temas, orientações jurisprudenciais, precedentes normativos, enunciados."""

from __future__ import annotations

import re

from jurisprudence.citations.courts import OF_COURT, abbreviation
from jurisprudence.citations.model import Citation, Kind
from jurisprudence.citations.pieces import END, LONGEST_LIST, NUMBER, ROMAN, SIGN, SS, Matcher, S, integer, pointed

Found = tuple[list[Citation], int]

_PLURAL = Matcher(r"[^\W\d_]{1,13}s\b(?!\.)")
_COMMA = Matcher(r"\s?,")
_BOLD = r"\*{0,2}"
_FIRST = Matcher(rf"{S}(?::{S})?{SIGN}?{_BOLD}(?P<number>{NUMBER})(?!%|/\d|,\d)")
_ANOTHER = (
    rf"(?:{S}[,;]{S}(?:(?i:e|ou|além){SS})?|{SS}(?i:e|ou|e/ou|c/c){SS})(?:(?i:d?as?|à|às|"
    rf"os?){SS})?{SIGN}?(?P<number>{NUMBER})(?!%|/\d|,\d|[º°ª])"
)
_NEXT_OF_SEVERAL = Matcher(_ANOTHER)
# After "Súmula 7 e 30 dias" only what ends like a list is another one.
_NEXT = Matcher(
    rf"{_ANOTHER}(?={S}(?:[,;.)/:—–-]|$|(?i:e|ou|d[oa]s?|n[oa]|ambas|ambos|todas|todos|amb[ao]s|"
    rf"c/c)\b|\(?(?:STF|STJ|TST|TSE|TJ|TRF|TRT|TNU|SBDI|SDI|SDC)))"
)
_ITEMS = Matcher(
    rf"{S},?{S}(?:(?i:it(?:em|ens)|incisos?){SS})?(?=[IVX]){ROMAN}{END}(?:{S}(?:,|"
    rf"e){S}(?=[IVX]){ROMAN}{END}){{0,6}}(?:{S},?{S}(?:(?i:al[íi]nea){SS})?[\"“'‘][a-z][\"”'’])?"
    rf"|{S},?{S}(?i:it(?:em|ens)){SS}(?:\d|[\"“'‘]?[a-z]\b).{{0,2}}"
)
# "Súmulas aplicáveis: 297 e 381 do STJ"
_LABEL = (
    rf"(?:{S}(?i:aplic(?:[áa]ve(?:l|is)|ad[ao]s?)|citad[ao]s?|invocad[ao]s?|incidentes?|pertinentes?|correlat[ao]s?|"
    rf"relacionad[ao]s?|violad[ao]s?|correspondentes?)(?={S}:))?"
)
_SUMULA = Matcher(
    rf"(?:(?i:s[úu]mulas?|s[úu]ms?\.){END}?|"
    rf"S[uú]m\b\.?){S}(?:(?i:de{SS}jurisprud[êe]ncia(?:{SS}dominante)?|"
    rf"persuasiva){SS})?(?P<binding>(?i:vinculantes?|vinc\.)|(?i:v\.){SS}(?=n))?{_LABEL}"
)
_SV = Matcher(rf"SVs?{END}|S\.V\.")
_STATEMENT = Matcher(
    rf"(?i:enunciados?|verbetes?){SS}(?:(?i:sumular(?:es)?|"
    rf"da{SS}s[úu]mula){SS})?(?:(?P<binding>(?i:vinculantes?)){SS})?(?=\S)"
)
_OF_SUMULA = Matcher(
    rf"{S},?{S}(?i:d[ao]s?{SS}s[úu]mulas?)(?:{SS}(?P<binding>(?i:vinculantes?))"
    rf")?(?:{SS}(?i:de{SS}jurisprud[êe]ncia)(?:{SS}(?i:dominante|predominante|uniforme))?)?"
)
_GROUP = Matcher(
    rf"{S}(?i:d[oae]s?|n[oa]){SS}(?P<group>FONAJEF?|CJF|FPPC|ENFAM|CNJ|JDC|(?:(?:[IVX]+|"
    rf"\d+ª){SS})?(?i:jornadas?){SS}(?i:de|d[oa]){SS}[A-ZÀ-Ú]\w+(?:{SS}[A-ZÀ-Ú]\w+){{0,3}}"
    rf"|(?i:f[óo]rum{SS}(?:nacional|permanente))|(?i:conselho{SS}da{SS}justi[çc]a{SS}federal))|"
    rf"{S}[/–—-]{S}(?P<group2>FONAJEF?|CJF|FPPC)"
)


def numbers(text: str, start: int, at: int, kind: Kind) -> list[Citation]:
    """A list of numbers of one kind from `at` on; the first begins at `start`, where its name does."""
    first = _FIRST(text, at)
    if not first:
        return []
    found: re.Match[str] | None = first
    several, citations = bool(_PLURAL(text, start)), list[Citation]()
    while found and len(citations) < LONGEST_LIST:
        end = _ITEMS.after(text, found.end()) if kind in (Kind.SUMULA, Kind.ORIENTACAO) else found.end()
        number = integer(found["number"])
        citations.append(Citation(start, end, text[start:end], kind, number=number))
        found = (_NEXT_OF_SEVERAL if several else _NEXT)(text, end)
        start = found.start("number") if found else end
    return citations


def extended(text: str, citations: list[Citation], end: int, **changes: object) -> list[Citation]:
    """What follows a list belongs to all in it, and is part of the last one's text."""
    last = citations[-1]
    citations[-1] = last.but(end=end, text=text[last.start : end])
    return [citation.but(**changes) for citation in citations]


def _court_after(text: str, citations: list[Citation]) -> list[Citation]:
    found = OF_COURT(text, citations[-1].end)
    if not found:
        return citations
    return extended(text, citations, _closed(text, citations[-1].start, found.end()), court=abbreviation(found))


def _closed(text: str, start: int, end: int) -> int:
    """With the parenthesis that was opened inside: `Súmula 7 (STJ)`."""
    inside = text[start:end]
    return end + (text[end : end + 1] == ")" and inside.count("(") > inside.count(")"))


def sumulas_at(text: str, at: int) -> Found | None:
    head = _SUMULA(text, at)
    if not head:
        return None
    return _listed(text, at, head.end(), Kind.SUMULA_VINCULANTE if head["binding"] else Kind.SUMULA)


def vinculantes_at(text: str, at: int) -> Found | None:
    head = _SV(text, at)
    return _listed(text, at, head.end(), Kind.SUMULA_VINCULANTE) if head else None


def _listed(text: str, start: int, at: int, kind: Kind) -> Found | None:
    before = OF_COURT(text, at)  # "Súmula do STJ nº 7", "Súmula STJ 7", "súmulas do STJ, nº 5 e 7"
    citations = numbers(text, start, _COMMA.after(text, before.end()) if before else at, kind)
    if not citations:
        return None
    if before:
        citations = [citation.but(court=abbreviation(before)) for citation in citations]
    else:
        citations = _court_after(text, citations)
    _more_courts(text, citations, kind)
    return citations, citations[-1].end


def _more_courts(text: str, citations: list[Citation], kind: Kind) -> None:
    """`Súmulas 282 e 356 do STF e 7 do STJ`: another list with a court of its own."""
    while citations[-1].court and len(citations) < LONGEST_LIST and (found := _NEXT(text, citations[-1].end)):
        start = found.start("number")
        others = _court_after(text, numbers(text, start, start, kind))
        if not others or not others[-1].court:
            return
        citations.extend(others)


def statements_at(text: str, at: int) -> Found | None:
    """`enunciado 331 da Súmula do TST`, `verbete sumular nº 83 do STJ`; and those of study groups."""
    head = _STATEMENT(text, at)
    citations = numbers(text, at, head.end(), Kind.SUMULA) if head else []
    if not head or not citations:
        return None
    if group := _GROUP(text, citations[-1].end):
        name = " ".join((group["group"] or group["group2"]).split())
        citations = extended(text, citations, group.end(), kind=Kind.ENUNCIADO, series=name)
        return citations, citations[-1].end
    kind, named = Kind.SUMULA_VINCULANTE if head["binding"] else Kind.SUMULA, "mul" in head.group().lower()
    if of := _OF_SUMULA(text, citations[-1].end):
        kind, named = Kind.SUMULA_VINCULANTE if of["binding"] else kind, True
        citations = extended(text, citations, of.end())
    citations = [citation.but(kind=kind) for citation in _court_after(text, citations)]
    if not named and not citations[-1].court and kind is Kind.SUMULA:
        return None  # "enunciado 3 da prova"
    return citations, citations[-1].end


# Temas --------------------------------------------------------------------------------------------

_TEMA = Matcher(
    rf"(?i:temas?){END}(?:{SS}(?P<before>(?i:repetitivos?|(?:de|da|em){SS}repercuss[ãa]o{SS}geral|"
    rf"(?:de|dos){SS}recursos{SS}repetitivos)|RG))?{_LABEL}"
)
_RG = (
    r"(?:sistem[áa]tica\s{1,4}da\s{1,4}|tabela\s{1,4}d[ae]\s{1,4}|"
    r"regime\s{1,4}d[ae]\s{1,4})?(?:temas\s{1,4}d[ae]\s{1,4})?repercuss[ãa]o\s{1,4}geral"
)
_TAIL = Matcher(
    rf"{S},?{S}[(/–—-]?{S}(?:(?i:(?:amb[ao]s{SS}|tod[ao]s{SS})?(?:d[aeo]s?|em|"
    rf"sob{SS}o{SS}rito{SS}d[oae]s?|n[oa]s?){SS})?"
    rf"(?:(?P<labour>IRRs?{END}|(?i:(?:tabela{SS}d[aeo]s?{SS})?(?:incidentes?{SS}de{SS})?recursos{SS}de{SS}revista"
    rf"(?:{SS}repetitivos)?){END})|(?P<incident>IRDRs?{END})|(?P<general>(?i:{_RG})|RG{END})|(?P<repeated>(?i:(?:recursos{SS}(?:especiais{SS})?)?repetitivos?){END})))"
)


def temas_at(text: str, at: int) -> Found | None:
    head = _TEMA(text, at)
    if not head:
        return None
    before = OF_COURT(text, head.end())
    start = before.end() if before else head.end()
    citations = _temas(text, at, start, abbreviation(before) if before else "", head["before"] or "")
    if not citations:
        return None
    while citations[-1].court and len(citations) < LONGEST_LIST and (found := _NEXT(text, citations[-1].end)):
        others = _temas(text, found.start("number"), found.start("number"))
        if not others or not others[-1].court:
            break
        citations.extend(others)
    if not citations[0].court and not _surely(text, head, citations[0]):
        return None  # "o tema 2 da pauta", "Tema 1: dos fatos"
    return citations, citations[-1].end


def _surely(text: str, head: re.Match[str], first: Citation) -> bool:
    if re.search(r"(?i)n[º°.ú]", text[head.end() : first.end]) or "." in first.text:
        return True
    return text[head.start()].isupper() and (first.number or 0) > 19


def _temas(text: str, start: int, at: int, court: str = "", before: str = "") -> list[Citation]:
    citations = numbers(text, start, at, Kind.TEMA)
    if not citations:
        return []
    citations, court, series = _tails(text, citations, court, before)
    return [citation.but(court=court, series=series) for citation in citations]


def _tails(text: str, citations: list[Citation], court: str, before: str) -> tuple[list[Citation], str, str]:
    general, repeated = "eral" in before or "RG" in before, "epetitivo" in before.lower()
    for _ in range(3):
        end = citations[-1].end
        if tail := _TAIL(text, end):
            general, repeated = general or bool(tail["general"]), repeated or bool(tail["repeated"])
            court = court or ("TST" if tail["labour"] else "")
        elif not (tail := OF_COURT(text, end)):
            break
        else:
            court = court or abbreviation(tail)
        citations = extended(text, citations, _closed(text, citations[-1].start, tail.end()))
    court = court or ("STF" if general else "STJ" if repeated else "")
    series = {"STF": "repercussão geral", "STJ": "repetitivos"}.get(court, "")
    return citations, court, series


# TST ----------------------------------------------------------------------------------------------

_SECTION = (
    rf"(?P<section>S(?:[Bb])?DI|(?i:subse[çc][ãa]o){SS}(?=[I12])|SDC|"
    rf"(?i:se[çc][ãa]o{SS}(?:especializada{SS}em{SS}|de{SS})?diss[íi]dios{SS}coletivos)|"
    rf"(?i:tribunal{SS}pleno|[óo]rg[ãa]o{SS}especial)|TP/OE|TP|OE)(?:{S}[-–]?{S}(?P<part>II|I|1|2)"
    rf"(?:{SS}(?i:especializada{SS}em{SS}diss[íi]dios{SS}individuais))?)?"
    rf"(?P<passing>{S}[-–]?{S}(?:T{END}|\(?(?i:transit[óo]ria)\)?))?"
)
_OJ = Matcher(
    rf"(?:OJ(?:s|'s)?(?P<t>-?T)?{END}|(?i:orienta(?:[çc][ãa]o|[çc][õo]es){SS}jurisprudencia(?:l|is)"
    rf"))(?P<passing0>{SS}(?i:transit[óo]rias?))?"
)
_OF_SECTION = Matcher(
    rf"{S},?{S}[(/–—-]?{S}(?:(?i:d[oa]s?|tod[ao]s{SS}da|amb[ao]s{SS}da){SS}(?:(?i:c\.|e\.|"
    rf"egr[ée]gia|colenda){SS})?)?{_SECTION}(?![^\W_])\)?"
)
_PN = Matcher(rf"(?:PNs?{END}|(?i:precedentes?{SS}normativos?))")
_OF_SDC = Matcher(rf"{S},?{S}[/(–—-]?{S}(?:(?i:d[oa]){SS})?SDC{END}\)?")


def orientations_at(text: str, at: int) -> Found | None:
    head = _OJ(text, at)
    if not head:
        return None
    section = _OF_SECTION(text, head.end())
    begin = section.end() if section else head.end()
    citations = numbers(text, at, begin + (text[begin : begin + 1] in ("-", "–")), Kind.ORIENTACAO)
    if not citations:
        return None
    if not section and (section := _OF_SECTION(text, citations[-1].end)):
        citations = extended(text, citations, section.end())
    citations = _court_after(text, citations)
    passing = bool(head["t"] or head["passing0"])
    series = _series(section, passing=passing) if section else "SDI-1T" if passing else ""
    return [citation.but(series=series, court=citation.court or "TST") for citation in citations], citations[-1].end


def _series(section: re.Match[str], *, passing: bool) -> str:
    name, part = section["section"].upper(), {"I": "1", "II": "2"}.get(section["part"], section["part"])
    if name == "SDC" or "COLETIV" in name:
        return "SDC"
    if "DI" not in name and not name.startswith("SUBSE"):
        return "TP/OE"
    if passing or section["passing"]:
        return "SDI-1T"
    return f"SDI-{part}" if part else ""


def normatives_at(text: str, at: int) -> Found | None:
    head = _PN(text, at)
    citations = numbers(text, at, head.end(), Kind.PRECEDENTE_NORMATIVO) if head else []
    if not head or not citations:
        return None
    written_out, end = len(head.group()) > 3, citations[-1].end
    sdc = _OF_SDC(text, end)
    if sdc:
        citations = extended(text, citations, sdc.end())
    citations = _court_after(text, citations)
    if not (written_out or sdc or citations[-1].court):
        return None
    return [citation.but(court=citation.court or "TST") for citation in citations], citations[-1].end


def name_of(citation: Citation) -> str:
    """One spelling for all: `Súmula 7 do STJ`, `Tema 1.046 da repercussão geral`, `OJ 394 da SDI-1 do TST`."""
    number = pointed(citation.number or 0)
    match citation.kind:
        case Kind.SUMULA_VINCULANTE:
            return f"Súmula Vinculante {number}"
        case Kind.TEMA if citation.court == "STF":
            return f"Tema {number} da repercussão geral"
        case Kind.TEMA if citation.court == "STJ":
            return f"Tema {number} dos repetitivos"
        case Kind.ORIENTACAO:
            return f"OJ {number}{f' da {citation.series}' if citation.series else ''} do TST"
        case Kind.PRECEDENTE_NORMATIVO:
            return f"Precedente Normativo {number} do TST"
        case Kind.ENUNCIADO:
            return f"Enunciado {number} ({citation.series})"
    name = "Tema" if citation.kind is Kind.TEMA else "Súmula"
    return f"{name} {number}{of_court(citation.court)}"


def of_court(court: str) -> str:
    if not court:
        return ""
    return f" da {court}" if court in ("TNU",) else f" do {court}"
