"""Articles: `art. 5º, XXXV, da CF`, `arts. 186 e 927 do Código Civil`, `alínea a do inciso III do art. 105`."""

from __future__ import annotations

import re

from jurisprudence.citations.courts import plain
from jurisprudence.citations.model import Citation, Kind, Law
from jurisprudence.citations.naming import law_at, of
from jurisprudence.citations.pieces import END, LONGEST_LIST, ROMAN, SS, Matcher, S, flat, integer, pointed

_QUOTE = r"[\"“”'‘’*_`´]{0,3}"
_HEAD = Matcher(rf"(?i:arts?\b\s?\.?|artigos?{END}){S}(?:-(?=\d))?(?:(?i:n[º°.]){S})?")
_ARTICLE = (
    r"(?P<n>\d{1,2}\.\d{3}|\d{1,4})(?!\d)(?:\.\d{1,2}(?:\.[a-z](?![^\W_])|(?![\d.])))?(?:\.?\s?[º°ª]|\.?o(?![^\W_])(?:\.(?=\s?[,§]))?"
    r"|\.(?=\s{1,4}d[oa]s?\s))?"
    r"(?:[-–](?P<suffix>[A-Z]{1,2})(?![^\W_]))?"
)
_NUMBER = Matcher(_ARTICLE)
_WRITTEN = {
    "primeiro": 1, "segundo": 2, "terceiro": 3, "quarto": 4, "quinto": 5, "sexto": 6, "setimo": 7, "oitavo": 8,
    "nono": 9, "decimo": 10,
}  # fmt: skip
_WRITTEN_OUT = Matcher(rf"(?P<n>(?i:{'|'.join(_WRITTEN)}|s[ée]timo|d[ée]cimo)){END}(?P<suffix>(?!))?")
# What may follow a number that goes on a list without "art.": not a month, a measure or a person's business.
_FOLLOW = (
    rf"(?!%|/\d|,\d|\.\d)(?={S}(?:[,;.)\]:]|/(?=[A-Z])|$|(?i:e|ou|a|até|d[oa]s?|c/c|caput|par[áa]grafos?|inc|"
    rf"incisos?|todos|ambos|al[íi]nea|n[oa])\b|§|[IVX]+\b|[A-Z]{{2,4}}\b))"
)
_UNTIL = rf"(?:ao?|até(?:{SS}o)?)"
_TO = Matcher(rf"(?:{SS}(?i:{_UNTIL}|usque){SS}|{S}[-–]{S})(?:(?i:arts?\.?|artigo){S})?{_ARTICLE}(?!%|/\d|,\d)")
_SLASH = Matcher(rf"/(?!(?:19|20)\d\d\b){_ARTICLE}(?!%|/\d|,\d)")  # "arts. 98/102"; "art. 5/88" is of a year
_PLURAL = Matcher(r"(?i:arts|artigos)\b")
_NEXT = Matcher(
    rf"(?:{S}[,;]{S}(?:(?i:e|ou|c/c|bem{SS}como){SS})?|{SS}(?i:e|ou|e/ou|c/c|c\.c\.|"
    rf"combinado{SS}com){SS})(?:(?i:d?os?|com{SS}os?|ao?s?){SS})?"
    rf"(?P<number>{_ARTICLE}){_FOLLOW}"
)
_ENDS_WELL = Matcher(_FOLLOW)

_ST = r"(?:\s?[º°ª]|\.º|o(?![^\W_])(?:\.(?=\s?,))?)"
_ORDINAL = rf"\d{{1,2}}{_ST}?(?:-[A-Z](?![^\W_]))?"
_STRICT = rf"\d{{1,2}}(?:{_ST}(?:-[A-Z](?![^\W_]))?|-[A-Z](?![^\W_]))"
_MORE = rf"(?:,|{SS}(?:e|{_UNTIL})|e)"
_ITEM = rf"(?=[IVX]|L[IVX]|X[LC]){ROMAN}(?:-[A-Z])?(?![^\W_])"
_LETTER = rf"{_QUOTE}(?!(?:d[aoe]|n[ao]|ou|[ao]s|em|ao|se|cc)\b)[a-z]{{1,2}}{_QUOTE}(?![^\W_])"
_PARTS = (
    rf"{_QUOTE}(?i:caput){_QUOTE}{END}",
    rf"§§{S}{_ORDINAL}(?:{S}{_MORE}\s{{1,4}}(?:§{S})?{_ORDINAL}){{0,8}}",
    rf"§{{1,2}}{S}(?:(?i:[úu]nico){END}|{_ORDINAL}(?:{S}{_MORE}\s{{1,4}}(?:§{S})?{_STRICT}){{0,8}})",
    rf"(?i:par[áa]grafos?|p[áa]r\.){S}(?:(?i:[úu]nico|[úu]n\.?){END}|{_ORDINAL}(?:{S}{_MORE}"
    rf"\s{{1,4}}{_STRICT}){{0,8}}|(?i:primeiro|segundo|terceiro|quarto|quinto|sexto){END})",
    r"(?i:p(?:ar|ár)?\.\s?[úu](?:nico|n)?\b\.?)",
    rf"(?i:incisos?|incs?\b\.?){S}(?i:{_ITEM}(?:{S}(?i:,|e|{_UNTIL}|ou){SS}{_ITEM}){{0,12}})",
    rf"{_ITEM}(?:{S}(?i:,|e|{_UNTIL}|ou){SS}{_ITEM}){{0,12}}",
    rf"(?:(?<=,\s)|(?<=,))\d{{1,2}}(?:\.\d)?{S}(?:,{S}(?![aeo]\b)[a-z](?![^\W_])|"  # "art. 8º, 2, h", of a treaty
    rf"(?=,{S}d[oa]{SS}(?:CADH|Conven[çc][ãa]o|Pacto)))",
    rf"(?i:al[íi]neas?|letras?|al\.){S}{_LETTER}(?:{S}(?i:,|e|a|ou){SS}{_LETTER}){{0,8}}",
    rf"[\"“'‘*_][a-zA-Z]{{1,2}}[\"”'’*_](?:{S}(?i:,|e|a|ou){SS}[\"“'‘*_][a-zA-Z]{{1,2}}[\"”'’*_]){{0,8}}",
    rf"(?i:par[áa]grafos){END}(?!\s?\d)|(?i:incisos){END}(?!\s?[IVXLivxl])",
    rf"(?i:item|n[º°]|n\.|n[úu]mero){S}{_ITEM}",
    rf"(?:(?<=,\s)|(?<=,))[a-z](?:{S}(?:,|{SS}e){SS}[a-z](?=\s*[,;.)]|{SS}d[oa]\b)){{0,6}}(?=\s{{0,4}}[,;)]|"
    rf"\s{{1,4}}d[oa]s?\b|\.(?:\s|$)|$)",
    rf"(?i:it(?:em|ens)|n[úu]mero){SS}\d{{1,2}}(?:{S}(?:,|e|a){SS}\d{{1,2}}){{0,4}}",
    rf"(?i:in{SS}fine|(?:primeira|segunda|[úu]ltima|1ª|2ª){SS}parte|parte{SS}final){END}",
)
_ANY_PART = "|".join(_PARTS)
_PART = Matcher(
    rf"{S}(?:,{S})?(?:(?i:e|ou|c/c){SS})?(?:(?i:d[oa]s?|seus?){SS})?(?P<part>{_ANY_PART}|"
    rf"\((?i:caput)\)|(?<=e\s)(?i:seguintes|ss\.?|segs\.?){END}|(?i:et{SS}seq\.?))"
    rf"(?!{S},?{S}(?i:d[oa]s?){SS}(?i:arts?|artigos?)\b)"  # that belongs to the next article
)
_OPENED = Matcher(rf"{S}\((?={S}(?:{_ANY_PART}))")
_FIRST_PART = Matcher(rf"(?P<part>{_ANY_PART})")
_UP = Matcher(
    rf"{S},?{S}(?:(?i:todos|ambos){SS})?(?i:d[oa]s?){SS}(?=(?:(?i:citado|referido|mesmo|"
    rf"mencionado){SS})?(?i:arts?\b|artigos?\b))(?:(?i:citado|referido|mesmo|mencionado){SS})?"
)
_WITHIN = Matcher(rf"{S},?{S}(?i:d[oa]s?){SS}(?P<part>{_ANY_PART})")

_OF_LAW = Matcher(
    rf"{S},?{S}(?:(?i:todos|todas|ambos|ambas|tudo){SS})?(?:(?i:previst[oa]s?|constantes?|"
    rf"inscrit[oa]s?|contid[oa]s?){SS})?"
    rf"(?:(?i:d[oa]s?|n[oa]s?){SS}|[/(–—-]{S}|(?<=\s)|(?<=,))(?:(?i:(?:atual|vigente|revogado|"
    rf"antigo|citad[oa]|referid[oa]|noss[oa]|própri[oa]|colend[oa]){SS})?)"
)
_BACK = Matcher(
    rf"{S},?{S}(?i:d[oa]{SS}(?:(?:mesm[oa]|referid[oa]|citad[oa]|aludid[oa]|mencionad[oa]|"
    rf"indigitad[oa]|supracitad[oa]){SS}"
    rf"(?:diploma(?:{SS}legal)?|c[óo]dex|c[óo]digo|lei|estatuto|norma|texto{SS}legal|"
    rf"codifica[çc][ãa]o)|(?:diploma{SS}legal|codex){SS}(?:citado|referido))){END}"
)
_CONSOLIDATED = Matcher(rf"{SS}(?i:consolidad[oa]|celetista)s?{END}")  # "art. 477 celetista"
_PRIVATE = Matcher(
    rf"{S},?{S}(?i:d[oae]{SS})(?P<name>RISTF|RISTJ|RITST|(?i:(?:regimento{SS}interno|"
    rf"estatuto{SS}social|contrato(?:{SS}social)?|edital|regulamento(?:{SS}geral)?|"
    rf"conven[çc][ãa]o(?:{SS}coletiva)?|c[óo]digo{SS}tribut[áa]rio{SS}(?:municipal|estadual|do{SS}munic[íi]pio)|c[óo]digo{SS}de{SS}obras|acordo{SS}coletivo|c[óo]digo{SS}de{SS}[ée]tica|provimento|"
    rf"portaria|resolu[çc][ãa]o|lei{SS}org[âa]nica))){END}"
)
SAME_LAW = Law("mesmo diploma")  # until it is known which was named before


def articles_at(text: str, at: int) -> tuple[list[Citation], int] | None:
    """The articles named from here on, with their law if it follows them, and where one stands after them."""
    head = _HEAD(text, at)
    found = _NUMBER(text, head.end()) if head else None
    if head and not found and (written := _WRITTEN_OUT(text, head.end())):
        citations, end = _group(text, at, written)
        return (citations, end) if citations[-1].law else None  # "o artigo primeiro da revista"
    if not head or not found or text[found.end() : found.end() + 1] == "%":
        return None
    return _group(text, at, found)


def from_within(text: str, at: int) -> tuple[list[Citation], int] | None:
    """`inciso III do art. 105`: the part is named before its article."""
    found = _FIRST_PART(text, at)
    levels: list[str] = []
    while found and len(levels) < 6:
        levels.append(found["part"])
        end = found.end()
        if up := _UP(text, end):
            return _below(text, at, up.end(), levels)
        found = _WITHIN(text, end) or _PART(text, end)
    return None


def _below(text: str, start: int, at: int, levels: list[str]) -> tuple[list[Citation], int] | None:
    parsed = articles_at(text, at)
    if not parsed:
        return None
    citations, end = parsed
    first = citations[0]
    pinpoint = ", ".join(_pinpoint(level) for level in reversed(levels))
    pinpoint = ", ".join(part for part in (first.pinpoint, pinpoint) if part)
    citations[0] = first.but(start=start, text=text[start : first.end], pinpoint=pinpoint)
    return citations, end


def _group(text: str, start: int, found: re.Match[str]) -> tuple[list[Citation], int]:
    citations, end = _listed(text, start, found)
    while citations[-1].law and len(citations) < LONGEST_LIST and (following := _NEXT(text, end)):
        others, after = _listed(text, following.start("number"), following)
        if not others[-1].law:
            break
        citations, end = citations + others, after  # "arts. 765 da CLT e 370 do CPC"
    return citations, end


def _listed(text: str, start: int, found: re.Match[str]) -> tuple[list[Citation], int]:
    citations: list[Citation] = []
    while True:
        citation = _one(text, start, found)
        citations.append(citation)
        following = _NEXT(text, citation.end)
        if not following:
            break
        start, found = following.start("number"), following
    return _with_law(text, citations)


def _one(text: str, start: int, found: re.Match[str]) -> Citation:
    end, until, until_suffix = found.end(), None, ""
    number = _WRITTEN.get(plain(found["n"])) or integer(found["n"])
    to = _TO(text, end) or (_SLASH(text, end) if _PLURAL(text, start) else None)
    if to and _further(to, number, found["suffix"]) and _ENDS_WELL(text, to.end()):
        end, until, until_suffix = to.end(), integer(to["n"]), to["suffix"] or ""
    begin = end
    opened = _OPENED(text, end)
    after = _parts(text, opened.end() if opened else end)
    if not opened:
        end = after
    elif text[after : after + 1] == ")":  # "art. 5º (caput e inciso X) da CF"
        end = _parts(text, after + 1)
    return Citation(
        start, end, text[start:end], Kind.ARTIGO, number=number, suffix=found["suffix"] or "", until=until,
        until_suffix=until_suffix, pinpoint=_pinpoint(text[begin:end]),
    )  # fmt: skip


def _parts(text: str, at: int) -> int:
    """Where the paragraphs, items and letters end that begin here."""
    for _ in range(8):
        part = _PART(text, at)
        if not part:
            break
        at = part.end()
    return at


def _further(to: re.Match[str], number: int, suffix: str | None) -> bool:
    return (integer(to["n"]), to["suffix"] or "") > (number, suffix or "")


def _with_law(text: str, citations: list[Citation]) -> tuple[list[Citation], int]:
    last = citations[-1]
    law, end = _law_after(text, last.end)
    if law is None:
        return citations, last.end
    citations[-1] = last.but(end=end, text=text[last.start : end])
    return [citation.but(law=law) for citation in citations], end


def _law_after(text: str, at: int) -> tuple[Law | None, int]:
    if (link := _OF_LAW(text, at)) and (named := law_at(text, link.end())):
        law, end = named
        closed = text[at : link.end()].rstrip().endswith("(") and text[end : end + 1] == ")"
        return law, end + closed
    if labour := _CONSOLIDATED(text, at):
        return Law("CLT"), labour.end()
    if back := _BACK(text, at):
        return SAME_LAW, back.end()
    if private := _PRIVATE(text, at):
        name = flat(private["name"])
        return Law(name[0].upper() + name[1:], kind="interna", local=True), private.end()
    return None, at


_WORDS = (
    (re.compile(r"(?i),?\s*\bincisos\s(?:e\spar[áa]grafos\b)?(?![IVXL])|\bincisos$"), ""),
    (re.compile(r"(?i)\bcaput\b"), "caput"),
    (re.compile(r"(?i)\b(?:incisos?|incs?\.?\s|al[íi]neas?|letras?|al\.|item(?=\s[IVXL])|n[º°.]\s?(?=[IVXL]))\s*"), ""),
    (re.compile(r"(?i),?\s*\be\s(?:seus\s)?par[áa]grafos\b(?!\s*\d)"), ""),
    (re.compile(r"(?i)\b(?:par[áa]grafo|p[áa]?r?\.)\s*[úu](?:nico|n)?\b\.?|§\s*único"), "parágrafo único"),
    (re.compile(r"(?i)\bp[áa]r(?:[áa]grafos?|\.)\s*(?=\d)"), "§ "),
    (re.compile(r"§\s*(?=\d)"), "§ "),
    (re.compile(r"(?<=\d)\s?(?:[°ª]|\.º|o\b\.?)"), "º"),
    (re.compile(r"[\"“”'‘’*_`´()]"), ""),
    (re.compile(r"(?i)\s*,?\s*(?:\be\s(?:seguintes|ss\.?|segs\.?)|et\sseq\.?)\s*$"), ""),
    (re.compile(r"\s+,"), ","),
)


def _pinpoint(text: str) -> str:
    """The part of an article in one spelling: `§ 3º, II, a`."""
    text = flat(text)
    for pattern, better in _WORDS:
        text = pattern.sub(better, text)
    text = re.sub(r"^(?:[,;]\s*)?(?:(?:e|ou|c/c|d[oa]s?|seus?)\s)?", "", text.strip())
    return re.sub(
        r"(?<=[\wº])(?<!\be)(?<!\bou)(?<!\ba)(?<!\bao)(?<!\baté)(?<!\baté\so)\s"
        r"(?=§|(?:parágrafo único|caput)\b|[IVXL]+\b)",
        ", ",
        text.strip(" ,;"),
    )


def name_of(citation: Citation) -> str:
    """`art. 1.022, II, do CPC`."""
    name = _numbered(citation.number or 0, citation.suffix)
    name = f"arts. {name} a {_numbered(citation.until, citation.until_suffix)}" if citation.until else f"art. {name}"
    if citation.pinpoint:
        name += f", {citation.pinpoint}"
    if citation.law is None:
        return name
    return f"{name}, {of(citation.law.label)}" if citation.pinpoint else f"{name} {of(citation.law.label)}"


def _numbered(number: int, suffix: str = "") -> str:
    return f"{pointed(number)}{'º' if number < 10 else ''}{'-' + suffix if suffix else ''}"
