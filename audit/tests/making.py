"""Rows of the log, made the short way, and what a page says."""

import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from audit.models import AuditLog

SAO_PAULO = ZoneInfo("America/Sao_Paulo")


def make_row(action: str = "conversa.criar", **fields: Any) -> AuditLog:
    return AuditLog.objects.create(action=action, **{"user_email": "helena@exemplo.adv.br", **fields})


def make_rows(count: int, **fields: Any) -> list[AuditLog]:
    """A minute apart, the newest first."""
    now = timezone.now()
    return [make_row(created_at=now - timedelta(minutes=number), **fields) for number in range(count)]


def at(day: str, clock: str) -> datetime:
    """That moment by the office's clock."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=SAO_PAULO)


def text(response: Any) -> str:
    """What a reader reads, spaces made one."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))
