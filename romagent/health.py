"""Two pages for machines: alive at all, and whether PostgreSQL and Redis answer. No login, no secrets."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypedDict

import psycopg
import redis.asyncio
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

LIMIT_SECONDS = 1.5


class Service(TypedDict):
    available: bool
    latency: int | None  # whole milliseconds, from connecting to the answer


async def check_postgres() -> None:
    parameters = connection.get_connection_params()
    for key in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(key, None)
    async with await psycopg.AsyncConnection.connect(**parameters) as conn:
        await conn.execute("SELECT 1")


async def check_redis() -> None:
    async with redis.asyncio.Redis.from_url(settings.REDIS_URL, single_connection_client=True) as client:
        await client.ping()


async def _service(check: Callable[[], Awaitable[None]]) -> Service:
    started = time.perf_counter()
    try:
        await asyncio.wait_for(check(), LIMIT_SECONDS)
    except Exception:  # whatever is wrong with it, it is not available; details would leak addresses
        return {"available": False, "latency": None}
    return {"available": True, "latency": round((time.perf_counter() - started) * 1000)}


def run_check(check: Callable[[], Awaitable[None]]) -> Service:
    """Asks one service, for at most 1.5 seconds; call it from a thread without an event loop."""
    return asyncio.run(_service(check))


async def _both() -> tuple[Service, Service]:
    return await asyncio.gather(_service(check_postgres), _service(check_redis))


def probe(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: answers the host's prober before anything asks what host it means; it may call us by any name."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        return alive(request) if request.path == "/health/" else get_response(request)

    return middleware


@login_not_required
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """For the host's prober: this process answers. Touches nothing."""
    return JsonResponse({"status": "ok"})


@login_not_required
@require_safe
def database(request: HttpRequest) -> HttpResponse:
    """For people and monitors: 503 when PostgreSQL is away; Redis alone may be away."""
    postgres, redis_service = asyncio.run(_both())
    status = 200 if postgres["available"] else 503
    return JsonResponse({"postgres": postgres, "redis": redis_service}, status=status)
