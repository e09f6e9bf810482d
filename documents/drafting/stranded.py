"""Drafts that should be going on and are not: a job may fail five times, or be lost with its worker."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import OuterRef
from django.db.models.expressions import Exists
from django.utils import timezone

from conversations.models import Message
from documents.drafting.models import Draft
from documents.drafting.tasks import enqueue

SILENCE = timedelta(minutes=2)
AT_ONCE = 200


def take_up() -> int:
    """Gives each of them a job; how many. One whose part is being written has nothing to wait for but that."""
    written = Message.objects.filter(reply_to=OuterRef("question")).unfinished()
    silent = Draft.objects.filter(state=Draft.State.WRITING, updated_at__lt=timezone.now() - SILENCE)
    found = silent.filter(~Exists(written), document__deleted_at=None).order_by("updated_at")
    ids = list(found.values_list("pk", flat=True)[:AT_ONCE])
    for pk in ids:
        enqueue(pk)
    return len(ids)
