"""What a model writes becomes blocks: its typed numbers go, its notes become words, nothing else is lost."""

import pytest

from conversations.reading import Citation, Reading
from documents.blocks import plain
from documents.from_markdown import blocks_of
from documents.html import clean, write


def html(text: str, **options: object) -> str:
    made = write(blocks_of(text, **options))  # type: ignore[arg-type]
    assert clean(made) == made, "the stored form"
    return made


def test_headings_are_the_title_parts_sections_and_topics() -> None:
    text = "# Contestação\n\n## Dos fatos\n\nTexto.\n\n### Da dívida\n\n#### Do valor"
    assert html(text).split("\n") == [
        "<h1>Contestação</h1>", "<h2>Dos fatos</h2>", "<p>Texto.</p>", "<h3>Da dívida</h3>", "<h4>Do valor</h4>",
    ]  # fmt: skip


def test_a_document_has_one_title() -> None:
    assert html("# Dos pedidos\n\nTexto.", has_title=True) == "<h2>Dos pedidos</h2>\n<p>Texto.</p>"
    assert html("# Fatos\n\n## Dívida\n\n# Direito") == "<h2>Fatos</h2>\n<h3>Dívida</h3>\n<h2>Direito</h2>"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("## I – DOS FATOS", "DOS FATOS"),
        ("## II. Do direito", "Do direito"),
        ("## 3) Dos pedidos", "Dos pedidos"),
        ("## **IV - Do valor**", "Do valor"),
        ("### 2.1. Da prescrição", "Da prescrição"),
        ("### 2.1 Da prescrição", "Da prescrição"),
        ("#### a) Do dano", "Do dano"),
        ("## Cláusula 1", "Cláusula 1"),
        ("## 1988 – a Constituição", "1988 – a Constituição"),
        ("## Ilegitimidade passiva", "Ilegitimidade passiva"),
        ("## Validade", "Validade"),
        ("### C. Silva", "C. Silva"),
        ("## I-DOS FATOS", "DOS FATOS"),
        ("## II–Do direito", "Do direito"),
        ("#### e-mails trocados", "e-mails trocados"),
        ("#### a-posteriori", "a-posteriori"),
        ("### 8-A da Lei", "8-A da Lei"),
        ("### 10–15 de maio", "10–15 de maio"),
        ("## V. Exa. e o prazo", "V. Exa. e o prazo"),
        ("#### r. sentença recorrida", "r. sentença recorrida"),
    ],
)
def test_a_typed_number_before_a_heading_goes(typed: str, said: str) -> None:
    (block,) = blocks_of(typed)
    assert plain([block], numbers=False) == said


def test_a_bold_line_with_a_roman_number_is_a_heading() -> None:
    assert html("**I – DOS FATOS**\n\nTexto.") == "<h2>DOS FATOS</h2>\n<p>Texto.</p>"
    assert html("**V. Exa. há de convir.**") == "<p><strong>V. Exa. há de convir.</strong></p>"
    assert html("**Importante.**") == "<p><strong>Importante.</strong></p>"


def test_lists_quotations_tables_and_looks() -> None:
    text = "1. um\n2. dois\n   - interno\n\n> Citado.\n\n| A | B |\n| --- | --- |\n| *c* | **d** |"
    assert html(text).split("\n") == [
        '<ol><li><p>um</p></li><li><p>dois</p><ul><li><p>interno</p></li></ul></li></ol>',
        "<blockquote><p>Citado.</p></blockquote>",
        "<table><tbody><tr><th><p>A</p></th><th><p>B</p></th></tr>"
        "<tr><td><p><em>c</em></p></td><td><p><strong>d</strong></p></td></tr></tbody></table>",
    ]  # fmt: skip


@pytest.mark.parametrize("between", ["\n", "\n\n"])
def test_lines_by_letters_are_one_list(between: str) -> None:
    text = between.join(["a) a **citação** do réu;", "b) a procedência;", "c) as custas."])
    assert html(text) == (
        '<ol type="a"><li><p>a <strong>citação</strong> do réu;</p></li><li><p>a procedência;</p></li>'
        "<li><p>as custas.</p></li></ol>"
    )


def test_a_list_by_letters_begins_where_it_was_begun() -> None:
    assert html("c) as custas.") == '<ol type="a" start="3"><li><p>as custas.</p></li></ol>'


def test_blanks_and_line_breaks_and_markup_as_text_stay() -> None:
    assert html("Em [●  data do contrato],\nfim. <b>x</b>") == (
        "<p>Em [●  data do contrato],<br>fim. &lt;b&gt;x&lt;/b&gt;</p>"
    )


def noted(text: str, *places: tuple[str, int], found: bool | None = True, unfound: tuple[int, ...] = ()) -> str:
    """`places`: after which words, and which note."""
    files = [("laudo_final*v2*.pdf", 12), ("laudo_final*v2*.pdf", 13), ("contrato.pdf", 3)]
    citations = [Citation(n, "f", name, page, "q", found) for n, (name, page) in enumerate(files, 1)]
    at = [(text.index(words) + len(words), number) for words, number in places]
    reading = Reading(citations=citations, places=at, unfound=list(unfound))
    return plain(blocks_of(text, reading))


def test_notes_become_words_before_the_sign_that_ends_the_sentence() -> None:
    assert noted("A perícia achou a falha. Depois, nada.", ("a falha.", 1)) == (
        "A perícia achou a falha (laudo_final*v2*.pdf, p. 12). Depois, nada."
    )
    assert noted("A falha, diz.", ("falha", 3)) == "A falha (contrato.pdf, p. 3), diz."


def test_notes_that_stand_together_share_brackets_and_pages_their_file() -> None:
    text = "Consta dos autos."
    assert noted(text, (text, 1), (text, 2), (text, 3)) == (
        "Consta dos autos (laudo_final*v2*.pdf, p. 12, 13; contrato.pdf, p. 3)."
    )


def test_what_was_not_found_on_its_page_is_a_blank() -> None:
    text = "Disse “pagou”."
    assert noted(text, (text, 3), found=False) == (
        "Disse “pagou” (contrato.pdf, p. 3) [●  conferir: trecho não encontrado na página]."
    )
    assert noted(text, unfound=(len(text),)) == "Disse “pagou” [●  conferir: trecho não encontrado na página]."
