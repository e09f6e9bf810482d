"""The one function that writes an audit row. Call it inside the transaction of what it records."""

from ipaddress import ip_address
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import models
from django.http import HttpRequest

from audit.models import AuditLog


def record(
    action: str,
    *,
    user: Any = None,
    request: HttpRequest | None = None,
    entity: models.Model | None = None,
    old: dict[str, Any] | None = None,
    new: dict[str, Any] | None = None,
    email: str = "",
) -> AuditLog:
    """Records that `user` did `action` to `entity`; `old` and `new` hold what changed, never contents.

    `email` names somebody who is not signed in (a refused sign-in).
    """
    known = user if user is not None and user.is_authenticated else None
    entity_type, entity_id = _name_of(entity)
    return AuditLog.objects.create(
        user_id=known.pk if known else None,
        user_email=known.email if known else email.strip().lower(),
        action=action,
        entity_type=entity_type,
        entity_id=entity_id,
        old_value=old,
        new_value=new,
        ip_address=client_address(request),
        user_agent=request.headers.get("User-Agent", "")[:500] if request else "",
    )


def _name_of(entity: models.Model | None) -> tuple[str, UUID | None]:
    """The entity's table and id; an id that is no UUID (a model's name) stands beside the table."""
    if entity is None:
        return "", None
    table = entity._meta.db_table
    return (table, entity.pk) if isinstance(entity.pk, UUID) else (f"{table}:{entity.pk}"[:100], None)


def client_address(request: HttpRequest | None) -> str | None:
    """The browser's address as our own proxies saw it; anybody can write the rest of X-Forwarded-For."""
    if request is None:
        return None
    seen = request.headers.get("X-Forwarded-For", "").split(",")
    proxies = settings.TRUSTED_PROXIES
    candidate = seen[-proxies].strip() if 0 < proxies <= len(seen) else ""
    return valid_address(candidate or request.META.get("REMOTE_ADDR") or "")


def valid_address(candidate: str) -> str | None:
    try:
        return str(ip_address(candidate))
    except ValueError:
        return None
