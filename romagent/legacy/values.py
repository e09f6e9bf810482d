"""Single values of the old files: texts, times, roles; what is not as it should be is counted, not guessed."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

NAMESPACE = uuid5(NAMESPACE_OID, "rom-agent/legacy-import")
EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECONDS_FROM = 100_000_000_000  # as seconds this is the year 5138
SURROGATES = re.compile("[\ud800-\udfff]")

Warn = Callable[[str], None]


def new_id(kind: str, legacy: object) -> UUID:
    """The id here of what had `legacy` there: the same one at every import."""
    return uuid5(NAMESPACE, f"{kind}:{legacy}".encode("utf-8", "replace").decode())


def clean(value: str, warn: Warn) -> str:
    """The text as PostgreSQL can keep it: without U+0000, half a surrogate pair as U+FFFD; nothing else is touched."""
    if "\x00" in value:
        warn("caracteres nulos removidos")
        value = value.replace("\x00", "")
    if SURROGATES.search(value):
        warn("caracteres quebrados substituídos")
        value = SURROGATES.sub("\ufffd", value)
    return value


def plain(legacy: str) -> str:
    """An old id as it is remembered."""
    return clean(legacy, lambda reason: None)


def text(value: Any, warn: Warn, limit: int | None = None) -> str:
    """A text field; anything that is no text counts as empty. Longer than the column: cut, with a warning."""
    if not isinstance(value, str):
        if value is not None:
            warn("campo de texto com outro tipo de valor")
        return ""
    found = clean(value, warn).strip()
    if limit and len(found) > limit:
        warn(f"texto cortado em {limit} caracteres")
        return found[:limit]
    return found


def content(value: Any, warn: Warn) -> str | None:
    """A message's text; None when there is nothing to import. Lists of blocks become their text parts."""
    if isinstance(value, str):
        return clean(value, warn)
    if value is None:
        return None
    if isinstance(value, list) and any(isinstance(part, dict) for part in value):
        return clean("\n\n".join(_block(part) for part in value), warn)
    warn("conteúdo que não é texto, guardado como JSON")
    return clean(json.dumps(value, ensure_ascii=False, default=str), warn)


def _block(part: Any) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, dict) and isinstance(part.get("text"), str):
        return str(part["text"])
    kind = part.get("type") if isinstance(part, dict) else None
    return f"[parte não importada: {kind if isinstance(kind, str) else 'tipo desconhecido'}]"


def moment(value: Any, now: datetime, warn: Warn) -> datetime | None:
    """A time, aware; None when there is none or when it cannot be one (before 1990, in the future)."""
    if value is None or value == "":
        return None
    found = _from_number(value) if isinstance(value, int | float | Decimal) else _from_text(value, warn)
    if found is None or isinstance(value, bool) or not EARLIEST <= found <= now + timedelta(minutes=5):
        warn("data impossível, desconsiderada")
        return None
    return min(found, now)


def _from_number(value: int | float | Decimal) -> datetime | None:
    try:
        number = float(value)
        return EPOCH + timedelta(seconds=number / 1000 if abs(number) >= MILLISECONDS_FROM else number)
    except (OverflowError, ValueError):
        return None


def _from_text(value: Any, warn: Warn) -> datetime | None:
    if not isinstance(value, str):
        return None
    if re.fullmatch(r"\d{9,14}", value):
        return _from_number(int(value))
    try:
        found = datetime.fromisoformat(value.strip())
        if found.tzinfo is None:
            warn("data sem fuso, lida como UTC")
            return found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
