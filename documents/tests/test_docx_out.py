"""A Word file says what is on the screen, in the same order and with the same numbers, and looks as its format says."""

import re
import time
import zipfile
from io import BytesIO
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from docx.shared import Pt

from documents import docx_out
from documents.blocks import Block, Kind, Paragraph, Run, lines
from documents.docx_parts import twips
from documents.formats import ABNT, FORMATS, OAB, OFFICE, Format, format_named
from documents.html import clean, parse
from documents.letterhead import Letterhead
from documents.tests.word import Word
from documents.tests.writing import anything, everything

formats = pytest.mark.parametrize("fmt", FORMATS.values(), ids=lambda fmt: fmt.key)


def rendered(blocks: list[Block], fmt: Format = OFFICE, head: Letterhead | None = None) -> bytes:
    return docx_out.render(blocks, "Contestação", fmt, head, author="Helena Prado")


def told(said: list[str]) -> list[str]:
    """Without empty cells, which Word needs where a table has none, and the blank that follows a number."""
    rows = ("\t".join(cell for cell in line.split("\t") if cell.strip()) for line in said)
    return [re.sub(r"\s+", " ", row).strip() for row in rows if row.strip()]


# The words ---------------------------------------------------------------------------------------


@formats
def test_the_words_and_the_numbers_are_those_on_the_screen(fmt: Format) -> None:
    blocks = everything()
    assert told(Word(rendered(blocks, fmt)).lines()) == told(list(lines(blocks)))


@pytest.mark.parametrize("seed", range(80))
def test_whatever_is_in_it_the_words_and_the_numbers_are_the_same(seed: int) -> None:
    blocks = anything(seed)
    data = rendered(blocks)
    for implied in (False, True):
        assert told(Word(data, implied=implied).lines()) == told(list(lines(blocks)))


def test_headings_are_one_outline_unless_one_is_missing() -> None:
    """Then a heading that is added in Word is counted, and starts those below it anew."""

    def own_numbers(html: str) -> int:
        body = docx.Document(BytesIO(rendered(parse(clean(html))))).element.body
        return len(list(body.iter(qn("w:numPr"))))

    assert own_numbers("<h2>a</h2><h3>b</h3><h4>c</h4><h2>d</h2><h3>e</h3><h4>f</h4>") == 0
    assert own_numbers("<h3>b</h3><h4>c</h4><h3>e</h3>") == 0
    assert own_numbers("<h3>b</h3><h2>a</h2>") == 2


def test_looks_are_kept() -> None:
    blocks = parse(clean("<p>a <strong>b</strong> <em>c</em> <u>d</u> x<sub>1</sub> y<sup>2</sup></p>"))
    found = docx.Document(BytesIO(rendered(blocks))).paragraphs[0].runs
    looks = {run.text: (run.bold, run.italic, run.underline, run.font.subscript, run.font.superscript) for run in found}
    assert looks["b"] == (True, None, None, None, None)
    assert looks["c"] == (None, True, None, None, None)
    assert looks["d"] == (None, None, True, None, None)
    assert looks["1"] == (None, None, None, True, False)
    assert looks["2"] == (None, None, None, False, True)


@pytest.mark.parametrize(
    "text",
    [
        "{ MERGEFIELD nome }", '{ HYPERLINK "http://x" }', '=HYPERLINK("http://x";"y")', "=cmd|'/c calc'!A0", "<w:br/>",
        "]]>", "&amp;&#10;", "\u202etxet", "a\u00adb", "x\u00a0y", "😀", "[●  data do contrato]", "%1. %2) \\1", "\ufeffx",
    ],
)  # fmt: skip
def test_what_looks_like_a_command_is_text(text: str) -> None:
    data = rendered([Paragraph(Kind.TEXT, (Run(text),)), Paragraph(Kind.PART, (Run(text),))])
    assert Word(data).lines() == [text, f"I. {text}"]
    body = zipfile.ZipFile(BytesIO(data)).read("word/document.xml")
    assert not re.search(rb"fldChar|instrText|fldSimple|hyperlink", body)


def test_what_no_word_file_can_hold_is_left_out_and_the_rest_stays() -> None:
    blocks: list[Block] = [Paragraph(Kind.TEXT, (Run("a\x00b\x0bc\x1fd\ud800e\ufffef"),))]
    head = Letterhead(None, ("x\x00y",), ("z\x01",), ("w\x02",))
    data = docx_out.render(blocks, "t\x00i", OFFICE, head, author="a\x03b")
    assert Word(data).lines()[0] == "abcdef"
    assert docx.Document(BytesIO(data)).core_properties.title == "ti"


def test_paragraphs_of_megabytes() -> None:
    text = "palavra " * 700_000
    began = time.process_time()
    data = rendered([Paragraph(Kind.TEXT, (Run(text + "ção" * 200_000),))])
    assert time.process_time() - began < 10
    assert Word(data).lines() == [text + "ção" * 200_000]


def test_a_table_of_ten_thousand_rows() -> None:
    row = "<tr><td>1</td><td>Valor</td><td>R$ 10</td></tr>"
    blocks = parse(clean(f"<table>{row * 10_000}</table>"))
    began = time.process_time()
    data = rendered(blocks)
    assert time.process_time() - began < 20
    found = Word(data).lines()
    assert len([line for line in found if line]) == 10_000
    assert set(filter(None, found)) == {"1\tValor\tR$ 10"}


def test_a_table_wider_than_word_allows_is_told_in_lines() -> None:
    cells = "".join(f"<td>c{number}</td>" for number in range(70))
    data = rendered(parse(clean(f"<table><tr>{cells}</tr></table>")))
    assert Word(data).lines()[0].split() == [f"c{number}" for number in range(70)]
    assert docx.Document(BytesIO(data)).tables == []


def test_spans_of_a_thousand_columns_make_no_thousand_columns() -> None:
    data = rendered(
        parse(clean("<table><tr><td colspan=1000>a</td></tr><tr><td>b</td><td colspan=999>c</td></tr></table>"))
    )
    assert len(docx.Document(BytesIO(data)).tables[0].columns) == 2


def test_a_text_without_a_word_is_a_file_nevertheless() -> None:
    assert Word(rendered([])).lines() == []


# How it looks ------------------------------------------------------------------------------------


def test_the_figures_are_those_of_the_rules() -> None:
    """Office: Calibri 12, quote 11, foot 10; 1.5; 2.5/2.5/3/3 cm; 1.25; quote 4 cm, single. OAB and ABNT as named."""
    rules = {
        fmt.key: (fmt.font, fmt.size, fmt.line, fmt.top, fmt.bottom, fmt.left, fmt.right, fmt.first_line, fmt.before)
        for fmt in FORMATS.values()
    }
    assert rules == {
        "escritorio": ("Calibri", 12, 1.5, 2.5, 2.5, 3.0, 3.0, 1.25, 0),
        "oab": ("Calibri", 12, 1.5, 2.5, 2.5, 3.0, 2.0, 2.0, 6),
        "abnt": ("Arial", 12, 1.5, 3.0, 2.0, 3.0, 2.0, 1.25, 0),
    }
    assert (OFFICE.quote_size, OFFICE.foot_size, OFFICE.quote_indent, OFFICE.quote_line) == (11, 10, 4.0, 1.0)
    assert (ABNT.heading_sizes, OAB.heading_sizes[0], OAB.heading_capitals) == ((14, 13, 12), 14, True)


@formats
def test_the_page_is_the_formats(fmt: Format) -> None:
    section = docx.Document(BytesIO(rendered(everything(), fmt))).sections[0]
    twip = 635  # EMU
    for length, cm in (
        (section.top_margin, fmt.top), (section.bottom_margin, fmt.bottom), (section.left_margin, fmt.left),
        (section.right_margin, fmt.right), (section.page_width, 21.0), (section.page_height, 29.7),
    ):  # fmt: skip
        assert length is not None
        assert abs(length - cm * 360_000) <= twip


@formats
def test_the_styles_are_the_formats(fmt: Format) -> None:
    document = docx.Document(BytesIO(rendered(everything(), fmt)))
    styles = {style.style_id: style for style in document.styles}
    for key, size in {
        "Normal": fmt.size, "Title": fmt.title_size, "Heading1": fmt.heading_sizes[0], "Heading2": fmt.heading_sizes[1],
        "Heading3": fmt.heading_sizes[2], "Quote": fmt.quote_size, "Footer": fmt.foot_size,
    }.items():  # fmt: skip
        assert styles[key].font.size == Pt(size), key
    assert {style.font.name for style in styles.values() if hasattr(style, "font")} <= {fmt.font, None}
    normal, body = styles["Normal"].paragraph_format, styles["BodyText"].paragraph_format
    assert (normal.space_before, normal.space_after, normal.line_spacing) == (Pt(fmt.before), Pt(fmt.after), fmt.line)
    assert normal.alignment == 3  # justified
    assert abs(body.first_line_indent - fmt.first_line * 360_000) <= 635
    quote = styles["Quote"].paragraph_format
    assert (abs(quote.left_indent - fmt.quote_indent * 360_000) <= 635, quote.line_spacing) == (True, fmt.quote_line)
    assert styles["Title"].paragraph_format.alignment == 1  # centred
    assert bool(styles["Heading1"].font.all_caps) == fmt.heading_capitals


@formats
def test_numbered_paragraphs_begin_where_others_do(fmt: Format) -> None:
    """Said at the level, which goes before the style."""
    numbering = docx.Document(BytesIO(rendered(everything(), fmt))).part.numbering_part.element
    level = next(one for one in numbering.iter(qn("w:lvl")) if one.find(qn("w:pStyle")) is not None
                 and one.find(qn("w:pStyle")).get(qn("w:val")) == "Numerado")  # fmt: skip
    indent = level.find(f"{qn('w:pPr')}/{qn('w:ind')}")
    assert (indent.get(qn("w:left")), indent.get(qn("w:firstLine"))) == ("0", str(twips(fmt.first_line)))


def test_every_paragraph_has_a_style_that_exists_and_none_of_its_own_looks() -> None:
    document = docx.Document(BytesIO(rendered(everything())))
    known = {style.style_id for style in document.styles}
    used = {mark.get(qn("w:val")) for mark in document.element.body.iter(qn("w:pStyle"))}
    assert used <= known
    assert {"Title", "Heading1", "Heading2", "Heading3", "BodyText", "Numerado", "Quote", "ListParagraph"} <= used
    assert not [
        found for found in document.element.body.iter() if found.tag in (qn("w:sz"), qn("w:rFonts"), qn("w:spacing"))
    ]


def test_headings_are_what_word_makes_a_table_of_contents_from() -> None:
    document = docx.Document(BytesIO(rendered(everything())))
    assert [p.text for p in document.paragraphs if p.style and p.style.name == "Heading 1"] == [
        "Dos fatos",
        "Do direito",
    ]
    levels = {style.style_id: style.element.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}") for style in document.styles}
    assert [levels[f"Heading{n}"].get(qn("w:val")) for n in (1, 2, 3)] == ["0", "1", "2"]  # type: ignore[union-attr]


def test_tables_have_borders_and_their_head_is_said_on_every_page() -> None:
    table = docx.Document(BytesIO(rendered(everything()))).tables[0]
    assert table.style is not None
    assert len(list(table.style.element.iter(qn("w:insideH")))) == 1
    heads = [row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is not None for row in table.rows]
    assert heads == [True, False, False]
    assert (table.cell(0, 1)._tc, table.cell(1, 0)._tc) == (table.cell(0, 2)._tc, table.cell(2, 0)._tc)


def test_the_screen_has_the_same_figures() -> None:
    css = (Path(docx_out.__file__).parent.parent / "static" / "css" / "documents.css").read_text(encoding="utf-8")

    def em(points: float) -> str:
        return f"{points / OFFICE.size:.3f}em".lstrip("0")

    for figure in (
        f".peca p {{ margin: 0; text-indent: {OFFICE.first_line:g}cm; }}",
        f".peca blockquote {{ margin: .75em 0 .75em {OFFICE.quote_indent:g}cm;",
        f".oab .peca > p:not(.centro, .direita) {{ text-indent: {OAB.first_line:g}cm; }}",
        f".oab .peca > p {{ margin-block: {OAB.before:g}pt; }}",
        f".oab .peca :is(h1, h2) {{ font-size: {em(OAB.heading_sizes[0])}; text-align: center; text-transform: uppercase; }}",
        f'{{ font-family: {ABNT.font}, "{ABNT.substitutes[0]}", {ABNT.substitutes[1]},',
        f".abnt .peca :is(h1, h2) {{ font-size: {em(ABNT.heading_sizes[0])}; }}",
        f".abnt .peca h3 {{ font-size: {em(ABNT.heading_sizes[1])}; }}",
        f".abnt .peca blockquote {{ font-size: {em(ABNT.quote_size)}; }}",
    ):
        assert figure in css, figure
    assert format_named("no such") == format_named(None) == OFFICE


# The file ----------------------------------------------------------------------------------------


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_file_says_whose_it_is_and_nothing_of_what_wrote_it() -> None:
    data = rendered(everything())
    properties = docx.Document(BytesIO(data)).core_properties
    assert (properties.title, properties.author, properties.language) == ("Contestação", "Helena Prado", "pt-BR")
    assert (properties.comments, properties.keywords, properties.last_modified_by) == ("", "", "Helena Prado")
    whole = b"\n".join(parts(data).values()).lower()
    assert not re.search(rb"python|rom agent|romagent|claude|thumbnail|macintosh", whole)
    assert set(parts(data)) == {
        "[Content_Types].xml", "_rels/.rels", "docProps/core.xml", "word/_rels/document.xml.rels", "word/document.xml",
        "word/footer1.xml", "word/numbering.xml", "word/settings.xml", "word/styles.xml",
    }  # fmt: skip


def test_word_opens_it_in_no_compatibility_mode_and_in_portuguese() -> None:
    found = parts(rendered([]))
    assert (
        b'w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"'
        in found["word/settings.xml"]
    )
    assert b'<w:lang w:val="pt-BR"' in found["word/styles.xml"]


def test_pages_are_numbered_at_the_right() -> None:
    document = docx.Document(BytesIO(rendered([])))
    footer = document.sections[0].footer.paragraphs[-1]
    fields = [found.text.strip() for found in footer._p.iter(qn("w:instrText"))]
    assert (footer.text, fields) == ("Página 1 de 1", ["PAGE", "NUMPAGES"])
    assert footer.style is not None
    assert footer.style.paragraph_format.alignment == 2  # right


def test_the_letterhead_is_on_every_page_and_the_signature_after_the_last_word() -> None:
    from PIL import Image

    logo = BytesIO()
    Image.new("RGB", (1200, 300), "navy").save(logo, "PNG")
    head = Letterhead(logo.getvalue(), ("Prado & Reis", "Advocacia"), ("Rua A, 1",), ("Helena Prado", "OAB/SP 1"))
    data = rendered([Paragraph(Kind.TEXT, (Run("Texto."),))], OFFICE, head)
    document = docx.Document(BytesIO(data))
    section = document.sections[0]
    assert [p.text for p in section.header.paragraphs] == ["", "Prado & Reis", "Advocacia"]
    assert [p.text for p in section.footer.paragraphs] == ["Rua A, 1", "Página 1 de 1"]
    assert [p.text for p in document.paragraphs] == ["Texto.", "Helena Prado", "OAB/SP 1"]
    extent = next(
        section.header._element.iter("{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}extent")
    )
    assert (int(extent.get("cy")), int(extent.get("cx"))) == (720_000, 2_880_000)  # 2 cm high, as wide as it was
    assert parts(data)["word/media/image1.png"] == logo.getvalue()


def test_lengths_are_twentieths_of_a_point() -> None:
    assert (twips(2.54), twips(1.25), twips(4.0)) == (1440, 709, 2268)
