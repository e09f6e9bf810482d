"""A text rendered while it grows ends as the same text rendered whole, in whatever pieces it came."""

import copy
import random

import pytest

from romagent.base import markdown
from romagent.base.markdown import GrowingMarkdown, Note, note_mark, to_html

HARD = {
    "prose": "Um parágrafo\nem duas linhas.\n\nOutro, com **negrito**, *itálico*, ~~riscado~~ e `código`.\n\nFim.",
    "headings": "# Um\n\n## Dois\ntexto\n\nTítulo\n===\n\nSub\n---\n\n#tema não é título\n\n####### nem este",
    "lists": "- a\n- b\n  - c\n  - d\n\n  parágrafo de b\n- e\n\n* outra\n* lista\n\n1. um\n2. dois\n   1. dois-um\n\n5) cinco",
    "loose": "- a\n\n- b\n\n- c\n\n\n\ntexto\n\n- [ ] não feito\n- [x] feito",
    "quotes": "> citação\n> continua\npreguiçosa\n>\n> > dentro\n\nfora\n\n> - lista\n> - na citação",
    "code": "```python\ndef f():\n\n    # comentário\n    return '```'\n```\n\n    recuado\n\n    ainda\n\ntexto\n\n~~~\nsem fim\n\n- x",
    "tables": "antes\n\n| a | b |\n| --- | :-: |\n| 1 | 2 |\n| **x** | `y|z` |\n\ndepois\n\na | b\n--|--\n1 | 2\ntexto",
    "rules": "um\n\n---\n\ndois\n\n***\ntrês\n___\nquatro\n\n- - -\n\n-\n- x",
    "inline": "[ligação](https://exemplo.adv.br 'título') e <https://x.br>\n\n![imagem](http://x/y.png)\n\n\\*literal\\* &amp; &copy;",
    "html": "<div>\n<script>alert(1)</script>\n\n</div>\n\n<b>texto</b>\n\n<!-- comentário\n\nlongo -->\n\nfim",
    "breaks": "linha  \nquebrada\\\nde novo\n\n\n\n\nmuitas linhas vazias\n\n\n",
    "letters": "§ 1º Ação à vista: “aspas”, – travessão… 👩🏽‍⚖️\n\nart. 5º,\u00a0LV\n\n\u202eao contrário\u202c\n\n\u200b\n\nfim",
    "nested": "1. um\n\n   > citação\n\n   ```\n   código\n   ```\n\n   | a |\n   |---|\n   | b |\n\n2. dois\n\nfim",
    "unfinished": "**negrito sem fim\n\n[ligação sem fim](http://x\n\n`código sem fim\n\n| a | b |\n| - |",
    "spaces": "   \n \n\ttabulação\n\n  \n    código?\n\n\t- x",
    "words": "§ 1º O réu: *citado* em 2 de maio – **não** contestou; requer\n- a tutela (art. 300) do CPC\n- **b.** o mais",
    "half": "[x] (y) &copy; &amp z; [a](b (c) d) e [r]: s\n\n> r\n\n[r]: s t\n\n12. abc\n\n1 a\n\n- - a\n\n| a | b\n|--|--\n| c d",
    "windows": "um\r\n\r\ndois\r\n\r\n- a\r\n- b\r\n\r\nfim\r\n",
}


def pieces(text: str, seed: int) -> list[str]:
    chance, found, at = random.Random(seed), [], 0
    most = chance.choice([1, 3, 10, 40])
    while at < len(text):
        size = chance.randint(1, most)
        found.append(text[at : at + size])
        at += size
    return found


def tidy(html: str) -> str:
    """Between blocks a line break may stand or not."""
    return html.replace(">\n<", "><").strip()


def anew(growing: GrowingMarkdown) -> str:
    """The open block's HTML as the parser makes it."""
    return to_html(growing.text[growing._settled :], copy.deepcopy(growing._env))


def grown(text: str, seed: int) -> str:
    growing, shown = GrowingMarkdown(), ""
    for piece in pieces(text, seed):
        growing.append(piece)
        shown += growing.take_finished()
        assert shown == growing.html
        assert growing.open_html() == anew(growing), growing.text  # words were put in without the parser, or not
    assert growing.text == text
    return tidy(growing.html + growing.open_html())


@pytest.mark.parametrize("name", HARD)
def test_what_has_grown_is_what_the_whole_text_gives(name: str) -> None:
    for seed in range(25):
        assert grown(HARD[name], seed) == tidy(to_html(HARD[name])), f"in pieces by seed {seed}"


def test_texts_put_together_at_random_end_the_same_too() -> None:
    chance = random.Random(20261122)
    lines = [line for text in HARD.values() for line in text.splitlines()]
    for seed in range(120):
        text = "\n".join(chance.choice(["", *lines]) for _ in range(chance.randint(1, 25)))
        assert grown(text, seed) == tidy(to_html(text)), repr(text)


def test_a_finished_block_is_given_out_once_and_never_changes() -> None:
    growing = GrowingMarkdown()
    growing.append("# Título\n\nUm")
    assert growing.take_finished() == ""  # the line may yet become something that belongs to the heading
    growing.append(" parágrafo\n")
    assert growing.take_finished() == "<h3>Título</h3>\n"
    assert growing.take_finished() == ""
    growing.append("de duas linhas\n")
    assert growing.take_finished() == ""
    assert growing.open_html() == "<p>Um parágrafo<br>\nde duas linhas</p>\n"


def test_a_line_that_is_still_being_written_finishes_nothing() -> None:
    """`#` may become a heading or `#tema`; `-` may become a list, a rule or the line under a heading."""
    growing = GrowingMarkdown()
    growing.append("Texto\n-")
    assert growing.take_finished() == ""
    growing.append("--\n")
    assert growing.take_finished() == ""
    assert growing.open_html() == "<h3>Texto</h3>\n"


def test_a_link_that_is_defined_later_is_the_one_thing_that_waits_for_the_end() -> None:
    """The finished block has been shown by then; the end of the stream replaces it all with the whole rendering."""
    growing = GrowingMarkdown()
    for piece in ["Veja [a lei][1].\n\nMais.\n\n", "[1]: https://exemplo.adv.br\n"]:
        growing.append(piece)
        growing.take_finished()
    assert "(https:" not in growing.html + growing.open_html()
    assert "(https:" in to_html(growing.text)


@pytest.mark.parametrize("text", ["um\rdois\n\ntrês\n\nquatro", "a\r\rb\n\nc\n\nd\n"])
def test_an_old_macintosh_line_ending_loses_no_letter(text: str) -> None:
    for seed in range(10):
        assert grown(text, seed) == tidy(to_html(text))


def test_growing_costs_about_as_much_at_the_end_as_at_the_beginning() -> None:
    """Only what is open is rendered again: the work for each piece does not grow with the text."""
    growing = GrowingMarkdown()
    for number in range(400):
        growing.append(f"Parágrafo número {number}, com algumas palavras.\n\n")
        growing.take_finished()
        assert len(growing.open_html()) < 100
    assert growing.html.count("<p>") == 399


def test_words_that_follow_words_are_put_in_without_the_parser(monkeypatch: pytest.MonkeyPatch) -> None:
    growing = GrowingMarkdown()
    growing.append("- **a.** o primeiro\n- **b.** o segundo")
    growing.open_html()
    monkeypatch.setattr(markdown, "to_html", None)
    growing.append(" pedido, com ")
    growing.open_html()
    growing.append("laudo (fls. 3); e")
    assert growing.open_html().endswith("</strong> o segundo pedido, com laudo (fls. 3); e</li>\n</ul>\n")
    growing.append(" **mais**")
    with pytest.raises(TypeError):
        growing.open_html()


# Notes ---------------------------------------------------------------------------------------------

NOTES = {"1": Note("[1]", "/arquivos/a/paginas/2/?trecho=um%20dois", "Nota 1"), "x": Note("não encontrada", kind="off")}
LINK = '<a class="note-ref" data-note="1" href="/arquivos/a/paginas/2/?trecho=um%20dois" aria-label="Nota 1">[1]</a>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (f"O prazo{note_mark(1)} corre.", f"<p>O prazo{LINK} corre.</p>\n"),
        (f"**“Sim.”**{note_mark(1)} **E**", f"<p><strong>“Sim.”</strong>{LINK} <strong>E</strong></p>\n"),
        (f"dito{note_mark('x')}", '<p>dito<span class="off">não encontrada</span></p>\n'),
        (f"dito{note_mark(7)} nada", "<p>dito nada</p>\n"),  # a note that there is not
        (f"`dito{note_mark(1)}`", "<p><code>dito</code></p>\n"),
        ("{1} [^1]", "<p>{1} [^1]</p>\n"),  # what a model writes itself is no note
    ],
)
def test_a_note_is_a_link_where_its_mark_stands(text: str, html: str) -> None:
    assert to_html(text, {"notes": NOTES}) == html


def test_a_note_comes_into_a_growing_text_at_its_end_and_stays() -> None:
    growing = GrowingMarkdown()
    growing.append("Um dois.\n\n")
    growing.mark("1", NOTES["1"], back=2)
    assert growing.open_html() == f"<p>Um dois.{LINK}</p>\n"
    growing.append("Três quatro")
    growing.open_html()
    growing.append(" cinco\n\nseis")
    assert growing.take_finished() + growing.open_html() == to_html(growing.text, {"notes": growing.notes})
    assert growing.html.count(LINK) == 1


def test_a_note_for_what_is_out_already_comes_after_it() -> None:
    growing = GrowingMarkdown()
    growing.append("Um.\n\nDois.\n\nTrês\n")
    growing.take_finished()
    growing.mark("1", NOTES["1"], back=13)
    assert growing.open_html() == f"<p>Três<br>\n{LINK}</p>\n"
