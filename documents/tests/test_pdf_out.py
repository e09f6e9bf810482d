"""A document as PDF/A: the same words in the same order, at the places that its format says, whatever stands in it."""

import time
import unicodedata
from collections import Counter
from dataclasses import replace
from io import BytesIO

import pikepdf
import pytest
from PIL import Image

from documents import pdf_data, pdf_out
from documents.blocks import Block, Cell, Kind, Paragraph, Run, Table, plain
from documents.fonts.make import FILE, made
from documents.formats import ABNT, FORMATS, OAB, OFFICE, Format
from documents.html import clean, parse
from documents.letterhead import Letterhead
from documents.tests.pdfa import problems
from documents.tests.pdfs import Pdf, plainly
from documents.tests.writing import anything, everything

LONG = "O réu, já qualificado nos autos, vem respeitosamente à presença de Vossa Excelência expor e requerer. "
EVERY = pytest.mark.parametrize("fmt", FORMATS.values(), ids=list(FORMATS))


def blocks(html: str) -> list[Block]:
    return parse(clean(html))


def paragraph(text: str, kind: Kind = Kind.TEXT) -> Paragraph:
    return Paragraph(kind, (Run(text),))


def set_in(fmt: Format, *given: Block, head: Letterhead | None = None) -> Pdf:
    return Pdf(pdf_out.render(given, "Peça", fmt, head))


def letters(given: list[Block]) -> str:
    return "".join(plain(given).split())


def logo(kind: str = "PNG", size: tuple[int, int] = (300, 90)) -> bytes:
    file = BytesIO()
    Image.new("RGBA" if kind == "PNG" else "RGB", size, "#126").save(file, kind)
    return file.getvalue()


# Words -------------------------------------------------------------------------------------------


@EVERY
def test_every_kind_of_block_says_its_words_in_order(fmt: Format) -> None:
    assert set_in(replace(fmt, heading_capitals=False), *everything()).letters == letters(everything())


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_in_a_document_all_its_words_are_there(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf_data, "LONG_HEADER", 0)  # no words twice
    given = anything(seed)
    data = pdf_out.render(given, "Peça", OFFICE)
    assert sorted(Pdf(data).letters.replace("fi", "ﬁ")) == sorted(letters(given).replace("fi", "ﬁ"))
    assert problems(data) == []


def test_capitals_are_how_headings_are_drawn() -> None:
    shown = set_in(OAB, *blocks("<h1>Petição</h1><h2>Dos fatos</h2><h3>Do contrato</h3>")).words
    assert " ".join(shown) == "PETIÇÃO I. DOS FATOS 1. Do contrato"


@EVERY
def test_letters_that_are_often_drawn_as_one_are_found_each(fmt: Format) -> None:
    said = "ofício eficaz afflito fluxo fjord ofﬁcina AVISO Á É Ç ã õ ü ª º § nº 1º “aspas” ‘a’ – — … R$ 1.234,56"
    expected = said.replace("ﬁ", "fi")  # what is one letter in the text is read back as its two
    assert " ".join(set_in(fmt, paragraph(said)).words) in (said, expected)


def test_accents_that_are_signs_of_their_own_are_read_as_one_with_their_letter() -> None:
    given = "contestação réu à vista São Luís"
    assert set_in(OFFICE, paragraph(unicodedata.normalize("NFD", given))).words == given.split()


@pytest.mark.parametrize(
    "said",
    [
        "① ② ➜ ✓",
        "𝕏 𝔄 ∑ ∞ ≤ √",
        "αβγ Ω λόγος",
        "Привет",
        "😀 👍🏽 🇧🇷",
        "漢字 かな 한국",
        "\ue000 \U0010abcd",
        "\x7f\x9d",
    ],
)
def test_a_sign_that_the_typeface_does_not_have_is_seen_and_found(said: str) -> None:
    data = pdf_out.render([paragraph(f"antes {said} depois")], "Peça", OFFICE)
    assert Pdf(data).letters == "".join(f"antes {said} depois".split())
    assert problems(data) == []


def test_a_box_stands_for_a_sign_that_no_typeface_has() -> None:
    data = pdf_out.render([paragraph("\U0010abcd" * 8)], "Peça", OFFICE)
    assert b"SinalSubstituto" in plainly(data)
    page = Pdf(data).document[0].render(scale=2).to_pil().convert("L")
    drawn = page.crop((0, 0, page.width, page.height // 2))
    assert sum(drawn.histogram()[:128]) > 200  # dark


def test_the_typeface_of_last_resort_is_what_its_maker_makes() -> None:
    assert made() == FILE.read_bytes()


@pytest.mark.parametrize(
    "said",
    [
        '#import "@preview/x:1.0.0": *', '#read("/etc/passwd")', '#eval("1+1")', "$x^2$ \\ _a_ *b* `c` // d /* e */", "= Título",
        "- item + item / termo: x", "<rotulo> @citacao", "#set page(width: 1cm)", "\\u{1F600} \\# ~ --- ... 'a' \"b\"",
        '"}], "blocks": [', "#{panic()}", "]#pagebreak()[", "https://a.b/#c", "\\n \\t \\\\",
    ],
)  # fmt: skip
def test_what_looks_like_code_is_text(said: str) -> None:
    given = [
        paragraph(said),
        paragraph(said, Kind.PART),
        paragraph(said, Kind.ITEM),
        Table(((Cell((paragraph(said),)),),)),
    ]
    head = Letterhead(header=(said,), signature=(said,))
    data = pdf_out.render(given, said, OFFICE, head, author=said)
    assert Pdf(data).letters == "".join(f"{said} {plain(given)} {said}".split())
    with pikepdf.open(BytesIO(data)) as pdf:
        assert (pdf.docinfo["/Title"], pdf.docinfo["/Author"]) == (said, said)
    assert problems(data) == []


def test_lines_end_where_they_were_ended_and_tabs_are_spaces() -> None:
    pdf = set_in(OFFICE, paragraph("um\ndois\u2028três\x85quatro\r\ncinco\tseis"))
    assert [line.text for line in pdf.lines(0)][:5] == ["um", "dois", "três", "quatro", "cincoseis"]
    assert pdf.words[-2:] == ["cinco", "seis"]


# Very much --------------------------------------------------------------------------------------


def test_a_word_of_a_million_letters_stays_on_the_paper() -> None:
    pdf = set_in(OFFICE, paragraph("ab" * 500_000))
    assert pdf.letters == "ab" * 500_000
    assert max(line.right for line in pdf.lines(0)) <= 21 - OFFICE.right + 0.05


def test_a_paragraph_of_a_million_characters() -> None:
    said = LONG * (1_000_000 // len(LONG))
    assert set_in(OFFICE, paragraph(said)).words == said.split()


def test_ten_thousand_lines_in_one_paragraph() -> None:
    started = time.process_time()
    said = [f"linha{number}" for number in range(10_000)]
    assert set_in(OFFICE, paragraph("\n".join(said))).words == said
    assert time.process_time() - started < 20


def test_a_table_of_ten_thousand_rows_with_its_head_on_each_page() -> None:
    def row(first: str, second: str, *, head: bool = False) -> tuple[Cell, ...]:
        return tuple(Cell((paragraph(one),), is_head=head) for one in (first, second))

    pdf = set_in(OFFICE, Table((row("Parcela", "Valor", head=True), *(row(f"n{n}", f"R$ {n}") for n in range(10_000)))))
    said = [word for page in pdf.pages for word in page.split() if word.startswith("n")]
    assert said == [f"n{n}" for n in range(10_000)]
    assert all(page.split()[:2] == ["Parcela", "Valor"] for page in pdf.pages)


@pytest.mark.parametrize("columns", [1, 3, 8, 9, 14, 24, 30, 80])
def test_a_table_is_never_wider_than_the_text(columns: int) -> None:
    cells = tuple(Cell((paragraph(f"INDENIZAÇÃO{n}" * 3),)) for n in range(columns))
    pdf = set_in(ABNT, Table((cells,)))
    assert pdf.letters == "".join(cell.text for cell in cells)
    for page in range(len(pdf.pages)):
        assert max(line.right for line in pdf.lines(page)) <= 21 - ABNT.right + 0.05


def test_no_word_of_a_cell_is_broken_that_fits_into_its_column() -> None:
    row = [paragraph(said) for said in ("10", LONG * 3, "R$ 1.000.000,00", "01/02/2026", "Indenização")]
    pdf = set_in(OFFICE, Table((tuple(Cell((one,)) for one in row),) * 3))
    assert Counter(pdf.words) == Counter(" ".join(one.text for one in row * 3).split())


def test_a_row_that_is_taller_than_a_page_goes_on_on_the_next() -> None:
    said = " ".join(f"palavra{n}" for n in range(3000))
    pdf = set_in(OFFICE, Table(((Cell((paragraph(said),)), Cell((paragraph("outra"),))),)))
    assert len(pdf.pages) > 3
    assert sorted(pdf.words) == sorted([*said.split(), "outra"])


def test_a_head_that_is_taller_than_a_page_is_a_row_like_others() -> None:
    said = " ".join(f"palavra{n}" for n in range(2000))
    pdf = set_in(OFFICE, Table(((Cell((paragraph(said),), is_head=True),), (Cell((paragraph("fim"),)),))))
    assert pdf.words == [*said.split(), "fim"]


def test_spans_that_cannot_be_are_laid_out_as_on_the_screen() -> None:
    html = (
        "<table><tr><th rowspan=3>A</th><th colspan=900>B</th></tr><tr><td rowspan=2>C</td></tr><tr><td>D</td><td>E</td>"
        "</tr><tr><td rowspan=9 colspan=9>F</td></tr></table>"
    )
    assert sorted(set_in(OFFICE, *blocks(html)).letters) == list("ABCDEF")


# Places ------------------------------------------------------------------------------------------


@EVERY
def test_lines_stand_where_the_format_says(fmt: Format) -> None:
    pdf = set_in(
        fmt,
        *blocks(
            f"<p>Aaa{LONG * 4}</p><p>Bbb{LONG * 2}</p><blockquote><p>Ccc{LONG * 4}</p></blockquote>"
            f"<ol><li>Ddd{LONG * 2}<ul><li>Eee{LONG * 2}</li></ul></li></ol><p class=direita>Fff</p><p class=centro>Ggg</p>"
        ),
    )
    lines = pdf.lines(0)
    first = next(place for place, line in enumerate(lines) if line.text.startswith("Aaa"))
    assert lines[first].left == pytest.approx(fmt.left + fmt.first_line, abs=0.02)
    assert (lines[first + 1].left, lines[first + 1].right) == pytest.approx((fmt.left, 21 - fmt.right), abs=0.05)
    natural = pdf_data.LINES[fmt.font][0]
    pitch = (lines[first + 2].base - lines[first + 1].base) * 72 / 2.54
    assert pitch == pytest.approx(fmt.size * fmt.line * natural, abs=0.1)
    between = next(line.base for line in lines if line.text.startswith("Bbb")) - max(
        line.base for line in lines if line.base < pdf.line("Bbb").base
    )
    assert between * 72 / 2.54 == pytest.approx(fmt.size * fmt.line * natural + max(fmt.before, fmt.after), abs=0.1)
    quote = [line for line in lines if pdf.line("Ccc").base <= line.base < pdf.line("1.Ddd").base]
    assert [line.left for line in quote] == pytest.approx([fmt.left + fmt.quote_indent] * len(quote), abs=0.02)
    assert (quote[1].base - quote[0].base) * 72 / 2.54 == pytest.approx(
        fmt.quote_size * fmt.quote_line * natural, abs=0.1
    )
    item = [line for line in lines if pdf.line("1.Ddd").base <= line.base < pdf.line("•Eee").base]
    assert item[0].left == pytest.approx(fmt.left + fmt.list_indent - fmt.list_hanging, abs=0.02)
    assert item[1].left == pytest.approx(fmt.left + fmt.list_indent, abs=0.02)
    assert pdf.line("•Eee").left == pytest.approx(fmt.left + 2 * fmt.list_indent - fmt.list_hanging, abs=0.05)
    assert pdf.line("Fff").right == pytest.approx(21 - fmt.right, abs=0.02)
    middle = pdf.line("Ggg")
    assert (middle.left + middle.right) / 2 == pytest.approx((fmt.left + 21 - fmt.right) / 2, abs=0.02)


@EVERY
def test_the_text_keeps_within_the_margins_of_every_page(fmt: Format) -> None:
    pdf = set_in(fmt, *[paragraph(LONG * 9) for _ in range(30)])
    assert len(pdf.pages) > 3
    for page in range(len(pdf.pages)):
        *text, foot = pdf.lines(page)
        assert foot.text == f"Página{page + 1}de{len(pdf.pages)}"
        assert foot.right == pytest.approx(21 - fmt.right, abs=0.02)
        assert min(line.left for line in text) >= fmt.left - 0.02
        assert max(line.right for line in text) <= 21 - fmt.right + 0.02
        assert fmt.top < text[0].base
        assert text[-1].base <= 29.7 - fmt.bottom + 0.01
    assert (round(pdf.document[0].get_width()), round(pdf.document[0].get_height())) == (595, 842)


def test_a_heading_is_on_the_page_of_what_it_heads() -> None:
    for lines in range(20, 33):
        pdf = set_in(OFFICE, paragraph("x\n" * lines), paragraph("Dos fatos", Kind.PART), paragraph("Começo"))
        page = next(place for place, said in enumerate(pdf.pages) if "Dos fatos" in said)
        assert "Começo" in pdf.pages[page]


def test_no_word_is_hyphenated() -> None:
    said = " ".join(["inconstitucionalissimamente"] * 60)
    assert set_in(OFFICE, paragraph(said)).words == said.split()


def test_an_empty_paragraph_is_an_empty_line() -> None:
    lines = set_in(OFFICE, *blocks("<p>a</p><p></p><p>b</p>")).lines(0)
    assert (lines[1].base - lines[0].base) * 72 / 2.54 == pytest.approx(2 * 12 * 1.5 * 1.2207, abs=0.1)


def test_an_empty_document_is_a_page() -> None:
    data = pdf_out.render([], "", OFFICE)
    assert (Pdf(data).words, problems(data)) == ([], [])


# Paper -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@EVERY
def test_the_letterhead_is_on_every_page_and_the_signature_at_the_end(fmt: Format, kind: str) -> None:
    head = Letterhead(logo(kind), ("Prado Advogados", "OAB/SP 1"), ("Rua A, 10",), ("Helena Prado", "OAB/SP 2"))
    given = [paragraph(LONG * 9) for _ in range(12)]
    data = pdf_out.render(given, "Peça", fmt, head)
    pdf = Pdf(data)
    assert problems(data) == []
    for page, said in enumerate(pdf.pages):
        last = page == len(pdf.pages) - 1
        assert said.startswith("Prado Advogados")
        assert said.rstrip().endswith("Rua A, 10")
        assert ("Helena Prado" in said) == last
        lines = pdf.lines(page)
        assert lines[0].base > pdf_data.FROM_EDGE + pdf_data.LOGO_HEIGHT
        assert lines[2].base - lines[1].base > 0.5  # the text begins below the header
        assert sum(image.type == 3 for image in pdf.document[page].get_objects()) == 1


def test_an_endless_letterhead_leaves_room_for_the_text() -> None:
    head = Letterhead(logo(), ("linha",) * 200, ("rodapé",) * 200, ("nome",) * 80)
    pdf = set_in(OFFICE, paragraph("texto " * 500), head=head)
    assert sum(page.count("texto") for page in pdf.pages) == 500
    assert len(pdf.pages) < 12
    assert sum(page.count("nome") for page in pdf.pages) == 80
