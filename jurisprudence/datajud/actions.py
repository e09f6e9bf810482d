"""What a person can do about processes: ask for one. One transaction, with its audit row."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from audit.actions import record
from jurisprudence.datajud import keeping
from jurisprudence.datajud.models import CaseRequest, CourtCase
from jurisprudence.datajud.tasks import enqueue
from projects.cnj import CaseNumber
from romagent.base.limits import Limit

PER_MINUTE = Limit("processos", 10, 60)  # for each person, on the pages and in conversations together


def ask(
    number: CaseNumber, *, user: User, fresh: bool = False, mine: bool = True, request: HttpRequest | None = None
) -> CourtCase:
    """Owes the process a look-up; one that is under way already is enough.

    `mine`: it is to stay among the processes she asked for; not when she asks for her project's. One that is among
    them already was asked for now. `fresh`: what the source said some hours ago is not enough.
    """
    with transaction.atomic():
        case = keeping.held_row_of(number)
        if mine:
            CaseRequest.objects.get_or_create(case=case, user=user)
        CaseRequest.objects.filter(case=case, user=user).update(created_at=timezone.now())
        if keeping.wait_for(case, fresh=fresh):
            enqueue(case.pk)
        record("processo.consultar", user=user, request=request, entity=case)
    return case
