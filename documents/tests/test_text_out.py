"""Plain text and Markdown say the document's words, and read back as them whatever signs the words contain."""

import pytest
from markdown_it import MarkdownIt

from documents.blocks import Block, Cell, Kind, Paragraph, Run, Table, lines, numbered, plain
from documents.html import clean, parse
from documents.tests.writing import anything, everything
from documents.text_out import markdown, text

HOSTILE = [
    "# não é título", "1. não é lista", "12) nem isto", "- nem isto", "+ nem isto", "* nem isto", "> nem citação",
    "***", "---", "===", "```", "~~~", "    quatro espaços", "a *b* _c_ **d** __e__ `f` ~~g~~", "[x](http://a.b)",
    "![x](y)", "[x]: http://a.b", "<b>não</b>", "<!-- nem some -->", "&amp; &lt; &#65; &nbsp; & R$ 10", "a\\b \\* c\\",
    "|a|b|", "a | b\n--- | ---", "fim com #", "## ## ##", "a  \nb", "2\\. x", "snake_case_aqui 2*3*4", "http://a.b/c_d_e",
    "#", "-", "1.", "\\", "a\n\n\nb", "a\n# b\n- c\n1. d\n=== \n---", ":-|-:", "*a", "a*", "_", "[ ] x", "[^1]: nota",
    "$x^2$ H~2~O x^2^", "<https://a.b>", "Art. 5º\t§ 1º", "é\u00a0nbsp", "[●  data do contrato]", "\\[●\\]", "]]>", "1986\\.",
]  # fmt: skip


def blocks(html: str) -> list[Block]:
    return parse(clean(html))


def read_back(said: str) -> list[str]:
    """The words of Markdown, with the numbers of its lists, as a reader of CommonMark and tables finds them."""
    found: list[str] = []
    for block, label in numbered(blocks(MarkdownIt("commonmark", {"html": True}).enable("table").render(said))):
        numbers = isinstance(block, Paragraph) and block.kind == Kind.ITEM
        found += [label if numbers else "", *lines([block], numbers=False)]
    return words(" ".join(found))


def words(said: str) -> list[str]:
    return said.replace("•", " ").split()


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind != Kind.ITEM])
@pytest.mark.parametrize("said", HOSTILE)
def test_signs_of_markdown_stay_words(said: str, kind: Kind) -> None:
    document = [Paragraph(kind, (Run(said),))]
    assert read_back(markdown(document)) == words(plain(document))


@pytest.mark.parametrize("said", HOSTILE)
def test_signs_of_markdown_stay_words_in_lists_and_cells(said: str) -> None:
    document = blocks(
        "<ol><li>um<ul><li>dois</li></ul></li><li>três</li></ol><table><tr><td>x</td><td>y</td></tr></table>"
    )
    assert read_back(markdown(document)) == ["1.", "um", "dois", "2.", "três", "x", "y"]
    changed = [
        Paragraph(Kind.ITEM, (Run(said),), 0, "1", 3), Paragraph(Kind.ITEM, (Run(said),), 1, "", None),
        Paragraph(Kind.ITEM, (Run(said),), 1, "", None, is_continued=True), Paragraph(Kind.ITEM, (Run("z"),), 0, "1"),
    ]  # fmt: skip
    assert read_back(markdown(changed)) == words(f"3. {said} {said} {said} 4. z")
    cells = [Cell((Paragraph(Kind.TEXT, (Run(one),)),), is_head=one in "AB") for one in ("A", "B", said, "Y")]
    assert read_back(markdown([Table((tuple(cells[:2]), tuple(cells[2:])))])) == words(f"A B {said} Y")


def test_looks_that_markdown_has_are_kept() -> None:
    said = markdown(
        blocks("<p>um <strong>dois</strong> <em>três</em>, <strong><em>quatro</em></strong> <u>cinco</u></p>")
    )
    assert said == "um **dois** *três*, ***quatro*** cinco\n"


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>a<strong>(b)</strong>c</p>", "a(b)c\n"),  # signs there would be read as asterisks
        ("<p><strong>a</strong><em>b</em></p>", "**a**b\n"),
        ("<p>pala<strong>vra</strong></p>", "pala**vra**\n"),
        ("<p>x<strong> y </strong>z</p>", "x **y** z\n"),
        ("<p><strong>a<br>b</strong></p>", "a\\\nb\n"),
    ],
)
def test_emphasis_is_left_out_where_its_signs_would_be_read_as_words(html: str, expected: str) -> None:
    assert markdown(blocks(html)) == expected


@pytest.mark.parametrize("seed", range(40))
def test_whatever_is_in_a_document_its_words_come_back_in_order(seed: int) -> None:
    document = anything(seed)
    assert words(text(document)) == words(plain(document))
    assert read_back(markdown(document)) == words(plain(document))


def test_every_kind_of_block_has_its_markdown() -> None:
    said = markdown(
        blocks(
            "<h1>Petição</h1><h2>Fatos</h2><h3>Contrato</h3><h4>Cláusula</h4><p class=numerado>Um</p><blockquote><p>c"
            "</p><p>d</p></blockquote><ol type=a><li>x</li><li>y<p>z</p></li></ol><ol><li>novo</li></ol><ol><li>outro</li></ol>"
            "<table><tr><th>A</th><th>B</th></tr><tr><td colspan=2>C</td></tr></table><p class=centro>fim</p>"
        )
    )
    assert said.splitlines() == [
        "# Petição", "", "## I. Fatos", "", "### 1. Contrato", "", "#### a) Cláusula", "", "1\\. Um", "", "> c", ">",
        "> d", "", "- a) x", "", "- b) y", "", "  z", "", "<!-- -->", "", "1. novo", "", "<!-- -->", "", "1. outro", "",
        "| A | B |", "| --- | --- |", "| C |  |", "", "fim",
    ]  # fmt: skip


def test_plain_text_is_words_numbers_and_blank_lines() -> None:
    said = text(
        blocks(
            "<h2>Fatos</h2><p>a<br>b</p><ol><li>x<ol type=a><li>y</li></ol></li></ol><blockquote><p>c</p></blockquote>"
            "<table><tr><td>1</td><td><p>2</p><p>3</p></td></tr></table>"
        )
    )
    assert said == "I. Fatos\n\na\nb\n\n1. x\n  a) y\n\n    c\n\n1\t2 3\n"


def test_an_empty_document_is_an_empty_file() -> None:
    assert (text([]), markdown([])) == ("\n", "\n")


def test_everything_at_once_reads_back() -> None:
    assert words(text(everything())) == words(plain(everything()))
    assert read_back(markdown(everything())) == words(plain(everything()))
