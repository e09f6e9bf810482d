"""One import: which file is what, in which order, and one transaction for each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import transaction

from audit.actions import record
from romagent.legacy import people, projects, reading
from romagent.legacy.conversations import Conversations, export_key
from romagent.legacy.files import Documents
from romagent.legacy.importer import Importer
from romagent.legacy.reading import NotJson, Record

SINGLE = frozenset({"title", "messages"})  # the top level of a conversation that was exported alone


class Unknown(Exception):
    """A file that is none of the old system's; the message is in Portuguese."""


class _DryRun(Exception):
    """Takes the file's transaction back."""


Work = Callable[[Importer, Path], None]


@dataclass(frozen=True)
class Source:
    """A kind of file: its names, in which shapes it comes, and what is done with it."""

    names: tuple[str, ...]
    shapes: tuple[str, ...]
    work: Work


def _each(action: Callable[[Importer, Record], None], inner: str = "") -> Work:
    def work(run: Importer, path: Path) -> None:
        top = reading.top_level(path)
        for found in reading.records(path, inner if top == "object" else ""):
            action(run, found)

    return work


def _conversations(run: Importer, path: Path) -> None:
    writer = Conversations(run)
    for found in _conversation_records(path):
        writer.add(found)
    writer.finish()


def _conversation_records(path: Path) -> Iterable[Record]:
    if reading.first_keys(path)[0] >= SINGLE:
        value: dict[str, Any] = {}
        for part in reading.records(path):
            if part.problem:
                return [Record("export:", problem=part.problem)]
            value[str(part.key)] = part.value
        return [Record(export_key(value), value)]
    return reading.records(path)


def _documents(run: Importer, path: Path) -> None:
    top = reading.top_level(path)
    inner = "documents" if top == "object" else ""
    documents = Documents(run)
    for each in (documents.first_pass, documents.second_pass):
        for found in reading.records(path, inner):
            each(found)


# In this order: people own projects, projects hold documents and conversations.
SOURCES: tuple[Source, ...] = (
    Source(("users.json",), ("array", "object"), _each(people.import_person, "users")),
    Source(("projects.json",), ("array",), _each(projects.import_json_project)),
    Source(("projects-index.json", "projects/projects-index.json"), ("object",), _each(projects.import_index_project)),
    Source(("kb-documents.json",), ("array", "object"), _documents),
    Source(("conversations.json",), ("object",), _conversations),
)
USERS, PROJECTS, INDEX, DOCUMENTS, CONVERSATIONS = SOURCES


def find_sources(path: Path, run: Importer) -> list[tuple[Source, Path]]:
    """What is to be imported, in order; other files of a folder are named in the report. Raises Unknown, NotJson."""
    if path.is_file():
        return [(_source_of(path), path)]
    if not path.is_dir():
        raise Unknown(f"{path} não existe")
    found = [(source, path / name) for source in SOURCES for name in source.names if (path / name).is_file()]
    known = {file for _, file in found}
    run.report.ignored += [
        str(file.relative_to(path)) for file in sorted(path.rglob("*")) if file.is_file() and file not in known
    ]
    if not found:
        names = ", ".join(source.names[0] for source in SOURCES)
        raise Unknown(f"{path} não tem nenhum dos arquivos esperados ({names})")
    return found


def _source_of(path: Path) -> Source:
    """By the file's name, or else by what is in it."""
    for source in SOURCES:
        if path.name in {Path(name).name for name in source.names}:
            return source
    is_list = reading.top_level(path) == "array"
    top, below = reading.first_keys(path)
    if "users" in top or (is_list and "email" in below):
        return USERS
    if "documents" in top or (is_list and {"extractedText", "textLength"} & below):
        return DOCUMENTS
    if "customInstructions" in below:
        return PROJECTS if is_list else INDEX
    if top >= SINGLE or (not is_list and "messages" in below):
        return CONVERSATIONS
    raise Unknown(f"{path.name} não se parece com nenhum arquivo do sistema antigo")


def import_files(run: Importer, sources: list[tuple[Source, Path]], begin: Callable[[Path], None]) -> None:
    """Imports each file in a transaction of its own, and writes one audit row for all of them.

    Raises NotJson for a file that cannot be read: nothing of it stays, and what came before it does.
    """
    try:
        for source, path in sources:
            begin(path)
            _import_file(run, source, path)
    finally:
        if not run.dry_run:
            counts = {kind: tally.as_json() for kind, tally in run.report.tallies.items() if tally.read}
            record("importacao.executar", user=run.owner, new=counts)


def _import_file(run: Importer, source: Source, path: Path) -> None:
    before = copy.deepcopy(run.report.tallies)
    try:
        with transaction.atomic():
            _check_shape(source, path)
            source.work(run, path)
            run.report.check()
            if run.dry_run:
                raise _DryRun
    except _DryRun:
        pass
    except BaseException as error:
        run.report.tallies = before
        run.take_back_files()
        if isinstance(error, NotJson):
            raise NotJson(f"{path}: {error}. Nada deste arquivo foi importado.") from error
        raise
    run.stored.clear()


def _check_shape(source: Source, path: Path) -> None:
    top = reading.top_level(path)
    if top not in source.shapes:
        wanted = " ou ".join({"array": "uma lista", "object": "um objeto"}[shape] for shape in source.shapes)
        raise NotJson(f"esperava {wanted}")
