"""A sample of every type there is, to Word, to PDF/A and back: the same words in the same order, and no repair."""

from __future__ import annotations

import functools
from html import escape
from pathlib import Path

import pytest

from documents import docx_out, pdf_out
from documents.blocks import Block, lines
from documents.formats import ABNT, OFFICE
from documents.html import clean, parse
from documents.tests.pdfa import problems
from documents.tests.pdfs import Pdf
from documents.tests.test_libreoffice import converted, program, words
from documents.tests.word import Word
from documents.types import DocumentType, shipped

__all__ = ["program"]  # a fixture
TYPES = sorted(shipped())


@functools.cache
def sample(slug: str) -> tuple[Block, ...]:
    """Every part and fact of the type, and its own instructions as the text between them."""
    kind: DocumentType = shipped()[slug]
    said = [line.lstrip("-# ").strip() for line in kind.instructions.splitlines() if line.strip()]
    html = [f"<h1>{escape(kind.name)}</h1><p class=direita>São Paulo, 2 de março de 2026</p>"]
    for number, part in enumerate(kind.parts):
        html.append(f"<h2>{escape(part.name)}</h2><h3>Do ponto {number + 1}</h3>")
        html += [f"<p>{escape(line)}</p>" for line in said[number :: len(kind.parts)]]
        html.append(f"<p class=numerado>Aqui se pede o que é de {escape(part.name)}, no valor de R$ 1.234,56.</p>")
    facts = "".join(f"<li>{escape(fact.question)} [●  {escape(fact.key)}]</li>" for fact in kind.facts)
    html.append(f"<ol type=a>{facts}</ol><blockquote><p>{escape(' '.join(said))}</p></blockquote>")
    html.append("<table><tr><th>Pedido<th>Valor</tr><tr><td>Danos morais — “art. 186”<td>R$ 10.000,00</tr></table>")
    return tuple(parse(clean("".join(html))))


@pytest.mark.parametrize("slug", TYPES)
def test_a_sample_comes_back_word_by_word(slug: str) -> None:
    blocks = list(sample(slug))
    expected = "\n".join(lines(blocks))
    for fmt in (OFFICE, ABNT):
        assert "\n".join(Word(docx_out.render(blocks, "Peça", fmt)).lines()).split() == expected.split()
        pdf = pdf_out.render(blocks, "Peça", fmt)
        assert Pdf(pdf).letters == "".join(expected.split())
        assert problems(pdf) == []


def test_libreoffice_opens_every_one_of_them(program: str, tmp_path: Path) -> None:
    files = {slug: docx_out.render(list(sample(slug)), "Peça", OFFICE) for slug in TYPES}
    found = converted(program, tmp_path, files, "txt:Text (encoded):UTF8")
    for slug in TYPES:
        assert words(found[slug].decode("utf-8-sig")) == words("\n".join(lines(sample(slug)))), slug
