"""Cases: by their CNJ number, or by class and number as the higher courts cite them."""

from __future__ import annotations

import re

from jurisprudence.citations.courts import OF_COURT, UFS, abbreviation, plain
from jurisprudence.citations.model import Citation, Kind
from jurisprudence.citations.pieces import END, LONGEST_LIST, NUMBER, SIGN, SS, Matcher, S, flat, integer, pointed
from projects.cnj import check_digits_of, masked
from projects.courts import COURTS

Found = tuple[list[Citation], int]

# The mask says which digits are which, so zeros at the left may be missing, as the TST writes; older ones of the TJSP
# have J and TR together (826).
_B = r"\s{0,3}"  # a line's end and the margin of the next
CNJ = rf"\d{{1,7}}{_B}[-‐‑–—]{_B}\d{{2}}{_B}[.]{_B}\d{{4}}{_B}[.]{_B}\d{_B}[.]?{_B}\d{{2}}{_B}[.]{_B}\d{{4}}(?!\d)"
NEARLY = r"\d{5,9}\s?[-–.]\s?\d{1,3}\s?[.]\s?\d{4}\s?[.]\s?\d\s?[.]\s?\d{2}\s?[.]\s?\d{3,5}(?!\d)"
BARE = r"\d{20}(?!\d)"
_CNJ = Matcher(CNJ)
_NEARLY = Matcher(NEARLY)
_GROUPS = re.compile(r"\d+")
_NAMED_CASE = re.compile(
    r"(?i)(?:processos?|autos|cnj|a[çc][ãa]o|recurso|agravo|apela[çc][ãa]o|feito|execu[çc][ãa]o)\b[^.;\n]{0,25}$"
)


def numbered_at(text: str, at: int) -> Found | None:
    """A CNJ number with its mask."""
    found = _CNJ(text, at)
    digits = _digits(found.group()) if found else ""
    if not found:
        found = _NEARLY(text, at)
        digits = "".join(_GROUPS.findall(found.group())) if found else ""
    return ([_case(text, at, found.end(), digits)], found.end()) if found else None


def bare_at(text: str, at: int) -> Found | None:
    """Twenty digits without a mask: a case number if they check, or if the words before call them one."""
    digits, end = text[at : at + 20], at + 20
    checks = check_digits_of(digits) == digits[7:9] and (int(digits[13]), int(digits[14:16])) in COURTS
    if not checks and not _NAMED_CASE.search(text, max(0, at - 60), at):
        return None
    return [_case(text, at, end, digits)], end


def _digits(written: str) -> str:
    groups = _GROUPS.findall(written)
    return groups[0].zfill(7) + "".join(groups[1:])


def _case(text: str, start: int, end: int, digits: str, category: str = "") -> Citation:
    return Citation(
        start, end, text[start:end], Kind.PROCESSO, normalized=masked(digits), digits=digits, category=category
    )


# Class and number ---------------------------------------------------------------------------------

# Steps within a case, which bear its number: "AgInt no AREsp", "EDcl no AgRg no REsp", "AgR no ARE", "E-ED-RR".
_STEP = (
    r"(?:AgInt|AgRg|AgR|Ag\.\s?Reg\.|A\.\s?Int\.|EDcl|EDv|EDs?|ED-ED|QO|RCD|PExt|ProAfR|MC|TP|"
    r"EmbDiv|EInf|(?i:agravo\s{1,4}(?:interno|regimental)|"
    r"embargos\s{1,4}de\s{1,4}declara[çc][ãa]o|"
    r"embargos\s{1,4}de\s{1,4}diverg[êe]ncia|quest[ãa]o\s{1,4}de\s{1,4}ordem|medida\s{1,4}cautelar))"
)
_STEPS = rf"(?:{_STEP}(?:(?:\s?-\s?|{SS})(?:(?i:n[oa]s?|em|aos?|à){SS})?)){{0,5}}"
# Classes that mean nothing else, and those that need more to be one: two or three letters are also states and words.
STRONG = (
    "REsps", "REsp", "RESP", "Resp", "AREsps", "AREsp", "ARESP", "AResp", "EREsp", "ERESP", "EAREsp", "EARESP",
    "RHC", "RMS", "ADIs", "ADIn", "ADIN", "ADI",
    "ADPFs", "ADPF", "ADCs", "ADCon", "ADC", "ADO", "Rcl", "RCL", "AREs", "ARE", "APn", "HDE", "SEC", "PUIL", "SLS",
    "STA", "STP", "AIRR", "RRAg", "RR", "ARR",
    "REspEl", "REspes", "REspe", "RESPE", "AREspEl", "AREspE", "AREspe", "IAC", "IRDR", "SIRDR", "PEDILEF",
    "ROT", "ROAR", "AgAIRR", "Ag-AIRR", "RREE", "IUJ", "ApCiv", "ApCrim", "EIAC", "MI", "IDC", "HCs",
)  # fmt: skip
WEAK = (
    "REs", "RE", "HC", "MS", "CC", "AP", "Ap", "Pet", "PET", "Inq", "INQ", "ACO", "AR", "AI", "Ag", "SS", "SL", "AC",
    "AO", "Ext", "AMS", "REO", "APELREEX",
)  # fmt: skip
LONG = {
    "recurso especial": "REsp", "recursos especiais": "REsp", "recurso extraordinario": "RE",
    "recursos extraordinarios": "RE", "recurso extraordinario com agravo": "ARE", "agravo em recurso especial": "AREsp",
    "agravo em recurso extraordinario": "ARE", "agravo no recurso especial": "AREsp",
    "agravo de instrumento": "AI", "agravo de instrumento em recurso de revista": "AIRR",
    "recurso de revista": "RR", "habeas corpus": "HC", "recurso em habeas corpus": "RHC",
    "recurso ordinario em habeas corpus": "RHC", "mandado de seguranca": "MS", "recurso em mandado de seguranca": "RMS",
    "recurso ordinario em mandado de seguranca": "RMS", "mandado de injuncao": "MI",
    "acao direta de inconstitucionalidade": "ADI", "acoes diretas de inconstitucionalidade": "ADI",
    "acao direta de inconstitucionalidade por omissao": "ADO",
    "acao declaratoria de constitucionalidade": "ADC", "acoes declaratorias de constitucionalidade": "ADC",
    "arguicao de descumprimento de preceito fundamental": "ADPF", "reclamacao": "Rcl", "conflito de competencia": "CC",
    "apelacao civel": "Apelação Cível", "apelacao criminal": "Apelação Criminal", "apelacao": "Apelação",
    "acao rescisoria": "AR", "acao penal": "AP", "acao civel originaria": "ACO", "suspensao de seguranca": "SS",
    "suspensao de liminar": "SL", "inquerito": "Inq", "peticao": "Pet", "recurso inominado": "Recurso Inominado",
    "recurso ordinario": "RO", "embargos de divergencia em recurso especial": "EREsp",
    "incidente de assuncao de competencia": "IAC", "incidente de resolucao de demandas repetitivas": "IRDR",
}  # fmt: skip
_ACCENTS = {"a": "[aáâã]", "e": "[eéê]", "i": "[ií]", "o": "[oóôõ]", "u": "[uú]", "c": "[cç]", " ": SS}
_LONG = "|".join("".join(_ACCENTS.get(c, c) for c in name) for name in sorted(LONG, key=len, reverse=True))
# By their initials, and cut short.
_CUT = {
    "R Esp": "REsp", "A R Esp": "AREsp", "R E": "RE", "H C": "HC", "M S": "MS", "R H C": "RHC", "R M S": "RMS",
    "Ap Cív": "Apelação Cível", "Apel Cív": "Apelação Cível", "Ap Crim": "Apelação Criminal",
}  # fmt: skip
_CUT_SHORT = "|".join(
    re.sub(r" (\w)(?=\w)", r"\\.\\s?\1", name).replace(" ", r"\.").replace("í", "[íi]") + r"\." for name in _CUT
)
_BY_CUT = {plain(name): whole for name, whole in _CUT.items()}
_TAGS = r"(?:-(?:RG|MC|AgR|ED|QO)(?![^\W_])){0,2}"  # "ARE-RG 1.121.633"
_CLASS = (
    rf"(?P<strong>(?:(?:E|ED|Ag|AgR|AIRR|ARR)-){{0,3}}(?:{'|'.join(STRONG)})){END}(?P<later>{_TAGS})|(?P<cut>{_CUT_SHORT})|"
    rf"(?P<weak>{'|'.join(sorted(WEAK, key=len, reverse=True))}){END}(?P<later2>{_TAGS})"
    rf"|(?P<long>(?i:{_LONG})){END}(?:\s?\([A-Za-z]{{2,6}}\))?"
)
_HEAD = Matcher(rf"(?P<steps>{_STEPS})(?:{_CLASS})")
_NUMBER = Matcher(
    rf"(?:{SS}(?i:repetitivos?|representativos?{SS}d[ea]{SS}controv[ée]rsia))?(?P<colon>[.:])?{S}(?:(?:-|–){S})?\(?(?P<sign>{SIGN})?{S}(?P<number>{NUMBER})"
    rf"(?:-\d(?=[/\s,.;)-]|$))?(?!-\d|%|,\d|[º°ª])"
    rf"(?:/(?P<year>(?:19|20)\d{{2}})(?!\d))?"
)
_CNJ_AFTER = Matcher(rf"{S}(?:[-–]{S})?(?:{SIGN})?(?={CNJ})")
_MEASURE = Matcher(rf"{SS}(?i:km|kg|m²|m2|reais|habitantes|unidades|pessoas|leitos|vezes|dias|anos|p[áa]ginas){END}")
# Of before 2010, with no check digits to go by: TJMG (1.0024.05.123456-7/001, or its digits only), federal
# (2005.61.00.012345-6), TJRJ (2007.001.12345), TJSP (994.09.012345-6).
_OLD = Matcher(
    rf"{S}:?{S}(?:{SIGN})?(?P<old>\d\.\d{{4}}\.\d{{2}}\.\d{{6}}-\d/\d{{3}}|\d{{4}}\.\d{{2}}\.\d{{2}}\.\d{{6}}-\d|"
    r"(?:19\d{2}|200\d|2010)\.\d{3}\.\d{5}|\d{3}\.\d{2}\.\d{6}-\d(?:/\d{1,2})?|1\d{16})(?!\d|\.\d)"
)
_STATE = Matcher(
    rf"\s?(?:/|-|–|—)\s?(?P<slash>(?<=/)[A-Z]{{2}}|[A-Z]{{2}}){END}|\s?\(\s?(?P<paren>[A-Z]{{2}})"
    rf"\s?\)|{SS}(?P<blank>[A-Z]{{2}}){END}(?=[,.;)\s])"
)
_LATER = Matcher(
    r"(?:\s?[-–]?\s?(?:RG|AgR|AgRg|ED|EDv|EDs|MC|QO|TPI?|segundo-julgamento)(?:-(?:ED|AgR|Ref|"
    r"segundos?|QO))*(?![^\W_])){1,3}"
)
_NEXT = Matcher(
    rf"(?:{S},{S}(?:(?i:e){SS})?|{SS}(?i:e){SS}|{S};{S})(?:(?i:n?[oa]s?|"
    rf"d[oa]s?){SS})?{SIGN}?(?P<number>\d{{1,3}}(?:\.\d{{3}}){{1,2}}|\d{{2,7}})(?!\d|-\d|%|,\d|"
    rf"[º°ª])"
)
# Which court a class belongs to, where it belongs to one only. CC, Inq, MI and SEC are of the STF and the STJ (the CC
# 7.204 and the SEC of before 2005 are the STF's).
COURT_OF = {
    **dict.fromkeys(("REsp", "AREsp", "EREsp", "EAREsp", "HDE", "PUIL", "SLS", "APn", "IDC"), "STJ"),
    **dict.fromkeys(("RE", "ARE", "ADI", "ADPF", "ADC", "ADO", "STA", "STP", "ACO"), "STF"),
    **dict.fromkeys(("REspe", "REspEl", "AREspE", "AREspEl"), "TSE"),
    **dict.fromkeys(("RR", "AIRR", "RRAg", "ARR", "Ag-AIRR", "E-RR", "ROT", "ED-RR", "E-ED-RR"), "TST"),
}
_ALSO_OF_STATES = ("ADI", "ADO", "ADC")  # of the STF, unless the text says "do TJMG"
# "(STJ, HC 598.051/SP": only where it heads the reference, not "Súmula 7 do STJ, HC 126.292/SP".
_SAID_BEFORE = re.compile(r"(?:^|[(\[;\n“\"]|[.:]\s)\s{0,2}(?P<court>STF|STJ|TST|TSE|STM)\s?[,:–—-]\s{0,2}$")
_SHORT = {
    "REsps": "REsp", "RESP": "REsp", "Resp": "REsp", "AREsps": "AREsp", "ARESP": "AREsp", "AResp": "AREsp",
    "ERESP": "EREsp", "EARESP": "EAREsp", "REspes": "REspe", "RESPE": "REspe", "AREspe": "AREspE",
    "ADIs": "ADI", "ADIn": "ADI", "ADIN": "ADI", "ADPFs": "ADPF", "ADCs": "ADC", "ADCon": "ADC", "RCL": "Rcl",
    "AREs": "ARE", "RREE": "RE", "REs": "RE", "PET": "Pet",
    "INQ": "Inq", "HCs": "HC", "AgAIRR": "Ag-AIRR",
}  # fmt: skip
_SMALL = frozenset(
    {"ADI", "ADPF", "ADC", "ADO", "STA", "STP", "MI", "IDC", "HDE", "SEC", "PUIL", "SLS", "IAC", "IRDR", "SIRDR"}
)  # may have few digits
_BEFORE_A_CASE = re.compile(r"(?i)(?:^|[\s(\"“:,;])(?:n?[oa]s?|d[oa]s?|à|pel[oa]|cf\.|vide|ver|e|STF|STJ)[\s,]{1,3}$")


def decisions_at(text: str, at: int) -> Found | None:
    """`AgInt no AREsp 1.234.567/SP`, `ADIs 5.766 e 6.021`, `Recurso Especial nº 1.234.567`; RR with a CNJ number."""
    head = _HEAD(text, at)
    if not head or (at and text[at - 1] in "/@&" and not (head["strong"] and text[at - 2 : at - 1].isdigit())):
        return None  # "Campo Grande/MS 79.002", but "ADI 4.277/ADPF 132"
    if (head["strong"] or head["weak"]) and (number := _CNJ_AFTER(text, head.end())):
        found = _CNJ(text, number.end())
        return ([_case(text, at, found.end(), _digits(found.group()), head.group())], found.end()) if found else None
    if old := _OLD(text, head.end()):
        category, end = _category(head), old.end("old")
        return [Citation(at, end, text[at:end], Kind.DECISAO, category=category, digits=old["old"])], end
    number = _NUMBER(text, head.end())
    if not number or not _is_a_case(text, at, head, number):
        return None
    return _listed(text, at, head, number)


def _is_a_case(text: str, at: int, head: re.Match[str], number: re.Match[str]) -> bool:
    written = number["number"]
    digits = len(written.replace(".", ""))
    dashed = "-" in text[head.end() : number.start("number")] and not head["strong"]
    if dashed or (
        number["colon"] == ":" and not _of_a_state(text, number.end()) and not (head["strong"] and digits > 3)
    ):
        return False  # the road MS-163, a subject line "RE: 12.345"
    if head["strong"]:
        return digits > 2 or _short(head["strong"]) in _SMALL or bool(number["sign"])
    if _MEASURE(text, number.end()):
        return False
    sure = "." in written or _of_a_state(text, number.end()) or head["steps"]
    if head["long"]:
        return (
            bool(sure)
            or digits > 4
            or (bool(number["sign"]) and digits > 3)
            or (bool(number["sign"]) and LONG[plain(head["long"])] in (*_SMALL, "AP", "Pet", "Inq"))
        )
    if sure or (number["sign"] and digits > 2) or digits > 4:
        return True
    return (
        digits > 2
        and head["weak"] in ("AP", "ACO", "Pet", "Inq", "AR")
        and bool(_BEFORE_A_CASE.search(text, max(0, at - 12), at))
    )


def _of_a_state(text: str, at: int) -> bool:
    found = _STATE(text, at)
    return bool(found) and (found["slash"] or found["paren"] or found["blank"]) in UFS  # type: ignore[index]


def _short(name: str) -> str:
    return _SHORT.get(name, name)


def _category(head: re.Match[str]) -> str:
    if head["cut"]:
        own = _BY_CUT[plain(head["cut"])]
    else:
        own = _short(head["strong"] or head["weak"] or "") or LONG[plain(head["long"])]
    return f"{flat(head['steps'])} {own}".replace("- ", "-").strip()


def _listed(text: str, start: int, head: re.Match[str], number: re.Match[str]) -> Found:
    category = _category(head)
    own = category.split(" ")[-1]
    several = (
        bool(re.search(r"(?i)n[º°.]?s\b|n\.?[ºo]s", number["sign"] or ""))
        or head.group().endswith("s")
        or head.group() == "RREE"
        or (head["long"] or "").lower().split(" ")[0].endswith(("ões", "oes", "recursos"))
    )
    said = _SAID_BEFORE.search(text, max(0, start - 12), start)
    court = COURT_OF.get(own) or (said["court"] if said else "")
    citations: list[Citation] = []
    found: re.Match[str] | None = number
    while found and len(citations) < LONGEST_LIST:
        citation = _one(text, start, found, category, court)
        if citations and not (several or citation.state or _alike(text, found, citations[-1])):
            break
        citations.append(citation)
        found = _NEXT(text, citation.end)
        start = found.start("number") if found else start
    if (not court or own in _ALSO_OF_STATES) and (of := OF_COURT(text, citations[-1].end)):
        citations = [citation.but(court=abbreviation(of)) for citation in citations]
    return citations, citations[-1].end


_LISTED = Matcher(rf"(?={S}(?:[,;.)]|$|(?i:e){SS}))")


def _alike(text: str, found: re.Match[str], before: Citation) -> bool:
    """`HC 598.051 e 603.616`: a number of the same length that ends like one of a list, not `e 600.000 reais`."""
    length = len(pointed(before.number or 0))
    return length > 6 and len(found["number"]) == length and bool(_LISTED(text, found.end()))


def _one(text: str, start: int, found: re.Match[str], category: str, court: str) -> Citation:
    end = _LATER.after(text, found.end())
    state = ""
    if at := _STATE(text, end):
        state = at["slash"] or at["paren"] or at["blank"]
        if state in UFS or (at["slash"] and text[end : at.end()].strip().startswith("/")):
            end = _LATER.after(text, at.end())
        else:
            state = ""
    if text[start:end].count("(") > text[start:end].count(")") and text[end : end + 1] == ")":
        end += 1
    return Citation(
        start, end, text[start:end], Kind.DECISAO, number=integer(found["number"]), category=category, court=court,
        state=state,
    )  # fmt: skip


def name_of(citation: Citation) -> str:
    """`AgInt no AREsp 1.834.567/SP`."""
    if citation.digits:
        return f"{citation.category} {citation.digits}"
    state = f"/{citation.state}" if citation.state else ""
    return f"{citation.category} {pointed(citation.number or 0)}{state}"
