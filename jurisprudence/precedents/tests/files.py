"""Files of precedents for tests: invented, in the shape that the sources have."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

Record = dict[str, Any]


def sumula(number: int, **values: Any) -> Record:
    text = f"O prazo de número {number} é contado em dobro."
    filled = {"court": "STJ", "number": number, "text": text, "binding": False, "cancelled": False}
    more = {"status": "em vigor", "approved": None, "agreeing_sources": 1, "source": "lista do teste", "note": None}
    return filled | more | {"title": None} | values


def orientation(number: int, series: str = "OJ-SDI1", **values: Any) -> Record:
    filled = {"court": "TST", "series": series, "number": number, "title": "PRAZO", "text": None, "cancelled": False}
    return filled | {"source": "lista do teste"} | values


def espelho(number: int, **values: Any) -> Record:
    return {
        "id": f"{number:09}", "numeroProcesso": str(9_000_000 + number), "numeroRegistro": f"2024{number:08}",
        "siglaClasse": "AgInt no REsp", "descricaoClasse": "AGRAVO INTERNO NO RECURSO ESPECIAL",
        "nomeOrgaoJulgador": "TERCEIRA TURMA", "ministroRelator": "RELATORA DO TESTE",
        "dataPublicacao": "DJE        DATA:20/05/2024", "ementa": f"PROCESSO CIVIL. AÇÃO NÚMERO {number}. PRAZO.",
        "tipoDeDecisao": "ACÓRDÃO", "dataDecisao": "20240510", "decisao": "Por unanimidade, negou-se provimento.",
        "jurisprudenciaCitada": None, "notas": None, "informacoesComplementares": None, "termosAuxiliares": None,
        "teseJuridica": None, "tema": None, "referenciasLegislativas": ["LEG:FED LEI:013105 ANO:2015\n ART:00219"],
        "acordaosSimilares": [],
    } | values  # fmt: skip


def lines(path: Path, records: Iterable[Record | str], encoding: str = "utf-8") -> Path:
    written = (item if isinstance(item, str) else json.dumps(item, ensure_ascii=False) for item in records)
    path.write_bytes("".join(f"{line}\n" for line in written).encode(encoding))
    return path


def array(path: Path, records: Sequence[Record], encoding: str = "utf-8", indent: int | None = 1) -> Path:
    path.write_bytes(json.dumps(records, ensure_ascii=False, indent=indent).encode(encoding))
    return path


def zipped(path: Path, members: dict[str, Sequence[Record]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, records in members.items():
            archive.writestr(name, json.dumps(records, ensure_ascii=False))
    return path
