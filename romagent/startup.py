"""What each process says when it starts, and what it makes ready before the first person comes."""

import asyncio
import gc
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings

from conversations.rehearsal import rehearse_answer, rehearse_page
from romagent.base.threads import DatabaseThreads
from romagent.health import Service, check_postgres, check_redis, run_check

if TYPE_CHECKING:
    from romagent.asgi import Application

log = logging.getLogger("romagent.start")

WITHOUT_POSTGRES = "as páginas respondem 503 até que volte; nada do que foi aceito se perde"
WITHOUT_REDIS = "sessões vêm do PostgreSQL e as respostas aparecem a cada segundo, não a cada palavra"


def report() -> None:
    """Three lines, in this order: PostgreSQL, Redis, sessions."""
    postgres, redis = run_check(check_postgres), run_check(check_redis)
    _say("PostgreSQL", postgres, WITHOUT_POSTGRES)
    _say("Redis", redis, WITHOUT_REDIS)
    if settings.SESSION_ENGINE == "accounts.sessions":
        log.info("✅ Sessões configuradas com PostgreSQL (persistentes)")


def _say(name: str, service: Service, consequence: str) -> None:
    if service["available"]:
        log.info("✅ %s conectado { latency: '%dms' }", name, service["latency"])
    else:
        log.warning("⚠️  %s INDISPONÍVEL: %s", name, consequence)


async def warm_up_web(application: "Application") -> None:
    """Does in each thread what the first question would do, and takes it back."""
    await _warm_up("request", lambda: rehearse_page(application.get_response), application.threads)


async def warm_up_worker(*pools: DatabaseThreads) -> None:
    """Does in each thread what the first answer would do in PostgreSQL; nothing of it stays."""
    await _warm_up("answer", rehearse_answer, *pools)


async def _warm_up(what: str, rehearsal: Callable[[], None], *pools: DatabaseThreads) -> None:
    logging.disable(logging.INFO)  # nobody asked anything
    try:
        await asyncio.gather(*(pool.run(rehearsal) for pool in pools for _ in range(pool.size)))
    except Exception as error:
        log.warning("warming up failed, the first %s will be slower: %s", what, type(error).__name__)
    finally:
        logging.disable(logging.NOTSET)


def settle() -> None:
    """Takes what a process is made of out of the garbage collector's sight: it stays for as long as the process does.

    A full collection looks at every object there is, with the interpreter held: 137,000 in a web process, 270,000 in a
    worker, nearly all of them modules, models and URLs. A burst of questions makes enough new ones to bring on several.
    """
    gc.collect()  # first: rubbish that is frozen would stay, too
    gc.freeze()
