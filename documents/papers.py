"""On which paper and in which format a document is written: what was chosen for it, else what its office has chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from documents.formats import FORMATS, Format, format_named
from documents.letterhead import Letterhead
from documents.models import Document
from documents.units import NO_PAPER, OfficeUnit

SIGNED_WITHIN = 2_000  # characters of the text's end in which a signature is looked for
SIGNED_LINE = 80  # characters of a line that signs; a longer one only speaks of who signs


@dataclass(frozen=True)
class Paper:
    unit: OfficeUnit | None
    fmt: Format

    def head_for(self, text: str) -> Letterhead | None:
        """The letterhead, without the signature when the text's end has it already."""
        head = self.unit.letterhead if self.unit else None
        if head and head.signature and _is_signed(text[-SIGNED_WITHIN:], head.signature[0]):
            return replace(head, signature=())
        return head


def _is_signed(end: str, name: str) -> bool:
    """Whether a line of its own has the name: "… intimações em nome de Helena Prado, sob pena de nulidade" is none."""
    lines = (" ".join(line.split()).casefold() for line in end.splitlines())
    return any(name.casefold() in line and len(line) <= max(SIGNED_LINE, len(name)) for line in lines)


def paper_of(document: Document) -> Paper:
    """What holds for the document."""
    chosen: dict[str, Any] = document.metadata
    unit = None if chosen.get("unit") == NO_PAPER else _unit(chosen.get("unit"))
    key = chosen.get("format")
    fmt = FORMATS[key] if isinstance(key, str) and key in FORMATS else format_named(unit and unit.default_format)
    return Paper(unit, fmt)


def _unit(chosen: Any) -> OfficeUnit | None:
    """The chosen one; the default one when none was chosen or it is no more."""
    units, wanted = OfficeUnit.objects.defer("logo"), _as_uuid(chosen)  # which most pages do not show
    found: OfficeUnit | None = units.filter(pk=wanted).first() if wanted else None
    return found or units.filter(is_default=True).first()


def _as_uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None
