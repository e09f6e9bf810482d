"""Citations in Portuguese legal text: `find(text)`.

Pure text work: no database, no network, no clock. A text is walked through once, word by word; a word that may begin a
citation hands over to the grammar of its kind, which reads a limited way ahead. What names its court or its law
elsewhere in the sentence is put right at the end (`resolving`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from jurisprudence.citations import articles, cases, rules
from jurisprudence.citations.model import Citation, Kind
from jurisprudence.citations.naming import law_at, more_laws
from jurisprudence.citations.pieces import Matcher
from jurisprudence.citations.resolving import resolved
from jurisprudence.citations.surroundings import with_surroundings

Grammar = Callable[[str, int], tuple[list[Citation], int] | None]


def _laws_at(text: str, at: int) -> tuple[list[Citation], int] | None:
    """A law without an article before it, or several: `Leis 8.212/91 e 8.213/91`."""
    first = law_at(text, at, alone=True)
    if first is None or text[max(0, at - 11) : at].lower() == "projeto de ":
        return None
    law, end = first
    citations = [Citation(at, end, text[at:end], Kind.LEI, law=law)]
    while law.number and (another := more_laws(text, at, end, law)):
        law, start, end = another
        citations.append(Citation(start, end, text[start:end], Kind.LEI, law=law))
    return citations, end


_INITIALS = Matcher(r"[A-Z]\.\s?[A-Z]\.")


def _initials_at(text: str, at: int) -> tuple[list[Citation], int] | None:
    """`C.P.C.`, `D.L. 2.848/40`."""
    return _laws_at(text, at) if _INITIALS(text, at) else None


def _words(grammar: Grammar, words: str) -> dict[str, Grammar]:
    return dict.fromkeys(words.split(), grammar)


# By the word that begins a citation, in small letters, or as it is written where capitals matter.
_SMALL: dict[str, Grammar] = {
    **_words(rules.sumulas_at, "súmula súmulas sumula sumulas súm súms"),
    **_words(rules.statements_at, "enunciado enunciados verbete verbetes"),
    **_words(rules.temas_at, "tema temas"),
    **_words(rules.orientations_at, "orientação orientações orientacao orientacoes"),
    **_words(rules.normatives_at, "precedente precedentes"),
    **_words(articles.articles_at, "art arts artigo artigos"),
    **_words(
        articles.from_within,
        "inciso incisos inc incs alínea alíneas alinea alineas parágrafo parágrafos paragrafo paragrafos § caput item "
        "itens letra",
    ),
    **_words(
        cases.decisions_at,
        "recurso recursos habeas mandado ação ações acao arguição arguicao reclamação reclamacao conflito apelação "
        "apelacao incidente suspensão suspensao inquérito inquerito petição peticao agravo embargos questão medida",
    ),
    **_words(
        _laws_at,
        "lei leis decreto decretos emenda emendas resolução resoluções resolucao portaria portarias instrução "
        "provimento circular deliberação norma constituição código consolidação estatuto marco carta ato "
        "texto diploma convenção pacto "
        "novo nova regime",
    ),
}
_CAPITALS: dict[str, Grammar] = {
    **_words(rules.sumulas_at, "Sum SUM Súm SÚM"),
    **_words(rules.vinculantes_at, "SV SVs S"),
    **_words(rules.orientations_at, "OJ OJs"),
    **_words(rules.normatives_at, "PN PNs"),
    **_words(cases.decisions_at, " ".join(cases.STRONG) + " " + " ".join(cases.WEAK)),
    **_words(cases.decisions_at, "AgInt AgRg AgR Ag EDcl EDv ED EDs QO RCD PExt ProAfR MC TP EmbDiv EInf E R H M Apel"),
    **_words(_initials_at, "C D L"),
    **_words(_laws_at, "LC LCs LCM DL MP MPs EC ECs IN Dec Res NR"),
    **_words(
        _laws_at,
        "CF CRFB CR ADCT CC CCB CPC NCPC CP CPB CPP CLT CDC CTN ECA LEP CTB CE CPPM CPM EAOAB EOAB LRF NLLC LMP LMS "
        "LINDB LICC CADH LIA LACP LAP LEF LJE LJEF LJEFP LRP LRJF LFRE LREF LSA LPI LDA LBPS LCPS RJU LGPD MCI LPA",
    ),
}
_BOTH: dict[str, tuple[Grammar, ...]] = {
    "MP": (_laws_at,),
    "CC": (cases.decisions_at, _laws_at),
    "medida": (cases.decisions_at, _laws_at),
}
_TOKEN = re.compile(
    rf"(?P<word>(?<![^\W_])[^\W\d_]{{1,20}}(?![^\W\d_]))|(?P<sign>§)"
    rf"|(?<![\d.,])(?:(?P<bare>{cases.BARE})|(?P<case>{cases.CNJ}|{cases.NEARLY}))"
)


# Marks of notes, which stand against the word before them ("do CPC¹"), and blanks without a width.
_MARKS = re.compile("(?<!m)[¹²³⁰⁴-⁹]|[\u200b\u2060\ufeff]")


def find(text: str) -> list[Citation]:
    """All citations in `text`, in order, none inside another; `citation.text == text[citation.start:citation.end]`."""
    unmarked = _MARKS.sub(" ", text)
    citations = with_surroundings(unmarked, [named(citation) for citation in resolved(unmarked, _walked(unmarked))])
    return citations if unmarked == text else [_as_written(text, citation) for citation in citations]


def _as_written(text: str, citation: Citation) -> Citation:
    said = citation.quotation
    said = said and replace(said, text=text[said.start : said.end])
    return citation.but(text=text[citation.start : citation.end], quotation=said)


def _walked(text: str) -> list[Citation]:
    citations: list[Citation] = []
    done = 0
    for token in _TOKEN.finditer(text):
        at = token.start()
        if at < done:
            continue
        found = _read(text, at, token)
        if found:
            citations.extend(found[0])
            done = found[1]
    return citations


def _read(text: str, at: int, token: re.Match[str]) -> tuple[list[Citation], int] | None:
    if token["case"]:
        return cases.numbered_at(text, at)
    if token["bare"]:
        return cases.bare_at(text, at)
    word = token.group()
    for grammar in _grammars(word):
        if found := grammar(text, at):
            return found
    return None


def _grammars(word: str) -> tuple[Grammar, ...]:
    small = word.lower()
    if both := _BOTH.get(word) or _BOTH.get(small):
        return both
    grammar = _CAPITALS.get(word) or _SMALL.get(small)
    return (grammar,) if grammar else ()


def named(citation: Citation) -> Citation:
    """With its name in one spelling, for whoever compares or lists citations."""
    match citation.kind:
        case Kind.PROCESSO:
            return citation
        case Kind.DECISAO:
            return citation.but(normalized=cases.name_of(citation))
        case Kind.ARTIGO:
            return citation.but(normalized=articles.name_of(citation))
        case Kind.LEI:
            return citation.but(normalized=citation.law.label if citation.law else citation.text)
    return citation.but(normalized=rules.name_of(citation))
