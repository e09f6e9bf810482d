"""Where a data subject may be named: people, projects, conversations, messages, files and their text.

Every text is read from beginning to end, some rows at a time, by the order of their ids: a search index knows words,
and a duty to find somebody is not met by words alone (half a number, a name inside another sign, an answer that is
still being written). It is slow, it is rare, and it holds nobody up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import F, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce, Replace

from accounts.models import User
from conversations.models import Conversation, Message
from documents.drafting.models import Draft, Proposal
from documents.models import Document
from jurisprudence.models import CaseRequest, Deadline
from projects.models import Project
from romagent.subjects import papers
from romagent.subjects.terms import matching, texts_in
from uploads.models import Summary, SummaryPart, Upload, UploadPage

WINDOW = 1_000  # rows looked at in one query


@dataclass(frozen=True)
class Row:
    pk: str
    owner: Any
    preserved: bool
    at: Any
    texts: list[str]


@dataclass(frozen=True)
class Place:
    """A table with texts. `held` are the ways to a project that may have to be kept as it is.

    `beside` are columns of JSON: what is kept there (a file's name, a quotation) may name her where the text does not.
    """

    key: str
    label: str
    model: Any
    columns: tuple[str, ...]
    owner: str
    at: str
    held: tuple[str, ...] = ()
    changes: bool = True  # whether the terms may be replaced here
    window: int = WINDOW  # rows looked at in one query
    beside: tuple[str, ...] = ()

    def rows(self) -> Any:
        return self.model._base_manager

    def estimate(self) -> int:
        """About how many rows there are, as PostgreSQL last knew."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = %s::regclass", [self.table])
            return int(cursor.fetchone()[0])

    @property
    def table(self) -> str:
        return str(self.model._meta.db_table)

    def windows(self) -> Iterator[tuple[Any, int]]:
        """Conditions that together cover every row once, with the number of rows of each."""
        last: Any = None
        while True:
            after = Q(pk__gt=last) if last is not None else Q()
            ids = list(self.rows().filter(after).order_by("pk").values_list("pk", flat=True)[: self.window])
            if not ids:
                return
            yield after & Q(pk__lte=ids[-1]), len(ids)
            last = ids[-1]

    def naming(self, window: Q, patterns: Mapping[str, str]) -> list[Row]:
        """The rows of a window in which one of the terms stands."""
        wanted = Q()
        for column in (*self.columns, *map(_as_text, self.beside)):
            for pattern in patterns.values():
                wanted |= Q(**{f"{column}__regex": pattern})
        return self.read(window & wanted)

    def read(self, condition: Q) -> list[Row]:
        held = {f"held_{number}": Coalesce(F(way), False) for number, way in enumerate(self.held)}
        beside = {_as_text(name): _lines_joined(name) for name in self.beside}
        found = self.rows().annotate(**held, **beside).filter(condition).order_by("pk")
        rows = found.values_list("pk", self.owner, self.at, *held, *self.columns, *self.beside)
        first = 3 + len(held)
        return [Row(str(row[0]), row[1], any(row[3:first]), row[2], list(texts_in(row[first:]))) for row in rows]


def _as_text(column: str) -> str:
    return f"{column}_as_text"


def _lines_joined(column: str) -> Replace:
    """JSON as text, in which the end of a line between two words of a name would be two signs."""
    return Replace(Cast(column, TextField()), Value(r"\n"), Value(" "), output_field=TextField())


class Documents(Place):
    """Documents with their versions, which are read one by one: a name may stand in an old one alone."""

    def naming(self, window: Q, patterns: Mapping[str, str]) -> list[Row]:
        return [row for row in self.read(window) if matching(patterns, row.texts)]

    def read(self, condition: Q) -> list[Row]:
        rows = []
        found = self.rows().filter(condition).defer("search", "scope").select_related("project").order_by("pk")
        for document in found.iterator(self.window):
            held = bool(document.project and document.project.preservar)
            texts = papers.texts_of(document)
            rows.append(Row(str(document.pk), document.user_id, held, document.created_at, texts))
        return rows


class Proposals(Place):
    """Proposals, which are kept with their looks: of a name in one, a part may be in bold."""

    def naming(self, window: Q, patterns: Mapping[str, str]) -> list[Row]:
        return [row for row in self.read(window) if matching(patterns, row.texts)]

    def read(self, condition: Q) -> list[Row]:
        rows = super().read(condition)
        for row in rows:
            row.texts[:] = map(papers.words_of, row.texts)
        return rows


PLACES = {
    place.key: place
    for place in (
        Place("person", "pessoas do sistema", User, ("name", "email"), "pk", "created_at", changes=False),
        Place(
            "project", "projetos", Project,
            ("name", "client", "opposing_party", "case_number", "court", "project_type", "description", "instructions"),
            "user_id", "created_at", ("preservar",), beside=("metadata",),
        ),
        Place("deadline", "prazos", Deadline, ("title", "note"), "user_id", "created_at", ("project__preservar",)),
        # What the courts' index says of a process names nobody; the number itself may be a person's datum.
        Place(
            "court_case", "consultas de processos", CaseRequest, ("case__number",), "user_id", "created_at",
            changes=False,
        ),
        Place(
            "conversation", "títulos de conversas", Conversation, ("title",), "user_id", "created_at",
            ("project__preservar",), beside=("metadata",),
        ),
        Place(
            "message", "mensagens", Message, ("content",), "user_id", "created_at",
            ("conversation__project__preservar",), beside=("metadata",),
        ),
        Place(
            "upload", "nomes de arquivos", Upload, ("original_filename",), "user_id", "created_at",
            ("project__preservar", "conversation__project__preservar"), beside=("metadata",),
        ),
        Place(
            "page", "páginas de arquivos", UploadPage, ("text",), "upload__user_id", "upload__created_at",
            ("upload__project__preservar", "upload__conversation__project__preservar"),
        ),
        Place(
            "draft", "pedidos de redação", Draft, ("brief",), "document__user_id", "created_at",
            ("document__project__preservar",),
        ),
        Proposals(
            "proposal", "propostas de alteração de documentos", Proposal, ("before", "after"), "document__user_id",
            "created_at", ("document__project__preservar",), window=100,
        ),
        Place(
            "summary", "resumos", Summary, ("result",), "user_id", "created_at",
            ("project__preservar", "upload__project__preservar", "upload__conversation__project__preservar"),
        ),
        Place(
            "summary_part", "partes de resumos", SummaryPart, ("result",), "summary__user_id", "summary__created_at",
            (
                "summary__project__preservar", "summary__upload__project__preservar",
                "summary__upload__conversation__project__preservar",
            ),
        ),
        Documents(
            "paper", "documentos e suas versões", Document, ("title", "content", "text", "metadata", "revision"),
            "user_id", "created_at", ("project__preservar",), window=20,
        ),
    )
}  # fmt: skip
