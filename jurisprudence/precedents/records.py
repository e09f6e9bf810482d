"""What the sources' records mean: each format's fields, and the row that they become.

- Lines of súmulas: `court, number, text, binding, cancelled, status, approved, source, note, title`.
- Lines of the TST's orientations and normative precedents: `court, series, number, title, text, cancelled, source`.
- Lines of anything, told by `kind` (a value of `Precedent.Kind`): temas, for which courts publish no such list, and
  other courts' decisions. The fields are the columns' names.
- *Espelhos de acórdãos* of the Superior Tribunal de Justiça's open data, monthly JSON arrays, one set a panel
  (https://dadosabertos.web.stj.jus.br/group/jurisprudencia).
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from jurisprudence.precedents.known import SERIES, class_of
from jurisprudence.precedents.models import Precedent

Kind, Status = Precedent.Kind, Precedent.Status
STJ_SOURCE = "STJ, Portal de Dados Abertos: espelhos de acórdãos"
STJ_PAGE = "https://processo.stj.jus.br/processo/pesquisa/?tipoPesquisa=tipoPesquisaNumeroRegistro&termo="
LONGEST = {"court": 20, "reference": 100, "case_class": 150, "case_number": 60, "judge": 255, "body": 255,
           "source": 500, "url": 1000}  # fmt: skip
LONGEST_TEXT = 1_000_000  # characters: the longest ementas have some twenty thousand
EARLIEST = date(1808, 5, 10)  # the Casa da Suplicação do Brasil; what is older is a typing error


class Refused(Exception):
    """The record is no precedent; the message says why, in Portuguese."""


class Row(NamedTuple):
    """The columns that come from a source, in the order in which they are written."""

    court: str
    kind: str
    series: str
    number: int
    reference: str
    case_class: str = ""
    case_number: str = ""
    judge: str = ""
    body: str = ""
    decided_on: date | None = None
    published_on: date | None = None
    year: int = 0
    title: str = ""
    text: str = ""
    status: str = ""
    note: str = ""
    details: str = "{}"  # JSON
    source: str = ""
    url: str = ""
    content_hash: str = ""

    @property
    def key(self) -> tuple[Any, ...]:
        return self[:5]


KEY = Row._fields[:5]
CONTENT = Row._fields[5:17]  # what makes another version of the same precedent: not where and when it was read
Record = Mapping[str, Any]


def format_of(record: Any) -> str:
    """The name of the format that a record is in, as runs keep it. Raises Refused when it is none."""
    if isinstance(record, dict):
        for name, (fields, _) in FORMATS.items():
            if fields <= record.keys():
                return name
    raise Refused("não é um registro de súmula, de orientação, de precedente nem um espelho de acórdão do STJ")


def row_of(record: Any, source: str = "") -> Row:
    """The row that a record becomes; `source` stands in for the record's own. Raises Refused."""
    row = FORMATS[format_of(record)][1](record)
    row = row._replace(source=source or row.source, year=_year(row))
    _check(row)
    return row._replace(content_hash=_hash(row))


def _sumula(record: Record) -> Row:
    binding = _flag(record, "binding")
    return Row(
        _court(record), (Kind.SUMULA_VINCULANTE if binding else Kind.SUMULA).value, "", _number(record), "",
        decided_on=_date(record.get("approved")), title=_text(record, "title"), text=_text(record, "text"),
        status=_status(record), note=_text(record, "note"), source=_text(record, "source"), url=_text(record, "url"),
    )  # fmt: skip


def _orientation(record: Record) -> Row:
    series = _text(record, "series").upper()
    if series in ("PN", "PRECEDENTE NORMATIVO"):
        kind, series = Kind.PRECEDENTE_NORMATIVO.value, ""
    else:
        kind, series = Kind.ORIENTACAO.value, _series(series)
    return Row(
        _court(record), kind, series, _number(record), "", decided_on=_date(record.get("approved")),
        title=_text(record, "title"), text=_text(record, "text"), status=_status(record), note=_text(record, "note"),
        source=_text(record, "source"), url=_text(record, "url"),
    )  # fmt: skip


def _series(said: str) -> str:
    """A series of orientations, as all of them are kept. Raises Refused."""
    series = re.sub(r"SDI-?(?=\d)", "SDI-", said.upper().removeprefix("OJ-").removeprefix("OJ "))
    if series not in SERIES:
        raise Refused(f"a série {_shown(said)} não é conhecida")
    return series


def _own(record: Record) -> Row:
    """A line of ours: the fields are the columns' names."""
    kind, series = _text(record, "kind"), _text(record, "series")
    if kind not in Kind.values:
        raise Refused(f"o tipo {_shown(kind)} não existe")
    decision = kind == Kind.DECISAO
    case_class = _text(record, "case_class") or series
    if kind == Kind.ORIENTACAO:
        series = _series(series)
    elif decision:
        series = class_of(case_class)
    elif series:
        raise Refused("só orientações têm série")
    return Row(
        _court(record), kind, series, _number(record, needed=not decision),
        _text(record, "reference") if decision else "", case_class if decision else "",
        _case_number(_text(record, "case_number")), _text(record, "judge"), _text(record, "body"),
        _date(record.get("decided_on")), _date(record.get("published_on")), 0, _text(record, "title"),
        _text(record, "text"), "" if decision else _status(record), _text(record, "note"), "{}",
        _text(record, "source"), _text(record, "url"),
    )  # fmt: skip


DETAILS = {  # what is kept of an espelho beside the columns
    "decisao": "decisao", "tipoDeDecisao": "tipo", "numeroRegistro": "registro",
    "informacoesComplementares": "informacoes", "termosAuxiliares": "termos", "tema": "tema",
    "referenciasLegislativas": "referencias", "jurisprudenciaCitada": "citada", "acordaosSimilares": "similares",
}  # fmt: skip


def _stj(record: Record) -> Row:
    case_class = _text(record, "siglaClasse") or _text(record, "descricaoClasse")
    digits = re.sub(r"\D", "", _text(record, "numeroProcesso"))
    registry = _text(record, "numeroRegistro")
    if not _text(record, "ementa"):
        raise Refused("o espelho não tem ementa")
    kept = {name: value for field, name in DETAILS.items() if (value := _kept(record.get(field)))}
    return Row(
        "STJ", Kind.DECISAO.value, class_of(case_class), int(digits) if 0 < len(digits) <= 9 else 0,
        _text(record, "id") or registry, case_class, digits, _text(record, "ministroRelator"),
        _text(record, "nomeOrgaoJulgador"), _date(record.get("dataDecisao")), _date(record.get("dataPublicacao")), 0,
        _text(record, "teseJuridica"), _text(record, "ementa"), "", _text(record, "notas"),
        json.dumps(kept, ensure_ascii=False), STJ_SOURCE, STJ_PAGE + registry if registry.isalnum() else "",
    )  # fmt: skip


FORMATS: dict[str, tuple[set[str], Callable[[Record], Row]]] = {
    "stj": ({"ementa", "numeroProcesso"}, _stj),
    "precedentes": ({"kind", "court"}, _own),
    "orientacoes": ({"court", "series", "number"}, _orientation),
    "sumulas": ({"court", "number", "text"}, _sumula),
}

# Values ----------------------------------------------------------------------------------------


def _text(record: Record, name: str) -> str:
    """A field as text without what PostgreSQL doesn't take; lists are joined by line. "" where there is none."""
    value = record.get(name)
    if value is None:
        return ""
    if isinstance(value, list):
        value = "\n".join(str(item) for item in value if item is not None)
    elif not isinstance(value, str):
        if isinstance(value, dict | bool | float):
            raise Refused(f"o campo {name} não é um texto")
        value = str(value)
    return value.replace("\x00", "").strip()


def _kept(value: Any) -> Any:
    """A field that is kept as it came, without its empty parts."""
    if isinstance(value, str):
        return value.replace("\x00", "").strip()
    if isinstance(value, list):
        return [kept for item in value if isinstance(item, str) and (kept := _kept(item))]
    return value if isinstance(value, int) else ""


def _case_number(said: str) -> str:
    """A CNJ number by its digits, in whatever mask it comes; any other as it is."""
    digits = re.sub(r"[\s.-]", "", said)
    return digits if re.fullmatch(r"[0-9]{20}", digits) else said


def _flag(record: Record, name: str) -> bool:
    value = record.get(name)
    if value is not None and not isinstance(value, bool):
        raise Refused(f"o campo {name} não é verdadeiro nem falso")
    return bool(value)


def _court(record: Record) -> str:
    court = _text(record, "court").upper()
    if not re.fullmatch(r"[A-Z][A-Z0-9-]{1,19}", court):
        raise Refused(f"o tribunal {_shown(court)} não é uma sigla")
    return court


def _number(record: Record, *, needed: bool = True) -> int:
    value = record.get("number")
    if isinstance(value, str) and re.fullmatch(r"\s*[\d.]{1,13}\s*", value):
        value = int(value.replace(".", "") or 0)
    if value is None and not needed:
        return 0
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 10**12:
        raise Refused("o número falta ou não é um número")
    return value


def _status(record: Record) -> str:
    said = re.sub(r"\s+", " ", _text(record, "status").lower())
    if said and said not in Status.values:
        raise Refused(f"a situação {_shown(said)} não é conhecida")
    cancelled = _flag(record, "cancelled")
    if cancelled and said and said not in Precedent.GONE:
        raise Refused(f"diz que foi cancelada e que está {_shown(said)}")
    return said or (Status.CANCELLED if cancelled else Status.IN_FORCE).value


MONTHS = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro",
    "dezembro",
)  # fmt: skip
_DATES = (
    re.compile(r"(?<!\d)(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"),
    re.compile(r"(?<!\d)(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?!\d)"),
    re.compile(r"(?<!\d)(?P<d>\d{1,2})[/.](?P<m>\d{1,2})[/.](?P<y>\d{4})"),
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})º? de (?P<w>{'|'.join(MONTHS)}) de (?P<y>\d{{4}})", re.IGNORECASE),
)


def _date(value: Any) -> date | None:
    """`20240510`, `2024-05-10`, `DJE DATA:20/05/2024`, `10 de maio de 2024`; None for nothing. Raises Refused."""
    if value is None or not (said := str(value).strip()):
        return None
    for pattern in _DATES:
        if found := pattern.search(said):
            parts = found.groupdict()
            month = parts.get("m") or MONTHS.index(parts["w"].lower()) + 1
            try:
                day = date(int(parts["y"]), int(month), int(parts["d"]))
            except ValueError:
                break
            if day < EARLIEST or day.year > date.today().year + 1:  # noqa: DTZ011 - a year's room for any time zone
                break
            return day
    raise Refused(f"a data {_shown(said)} não é possível")


def _year(row: Row) -> int:
    day = row.decided_on or row.published_on
    return day.year if day else 0


# What PostgreSQL would refuse, or nobody could read -------------------------------------------


def _check(row: Row) -> None:
    for name, most in LONGEST.items():
        if len(getattr(row, name)) > most:
            raise Refused(f"o campo {name} tem mais de {most} caracteres")
    if max(len(row.text), len(row.note), len(row.title), len(row.details)) > LONGEST_TEXT:
        raise Refused("o texto é longo demais")
    if not (row.text or row.title):
        raise Refused("não há texto nem título")
    if row.kind == Kind.SUMULA_VINCULANTE and row.court != "STF":  # Constituição, art. 103-A
        raise Refused("só o STF tem súmulas vinculantes")
    if row.kind == Kind.DECISAO and not (row.number or row.reference):
        raise Refused("não se sabe de que processo é")
    if not row.source:
        raise Refused("a fonte falta; diga-a com --source")
    if row.url and not row.url.startswith(("https://", "http://")):
        raise Refused(f"o endereço {_shown(row.url)} não é da web")
    try:
        "\n".join(value for value in row if isinstance(value, str)).encode()
    except UnicodeEncodeError as error:
        raise Refused("há caracteres que não são texto (a codificação não é UTF-8?)") from error


def _hash(row: Row) -> str:
    content = "\x1f".join(str(value) for value in row[5:17])
    return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


def _shown(value: object) -> str:
    said = str(value)
    return f"“{said[:40]}…”" if len(said) > 40 else f"“{said}”"
