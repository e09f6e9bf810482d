"""Queries whose SQL is put together once: what every page and every question asks for, with some ids in it.

Django needs longer to put a query over "what belongs to a project one is in" together than PostgreSQL to answer it: a
third of a question's processor time was one such query, most of the side of each page three of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Model, QuerySet

# Stand for the ids while the SQL is put together; they are nobody's.
STAND_INS = tuple(UUID(int=0x0E6F5A5C_8F0C_4D0E_9A53_7D2C6B1F4E90 + number) for number in range(2))
M = TypeVar("M", bound=Model)


class Compiled(Generic[M]):
    """The QuerySet `make(*ids)`, for whatever ids.

    `make` is called once, with ids that are nobody's: it must put together the same query for all ids, and may not
    look at them. Each must be in the query, so that what is one person's is never asked for without her.
    """

    def __init__(self, make: Callable[..., QuerySet[M, Any]], ids: int = 1) -> None:
        self._make = make
        self._stand_ins = STAND_INS[:ids]

    @functools.cached_property
    def _query(self) -> tuple[type[M], str, tuple[Any, ...]]:
        made = self._make(*self._stand_ins)
        sql, parameters = made.query.sql_with_params()
        if not set(self._stand_ins) <= {value for value in parameters if isinstance(value, UUID)}:
            raise ValueError("the query does not depend on all of the ids")
        return made.model, sql, parameters

    def _for(self, ids: tuple[UUID, ...]) -> tuple[type[M], str, list[Any]]:
        model, sql, parameters = self._query
        given = dict(zip(self._stand_ins, ids, strict=True))
        return model, sql, [given.get(value, value) if isinstance(value, UUID) else value for value in parameters]

    def rows(self, *ids: UUID) -> list[tuple[Any, ...]]:
        """As PostgreSQL gives them: of columns that no field converts (texts, ids, moments)."""
        _, sql, parameters = self._for(ids)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters)
            return cursor.fetchall()

    def first(self, *ids: UUID) -> M | None:
        """The first object, as its model's."""
        model, sql, parameters = self._for(ids)
        return next(iter(model._default_manager.raw(sql, parameters)), None)
