"""Records made up by rule from the number: the same number gives the same process, today and tomorrow.

What kind of process it is follows from the last two digits before the check digits (the sequence number):

    …90 to …99      not in the index
    …80 to …84      in two grades, G1 and G2
    …85 to …87      secret (nivelSigilo 1), without movements
    …88, …89        irregular: dates in every form, nested subjects, `movimentoNacional`, missing fields
    …77             with text that would do harm to a page that trusted it
    everything else one grade

Movements go on from the filing until today, one every so many days, so that a process has new ones as time passes.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from .courts import PREFIX, alias_of

CLASSES = (
    (7, "Procedimento Comum Cível"),
    (436, "Procedimento do Juizado Especial Cível"),
    (159, "Execução de Título Extrajudicial"),
    (156, "Cumprimento de Sentença"),
    (120, "Mandado de Segurança Cível"),
    (40, "Monitória"),
)
LABOUR_CLASSES = ((985, "Ação Trabalhista - Rito Ordinário"), (1125, "Ação Trabalhista - Rito Sumaríssimo"))
SUBJECTS = (
    (10433, "Indenização por Dano Moral"),
    (7780, "Indenização por Dano Material"),
    (9607, "Cédula de Crédito Bancário"),
    (6233, "Plano de Saúde"),
    (10671, "Obrigação de Fazer / Não Fazer"),
    (4960, "Rescisão do contrato e devolução do dinheiro"),
)
UNITS = (
    "1ª Vara Cível do Foro Fictício",
    "2ª Vara Cível do Foro Fictício",
    "Vara Única Fictícia",
    "3ª Vara da Fazenda Pública Fictícia",
    "Juizado Especial Fictício",
)
FIRST = (26, "Distribuição", "sorteio")
COURSE = (
    (51, "Conclusão", "para despacho"),
    (11010, "Mero expediente", ""),
    (92, "Publicação", ""),
    (60, "Expedição de documento", "Certidão"),
    (581, "Petição", "Petição (outras)"),
    (123, "Remessa", "outros motivos"),
    (132, "Recebimento", ""),
    (85, "Petição", "Contestação"),
)
MOST_MOVEMENTS = 120
EVIL = '"><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\u0007{{ 7*7 }}'


def records_of(number: str, now: datetime, more: int = 0) -> list[dict[str, Any]]:
    """The hits for a number of twenty digits, without those that the rule says are not there.

    `more`: so many movements beyond today's, for tests that look for what is new.
    """
    kind, filed = int(number[5:7]), _filed(number)
    if kind >= 90 or filed > now or not alias_of(number):
        return []
    made = [_hit(number, "G1", filed, now, more)]
    if 80 <= kind <= 84:
        made.append(_hit(number, "G2", filed + timedelta(days=400), now, more))
    if 85 <= kind <= 87:
        made[0]["_source"] |= {"nivelSigilo": 1, "movimentos": []}
    if kind in (88, 89):
        _make_irregular(made[0]["_source"])
    if kind == 77:
        _make_harmful(made[0]["_source"])
    return made


def _rule(number: str, what: str, choices: int) -> int:
    """A number below `choices` that follows from the process's own."""
    return int.from_bytes(hashlib.sha256(f"{number}/{what}".encode()).digest()[:6], "big") % choices


def _filed(number: str) -> datetime:
    day, minute = _rule(number, "day", 20), _rule(number, "minute", 480)
    return datetime(int(number[9:13]), 1, 2, 12, tzinfo=UTC) + timedelta(days=day, minutes=minute)


def _hit(number: str, grade: str, filed: datetime, now: datetime, more: int) -> dict[str, Any]:
    alias = alias_of(number)
    classes = LABOUR_CLASSES if number[13] == "5" else CLASSES
    code, name = (198, "Apelação Cível") if grade == "G2" else classes[_rule(number, "class", len(classes))]
    unit = "1ª Câmara Fictícia" if grade == "G2" else UNITS[_rule(number, "unit", len(UNITS))]
    subject = SUBJECTS[_rule(number, "subject", len(SUBJECTS))]
    court, unit_code = alias.removeprefix(PREFIX).upper(), 999_000 + _rule(number + grade, "unit code", 999)
    key = f"{court}_{code}_{grade}_{unit_code}_{number}"
    movements = _movements(number + grade, filed, now, more)
    updated = max((one["dataHora"] for one in movements), default=_iso(filed))
    source: dict[str, Any] = {
        "numeroProcesso": number,
        "classe": {"codigo": code, "nome": name},
        "sistema": {"codigo": 1, "nome": "Pje"},
        "formato": {"codigo": 1, "nome": "Eletrônico"},
        "tribunal": court,
        "dataHoraUltimaAtualizacao": updated,
        "grau": grade,
        "@timestamp": updated,
        "dataAjuizamento": (filed - timedelta(hours=3)).strftime("%Y%m%d%H%M%S"),  # Brasília, without a zone
        "movimentos": movements,
        "id": key,
        "nivelSigilo": 0,
        "orgaoJulgador": {"codigoMunicipioIBGE": 9_999_999, "codigo": unit_code, "nome": unit},
        "assuntos": [{"codigo": subject[0], "nome": subject[1]}],
    }
    return {"_index": alias, "_type": "_doc", "_id": key, "_score": 13.917725, "_source": source}


def _movements(key: str, filed: datetime, now: datetime, more: int) -> list[dict[str, Any]]:
    """In an order that is none, as the source gives them."""
    step = timedelta(days=9 + _rule(key, "step", 30), minutes=_rule(key, "minutes", 300))
    count = min(int((now - filed) / step) + 1 + more, MOST_MOVEMENTS) if filed <= now else 0
    found = [_movement(key, place, filed + place * step) for place in range(count)]
    return found[1::2] + found[::2]


def _movement(key: str, place: int, at: datetime) -> dict[str, Any]:
    code, name, detail = COURSE[_rule(key, f"movement {place}", len(COURSE))] if place else FIRST
    made: dict[str, Any] = {"codigo": code, "nome": name, "dataHora": _iso(at)}
    if detail:
        made["complementosTabelados"] = [{"codigo": 2, "valor": 2, "nome": detail, "descricao": "tipo"}]
    return made


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _make_irregular(source: dict[str, Any]) -> None:
    for place, movement in enumerate(source["movimentos"]):
        at = datetime.strptime(movement["dataHora"], "%Y-%m-%dT%H:%M:%S.000Z").replace(tzinfo=UTC)
        forms: list[Any] = [
            (at - timedelta(hours=3)).strftime("%Y%m%d%H%M%S"), int(at.timestamp() * 1000), None,
            at.strftime("%Y-%m-%dT%H:%M:%S.000000000Z"),
        ]  # fmt: skip
        movement["dataHora"] = forms[place % 4]
        if place % 3 == 0:
            movement["movimentoNacional"] = {"codigo": movement.pop("codigo"), "nome": movement.pop("nome")}
    source["assuntos"] = [[source["assuntos"][0]], None]
    for name in ("@timestamp", "formato", "nivelSigilo"):
        del source[name]


def _make_harmful(source: dict[str, Any]) -> None:
    source["classe"]["nome"] = source["orgaoJulgador"]["nome"] = EVIL
    source["assuntos"][0]["nome"] = EVIL * 50
    for movement in source["movimentos"]:
        movement["nome"] = EVIL
