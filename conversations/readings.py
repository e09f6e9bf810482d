"""When the administration has read a conversation, and why: said to its owner from the audit log itself."""

from __future__ import annotations

from audit.models import READING, AuditLog
from conversations.models import Conversation

SHOWN = 3  # the newest ones


def readings(conversation: Conversation) -> list[AuditLog]:
    """The last readings, newest first; through an index that holds nothing but readings."""
    found = AuditLog.objects.filter(entity_id=conversation.pk, action=READING)
    return list(found.only("created_at", "user_email", "new_value").order_by("-created_at")[:SHOWN])
