"""Rate limits: moving windows on Redis, counted for all processes together. Without Redis nobody is shut out.

That is the policy: a limit keeps one person from taking what others need, it is no lock. What must hold without Redis
(who may see what, the second factor, one reply at a time) never stands on it.
"""

from __future__ import annotations

import functools
import logging
import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import redis
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils import timezone
from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter

from romagent.base.redis import sync_pool

log = logging.getLogger(__name__)

SECONDS_ARE_SAID_UP_TO = 90  # a longer wait is said by the clock


@functools.cache
def _limiter() -> MovingWindowRateLimiter:
    return MovingWindowRateLimiter(RedisStorage(settings.REDIS_URL, connection_pool=sync_pool()))


Question = Callable[[MovingWindowRateLimiter, RateLimitItemPerSecond, list[str]], bool]


@dataclass(frozen=True)
class Limit:
    """So many times an `action` in so many seconds, for each of whoever it is counted for (a person, an address)."""

    action: str
    amount: int
    seconds: int = 60

    def hit(self, *who: object) -> int:
        """Counts one more; 0 when it is within the limit, otherwise (it is not counted) the seconds to wait."""
        return self._ask(lambda limiter, item, keys: limiter.hit(item, *keys), who)

    def wait(self, *who: object) -> int:
        """The seconds to wait before the next one would be within the limit; counts nothing."""
        return self._ask(lambda limiter, item, keys: limiter.test(item, *keys), who)

    def forget(self, *who: object) -> None:
        """Begins to count anew."""
        self._ask(_clear, who)

    def _ask(
        self,
        within: Callable[[MovingWindowRateLimiter, RateLimitItemPerSecond, list[str]], bool],
        who: tuple[object, ...],
    ) -> int:
        if not settings.REDIS_URL:
            return 0
        item = RateLimitItemPerSecond(self.amount, self.seconds)
        keys = [self.action, *map(str, who)]
        try:
            limiter = _limiter()
            if within(limiter, item, keys):
                return 0
            return max(1, math.ceil(limiter.get_window_stats(item, *keys).reset_time - time.time()))
        except redis.RedisError as error:
            log.warning("rate limit not checked, Redis is away: %s", type(error).__name__)
            return 0


def _clear(limiter: MovingWindowRateLimiter, item: RateLimitItemPerSecond, keys: list[str]) -> bool:
    limiter.clear(item, *keys)
    return True


def seconds_to_wait(action: str, person: object, amount: int, seconds: int = 60) -> int:
    """Counts one `action` of `person`; 0 when it is within `amount` in so many seconds, otherwise how long to wait."""
    return Limit(action, amount, seconds).hit(person)


def when(wait: int) -> str:
    """When to try again, in words: “em 40 segundos”, “às 14:32”, “em 23/11 às 9:05”."""
    if wait <= SECONDS_ARE_SAID_UP_TO:
        return f"em {wait} segundo{'s' if wait != 1 else ''}"
    now = timezone.localtime()
    # A minute that has begun is over before the clock shows the next one.
    then = now + timedelta(seconds=wait + 59)
    day = "" if then.date() == now.date() else f"em {then:%d/%m} "
    return f"{day}às {then.hour}:{then:%M}"


def too_many(request: HttpRequest, wait: int, sentence: str, *, kept: str = "") -> HttpResponse:
    """The 429 answer, with when to try again: a page, or a sentence for code (streams, fragments, JSON).

    `kept` says what has not been lost.
    """
    headers = {"Retry-After": str(wait)}
    return_at = f"Tente de novo {when(wait)}."
    if request.headers.get("HX-Request") or not request.accepts("text/html"):
        words = " ".join(part for part in (sentence, return_at, kept) if part)
        return JsonResponse({"error": words}, status=429, headers=headers)
    html = render_to_string("429.html", {"sentence": sentence, "return_at": return_at, "kept": kept})
    return HttpResponse(html, status=429, headers=headers)
