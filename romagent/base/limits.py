"""Rate limits: moving windows on Redis, per person and action. Without Redis nobody is shut out."""

from __future__ import annotations

import functools
import logging
import math
import time

import redis
from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from romagent.base.redis import sync_pool

log = logging.getLogger(__name__)


@functools.cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(RedisStorage(settings.REDIS_URL, connection_pool=sync_pool()))


def seconds_to_wait(action: str, person: object, per_minute: int = 0, *, per_hour: int = 0) -> int:
    """Counts one `action` of `person`; 0 when it is within the limit, otherwise seconds until it is again."""
    if not settings.REDIS_URL:
        return 0
    limit: RateLimitItem = RateLimitItemPerHour(per_hour) if per_hour else RateLimitItemPerMinute(per_minute)
    try:
        limiter = _limiter()
        if limiter.hit(limit, action, str(person)):
            return 0
        reset = limiter.get_window_stats(limit, action, str(person)).reset_time
        return max(1, math.ceil(reset - time.time()))
    except redis.RedisError as error:
        log.warning("rate limit not checked, Redis is away: %s", type(error).__name__)
        return 0
