"""Choosing the paper and the format of a document, in one transaction with its audit row."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from audit.actions import record
from documents.models import Document
from documents.units import OfficeUnit


@transaction.atomic
def choose_paper(
    document: Document, unit: OfficeUnit | str, format_key: str, *, user: User, request: HttpRequest | None = None
) -> None:
    """`unit` may be `NO_PAPER`, or "" for the office's default; `format_key` "" for the unit's. The text stays."""
    found = Document.objects.select_for_update(of=("self",)).only("metadata").get(pk=document.pk)
    wanted = {"unit": unit if isinstance(unit, str) else str(unit.pk), "format": format_key}
    old = {key: found.metadata.get(key, "") for key in wanted}
    if old == wanted:
        return
    found.metadata = document.metadata = found.metadata | wanted
    found.save(update_fields=["metadata"])
    record("documento.papel", user=user, request=request, entity=document, old=old, new=wanted)
