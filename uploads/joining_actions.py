"""Asking for several volumes to be put together as one file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from audit.actions import record
from romagent.base.ids import new_id
from uploads.models import Upload
from uploads.names import clean_name, stored_name
from uploads.tasks import enqueue_joining


def join(volumes: Sequence[Upload], name: str, *, user: User, request: HttpRequest | None = None) -> Upload:
    """The volumes in this order as one PDF, which belongs where they belong. A job of the worker makes it."""
    pk, called = new_id(), f"{clean_name(name).removesuffix('.pdf')}.pdf"
    whole = Upload(
        id=pk, user=user, project_id=volumes[0].project_id, original_filename=called,
        stored_filename=stored_name(pk, called), mime_type="application/pdf",
        file_size=sum(volume.file_size for volume in volumes),
        page_count=sum(volume.page_count or 0 for volume in volumes),
        metadata={"joining": True, "volumes": _map(volumes)},
    )  # fmt: skip
    with transaction.atomic():
        whole.save(force_insert=True)
        enqueue_joining(whole.pk)
        record("arquivo.juntar", user=user, request=request, entity=whole, new={"files": len(volumes)})
    return whole


def _map(volumes: Sequence[Upload]) -> list[dict[str, Any]]:
    """Which page of the whole is which of each volume."""
    found, first = [], 1
    for volume in volumes:
        pages = volume.page_count or 0
        found.append({"id": str(volume.pk), "name": volume.original_filename, "first": first, "pages": pages})
        first += pages
    return found
