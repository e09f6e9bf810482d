"""The list of what was checked in a document, as a document of its own: it goes beside the file, never into it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from django.utils import timezone

from documents.checking.paper import Level
from documents.checks import Report
from documents.html import clean
from documents.models import Document
from jurisprudence.citations.kept import Checked
from jurisprudence.citations.showing import chip_of, source_of

LEVELS = {Level.WRONG: "Corrija", Level.LOOK: "Verifique"}


def content(document: Document, report: Report) -> str:
    """In the stored form: which text it speaks of, each citation with its verdict, each finding, who has confirmed."""
    return clean("".join(_parts(document, report)))


def _parts(document: Document, report: Report) -> Iterator[str]:
    yield f"<h1>{_words(f'Lista de conferência: {document.title}')}</h1>"
    yield _line(f"Conferido em {timezone.localtime():%d/%m/%Y às %H:%M}, no texto de SHA-256 {report.sha256}.")
    yield _line(_confirmed(document))
    yield f"<h2>{_words('Citações')}</h2>"
    cited = report.cited
    if cited:
        yield _line(f"{cited.summary}. O que não está confirmado numa fonte precisa da leitura de quem assina.")
        rows = "".join(_row(number, one.checked) for number, one in cited.numbered)
        heads = "".join(f"<th><p>{words}</p></th>" for words in ("Nº", "Citação", "Situação", "Motivo e fonte"))
        yield f"<table><tr>{heads}</tr>{rows}</table>"
    else:
        yield _line("Nenhuma citação de lei, súmula, precedente ou processo foi reconhecida.")
    if cited.left_out or not cited.is_whole:
        yield _line("O documento é muito longo: nem todas as citações foram conferidas.")
    yield f"<h2>{_words('Apontamentos')}</h2>"
    found = [(result.name, finding) for result in report.results for finding in result.findings]
    for name, finding in found:
        yield f"<ul><li>{_words(f'{name}. {LEVELS[finding.level]}: {finding.text}')}</li></ul>"
    if not found:
        yield _line("Nenhum.")
    if (more := report.found - len(found)) > 0:
        yield _line(f"E mais {more}, que não {'está' if more == 1 else 'estão'} nesta lista.")


def _confirmed(document: Document) -> str:
    if not document.is_reviewed:
        return "Ninguém declarou ainda que leu e conferiu este texto."
    who = document.reviewed_by or "uma pessoa que não está mais no escritório"
    return f"Lido e conferido por {who} em {timezone.localtime(document.reviewed_at):%d/%m/%Y às %H:%M}."


def _row(number: int, one: Checked) -> str:
    source = source_of(one)
    why = " ".join(filter(None, [
        one.reason, f"Fonte: {source}." if source else "",
        f"Citado: “{one.quoted}”. Na fonte: “{one.stored}”." if one.stored else "",
    ]))  # fmt: skip
    cells = (str(number), one.text, chip_of(one), why)
    return "<tr>" + "".join(f"<td><p>{_words(cell)}</p></td>" for cell in cells) + "</tr>"


def _line(text: str) -> str:
    return f"<p>{_words(text)}</p>"


def _words(text: str) -> str:
    return escape(" ".join(text.split()))
