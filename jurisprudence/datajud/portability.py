"""What is a person's own here: which processes she asked for, and which she saw last when. What the source said of them
is public."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from accounts.models import User
from jurisprudence.datajud.models import CaseRequest, CaseVisit, CourtCase
from romagent.base.portability import Number, Part, as_json, counted

AT_ONCE = 500  # rows


def parts(user: User) -> Iterator[Part]:
    if CaseRequest.objects.for_user(user).exists():
        yield Part("processos.json", _listed(user))
    if _visits(user).exists():
        yield Part("processos-vistos.json", _seen(user))


def _listed(user: User) -> Iterator[bytes]:
    rows = CaseRequest.objects.for_user(user).select_related("case").order_by("created_at", "pk")
    yield as_json(
        [
            {
                "numero": str(row.case),
                "consultado_em": row.created_at,
                "ultima_consulta": row.case.get_said_display(),
                "localizado_em": row.case.found_at if row.case.is_of_this_source else None,
            }
            for row in rows.iterator(AT_ONCE)
        ]
    )


def _visits(user: User) -> QuerySet[CaseVisit]:
    """Of those that she may still see: who left a project takes nothing of it along."""
    return CaseVisit.objects.filter(user=user, case__in=CourtCase.objects.for_user(user).values("pk"))


def _seen(user: User) -> Iterator[bytes]:
    rows = _visits(user).select_related("case").order_by("last", "pk")
    yield as_json([{"numero": str(row.case), "visto_em": row.last} for row in rows.iterator(AT_ONCE)])


def numbers(user: User) -> Iterator[Number]:
    yield Number("processos consultados", counted(CaseRequest.objects.for_user(user)))
