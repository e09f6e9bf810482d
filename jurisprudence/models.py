"""The models of all parts of the app; each part has its own in its package."""

from jurisprudence.datajud.models import (
    CaseGrade,
    CaseMovement,
    CaseRequest,
    CaseVisit,
    CourtCase,
    CourtCaseQuerySet,
    SourceState,
)

__all__ = ["CaseGrade", "CaseMovement", "CaseRequest", "CaseVisit", "CourtCase", "CourtCaseQuerySet", "SourceState"]
