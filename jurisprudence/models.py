"""The tables of this app, each in its package."""

from jurisprudence.datajud.models import (
    CaseGrade,
    CaseMovement,
    CaseRequest,
    CaseVisit,
    CourtCase,
    CourtCaseQuerySet,
    SourceState,
)
from jurisprudence.deadlines.models import Deadline, Holiday
from jurisprudence.precedents.models import Precedent, PrecedentChange, PrecedentImport

__all__ = [
    "CaseGrade",
    "CaseMovement",
    "CaseRequest",
    "CaseVisit",
    "CourtCase",
    "CourtCaseQuerySet",
    "Deadline",
    "Holiday",
    "Precedent",
    "PrecedentChange",
    "PrecedentImport",
    "SourceState",
]
