"""Rate limits: moving windows on Redis, per person and action. Without Redis nobody is shut out."""

from __future__ import annotations

import functools
import logging
import math
import time

import redis
from django.conf import settings
from limits import RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from romagent.base.redis import sync_pool

log = logging.getLogger(__name__)


@functools.cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(RedisStorage(settings.REDIS_URL, connection_pool=sync_pool()))


def seconds_to_wait(action: str, person: object, amount: int, *, minutes: int = 1) -> int:
    """Counts one `action` of `person`; 0 when fewer than `amount` came in the last `minutes`, else seconds to wait."""
    if not settings.REDIS_URL:
        return 0
    limit = RateLimitItemPerMinute(amount, minutes)
    try:
        limiter = _limiter()
        if limiter.hit(limit, action, str(person)):
            return 0
        reset = limiter.get_window_stats(limit, action, str(person)).reset_time
        return max(1, math.ceil(reset - time.time()))
    except redis.RedisError as error:
        log.warning("rate limit not checked, Redis is away: %s", type(error).__name__)
        return 0
