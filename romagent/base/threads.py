"""The threads that run Django's synchronous code, each with a database connection of its own.

There are never more connections than threads, a thread is never waited for by a stream, and a lost
connection is noticed and replaced at the next use (CONN_HEALTH_CHECKS): the threads are the pool.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

log = logging.getLogger(__name__)


def let_connection_go() -> None:
    """Before a wait for what is not PostgreSQL: who waits holds no connection. The next query opens one."""
    if not connection.in_atomic_block:
        connection.close()


class DatabaseThreads:
    def __init__(self, size: int) -> None:
        self.size = size
        self.pool = ThreadPoolExecutor(size, thread_name_prefix="django")

    async def run(self, call: Callable[..., Any], *args: Any) -> Any:
        """Runs database code that is not part of a request: the thread's connection is checked first."""
        return await asyncio.get_running_loop().run_in_executor(self.pool, self._checked, call, *args)

    @staticmethod
    def _checked(call: Callable[..., Any], *args: Any) -> Any:
        close_old_connections()
        try:
            return call(*args)
        except (DatabaseError, InterfaceError):
            close_old_connections()
            raise

    async def warm_up(self) -> None:
        """Starts every thread and opens its connection, so that no person waits for that."""
        everybody_here = threading.Barrier(self.size)
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(self.pool, self._open, everybody_here) for _ in range(self.size)))

    @staticmethod
    def _open(everybody_here: threading.Barrier) -> None:
        try:
            connection.ensure_connection()
        except DatabaseError as error:
            log.warning("no connection yet: %s", type(error).__name__)
        everybody_here.wait(timeout=30)
