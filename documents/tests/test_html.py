"""The stored form: nothing is lost but looks, and cleaning twice changes nothing."""

import html as entities
import random
import re
import time
from contextlib import suppress

import pytest

from documents.blocks import Kind, Paragraph, Run, Table, plain
from documents.html import LARGEST, TooLarge, clean, parse, write

BITS = [
    "<p>", "<p class=numerado>", "<p class='direita x'>", "</p>", "<ul>", "<ol>", "<ol type=a>", "<ol start=4>", "</ol>",
    "</ul>", "<li>", "</li>", "<blockquote>", "</blockquote>", "<h1>", "</h1>", "<h2>", "</h2>", "<b>", "</b>", "<i>",
    "</i>", "<u>", "<sub>", "</sub>", "<br>", "a", "b&amp;c", "<span>", "<div>", "</div>", "\n", "&nbsp;", "</a>", "x y",
]  # fmt: skip
TABLES = ["<table>", "</table>", "<tr>", "</tr>", "<td>", "<th colspan=3>", "</td>"]


def letters(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_keeps_its_words_and_cleaning_it_again_changes_nothing(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(2_000):
        given = "".join(rng.choice(BITS) for _ in range(rng.randint(1, 25)))
        stored = clean(given)
        assert clean(stored) == stored, given
        assert write(parse(stored)) == stored
        assert letters(plain(parse(stored), numbers=False)) == letters(entities.unescape(re.sub("<[^>]*>", "", given)))


@pytest.mark.parametrize("seed", range(4))
def test_tables_that_are_broken_become_tables_that_are_not(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(2_000):
        stored = clean("".join(rng.choice(BITS + TABLES * 3) for _ in range(rng.randint(1, 25))))
        assert clean(stored) == stored
        assert write(parse(stored)) == stored


def test_numbers_are_counted_where_they_stand() -> None:
    stored = clean(
        "<h2>Fatos</h2><p class=numerado>um</p><h3>Do contrato</h3><h3>Da mora</h3><h4>Juros</h4>"
        "<p class=numerado>dois</p><h2>Direito</h2><h3>Da tutela</h3>"
        "<ol type=a><li>x<ol><li>y</li></ol></li><li>z</li></ol><ol start=3 type=I><li>w</li></ol><ul><li>v</li></ul>"
    )
    assert plain(parse(stored)).split("\n") == [
        "I. Fatos", "1. um", "1. Do contrato", "2. Da mora", "a) Juros", "2. dois", "II. Direito", "1. Da tutela",
        "a) x", "1. y", "b) z", "III) w", "• v",
    ]  # fmt: skip


def test_looks_that_a_document_has_are_kept_and_others_leave_their_words() -> None:
    stored = clean(
        '<p style="color:red" class="x centro">a<b>b</b><i>c</i><a href="javascript:x">d</a><font size=7>e</font></p>'
        "<p>H<sub>2</sub>O<br>linha</p>"
    )
    assert stored.split("\n") == [
        '<p class="centro">a<strong>b</strong><em>c</em>de</p>',
        "<p>H<sub>2</sub>O<br>linha</p>",
    ]
    assert parse(stored)[1] == Paragraph(Kind.TEXT, (Run("H"), Run("2", script="sub"), Run("O\nlinha")))


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>", "<p onclick=alert(1)>", "<img src=x onerror=alert(1)>", "<style>*{}</style>",
        '<iframe src="https://fora.example">', '<a href="data:text/html,x">', "<svg><script>x</script></svg>",
        "<link rel=stylesheet href=//fora.example>", "<math><mi//xlink:href=javascript:x>", "<!-- <p> -->",
        '<object data="x">', "<p style=\"background:url(//fora.example)\">", "<form action=//fora.example><input>",
    ],
)  # fmt: skip
def test_nothing_that_acts_or_fetches_is_stored(hostile: str) -> None:
    stored = clean(f"<p>antes</p>{hostile}<p>depois</p>")
    assert not re.search(r"<(?!/?(p|table|tbody|tr|td)>)", stored)
    assert not re.search("fora|javascript|alert|on\\w+=|url", stored)
    assert "antes" in stored


def test_text_that_looks_like_code_stays_text() -> None:
    said = '&lt;script&gt; #set page(width: 1pt) { MERGEFIELD x } \\begin{x} =HYPERLINK("x") $a$ *b* _c_ `d` @e'
    assert plain(parse(clean(f"<p>{said}</p>"))) == entities.unescape(said)


def test_signs_that_no_word_file_can_hold_are_left_out_and_others_stay() -> None:
    assert plain(parse(clean("<p>a\x00b\x0bc\ud800d\ufffee — “ç” 𝕏 é\u200b</p>"))) == "abcde — “ç” 𝕏 é\u200b"


def test_spaces_are_kept_as_they_are_but_for_the_breaks_of_a_source() -> None:
    assert plain(parse(clean("<p>a  b\u00a0c\n   d</p>"))) == "a  b\u00a0c d"


def test_very_long_paragraphs_and_tables_are_taken_whole() -> None:
    assert len(plain(parse(clean(f"<p>{'á ' * 500_000}</p>")))) == 1_000_000
    (table,) = parse(clean(f"<table>{'<tr><td>a<td>b' * 10_000}</table>"))
    assert isinstance(table, Table)
    assert len(table.rows) == 10_000


def test_a_million_spaces_are_no_work() -> None:
    """Looked for from every space anew, they would be some hours of it."""
    began = time.process_time()
    assert clean(f"<p>a{' ' * 1_000_000}b</p>") == f"<p>a{' ' * 1_000_000}b</p>"
    assert time.process_time() - began < 10


def test_what_is_too_large_is_refused() -> None:
    with pytest.raises(TooLarge):
        clean("x" * (LARGEST + 1))


@pytest.mark.parametrize(
    "hostile",
    [
        f"<p>a{' ' * 1_000_000}b</p>", f"<p>a{' ' * 500_000}<b>{' ' * 500_000}b</b></p>", "<b>x" * 300_000,
        "<table><tr><td>x" * 60_000, "<ul><li>x" * 200_000, "<blockquote>x" * 200_000, "<x-y>x" * 200_000,
        "".join(f"<b a={number}>" for number in range(60)) + "<p>x</p>" * 200_000,
    ],
    ids=["spaces", "spaces in two", "looks", "tables", "lists", "quotations", "strange tags", "looks of all"],
)  # fmt: skip
def test_what_is_built_to_take_for_ever_takes_a_moment(hostile: str) -> None:
    began = time.process_time()
    with suppress(TooLarge):
        assert clean(hostile).startswith("<p>a   ")
    assert time.process_time() - began < 5


def test_lists_as_deep_as_one_likes_end_somewhere() -> None:
    stored = clean("<ul><li>" * 2_000 + "fundo")
    assert clean(stored) == stored
    assert "fundo" in stored
