"""The checks that a document goes through before it leaves. They find; who signs decides.

A check is a function that reads a `Paper` and yields `Finding`s; a new one is a line in `CHECKS`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from django.utils import timezone

from documents import citing, types
from documents.checking import form, names, values
from documents.checking.paper import Finding, Level, Paper
from documents.citing import READ, Cited
from documents.html import parse
from documents.models import Document

MOST = 100  # findings of one check that are shown

# In the order in which they are shown: what to call it, and what finds it.
CHECKS: tuple[tuple[str, Callable[[Paper], Iterable[Finding]]], ...] = (
    ("Lacunas", form.blanks),
    ("Partes da peça", form.parts),
    ("Número do processo", names.case_numbers),
    ("Nomes e juízo", names.names),
    ("CPF e CNPJ", values.registrations),
    ("Valores", values.amounts),
    ("Números por extenso", values.counts),
    ("Datas", values.dates),
    ("Restos de formatação e de conversa", form.remains),
    ("Tamanho", form.size),
)
AFTER = 2  # so many of these come before what is cited wrongly


@dataclass(frozen=True)
class Result:
    """What one check found; `left_out` more are not listed."""

    name: str
    findings: tuple[Finding, ...]
    left_out: int = 0


@dataclass(frozen=True)
class Report:
    """What all of them found in exactly the text whose fingerprint is `sha256`."""

    results: tuple[Result, ...]
    cited: Cited
    sha256: str
    is_whole: bool  # else only the first `READ` characters were read

    @property
    def found(self) -> int:
        return sum(len(result.findings) + result.left_out for result in self.results)

    @property
    def wrong(self) -> int:
        """How many of those listed cannot be right."""
        return sum(finding.level == Level.WRONG for result in self.results for finding in result.findings)

    @property
    def clear(self) -> list[str]:
        """The checks that found nothing."""
        return [result.name for result in self.results if not result.findings]


def paper_of(document: Document) -> Paper:
    """The document with what is known of it. The type and the project are read from the database."""
    kind = types.get(document.document_type) if document.document_type else None
    return Paper(document.title, parse(document.content), kind, document.project, timezone.localdate())


def check(document: Document) -> Report:
    """Everything that the checks find in the document as it is now."""
    paper = paper_of(document)
    lengths = itertools.accumulate(map(len, paper.texts))
    blocks = [block for block, length in zip(paper.blocks, lengths, strict=True) if length <= READ]
    is_whole = len(blocks) == len(paper.blocks)
    read = paper if is_whole else replace(paper, blocks=blocks)
    cited = citing.check(document)
    results = [_run(name, find, read) for name, find in CHECKS]
    results.insert(AFTER, _run("Citações", lambda _: citing.findings(cited), read))
    return Report(tuple(results), cited, document.sha256, is_whole)


def _run(name: str, find: Callable[[Paper], Iterable[Finding]], paper: Paper) -> Result:
    found = iter(find(paper))
    return Result(name, tuple(itertools.islice(found, MOST)), sum(1 for _ in found))
