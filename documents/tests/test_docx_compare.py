"""Taking every tracked change gives the new text, refusing every one the old, and Word can tell whose it was and when."""

import random
import re
import time
from datetime import UTC, datetime
from io import BytesIO

import docx
import pytest
from docx.oxml.ns import qn

from documents import docx_compare
from documents.blocks import Block, lines
from documents.formats import OFFICE
from documents.html import clean, parse, write
from documents.tests.word import Word
from documents.tests.writing import anything, everything

WHEN = datetime(2026, 11, 28, 12, 30, tzinfo=UTC)
NUMBER = re.compile(r"(?:^|(?<=\t))(?:\d+[.)]|[a-z]+\)|[A-Z]+\)|[IVXLCDM]+\.|•)[ \t]", re.MULTILINE)


def blocks(html: str) -> list[Block]:
    return parse(clean(html))


def compared(old: list[Block], new: list[Block], author: str = "Helena Prado") -> bytes:
    return docx_compare.render(old, new, "Peça", OFFICE, author=author, when=WHEN)


def told(said: list[str]) -> list[str]:
    return [found for line in said if (found := re.sub(r"\s+", " ", line).strip())]


def bare(said: list[str]) -> list[str]:
    """Without numbers and empty cells."""
    return told(["\n".join(filter(None, NUMBER.sub("", line).split("\t"))) for line in said])


def marks(data: bytes, kind: str) -> list[str]:
    body = docx.Document(BytesIO(data)).element.body
    name = "delText" if kind == "del" else "t"
    return [
        "".join(text.text for text in mark.iter(qn(f"w:{name}"))) for mark in body.iter(qn(f"w:{kind}")) if len(mark)
    ]


def test_a_changed_word_is_one_word_gone_and_one_that_came() -> None:
    data = compared(blocks("<p>O autor requer a procedência.</p>"), blocks("<p>O réu requer a improcedência.</p>"))
    assert (marks(data, "del"), marks(data, "ins")) == (["autor", "procedência"], ["réu", "improcedência"])
    assert Word(data).lines() == ["O réu requer a improcedência."]
    assert Word(data, accepted=False).lines() == ["O autor requer a procedência."]


def test_each_change_has_its_author_its_time_and_a_number_of_its_own() -> None:
    data = compared(blocks("<p>a</p><p>b</p>"), blocks("<p>c</p><ul><li>d</li></ul>"), 'Prado & "Reis"')
    body = docx.Document(BytesIO(data)).element.body
    found = [one for kind in ("ins", "del", "pPrChange") for one in body.iter(qn(f"w:{kind}"))]
    assert {one.get(qn("w:author")) for one in found} == {'Prado & "Reis"'}
    assert {one.get(qn("w:date")) for one in found} == {"2026-11-28T12:30:00Z"}
    assert len({one.get(qn("w:id")) for one in found}) == len(found)


def test_a_paragraph_that_came_and_one_that_is_gone_are_so_with_their_ends() -> None:
    data = compared(blocks("<p>Fica.</p><p>Sai daqui.</p>"), blocks("<p>Entra agora.</p><p>Fica.</p>"))
    assert Word(data).lines() == ["Entra agora.", "Fica."]
    assert Word(data, accepted=False).lines() == ["Fica.", "Sai daqui."]


def test_what_is_the_same_is_not_marked() -> None:
    data = compared(everything(), everything())
    assert (marks(data, "ins"), marks(data, "del")) == ([], [])
    assert told(Word(data).lines()) == told(list(lines(everything())))


def test_new_looks_are_a_change_and_new_words_take_theirs_with_them() -> None:
    data = compared(blocks("<p>um <b>dois</b> três</p>"), blocks("<p>um <i>dois</i> <u>quatro</u></p>"))
    body = docx.Document(BytesIO(data)).element.body
    changed = [mark.getparent().getparent() for mark in body.iter(qn("w:rPrChange"))]
    assert ["".join(t.text for t in run.iter(qn("w:t"))) for run in changed] == ["dois"]
    assert [child.tag for child in changed[0].find(qn("w:rPr"))][:2] == [qn("w:i"), qn("w:iCs")]


def test_the_numbers_are_those_of_the_new_text() -> None:
    old = blocks(
        "<h2>Um</h2><h2>Sai</h2><h2>Fica</h2><ol><li>a</li><li>some</li><li>c</li></ol><p class=numerado>n</p>"
    )
    new = blocks("<h2>Um</h2><h2>Fica</h2><ol><li>a</li><li>c</li><li>d</li></ol><p class=numerado>n</p>")
    assert Word(compared(old, new)).lines() == ["I. Um", "II. Fica", "1. a", "2. c", "3. d", "1. n"]


def test_an_item_that_is_none_any_more_keeps_its_number_when_that_is_refused() -> None:
    old = blocks("<p>Pede:</p><ol type=a><li>a citação do réu;</li><li>a condenação do réu.</li></ol>")
    new = blocks("<p>Pede:</p><ol type=a><li>a citação do réu;</li></ol><p>a condenação do réu.</p>")
    data = compared(old, new)
    assert Word(data).lines() == ["Pede:", "a) a citação do réu;", "a condenação do réu."]
    assert Word(data, accepted=False).lines() == ["Pede:", "a) a citação do réu;", "b) a condenação do réu."]


def test_tables_change_row_by_row_and_cell_by_cell() -> None:
    old = blocks(
        "<table><tr><th>A</th><th>B</th></tr><tr><td>um</td><td>dois</td></tr><tr><td>sai</td><td>x</td></tr></table>"
    )
    new = blocks("<table><tr><th>A</th><th>B</th></tr><tr><td>um</td><td>três</td></tr></table>")
    data = compared(old, new)
    assert Word(data).lines()[:2] == ["A\tB", "um\ttrês"]
    assert Word(data, accepted=False).lines()[:3] == ["A\tB", "um\tdois", "sai\tx"]
    assert (marks(data, "del"), marks(data, "ins")) == (["dois", "sai", "x"], ["três"])


def altered(given: list[Block], dice: random.Random) -> list[Block]:
    """The same document after some editing."""
    left = [block for block in given if dice.random() > 0.2]
    for block in anything(dice.randrange(10_000), 6):
        left.insert(dice.randrange(len(left) + 1), block)
    return left


@pytest.mark.parametrize("seed", range(60))
def test_whatever_changes_both_texts_are_in_the_file(seed: int) -> None:
    dice = random.Random(seed)
    old = anything(seed)
    new = parse(write(altered(old, dice)))
    data = compared(old, new)
    assert bare(Word(data).lines()) == bare(list(lines(new)))
    assert bare(Word(data, accepted=False).lines()) == bare(list(lines(old)))


def test_two_long_texts_with_nothing_in_common_take_seconds() -> None:
    old = blocks("".join(f"<p>{'abc ' * 60}{n}</p>" for n in range(2_000)))
    new = blocks("".join(f"<p>{n} {'xyz ' * 60}</p>" for n in range(2_000)))
    began = time.process_time()
    data = compared(old, new)
    assert time.process_time() - began < 30
    assert len(Word(data).lines()) == 2_000
