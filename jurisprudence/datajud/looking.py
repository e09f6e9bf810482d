"""A look-up from beginning to end: takes the pen, asks the source without a database connection, keeps the answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from django.db import connections

from jurisprudence.datajud import client, keeping
from jurisprudence.datajud.client import INTERACTIVE, RETRIES, Patience
from jurisprudence.datajud.keeping import Pen
from jurisprudence.datajud.models import CourtCase
from jurisprudence.datajud.outcomes import Why, unavailable
from projects.cnj import CaseNumber
from romagent.base.chores import run_errand

LOOK_SECONDS = 1.0  # between looks at a process that somebody else asks for
MARGIN_SECONDS = 15.0  # of a lease, for the database
Database = Callable[..., Awaitable[Any]]


def lease_of(patience: Patience) -> float:
    """The longest that an honest look-up can be silent: all its tries, and the pauses between them."""
    return patience.seconds * (len(RETRIES) + 1) + sum(RETRIES) + MARGIN_SECONDS


async def look_up(case_id: UUID, patience: Patience = INTERACTIVE, database: Database = run_errand) -> bool:
    """Asks for a process that waits; False when nobody waits for it, or somebody else asks already."""
    async with client.turn():
        pen = await database(keeping.take, case_id, lease_of(patience))
        if pen is None:
            return False
        await _ask(pen, patience, database)
    return True


async def _ask(pen: Pen, patience: Patience, database: Database) -> None:
    try:
        outcome = await client.ask(pen.number, patience, fresh=pen.fresh)
    except asyncio.CancelledError:  # the worker is told to stop
        await asyncio.shield(database(keeping.give_back, pen))
        raise
    except Exception:
        client.log.exception("a look-up failed")
        outcome = unavailable(Why.INTERNAL)
    await asyncio.shield(database(keeping.keep, pen, outcome))


async def answered(number: CaseNumber, patience: Patience = INTERACTIVE, database: Database = run_errand) -> CourtCase:
    """The process after a look-up, one's own or that of somebody who asks at the same time.

    What the source said a while ago is good enough (see `client.REMEMBERED`).
    """
    case: CourtCase = await database(_wanted, number)
    deadline = time.monotonic() + lease_of(patience)
    while not await look_up(case.pk, patience, database):
        case = await database(_fresh, case.pk)
        if not case.is_unfinished or time.monotonic() > deadline:
            return case
        await asyncio.sleep(LOOK_SECONDS)
    return await database(_fresh, case.pk)  # type: ignore[no-any-return]


def _wanted(number: CaseNumber) -> CourtCase:
    case = keeping.row_of(number)
    keeping.wait_for(case, fresh=False)
    return case


def _fresh(case_id: UUID) -> CourtCase:
    return CourtCase.objects.get(pk=case_id)  # type: ignore[no-any-return]


async def in_threads(call: Callable[..., Any], *args: Any) -> Any:
    """For commands: database work in a thread whose connection is closed after it."""

    def once() -> Any:
        try:
            return call(*args)
        finally:
            connections.close_all()

    return await asyncio.to_thread(once)
