"""Work of the worker's beside its answers.

Long work (clean-up, exports, backups) is done one after the other in a thread of its own: the threads that write
answers are never lent to it, and its connection is closed when it has nothing to do. What takes a few milliseconds and
somebody waits for (a mail to be sent) is an errand: it must not queue behind a backup, and passes between the answers.
"""

import functools
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

from romagent.base.threads import DatabaseThreads

# Set when this process is told to stop: a chore that works in batches looks at it and ends after the present one.
stopping = threading.Event()


class MustLeave(Exception):
    """This process is told to stop; what is not done yet goes back to the queue."""


@functools.cache
def _thread() -> DatabaseThreads:
    return DatabaseThreads(1)


async def run_chore(call: Callable[..., Any], *args: Any) -> Any:
    """Runs `call` in the one thread for long work and returns what it returns; waits for the chores before it."""
    return await _thread().run(_and_close, call, *args)


def _and_close(call: Callable[..., Any], *args: Any) -> Any:
    try:
        return call(*args)
    finally:
        connections.close_all()


@functools.cache
def _side_thread() -> DatabaseThreads:
    return DatabaseThreads(1)


async def run_beside(call: Callable[..., Any], *args: Any) -> Any:
    """Runs `call`, a short part of work that goes on for minutes, in the one thread that all such work shares.

    Its connection stays open from one part to the next: the reading of files writes several times a second.
    """
    return await _side_thread().run(call, *args)


_lent: DatabaseThreads | None = None


def lend(threads: DatabaseThreads) -> None:
    """The worker's threads for answers, which errands pass through: no connection more than those."""
    global _lent
    _lent = threads


async def run_errand(call: Callable[..., Any], *args: Any) -> Any:
    """Runs `call`, which is short and waits for nothing but PostgreSQL, and returns what it returns."""
    if _lent is None:
        return await run_chore(call, *args)
    return await _lent.run(call, *args)


def let_go() -> None:
    """Before waiting for a storage: no database connection waits with us. The next query opens one again."""
    if not connection.in_atomic_block:
        connection.close()
