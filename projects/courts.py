"""The courts of Brazil as a case number names them: branch (J) and court (TR). From Resolução CNJ 65/2008, art. 1º."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Court:
    sigla: str  # "TJSP"
    name: str  # "Tribunal de Justiça de São Paulo"

    def __str__(self) -> str:
        return f"{self.sigla} · {self.name}"


BRANCHES = {
    1: "Supremo Tribunal Federal",
    2: "Conselho Nacional de Justiça",
    3: "Superior Tribunal de Justiça",
    4: "Justiça Federal",
    5: "Justiça do Trabalho",
    6: "Justiça Eleitoral",
    7: "Justiça Militar da União",
    8: "Justiça dos Estados e do Distrito Federal",
    9: "Justiça Militar Estadual",
}

# In the order of their numbers, 01 to 27: the abbreviation, with the preposition and the name.
STATES = (
    ("AC", "do Acre"), ("AL", "de Alagoas"), ("AP", "do Amapá"), ("AM", "do Amazonas"), ("BA", "da Bahia"),
    ("CE", "do Ceará"), ("DF", "do Distrito Federal"), ("ES", "do Espírito Santo"), ("GO", "de Goiás"),
    ("MA", "do Maranhão"), ("MT", "de Mato Grosso"), ("MS", "de Mato Grosso do Sul"), ("MG", "de Minas Gerais"),
    ("PA", "do Pará"), ("PB", "da Paraíba"), ("PR", "do Paraná"), ("PE", "de Pernambuco"), ("PI", "do Piauí"),
    ("RJ", "do Rio de Janeiro"), ("RN", "do Rio Grande do Norte"), ("RS", "do Rio Grande do Sul"),
    ("RO", "de Rondônia"), ("RR", "de Roraima"), ("SC", "de Santa Catarina"), ("SE", "de Sergipe"),
    ("SP", "de São Paulo"), ("TO", "do Tocantins"),
)  # fmt: skip
SINGLE = {
    (1, 0): Court("STF", "Supremo Tribunal Federal"),
    (2, 0): Court("CNJ", "Conselho Nacional de Justiça"),
    (3, 0): Court("STJ", "Superior Tribunal de Justiça"),
    (4, 90): Court("CJF", "Conselho da Justiça Federal"),
    (5, 0): Court("TST", "Tribunal Superior do Trabalho"),
    (5, 90): Court("CSJT", "Conselho Superior da Justiça do Trabalho"),
    (6, 0): Court("TSE", "Tribunal Superior Eleitoral"),
    (7, 0): Court("STM", "Superior Tribunal Militar"),
}
MILITARY_STATES = (13, 21, 26)  # Minas Gerais, Rio Grande do Sul and São Paulo have courts of their own
REGIONS = {"federal": 6, "labour": 24, "military": 12}


def _all() -> Iterator[tuple[tuple[int, int], Court]]:
    yield from SINGLE.items()
    for region in range(1, REGIONS["federal"] + 1):
        yield (4, region), Court(f"TRF{region}", f"Tribunal Regional Federal da {region}ª Região")
    for region in range(1, REGIONS["labour"] + 1):
        yield (5, region), Court(f"TRT{region}", f"Tribunal Regional do Trabalho da {region}ª Região")
    for region in range(1, REGIONS["military"] + 1):
        yield (7, region), Court(f"{region}ª CJM", f"{region}ª Circunscrição Judiciária Militar")
    for number, (state, of_state) in enumerate(STATES, 1):
        yield (6, number), Court(f"TRE-{state}", f"Tribunal Regional Eleitoral {of_state}")
        yield (8, number), _of_justice(state, of_state)
        if number in MILITARY_STATES:
            yield (9, number), Court(f"TJM{state}", f"Tribunal de Justiça Militar {of_state}")


def _of_justice(state: str, of_state: str) -> Court:
    if state == "DF":
        return Court("TJDFT", "Tribunal de Justiça do Distrito Federal e dos Territórios")
    return Court(f"TJ{state}", f"Tribunal de Justiça {of_state}")


COURTS: dict[tuple[int, int], Court] = dict(_all())
