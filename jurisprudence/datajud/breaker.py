"""A rest for a source that is overwhelmed: after three calls in a row without an answer nobody calls for five minutes.

Counted on Redis for all processes together. When the rest is over one more failure begins another; an answer ends it.
Without Redis each process counts for itself.
"""

from __future__ import annotations

import functools
import logging
import time

import redis
from django.conf import settings

from romagent.base.redis import sync_pool

log = logging.getLogger(__name__)

IN_A_ROW = 3
REST_SECONDS = 300
REMEMBERED_SECONDS = 3600  # without a call, the row is forgotten
FAILURES, RESTING = "rom:datajud:falhas", "rom:datajud:descanso"


class _Own:
    """What this process knows by itself."""

    failures = 0
    resting_until = 0.0  # time.monotonic()


@functools.cache
def _client() -> redis.Redis:
    return redis.Redis(connection_pool=sync_pool())


def is_open() -> bool:
    """Whether nobody is to be asked now."""
    if time.monotonic() < _Own.resting_until:
        return True
    return bool(_shared(lambda client: client.exists(RESTING)))


def failed() -> None:
    _Own.failures += 1
    together = _shared(_count)  # 0 without Redis; with it, another process's answer has begun the count anew
    if (together or _Own.failures) >= IN_A_ROW:
        if not _shared(lambda client: client.set(RESTING, 1, ex=REST_SECONDS)):
            _Own.resting_until = time.monotonic() + REST_SECONDS
        log.warning("DataJud did not answer %d times in a row: resting for %d s", IN_A_ROW, REST_SECONDS)


def answered() -> None:
    """It works, whatever it has said."""
    _Own.failures, _Own.resting_until = 0, 0.0
    _shared(lambda client: client.delete(FAILURES, RESTING))


def _count(client: redis.Redis) -> int:
    count = int(client.incr(FAILURES))  # type: ignore[arg-type]
    client.expire(FAILURES, REMEMBERED_SECONDS)
    return count


def _shared(call: object) -> int:
    """What Redis says; 0 when it is away."""
    if not settings.REDIS_URL:
        return 0
    try:
        return int(call(_client()) or 0)  # type: ignore[operator]
    except redis.RedisError as error:
        log.warning("the rest of DataJud is not shared, Redis is away: %s", type(error).__name__)
        return 0
