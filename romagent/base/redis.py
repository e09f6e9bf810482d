"""Redis, which may go away at any time: one wait for an outage, not one a call.

Everything kept there may vanish (`allkeys-lru`, FLUSHALL, a restart), so every caller has another way.
"""

import functools
import time
from typing import Any

import django_redis.cache
import django_redis.pool
import redis
import redis.asyncio
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

REST_SECONDS = 2.0
# What a call on the event loop meets; RuntimeError: uvloop says so of a connection that is closed already.
AWAY = (redis.RedisError, OSError, RuntimeError)


class RestingConnection(redis.Connection):
    """A connection that, after a failure anywhere in the process, refuses at once for two seconds.

    A Redis that is down refuses quickly, but one that hangs costs every call the whole time-out.
    """

    resting_until = 0.0  # time.monotonic(), shared by the process

    def connect(self, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < RestingConnection.resting_until:
            raise redis.ConnectionError("Redis failed a moment ago")
        return self._noting_failure(super().connect, *args, **kwargs)

    def read_response(self, *args: Any, **kwargs: Any) -> Any:
        return self._noting_failure(super().read_response, *args, **kwargs)

    @staticmethod
    def _noting_failure(call: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return call(*args, **kwargs)
        except redis.TimeoutError:
            RestingConnection.resting_until = time.monotonic() + REST_SECONDS
            raise


def pool_options() -> dict[str, Any]:
    """Options of every synchronous pool; one retry, since the first call after a restart meets a dead socket."""
    return {"connection_class": RestingConnection, "retry": Retry(NoBackoff(), 1)}


@functools.cache
def sync_pool() -> redis.ConnectionPool:
    """The pool of what is not Django's cache: rate limits and the health page."""
    timeout = settings.REDIS_TIMEOUT
    return redis.ConnectionPool.from_url(
        settings.REDIS_URL, socket_timeout=timeout, socket_connect_timeout=timeout, **pool_options()
    )


def async_client(**options: Any) -> redis.asyncio.Redis:
    """A client for the event loop with one connection of its own: the caller closes it.

    Raises redis.ConnectionError where there is no Redis at all, which is an outage like any other.
    """
    if not settings.REDIS_URL:
        raise redis.ConnectionError("REDIS_URL is not set")
    return redis.asyncio.Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=settings.REDIS_TIMEOUT,
        single_connection_client=True,
        retry=Retry(NoBackoff(), 0),
        **options,
    )


class ForgivingCache(django_redis.cache.RedisCache):
    """Django's cache: without Redis nothing is found in it, and what is written is gone at once."""

    @django_redis.cache.omit_exception(return_value=True)  # type: ignore[untyped-decorator]
    def add(self, *args: Any, **kwargs: Any) -> bool:
        """True also without Redis: who takes a lock by it (sign-in's rate limit) must not wait for ever."""
        added: bool = self.client.add(*args, **kwargs)
        return added


class ConnectionFactory(django_redis.pool.ConnectionFactory):
    """Gives Django's cache the same kind of connection."""

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__(options)
        self.pool_cls_kwargs: dict[str, Any] = options.get("CONNECTION_POOL_KWARGS", {}) | pool_options()
