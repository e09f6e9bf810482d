"""Portuguese full text in PostgreSQL: how a column of words is made from a text."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.search import SearchQuery, SearchVectorField
from django.db.models import Func


class SearchDocument(Func):
    """`search_document(text)`: the text as Portuguese words without accents (made by a migration)."""

    function = "search_document"
    output_field: ClassVar[Any] = SearchVectorField()


class PortugueseQuery(SearchQuery):
    """`search_query(text)`: words in either number (made by a migration)."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.function = "search_query"
