"""What each process says when it starts, and what it makes ready before the first person comes."""

import io
import logging
from typing import Any

from django.conf import settings

from conversations.rehearsal import rehearse
from romagent.health import Service, check_postgres, check_redis, run_check

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


def warm_up_web(application: Any) -> None:
    """Does once what the first request and the first question would do: a page, and a question that is taken back."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/entrar/",
        "headers": [(b"host", b"localhost")],
        "query_string": b"",
    }
    try:
        application.respond(scope, io.BytesIO())
        rehearse(answer=False)
    except Exception as error:
        log.warning("warming up failed, the first request will be slower: %s", type(error).__name__)


def warm_up_worker() -> None:
    """Does once what the first answer would do in PostgreSQL; nothing of it stays."""
    try:
        rehearse(answer=True)
    except Exception as error:
        log.warning("warming up failed, the first answer will be slower: %s", type(error).__name__)
