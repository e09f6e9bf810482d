"""Which index of DataJud holds the processes of a court: derived from the number (J and TR), never guessed.

https://datajud-wiki.cnj.jus.br/api-publica/endpoints: 91 indexes; the STF, the CNJ, the councils of the federal and of
the labour courts and the military districts have none.
"""

from __future__ import annotations

import re

from projects.cnj import CaseNumber

PREFIX = "api_publica_"
WITHOUT = re.compile(r"STF|CNJ|CJF|CSJT|\d+ª CJM")
ELECTORAL_OF_DF = "tre-dft"


def alias_of(number: CaseNumber) -> str | None:
    """`api_publica_tjsp` of a number of the TJSP; None where DataJud covers nothing: then no call is made."""
    sigla = number.court.sigla
    if WITHOUT.fullmatch(sigla):
        return None
    alias = sigla.lower()
    return PREFIX + (ELECTORAL_OF_DF if alias == "tre-df" else alias)
