"""What the administration can do to people: each in one transaction, with its audit row."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from accounts.models import User
from audit.actions import record


def invite(user: User, *, by: User | None = None, request: HttpRequest | None = None) -> None:
    """Has an invitation sent: a mail with a link by which the person sets her password. The mail goes by a job."""
    from accounts.tasks import send_invitation

    with transaction.atomic():
        send_invitation.defer(user_id=str(user.pk))
        user.metadata = user.metadata | {"invitation": "queued"}
        User.objects.filter(pk=user.pk).update(metadata=user.metadata)
        record("pessoa.convidar", user=by, request=request, entity=user)
