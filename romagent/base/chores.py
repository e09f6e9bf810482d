"""Long work of the worker's (clean-up, exports, backups): one after the other in a thread of its own.

The threads that write answers are never lent to it, and its connection is closed when it has nothing to do.
"""

import functools
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection, connections

from romagent.base.threads import DatabaseThreads

# Set when this process is told to stop: a chore that works in batches looks at it and ends after the present one.
stopping = threading.Event()


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


def let_go() -> None:
    """Before waiting for a storage: no database connection waits with us. The next query opens one again."""
    if not connection.in_atomic_block:
        connection.close()
