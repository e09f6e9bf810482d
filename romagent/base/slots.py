"""How many of something one person has open at once, counted on Redis for all processes together.

A slot is taken for a while and renewed as long as it is in use: what a killed process held runs out by itself, so
nothing leaks. Without Redis nobody is shut out.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import redis
from django.conf import settings

from romagent.base.redis import sync_pool

log = logging.getLogger(__name__)

HELD_SECONDS = 45  # without being renewed

# Redis's own clock, so that the processes' clocks need not agree.
TAKE = """
local now = redis.call('TIME')
local seconds = tonumber(now[1]) + tonumber(now[2]) / 1000000
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', seconds)
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then return 0 end
redis.call('ZADD', KEYS[1], seconds + tonumber(ARGV[3]), ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
"""
RENEW = """
local now = redis.call('TIME')
for i, key in ipairs(KEYS) do
  redis.call('ZADD', key, tonumber(now[1]) + tonumber(ARGV[1]), ARGV[i + 1])
  redis.call('EXPIRE', key, ARGV[1])
end
return #KEYS
"""


@dataclass(frozen=True)
class Slot:
    key: str  # of the person's set
    name: str  # this slot's own


@functools.cache
def _client() -> redis.Redis:
    return redis.Redis(connection_pool=sync_pool())


def take(what: str, person: object, at_most: int) -> Slot | None:
    """A slot of the person's, or None when as many as `at_most` are in use."""
    slot = Slot(f"rom:{what}:{person}", uuid4().hex)
    if not settings.REDIS_URL:
        return slot if at_most else None
    try:
        taken = _client().eval(TAKE, 1, slot.key, slot.name, at_most, HELD_SECONDS)
        return slot if taken else None
    except redis.RedisError as error:
        log.warning("slots not counted, Redis is away: %s", type(error).__name__)
        return slot if at_most else None


async def renew(client: Any, slots: Sequence[Slot]) -> None:
    """Holds them for another while, in one command; raises what the asynchronous `client` raises."""
    if slots:
        await client.eval(
            RENEW, len(slots), *(slot.key for slot in slots), HELD_SECONDS, *(slot.name for slot in slots)
        )


async def give_back(client: Any, slot: Slot) -> None:
    """Frees it at once; raises what the asynchronous `client` raises."""
    await client.zrem(slot.key, slot.name)
