"""One question to DataJud over HTTP: by number, to the one index that may have it.

Nothing here touches the database, and no connection to it is held while an answer is waited for. Nothing of an answer
is logged. aiohttp is imported when the first question is asked: the web process never asks one.
"""

from __future__ import annotations

import asyncio
import json
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.cache import cache

from jurisprudence.datajud import breaker
from jurisprudence.datajud.aliases import alias_of
from jurisprudence.datajud.answers import MOST_RECORDS, understand
from jurisprudence.datajud.outcomes import BUSY, End, Outcome, Why, unavailable
from projects.cnj import CaseNumber

if TYPE_CHECKING:
    import aiohttp

log = logging.getLogger("romagent.datajud")

MOST_BYTES = 16 * 1024 * 1024  # of an answer; the largest processes have some thousands of movements of 300 bytes
MOST_KEPT = 512 * 1024  # bytes of an answer that goes into the cache
AT_ONCE = 4  # questions of one process
RETRIES = (2.0, 4.0)  # seconds before each further try, when the queue is full or parts did not answer
AGAIN = frozenset({Why.QUEUE, Why.PARTIAL})
REMEMBERED = {End.FOUND: 24 * 3600, End.ABSENT: 6 * 3600}  # seconds


@dataclass(frozen=True)
class Patience:
    """How long one call may take. The gateway itself cuts at about 60 s."""

    seconds: float
    name: str


INTERACTIVE = Patience(35.0, "interactive")  # somebody waits
BATCH = Patience(75.0, "batch")


async def ask(number: CaseNumber, patience: Patience = INTERACTIVE, *, fresh: bool = False) -> Outcome:
    """What DataJud says of the number. Never raises for anything the source or the network does.

    `fresh`: not from the cache, which keeps what was found for 24 hours and what was not for six.
    """
    alias = alias_of(number)
    if alias is None:
        return Outcome(End.UNCOVERED)
    if not fresh and (known := await asyncio.to_thread(_remembered, number)):
        return known
    if not settings.DATAJUD_API_KEY:
        return unavailable(Why.NO_KEY)
    if await asyncio.to_thread(breaker.is_open):
        return unavailable(Why.RESTING)
    outcome, body = await _tried(alias, number, patience)
    await asyncio.to_thread(_remember, number, outcome, body)
    return outcome


async def _tried(alias: str, number: CaseNumber, patience: Patience) -> tuple[Outcome, bytes]:
    """With another try where the source asks for patience; none where it is overwhelmed."""
    for pause in (*RETRIES, None):
        outcome, body = await _once(alias, number, patience)
        _log(alias, patience, outcome)
        if pause is None or outcome.why not in AGAIN:
            break
        await asyncio.sleep(pause)
    return outcome, body


async def _once(alias: str, number: CaseNumber, patience: Patience) -> tuple[Outcome, bytes]:
    import aiohttp

    try:
        async with asyncio.timeout(patience.seconds):
            status, body = await _post(alias, number)
        outcome = await asyncio.to_thread(understand, status, body, number.digits)
    except TimeoutError:  # aiohttp's own too
        outcome, body = unavailable(Why.SATURATED), b""
    except _TooLarge:
        outcome, body = unavailable(Why.TOO_LARGE), b""
    except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
        is_cut = not isinstance(error, aiohttp.ClientConnectorError)
        outcome, body = unavailable(Why.CUT if is_cut else Why.UNREACHABLE), b""
    except (aiohttp.ClientError, OSError, ValueError):
        outcome, body = unavailable(Why.UNREACHABLE), b""
    await asyncio.to_thread(breaker.failed if outcome.why in BUSY else breaker.answered)
    return outcome, body


class _TooLarge(Exception):
    """More than anybody's process has."""


async def _post(alias: str, number: CaseNumber) -> tuple[int, bytes]:
    """Status and body. Redirects are not followed: the key is for one address."""
    import aiohttp

    headers = {"Authorization": f"APIKey {settings.DATAJUD_API_KEY}", "Content-Type": "application/json"}
    question = json.dumps({"query": {"match": {"numeroProcesso": number.digits}}, "size": MOST_RECORDS})
    url = f"{settings.DATAJUD_URL.rstrip('/')}/{alias}/_search"
    # A session for each call: some hundreds a day do not earn a pool, and none is left open behind a stopped loop.
    async with (
        aiohttp.ClientSession(trust_env=True, timeout=aiohttp.ClientTimeout(total=None)) as session,
        session.post(url, data=question, headers=headers, allow_redirects=False) as response,
    ):
        return response.status, await _body(response)


async def _body(response: aiohttp.ClientResponse) -> bytes:
    pieces, size = [], 0
    async for piece in response.content.iter_chunked(64 * 1024):  # after decompression
        size += len(piece)
        if size > MOST_BYTES:
            raise _TooLarge
        pieces.append(piece)
    return b"".join(pieces)


def _log(alias: str, patience: Patience, outcome: Outcome) -> None:
    log.info("datajud %s %s %s %s", alias, patience.name, outcome.end.value, outcome.why.value if outcome.why else "-")


# At once -------------------------------------------------------------------------------------------

_turns: dict[Any, asyncio.Semaphore] = {}


def turn() -> asyncio.Semaphore:
    """One of the few questions that this process may have open; `async with turn()` before it is asked."""
    loop = asyncio.get_running_loop()
    for other in [one for one in _turns if one.is_closed()]:
        del _turns[other]
    return _turns.setdefault(loop, asyncio.Semaphore(AT_ONCE))


# What was said a while ago -------------------------------------------------------------------------


def _key(number: CaseNumber) -> str:
    """What a simulated source has said is never taken for the other's."""
    return f"datajud:{'simulado' if settings.SIMULATED_DATAJUD else 'cnj'}:{number.digits}"


def _remember(number: CaseNumber, outcome: Outcome, body: bytes) -> None:
    if not (seconds := REMEMBERED.get(outcome.end)):
        return
    if len(body) > MOST_KEPT:
        cache.delete(_key(number))  # an older answer must not be taken for the last one
    else:
        cache.set(_key(number), {"body": body, "at": datetime.now(UTC).isoformat()}, seconds)


def _remembered(number: CaseNumber) -> Outcome | None:
    kept = cache.get(_key(number))
    if not isinstance(kept, dict):
        return None
    outcome = understand(200, kept["body"], number.digits)
    return replace(outcome, at=datetime.fromisoformat(kept["at"])) if outcome.end in REMEMBERED else None
