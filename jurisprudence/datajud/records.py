"""A record of DataJud as it is meant: every field may be missing, misplaced, or of another type than is said.

Whatever the source sends is text to be shown, never markup; what could not be stored is left out of it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

BRASILIA = ZoneInfo("America/Sao_Paulo")  # what 14 digits without a zone are in; until 2019 with summer time
UNSAYABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
INVISIBLE = re.compile("[\xad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")  # these may stand within a word
DIGITS = re.compile(r"\d+")
FRACTION = re.compile(r"(\.\d{6})\d+")
MOST_MOVEMENTS = 20_000  # of one grade; more than any process has
MOST_SUBJECTS = 100
LARGEST = 2**31 - 1  # of a code
EARLIEST = 1900


@dataclass(frozen=True)
class Movement:
    """One movement; `key` tells it from the others of its grade, also from one that looks just like it."""

    code: int | None
    name: str
    at: datetime | None
    detail: str
    key: str = ""


@dataclass(frozen=True)
class Record:
    """The process in one grade (`G1`, `G2`, `JE`, `TR`, `SUP`…)."""

    key: str
    grade: str
    class_code: int | None
    class_name: str
    unit: str
    city_code: int | None  # of the IBGE
    system: str
    filed_at: datetime | None
    updated_at: datetime | None  # at the source
    secrecy: int | None  # from 1 on the process is secret
    subjects: tuple[str, ...]
    movements: tuple[Movement, ...]  # oldest first; those without a date before them


def read(hit: dict[str, Any]) -> Record | None:
    """The record of a hit; None when it is no record at all."""
    source = hit.get("_source")
    if not isinstance(source, dict):
        return None
    kind, unit, system = (_object(source.get(name)) for name in ("classe", "orgaoJulgador", "sistema"))
    grade = text(source.get("grau"), 20)
    name = text(hit.get("_id") or source.get("id"), 300)
    return Record(
        key=name or _digest(grade, text(kind.get("codigo")), text(unit.get("codigo"))),
        grade=grade,
        class_code=number(kind.get("codigo")),
        class_name=text(kind.get("nome"), 300),
        unit=text(unit.get("nome"), 300),
        city_code=number(unit.get("codigoMunicipioIBGE")),
        system=text(system.get("nome"), 100),
        filed_at=moment(source.get("dataAjuizamento")),
        updated_at=moment(source.get("dataHoraUltimaAtualizacao")) or moment(source.get("@timestamp")),
        secrecy=number(source.get("nivelSigilo")),
        subjects=tuple(_subjects(source.get("assuntos"))),
        movements=tuple(_in_order(source.get("movimentos"))),
    )


def number_in(hit: dict[str, Any]) -> str:
    """The digits of the process that a hit says it is of; "" when it does not say."""
    return "".join(DIGITS.findall(text(_object(hit.get("_source")).get("numeroProcesso"), 50)))


# Movements and subjects ----------------------------------------------------------------------------


def _in_order(given: Any) -> Iterator[Movement]:
    found = [_movement(one) for one in _flat(given, MOST_MOVEMENTS)]
    seen: Counter[str] = Counter()
    for movement in sorted(found, key=lambda one: (one.at or datetime.min.replace(tzinfo=UTC), one.code or 0)):
        same = _digest(
            str(movement.code or movement.name), movement.at.isoformat() if movement.at else "", movement.detail
        )
        seen[same] += 1
        key = same if seen[same] == 1 else f"{same}-{seen[same]}"
        yield Movement(movement.code, movement.name, movement.at, movement.detail, key)


def _movement(given: dict[str, Any]) -> Movement:
    national = _object(given.get("movimentoNacional"))
    code = number(given.get("codigo"))
    code = number(national.get("codigo")) if code is None else code
    name = text(given.get("nome"), 300) or text(national.get("nome"), 300)
    at = moment(given.get("dataHora"))
    tables = given.get("complementosTabelados") or national.get("complementosTabelados")
    said = sorted({text(one.get("nome") or one.get("valor"), 200) for one in _flat(tables, 20)} - {""})
    return Movement(code, name, at, "; ".join(said)[:1000])


def _subjects(given: Any) -> Iterator[str]:
    seen = set()
    for one in _flat(given, MOST_SUBJECTS):
        code, name = number(one.get("codigo")), text(one.get("nome"), 300)
        said = name or (f"Assunto {code}" if code is not None else "")
        if said and said not in seen:
            seen.add(said)
            yield said


def _flat(given: Any, most: int) -> list[dict[str, Any]]:
    """The objects in a list, also when they lie in lists within it; without a recursion that could be made deep."""
    found: list[dict[str, Any]] = []
    waiting = [given]
    while waiting and len(found) < most:
        one = waiting.pop()
        if isinstance(one, dict):
            found.append(one)
        elif isinstance(one, list):
            waiting.extend(reversed(one))
    return found


# Values --------------------------------------------------------------------------------------------


def _object(given: Any) -> dict[str, Any]:
    return given if isinstance(given, dict) else {}


def text(given: Any, most: int = 200) -> str:
    """What can be stored and shown of it, on one line."""
    if not isinstance(given, str | int | float) or isinstance(given, bool):
        return ""
    return " ".join(UNSAYABLE.sub(" ", INVISIBLE.sub("", str(given)[: most * 4])).split())[:most]


def number(given: Any) -> int | None:
    """A code, also when it comes as text."""
    if isinstance(given, str) and given.isascii() and given.strip().isdigit() and len(given) < 12:
        given = int(given)
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= LARGEST:
        return None
    return given


def moment(given: Any) -> datetime | None:
    """A date in any of the source's forms: 14 (or 8) digits of Brasília, 13 of epoch milliseconds, or ISO 8601.

    Midnight in UTC is how the source writes a day without an hour: it is that day, not the evening before.
    """
    said = text(given, 40)
    try:
        found = _by_digits(said) if said.isascii() and said.isdigit() else _iso(said)
        return found if found and EARLIEST <= found.year <= datetime.now(UTC).year + 1 else None
    except (ValueError, OverflowError, OSError):
        return None


def _by_digits(said: str) -> datetime | None:
    if len(said) in (14, 8):
        return datetime.strptime(said.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=BRASILIA).astimezone(UTC)
    if len(said) == 13:
        return datetime.fromtimestamp(int(said) / 1000, UTC)
    return None


def _iso(said: str) -> datetime | None:
    if not said:
        return None
    found = datetime.fromisoformat(FRACTION.sub(r"\1", said))
    if found.tzinfo is None:
        return found.replace(tzinfo=BRASILIA).astimezone(UTC)
    found = found.astimezone(UTC)
    if (found.hour, found.minute, found.second, found.microsecond) == (0, 0, 0, 0):
        return found.replace(tzinfo=BRASILIA).astimezone(UTC)
    return found


def _digest(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
