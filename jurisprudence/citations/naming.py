"""Laws as texts name them: by abbreviation, by name, by number."""

from __future__ import annotations

import re
from dataclasses import replace

from jurisprudence.citations.courts import plain
from jurisprudence.citations.laws import ABBREVIATIONS, AMBIGUOUS, BY_NUMBER, LAWS, OLD, Known, known
from jurisprudence.citations.model import Law
from jurisprudence.citations.pieces import END, SIGN, SS, Matcher, S, integer, pointed, year_of

_LATEST_SHORT_YEAR = 2030  # "/30" is 2030 and "/31" is 1931, unless the law of that number is of another year
_YEAR = (
    r"(?:\s?/\s?(?P<year>[12]\.?\d{3}|\d{2})(?![\d])(?!\.\d)"
    r"|,?\s{1,4}de\s{1,4}(?:\d{1,2}\s?[º°o]?\s{1,4}de\s{1,4}(?i:janeiro|fevereiro|mar[çc]o|abril|"
    r"maio|junho|julho|agosto|setembro|outubro|novembro|dezembro)\s{1,4}de\s{1,4}|"
    r"\d{1,2}[./-]\d{1,2}[./-])?"
    r"(?P<long>[12]\.?\d{3}|(?<=[./-])\d{2})(?![\d]))"
)
_NUMBER = r"(?P<number>\d{1,3}(?:\.\d{3}){1,2}|\d{1,6})(?!\d)(?!,\d)(?:-(?P<edition>\d{1,2})(?=/))?"
_SCOPE = r"(?:(?P<local>estadual|municipal|distrital|org[âa]nica)|federal|ordin[áa]ria|nacional)"
_ORGAN = r"(?:(?:d[oae]\s{1,4})?(?-i:[A-Z][A-Za-z]{1,12}(?:[/-][A-Z]{2,12})?)\s{1,4}(?!,))"
_KINDS = (
    ("Lei Complementar Municipal", r"(?-i:LCM)"),
    ("Lei Complementar", rf"leis?{SS}complementar(?:es)?|(?-i:LCs?|L\.C\.)"),
    ("Decreto-Lei", r"decretos?\s?[-–]?\s?leis?|(?-i:DL|Dl\.|D\.L\.|Dec\.\s?-?\s?[Ll]ei)"),
    ("Decreto Legislativo", rf"decreto{SS}legislativo"),
    ("Lei", r"leis?|(?-i:L\.)(?=\s?[\dn])"),
    ("Decreto", r"decretos?|(?-i:Dec\.|D\.(?=\s?[\dn]))"),
    ("Medida Provisória", rf"medidas?{SS}provis[óo]rias?|(?-i:MPs?)"),
    ("Emenda Constitucional", rf"emendas?{SS}(?:constituciona(?:l|is)|[àa]{SS}constitui[çc][ãa]o)|(?-i:ECs?)"),
    ("Resolução", rf"resolu(?:[çc][ãa]o|[çc][õo]es)(?:{SS}(?:normativa|conjunta))?|(?-i:Res\.)"),
    ("Portaria", rf"portarias?(?:{SS}(?:interministerial|conjunta|normativa))?"),
    ("Instrução Normativa", rf"instru[çc][ãa]o{SS}normativa|(?-i:IN)"),
    ("Provimento", r"provimentos?"),
    ("Circular", r"circular(?:es)?"),
    ("Deliberação", r"delibera(?:[çc][ãa]o|[çc][õo]es)"),
)
_ONLY_OF_AN_ORGAN = ("Circular", "Deliberação")  # everybody writes circulars
_OF_AN_ORGAN = ("Resolução", "Portaria", "Instrução Normativa", "Provimento", *_ONLY_OF_AN_ORGAN)
_NUMBERED = Matcher(
    "(?i:(?:"
    + "|".join(f"(?P<k{place}>{pattern})" for place, (_, pattern) in enumerate(_KINDS))
    + rf"){END}\.?{S}(?:{_SCOPE}{SS}){{0,2}}(?:\([A-Z]{{2}}\){S})?"
    rf"(?P<organ>{_ORGAN}){{0,2}}(?P<sign>{SIGN})?{_NUMBER}{_YEAR}?)"
)
_MORE = Matcher(rf"{S}(?:,{S}(?:(?i:e){SS})?|{SS}(?i:e){SS}|;{S})(?:(?i:a|as|da){SS})?{SIGN}?(?i:{_NUMBER}{_YEAR})")
_MORE_PLAIN = Matcher(
    rf"{S}(?:,{S}(?:e{SS})?|{SS}e{SS}){SIGN}?(?P<number>\d{{1,2}}\.\d{{3}})(?P<year>)(?P<long>)"
    rf"(?=[,;.)]|$|\s(?:e|d[aeo]s?)\s)"
)
_PLURAL = Matcher(rf"(?i:leis|decretos)(?:{SS}\w+)?{S}{SIGN}?\d")
_LOCAL_AFTER = Matcher(
    rf"{SS}(?i:d[oe]{SS}(?:estado|munic[íi]pio|distrito{SS}federal))|{SS}(?i:estadual|municipal|distrital){END}"
)

_NAMES = {plain(name): law.key for law in LAWS for name in (law.name, *law.names)}
# Honours of the Constitution that are citations only with an article: "não contraria a Constituição".
_GENERIC = frozenset({"constituicao", "carta magna", "carta politica", "lei maior", "carta da republica"})
_WHOLE = re.compile(r"\b(?:cod|proc)\b")
_SHORTENED = {"Código": "(?:Código|Cód\\.)", "Processo": "(?:Processo|Proc\\.)"}
_NAME_PATTERN = "|".join(
    SS.join(_SHORTENED.get(word, re.escape(word)) for word in name.split(" "))
    for name in sorted({name for law in LAWS for name in (law.name, *law.names)}, key=len, reverse=True)
)
_EDITION = r"(?:\s?/\s?(?P<year>(?:19|20)\d{2}|\d{2})(?![\d/])|\s{1,4}de\s{1,4}(?P<long>(?:19|20)\d{2})(?!\d))"
_NAMED = Matcher(rf"(?P<name>(?i:{_NAME_PATTERN})){END}(?:{_EDITION})?")
_DOTTED = "|".join(
    r"\.\s?".join(short) + r"\." for short in sorted(ABBREVIATIONS, key=len, reverse=True) if short.isalpha()
)
_SHORT = Matcher(
    rf"(?P<name>{_DOTTED}|{'|'.join(sorted((re.escape(a) for a in ABBREVIATIONS), key=len, reverse=True))}|"
    rf"cpc|clt|cdc|cpp|ctn|eca|lgpd|(?<=d[ao]\s)(?:cf|cc|cp)){END}(?:{_EDITION})?"
)
_STATE_CONSTITUTION = Matcher(rf"(?i:constitui[çc][ãa]o{SS}(?:estadual|do{SS}estado(?:{SS}d[eoa]{SS}(?-i:[A-Z]\w+))?))")
_ILO = Matcher(
    rf"(?i:conven[çc][ãa]o){SS}(?P<before>(?:(?i:da){SS})?OIT{SS})?{SIGN}?(?P<number>\d{{1,3}})(?!\d)"
    rf"(?P<after>(?:{S}[/,–-]{S}|{SS})(?:(?i:da){SS})?(?:OIT|(?i:organiza[çc][ãa]o{SS}internacional{SS}do{SS}trabalho))"
    rf"{END})?"
)
# With a hyphen or after an article: "NR" is a number's sign too.
_NR = Matcher(
    rf"(?:NR\s?[-–]\s?|NR|(?:(?<=a\s)|(?<=as\s))NR\s|(?i:norma{SS}regulamentadora){SS}{SIGN}?)"
    r"(?P<number>\d{1,2})(?![\d/]|[.,-]\d)"
)
_LAST_NR = 38  # of 2022
_ARTICLE_NEXT = Matcher(rf"{S}[,(–-]?{S}(?:(?i:em{SS}seus?|n?os?){SS})?(?i:arts?\b|artigos?\b)")
_NAME_NEXT = Matcher(r"[ -]\s?[A-ZÀ-Ý0-9]|\s?(?:n[º°.])")
_OF_HER, _OF_HIM = ("da ", "na ", " a "), ("do ", "no ")
_GENDER = {"CF": _OF_HER, "CR": _OF_HER, "LIA": _OF_HER, "CC": _OF_HIM, "CP": _OF_HIM, "CCB": _OF_HIM}
_AGAIN = Matcher(rf"{S}[(–-]{S}")
_FEMININE = (
    "Lei", "CF", "CLT", "LEP", "LINDB", "LRF", "LEF", "LRP", "LPI", "LGPD", "Emenda", "Medida", "Resolução", "Portaria",
    "Instrução", "Constituição", "Convenção", "Circular", "Deliberação", "NR",
)  # fmt: skip


def of(label: str) -> str:
    """With the preposition that Portuguese puts before it: `do CPC`, `da Lei 8.078/1990`."""
    return f"da {label}" if label.startswith(_FEMININE) else f"do {label}"


def label_of(kind: str, number: int, year: int | None) -> str:
    return f"{kind} {pointed(number)}" + (f"/{year}" if year else "")


def facts(law: Law) -> Known | None:
    """What `laws` knows of it; a number without its year is taken for the federal law, a wrong year is another law."""
    if law.local:
        return None
    if not law.number:
        return known(law.label)
    found = BY_NUMBER.get((law.kind, int(law.number)))
    return found if found and law.year in (None, found.year) else None


def law_at(text: str, at: int, *, alone: bool = False) -> tuple[Law, int] | None:
    """The law named at this place and where its name ends.

    `alone` is for a law with no article by it: abbreviations of two letters are none then.
    """
    first = _one(text, at, alone=alone)
    if first is None:
        return None
    law, end = first
    if law.label == "Lei de Licitações" and (exact := _which(text, end)):
        return exact
    return law, _named_again(text, end, law)


def _which(text: str, end: int) -> tuple[Law, int] | None:
    """`Lei de Licitações (Lei nº 8.666/93)`: two laws bear that name, and the number says which is meant."""
    again = _AGAIN(text, end)
    other = _by_number(text, again.end()) if again else None
    return (other[0], other[1] + (text[other[1] : other[1] + 1] == ")")) if other else None


def _named_again(text: str, end: int, law: Law) -> int:
    """`Código de Defesa do Consumidor (Lei nº 8.078/90)` names one law twice: the end of both."""
    again, same = _AGAIN(text, end), facts(law)
    other = _one(text, again.end(), alone=False) if again and same else None
    if other is None or facts(other[0]) is not same:
        return end
    return other[1] + (text[other[1] : other[1] + 1] == ")")


def more_laws(text: str, start: int, at: int, law: Law) -> tuple[Law, int, int] | None:
    """The next of a list, `Leis 8.212/91 e 8.213/91`, which begins at `start`.

    The law, where its number begins and where it ends.
    """
    found = _MORE(text, at) or (_MORE_PLAIN(text, at) if _PLURAL(text, start) else None)
    if not found:
        return None
    number = integer(found["number"])
    year = _right_century(law.kind, number, _year(found))
    law = replace(law, label=label_of(law.kind, number, year), number=str(number), year=year)
    return law, found.start("number"), found.end()


def _one(text: str, at: int, *, alone: bool) -> tuple[Law, int] | None:
    return (
        _by_number(text, at)
        or _of_a_state(text, at)
        or _by_its_body(text, at)
        or _by_name(text, at, alone=alone)
        or _by_abbreviation(text, at, alone=alone)
    )


def _year(found: re.Match[str]) -> int | None:
    return year_of(found["year"] or found["long"] or "", newest=_LATEST_SHORT_YEAR)


def _right_century(kind: str, number: int, year: int | None) -> int | None:
    known_law = BY_NUMBER.get((kind, number))
    return known_law.year if year and known_law and known_law.year % 100 == year % 100 else year


def _by_number(text: str, at: int) -> tuple[Law, int] | None:
    found = _NUMBERED(text, at)
    if not found:
        return None
    kind = next(name for place, (name, _) in enumerate(_KINDS) if found[f"k{place}"])
    if found["organ"] and kind not in _OF_AN_ORGAN:
        return None
    number = integer(found["number"])
    year = _right_century(kind, number, _year(found))
    if not _is_a_law(found, kind, number, year):
        return None
    label = label_of(kind, number, year)
    if found["organ"]:
        label = f"{kind} {found['organ'].split()[-1]} {label.removeprefix(kind + ' ')}"
    local = (
        bool(found["local"])
        or kind in (*_OF_AN_ORGAN, "Lei Complementar Municipal")
        or bool(_LOCAL_AFTER(text, found.end()))
    )
    return Law(label, kind, str(number), year, local), found.end()


def _is_a_law(found: re.Match[str], kind: str, number: int, year: int | None) -> bool:
    """Not `lei 5`, `MP 12`, `in 3`: a number alone needs a sign, a year, or a point of thousands."""
    if kind in _ONLY_OF_AN_ORGAN:
        return bool(found["organ"]) and found["organ"].split()[-1].isupper()
    if found["sign"] or year:
        return True
    if kind in ("Emenda Constitucional", "Lei Complementar", "Decreto-Lei"):
        return True
    if "." in found["number"]:
        return True
    if kind not in ("Lei", "Decreto") or number < 1000:
        return False
    return found.group()[0].isupper() or (kind == "Lei" and not 1900 < number < 2100)  # "a lei 9099"


def _of_a_state(text: str, at: int) -> tuple[Law, int] | None:
    found = _STATE_CONSTITUTION(text, at)
    return (Law("Constituição Estadual", local=True), found.end()) if found else None


def _by_its_body(text: str, at: int) -> tuple[Law, int] | None:
    """Conventions of the ILO and the Ministry's norms on safety at work: `Convenção nº 158 da OIT`, `NR-15`."""
    if (found := _ILO(text, at)) and (found["before"] or found["after"]):
        return Law(f"Convenção {int(found['number'])} da OIT", kind="Tratado"), found.end()
    if (found := _NR(text, at)) and 0 < int(found["number"]) <= _LAST_NR:
        return Law(f"NR {int(found['number'])}", kind="Norma Regulamentadora", local=True), found.end()
    return None


def _by_name(text: str, at: int, *, alone: bool) -> tuple[Law, int] | None:
    found = _NAMED(text, at)
    if not found or (alone and plain(found["name"]) in _GENERIC and not _ARTICLE_NEXT(text, found.end())):
        return None
    key = _NAMES[_WHOLE.sub(lambda word: {"cod": "codigo", "proc": "processo"}[word.group()], plain(found["name"]))]
    if not found["name"][0].isupper() and key == "CF":
        return None  # "a constituição da empresa"
    return _of_its_year(found, key)


def _by_abbreviation(text: str, at: int, *, alone: bool) -> tuple[Law, int] | None:
    found = _SHORT(text, at)
    if not found:
        return None
    name = found["name"].upper() if not alone else found["name"]
    key = ABBREVIATIONS.get(name) or ABBREVIATIONS.get(re.sub(r"[.\s]", "", name))
    if key is None:
        return None  # "cpc" in small letters, by itself
    if (
        alone
        and re.sub(r"[.\s]", "", name) in AMBIGUOUS
        and not found["year"]
        and not found["long"]
        and not _meant(text, at, found)
    ):
        return None
    return _of_its_year(found, key)


def _meant(text: str, at: int, found: re.Match[str]) -> bool:
    """Whether the words around say that two letters are a law: `CP, art. 155`, `previsto na CF`."""
    if _ARTICLE_NEXT(text, found.end()):
        return True
    before = text[max(0, at - 3) : at].lower()
    said = before in _GENDER.get(found["name"], ())
    return said and not _NAME_NEXT(text, found.end())


def _of_its_year(found: re.Match[str], key: str) -> tuple[Law, int]:
    """`CPC/2015`, `Código Civil de 2002`; of another year (`CPC de 1939`) it is another law, unknown here."""
    year = _year(found)
    if year is None:
        return Law(key), found.end("name")
    if old := OLD.get((key, year)):
        return Law(old), found.end()
    right = {law.year for law in LAWS if law.key == key}
    return Law(key if year in right else f"{key}/{year}"), found.end()
