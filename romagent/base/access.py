"""Says to all web processes that somebody may see less than a moment ago, so that streams that are open end at once.

It is said after the commit, on Redis; without Redis the readers are looked at every second (`conversations/hub.py`).
"""

from __future__ import annotations

import functools
import logging
from uuid import UUID

import redis
from django.conf import settings
from django.db import transaction

from romagent.base.redis import sync_pool

log = logging.getLogger(__name__)

CHANNEL = "rom:acesso"
EVERYBODY = ""


def changed(person: UUID | None = None) -> None:
    """`person`'s access is less than it was; everybody's, when nobody is named. Call it within the transaction."""
    transaction.on_commit(functools.partial(_publish, str(person) if person else EVERYBODY), robust=True)


def _publish(whose: str) -> None:
    if not settings.REDIS_URL:
        return
    try:
        redis.Redis(connection_pool=sync_pool()).publish(CHANNEL, whose)
    except redis.RedisError as error:
        log.warning("a change of access was not published, Redis is away: %s", type(error).__name__)
