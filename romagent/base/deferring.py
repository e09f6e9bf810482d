"""Jobs are put into the queue through Django's own connection, within its transaction, and fail as its queries do.

Procrastinate says `ConnectorException` of whatever the database refuses. Of a lost connection nobody would know by that
that it is an outage: a page would be a 500, and a reply's end would be given up instead of tried again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError
from procrastinate.app import App
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException


@contextmanager
def _in_djangos_words() -> Iterator[None]:
    try:
        yield
    except ConnectorException as error:
        lost = error.__cause__
        kind = {psycopg.OperationalError: OperationalError, psycopg.InterfaceError: InterfaceError}
        for theirs, ours in kind.items():
            if isinstance(lost, theirs):
                raise ours(*lost.args) from lost
        raise


class Connector(DjangoConnector):
    """Raises Django's `OperationalError` and `InterfaceError` for an outage, and Procrastinate's for all else."""

    @_in_djangos_words()
    def execute_query(self, query: Any, **arguments: Any) -> None:
        super().execute_query(query, **arguments)

    @_in_djangos_words()
    def execute_query_one(self, query: Any, **arguments: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().execute_query_one(query, **arguments)
        return found

    @_in_djangos_words()
    def execute_query_all(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = super().execute_query_all(query, **arguments)
        return found


def install(app: App) -> None:
    """Procrastinate calls it when its app is ready (`PROCRASTINATE_ON_APP_READY`)."""
    app.connector = app.job_manager.connector = Connector()
