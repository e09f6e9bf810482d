"""Courts as texts name them, and since when each has existed."""

from __future__ import annotations

import datetime
import re
import unicodedata

from jurisprudence.citations.pieces import END, SS, Matcher, S
from projects.courts import COURTS, STATES

# Names that citations use beside those of case numbers: the juizados' national panel, and bodies that judge without
# being courts.
OTHERS = ("TNU", "TCU", "CARF", "TFR")
KNOWN = frozenset({court.sigla for court in COURTS.values()}) | frozenset(OTHERS)
UFS = frozenset(state for state, _ in STATES)

# The first day of each: before it, nobody could judge there. STF: installed on 28 February 1891; STJ: on 7 April 1989;
# TST: Decreto-Lei 9.797, of 9 September 1946; TRF1 to TRF5: installed on 30 March 1989; TRF6: on 19 August 2022 (Lei
# 14.226/2021).
SINCE = {
    "STF": datetime.date(1891, 2, 28),
    "STJ": datetime.date(1989, 4, 7),
    "TST": datetime.date(1946, 9, 9),
    **{f"TRF{region}": datetime.date(1989, 3, 30) for region in range(1, 6)},
    "TRF6": datetime.date(2022, 8, 19),
}


def plain(text: str) -> str:
    """In small letters without accents, one blank between words."""
    text = "".join(c for c in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", " ", text).strip()


# "de Mato Grosso do Sul" before "de Mato Grosso"
_PLACES = {name.split(" ", 1)[1]: state for state, name in STATES}
_BY_PLACE = {plain(place): state for place, state in _PLACES.items()} | {"distrito federal e territorios": "DF"}
_PLACE = "|".join(re.escape(place).replace(r"\ ", SS) for place in sorted(_PLACES, key=len, reverse=True))
_BY_NAME = {
    "supremo tribunal federal": "STF", "suprema corte": "STF", "excelso pretorio": "STF", "pretorio excelso": "STF",
    "superior tribunal de justica": "STJ", "tribunal da cidadania": "STJ", "tribunal superior do trabalho": "TST",
    "tribunal superior eleitoral": "TSE", "superior tribunal militar": "STM", "tribunal federal de recursos": "TFR",
    "turma nacional de uniformizacao": "TNU", "tribunal de contas da uniao": "TCU",
}  # fmt: skip
_NAME = (
    "supremo tribunal federal|suprema corte|excelso pret[óo]rio|pret[óo]rio excelso|superior tribunal de justi[çc]a|"
    "tribunal da cidadania|tribunal superior do trabalho|tribunal superior eleitoral|superior tribunal militar|"
    "turma nacional de uniformiza[çc][ãa]o|tribunal federal de recursos|tribunal de contas da uni[ãa]o"
).replace(" ", SS)
_REGION = rf"(?:{SS}(?i:da))?{S}(?:[-/]{S})?(?P<region>\d{{1,2}})(?:\s?[ªºa°](?![^\W\d]))?(?:{SS}(?i:regi[ãa]o))?"
COURT = (
    rf"(?:(?P<name>(?i:{_NAME})){END}"
    rf"|(?P<acronym>(?:STF|STJ|TST|TSE|STM|TNU|TCU|TFR|CARF|CSJT|CNJ|stf|stj|tst){END}|S\.T\.[FJ]\.|T\.S\.T\.)"
    rf"|(?P<state>TJM?)(?:\s?[-/]\s?|{S})(?P<uf>[A-Z]{{2}})T?{END}"
    rf"|(?P<regional>TR[FT]|(?i:tribunal{SS}regional{SS}(?:federal|do{SS}trabalho))){_REGION}"
    rf"|(?i:tribunal{SS}de{SS}justi[çc]a{SS}(?:do{SS}estado{SS})?d[oae]{SS})(?P<place>(?i:{_PLACE})){END})"
)
# "do C. STJ", "do Egrégio Tribunal de Justiça de São Paulo", ", ambas do STF", "/STJ", "- STJ", "(STJ)"
_PRAISE = (
    r"(?:(?i:extinto|col(?:endo|enda|\.)|egr[ée]gi[oa]|eg\.|e\.|c\.|excels[oa](?!\s+pret)|augusto|"
    r"pr[óo]pri[oa]|mesm[oa])\s{1,4}){0,2}"
)
OF_COURT = Matcher(
    rf"{S},?{S}(?:(?i:amb[ao]s|tod[ao]s){SS})?"
    rf"(?:[/(–—-]{S}|(?i:d[oa]s?|n[oa]|pel[oa]|ambas|editad[oa]s?{SS}pel[oa]|s[úu]mula{SS}do){SS}|"
    rf"(?<=\s)|(?<=,)){_PRAISE}{COURT}"
)


def abbreviation(found: re.Match[str]) -> str:
    """What `COURT` has matched, as an abbreviation; it may be one that no court has (TJXX, TRF9)."""
    if found["name"]:
        return _BY_NAME[plain(found["name"])]
    if found["acronym"]:
        return found["acronym"].replace(".", "").upper()
    if found["regional"]:
        kind = "TRF" if found["regional"].upper() == "TRF" or "federal" in found["regional"].lower() else "TRT"
        return f"{kind}{int(found['region'])}"
    if found["place"]:
        return _of_state("TJ", _BY_PLACE[plain(found["place"])])
    return _of_state(found["state"], found["uf"])


def _of_state(kind: str, state: str) -> str:
    return "TJDFT" if (kind, state) == ("TJ", "DF") else kind + state
