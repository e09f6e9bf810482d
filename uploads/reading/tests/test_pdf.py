"""PDF: its text by page, which pages are scans, and pictures of pages."""

import os
from pathlib import Path

import pytest

from uploads.reading.found import Unreadable
from uploads.reading.tests.making import (
    CATALOGUE,
    LETTERS,
    docx,
    drawing,
    page_object,
    paragraph,
    raw_pdf,
    reading,
    scan,
    sheet,
    stream,
    text_pdf,
)

STAMP = "Assinado eletronicamente por: HELENA PRADO - 01/02/2026 12:00:00 https://pje.exemplo.jus.br Num. 123456789 - Pág. 2"


def test_each_page_has_its_own_text_and_number(tmp_path: Path) -> None:
    path = text_pdf(tmp_path / "autos.pdf", "Petição inicial nº 1", "Contestação", "Sentença de 05/01/2026")
    found = reading(path)
    assert (found.kind, found.count) == ("application/pdf", 3)
    assert found.texts == ["Petição inicial nº 1", "Contestação", "Sentença de 05/01/2026"]
    assert [page.number for page in found.pages] == [1, 2, 3]
    assert not found.errors
    assert found.failed is None


def test_reading_goes_on_from_the_page_it_is_asked_for(tmp_path: Path) -> None:
    path = text_pdf(tmp_path / "autos.pdf", *(f"Folha {number}" for number in range(1, 8)))
    found = reading(path, first=6)
    assert found.count == 7
    assert [(page.number, page.text) for page in found.pages] == [(6, "Folha 6"), (7, "Folha 7")]
    assert reading(path, first=8).pages == []


def test_a_word_that_was_divided_at_the_end_of_a_line_is_whole(tmp_path: Path) -> None:
    pdf = sheet()
    pdf.add_page()
    lines = [
        "O Supremo decidiu a constitu-", "cionalidade da lei e requer-", "se a juntada do processo 0001234-",
        "56.2023.8.09.0051 de Maria-", "Clara Prado", "item - com travessão",
    ]  # fmt: skip
    for index, line in enumerate(lines):
        pdf.set_xy(10, 20 + 6 * index)
        pdf.cell(text=line)
    pdf.output(str(tmp_path / "a.pdf"))
    text = reading(tmp_path / "a.pdf").text
    assert "a constitucionalidade da lei" in text
    assert "requer-se a juntada" in text
    assert "0001234-" in text
    assert "Maria-Clara Prado" in text
    assert "item - com travessão" in text
    assert "\ufffe" not in text
    assert "\x02" not in text


def test_a_scan_has_no_text_also_when_the_court_has_printed_a_line_on_its_edge(tmp_path: Path) -> None:
    pdf = sheet()
    for stamp in ("", STAMP):
        pdf.add_page()
        pdf.image(scan(), 0, 0, 210, 297)
        pdf.set_xy(5, 287)
        pdf.set_font("helvetica", size=7)
        if stamp:
            pdf.cell(text=stamp)
    pdf.output(str(tmp_path / "scan.pdf"))
    found = reading(tmp_path / "scan.pdf")
    assert found.errors == {1: "no_text", 2: "no_text"}
    assert found.texts == ["", STAMP]


def test_a_scan_that_the_court_has_put_into_a_page_of_its_own_has_no_text(tmp_path: Path) -> None:
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 300 200]/Resources<</XObject<</I 6 0 R>>>>"
    picture = b"/Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8"
    page = page_object(4).replace(b"/Resources<<", b"/Resources<</XObject<</F 5 0 R>>")
    line = b"BT /F1 6 Tf 5 5 Td (Assinado eletronicamente por Fulano de Tal em 1/2/2026) Tj ET"
    (tmp_path / "a.pdf").write_bytes(
        raw_pdf(
            CATALOGUE,
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            page,
            stream(b"q /F Do Q " + line),
            stream(b"q 300 0 0 200 0 0 cm /I Do Q", form),
            stream(b"\0\xff\0\xff", picture),
        )
    )
    found = reading(tmp_path / "a.pdf")
    assert found.errors == {1: "no_text"}
    assert found.text.startswith("Assinado eletronicamente")


def test_a_page_with_text_and_a_picture_is_no_scan_and_a_blank_page_is_just_blank(tmp_path: Path) -> None:
    pdf = sheet()
    pdf.add_page()
    pdf.image(scan(), 0, 0, 210, 297)
    pdf.set_xy(20, 100)
    pdf.multi_cell(150, 6, "Laudo pericial com texto que já foi reconhecido no meio da página.")
    pdf.add_page()
    pdf.add_page()
    pdf.image(scan(), 10, 10, 30, 20)
    pdf.set_xy(80, 120)
    pdf.cell(text="ANEXO I")
    pdf.output(str(tmp_path / "a.pdf"))
    found = reading(tmp_path / "a.pdf")
    assert found.errors == {}
    assert [text[:7] for text in found.texts] == ["Laudo p", "", "ANEXO I"]


def test_a_page_whose_letters_are_outlines_has_no_text(tmp_path: Path) -> None:
    pdf = sheet()
    pdf.add_page()
    for index in range(150):
        pdf.line(10 + index, 10, 11 + index, 30)
    pdf.output(str(tmp_path / "a.pdf"))
    assert reading(tmp_path / "a.pdf").errors == {1: "no_text"}


def test_what_was_filled_into_fields_and_written_in_notes_is_read(tmp_path: Path) -> None:
    field = b"<</Type/Annot/Subtype/Widget/FT/Tx/T(nome)/V(Joana Prado)/Rect[10 10 200 40]/F 4/AP<</N 6 0 R>>/P 3 0 R>>"
    look = stream(
        b"/Tx BMC BT /F1 12 Tf 2 8 Td (Joana Prado) Tj ET EMC",
        b"/Type/XObject/Subtype/Form/BBox[0 0 190 30]/Resources<</Font<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>",
    )
    note = b"<</Type/Annot/Subtype/Text/Rect[10 150 30 170]/Contents(Conferir a procuracao)>>"
    page = page_object(4).replace(b"/Type/Page", b"/Type/Page/Annots[5 0 R 7 0 R]", 1)
    (tmp_path / "a.pdf").write_bytes(
        raw_pdf(
            CATALOGUE.replace(b">>", b"/AcroForm<</Fields[5 0 R]>>>>"),
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            page,
            stream(LETTERS),
            field,
            look,
            note,
        )
    )
    text = reading(tmp_path / "a.pdf").text
    assert "Esta pagina tem o seu texto inteiro" in text
    assert "Joana Prado" in text
    assert "[anotação: Conferir a procuracao]" in text


def test_files_that_a_pdf_carries_along_are_named(tmp_path: Path) -> None:
    pdf = sheet()
    pdf.add_page()
    pdf.cell(text="Procuração")
    pdf.embed_file(bytes=b"planilha", basename="cálculo.xlsx")
    pdf.output(str(tmp_path / "a.pdf"))
    assert reading(tmp_path / "a.pdf").text == ("Procuração\n[arquivo guardado dentro do PDF, não lido: cálculo.xlsx]")


def test_a_file_whose_name_is_no_utf_8_is_read(tmp_path: Path) -> None:
    path = text_pdf(tmp_path / "a.pdf", "Petição").rename(os.fsdecode(os.fsencode(tmp_path) + b"/a\xe7\xe3o.pdf"))
    assert reading(path).text == "Petição"


def test_a_protected_file_asks_for_its_password_and_opens_with_it(tmp_path: Path) -> None:
    path = text_pdf(tmp_path / "a.pdf", "Segredo de justiça", password="chave")
    assert reading(path).failed == ("password", None)
    assert reading(path, password="outra").failed == ("wrong_password", None)
    assert reading(path, password="chave").text == "Segredo de justiça"
    assert drawing(path, 1, password="chave")[1].size[0] == 400


def test_pages_are_drawn_in_the_width_and_order_asked_for(tmp_path: Path) -> None:
    pdf = sheet()
    for shade in (0, 255):
        pdf.add_page()
        pdf.set_fill_color(shade)
        pdf.rect(0, 0, 210, 297, style="F")
    pdf.output(str(tmp_path / "a.pdf"))
    found = drawing(tmp_path / "a.pdf", 2, 1, width=620)
    assert list(found) == [2, 1]
    assert found[1].format == "JPEG"
    assert found[1].size == (620, pytest.approx(877, abs=2))
    assert (found[1].convert("L").getpixel((300, 400)), found[2].convert("L").getpixel((300, 400))) == (0, 255)


def test_what_has_no_pages_to_draw_says_so_and_so_does_a_page_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as of_word:
        drawing(docx(tmp_path / "a.docx", paragraph("texto")), 1)
    with pytest.raises(Unreadable) as beyond:
        drawing(text_pdf(tmp_path / "a.pdf", "uma página"), 2)
    assert (of_word.value.code, beyond.value.code, beyond.value.page) == ("type", "no_page", 2)


def test_a_page_in_the_shape_of_a_thread_is_drawn_small(tmp_path: Path) -> None:
    page = page_object(4, b"0 0 1 100000000")
    (tmp_path / "a.pdf").write_bytes(raw_pdf(CATALOGUE, b"<</Type/Pages/Kids[3 0 R]/Count 1>>", page, stream(LETTERS)))
    across, high = drawing(tmp_path / "a.pdf", 1)[1].size
    assert across * high < 400 * 1700
