"""The other formats: LibreOffice, RTF, HTML, mail, spreadsheets, plain texts, pictures."""

import datetime
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pillow_heif
import pytest
from PIL import Image

from uploads.reading.tests.making import docx, drawing, odt, paragraph, reading, scan, text_pdf

PARAGRAPH = "<text:p>{}</text:p>"


# LibreOffice


def test_odt_is_read_in_order_with_notes_comments_lists_and_tables(tmp_path: Path) -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>apagado</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes><text:h>Contrato</text:h>"
        "<text:p>O prazo é de <text:span>quinze</text:span><text:s text:c='2'/>dias<text:note><text:note-citation>1"
        "</text:note-citation><text:note-body><text:p>CPC</text:p></text:note-body></text:note>\n   úteis."
        "<office:annotation><dc:creator>Rui</dc:creator><dc:date>2026</dc:date><text:p>Ver</text:p></office:annotation></text:p>"
        "<text:list><text:list-item><text:p>item</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>Réu</text:p></table:table-cell><table:table-cell>"
        "<text:p>João</text:p></table:table-cell></table:table-row></table:table>"
        "<text:p>Caixa:<draw:frame><draw:text-box><text:p>dentro</text:p></draw:text-box></draw:frame></text:p>"
    )
    around = "<office:master-styles><style:master-page><style:header><text:p>Prado</text:p></style:header></style:master-page></office:master-styles>"
    found = reading(odt(tmp_path / "a.odt", body, around=around))
    assert found.kind == "application/vnd.oasis.opendocument.text"
    assert found.text.split("\n") == [
        "[cabeçalho: Prado]", "Contrato", "O prazo é de quinze  dias[nota 1] úteis.", "[nota 1: CPC]",
        "[comentário de Rui: Ver]", "item", "Réu\tJoão", "Caixa:", "dentro",
    ]  # fmt: skip


def test_odt_pages_end_where_the_file_says_so(tmp_path: Path) -> None:
    styles = "<style:style style:name='N'><style:paragraph-properties fo:break-before='page'/></style:style>"
    body = (
        "<text:p>um</text:p><text:p text:style-name='N'>dois</text:p><text:p>ainda<text:soft-page-break/>três</text:p>"
    )
    assert reading(odt(tmp_path / "a.odt", body, styles=styles)).texts == ["um", "dois\nainda", "três"]


def test_an_odt_with_a_password_says_how_it_can_be_read(tmp_path: Path) -> None:
    path = odt(tmp_path / "a.odt", "", manifest="<file-entry><encryption-data/></file-entry>")
    assert reading(path).failed == ("locked", None)


def test_odt_fields_are_text_and_a_picture_in_two_forms_is_one(tmp_path: Path) -> None:
    body = (
        "<text:p>Goiânia, <text:date>28 de novembro de 2026</text:date>, <text:creator>Joana</text:creator></text:p>"
        "<text:p>Veja:<draw:frame><draw:image/><draw:image/><svg:title xmlns:svg='s'>Planta</svg:title>"
        "<svg:desc xmlns:svg='s'>Planta do imóvel</svg:desc></draw:frame></text:p>"
    )
    assert reading(odt(tmp_path / "a.odt", body)).text.split("\n") == [
        "Goiânia, 28 de novembro de 2026, Joana", "Veja:[imagem: Planta do imóvel]",
    ]  # fmt: skip


# RTF


def test_rtf_is_read_with_accents_notes_list_numbers_and_pages_and_without_what_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_bytes(
        rb"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Cyr;}}{\colortbl;\red0;}"
        rb"{\*\generator Word;}{\info{\title segredo}}\pard {\listtext 1.\tab}A\'e7\'e3o de \b cobran\'e7a\b0\par "
        rb"{\deleted apagado}\u8220?Joana\u8221? {\pict\pngblip 89504e47\bin4 {}\\}{\footnote CPC, art. 335}\line "
        rb"{\field{\*\fldinst HYPERLINK x}{\fldrslt o link}} {\f1\'e4\'e0}\page {\*\annotation conferir}fim\{\}\par}"
    )
    found = reading(tmp_path / "a.rtf")
    assert found.kind == "application/rtf"
    assert found.texts == [
        "1.\tAção de cobrança\n“Joana”  [nota: CPC, art. 335] \no link да",
        " [comentário: conferir] fim{}",
    ]


# HTML


def test_html_is_read_as_text_with_what_is_hidden_and_without_scripts(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        "<!DOCTYPE html><html><head><title>Despacho</title><style>p{color:red}</style><script>alert('x')</script></head>"
        "<body><p>Defiro&nbsp;a   tutela&#13;\n<b>de</b> urg&ecirc;ncia.<p hidden>oculto</p><!-- nota -->"
        "<table><tr><td>Réu<td>João</table><img src='https://x/y.png' alt='brasão'><div>fim</div></body></html>",
        encoding="utf-8",
    )
    found = reading(tmp_path / "a.html")
    assert found.kind == "text/html"
    assert [line for line in found.text.split("\n") if line] == [
        "Despacho", "Defiro\xa0a tutela de urgência.", "oculto", "Réu\tJoão", "[imagem: brasão]", "fim",
    ]  # fmt: skip


def test_html_called_pdf_is_html(tmp_path: Path) -> None:
    (tmp_path / "decisao.pdf").write_text("<html><body><p>Sou uma página</body></html>")
    found = reading(tmp_path / "decisao.pdf")
    assert (found.kind, found.text) == ("text/html", "Sou uma página")


# Mail


def message(subject: str = "Intimação nº 5") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "Cartório <cartorio@exemplo.jus.br>"
    mail["To"] = "helena@exemplo.adv.br"
    mail["Date"] = "Mon, 05 Jan 2026 12:00:00 -0300"
    mail["Subject"] = subject
    mail.set_content("Segue a decisão.\n")
    return mail


def test_a_mail_gives_its_headers_its_text_and_its_attachments_page_by_page(tmp_path: Path) -> None:
    pdf = text_pdf(tmp_path / "x.pdf", "Laudo, folha um", "Laudo, folha dois").read_bytes()
    inner = message("Interna")
    inner.add_attachment(docx(tmp_path / "x.docx", paragraph("Do contrato")).read_bytes(), maintype="a", subtype="b", filename="c.docx")  # fmt: skip
    mail = message()
    mail.add_alternative("<p>Segue a decisão em HTML.</p>", subtype="html")
    mail.add_attachment(pdf, maintype="application", subtype="pdf", filename="laudo.pdf")
    mail.add_attachment(b"MZ\x90\0" * 50, maintype="application", subtype="pdf", filename="../../x.exe")
    mail.add_attachment(text_pdf(tmp_path / "y.pdf", "s", password="p").read_bytes(), maintype="a", subtype="b", filename="s.pdf")  # fmt: skip
    mail.add_attachment(inner)
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    found = reading(tmp_path / "a.eml")
    assert (found.kind, found.count, found.errors) == ("message/rfc822", 5, {})
    first = found.texts[0].split("\n")
    assert first[:4] == [
        "De: Cartório <cartorio@exemplo.jus.br>", "Para: helena@exemplo.adv.br",
        "Data: Mon, 05 Jan 2026 12:00:00 -0300", "Assunto: Intimação nº 5",
    ]  # fmt: skip
    assert "Segue a decisão." in first
    assert first[-4:] == [
        "[anexo: laudo.pdf]", "[anexo: ../../x.exe — tipo não lido]", "[anexo: s.pdf — protegido por senha]",
        "[anexo: Interna.eml]",
    ]  # fmt: skip
    assert found.texts[1:3] == [
        "[anexo: laudo.pdf, página 1 de 2]\nLaudo, folha um", "[anexo: laudo.pdf, página 2 de 2]\nLaudo, folha dois",
    ]  # fmt: skip
    assert found.texts[3].startswith("[anexo: Interna.eml, página 1 de 2]\nDe: Cartório")
    assert found.texts[4].endswith("[anexo: c.docx, página 1 de 1]\nDo contrato")


def test_a_photograph_attached_to_a_mail_is_a_page_and_the_logo_of_a_signature_is_not(tmp_path: Path) -> None:
    scan().save(tmp_path / "x.png")
    picture = (tmp_path / "x.png").read_bytes()
    mail = message()
    mail.add_attachment(picture, maintype="image", subtype="png", filename="foto.png")
    mail.add_attachment(picture, maintype="image", subtype="png", filename="logo.png", disposition="inline", cid="<l>")
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    found = reading(tmp_path / "a.eml")
    assert found.errors == {2: "no_text"}
    assert found.texts[0].endswith("[anexo: foto.png]\n[imagem no texto: logo.png]")
    assert drawing(tmp_path / "a.eml", 2)[2].size == (400, 566)


def test_quotation_marks_of_windows_in_a_mail_that_says_iso_8859_1_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(
        b"From: a@exemplo.br\r\nTo: b@exemplo.br\r\nSubject: x\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: text/plain; charset=ISO-8859-1\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        + "Consta “sem efeito” – e só.\r\n".encode("cp1252")
    )
    assert "Consta “sem efeito” – e só." in reading(tmp_path / "a.eml").text


def test_a_mail_of_a_windows_program_that_does_not_say_its_encoding_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(
        b"From: a@exemplo.br\r\nTo: b@exemplo.br\r\nSubject: =?iso-8859-1?Q?Senten=E7a?=\r\n\r\n"
        + "A ação foi julgada procedente.\r\n".encode("cp1252")
    )
    assert reading(tmp_path / "a.eml").text == (
        "De: a@exemplo.br\nPara: b@exemplo.br\nAssunto: Sentença\n\nA ação foi julgada procedente."
    )


# Spreadsheets


def test_a_spreadsheet_is_read_as_it_is_seen_a_page_a_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    page = book.active
    page.title = "Cálculo"
    rows = [
        ("Data", "Valor", "Juros", "Processo", "Soma", "Pago", "Simples"),
        (datetime.date(2026, 1, 5), 1234.5, 0.125, 123, "=B2*2", True, 0.1),
    ]
    for row in rows:
        page.append(row)
    page["B2"].number_format = '"R$" #,##0.00'
    page["C2"].number_format = "0.0%"
    page["D2"].number_format = "00000"
    hidden = book.create_sheet("Reserva")
    hidden.sheet_state = "hidden"
    hidden["A1"] = "não mostrar"
    book.save(tmp_path / "a.xlsx")
    found = reading(tmp_path / "a.xlsx")
    assert found.kind == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    assert found.texts == [
        "Planilha: Cálculo\nData\tValor\tJuros\tProcesso\tSoma\tPago\tSimples\n"
        "05/01/2026\tR$ 1.234,50\t12,5%\t00123\t\tVERDADEIRO\t0,1",
        "Planilha: Reserva (oculta)\nnão mostrar",
    ]


def test_a_long_sheet_is_split_at_its_rows_and_each_part_says_whose_it_is(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.title = "Extrato"
    for number in range(2_000):
        book.active.append([number, f"lançamento {number}"])
    book.save(tmp_path / "a.xlsx")
    found = reading(tmp_path / "a.xlsx")
    assert found.count > 5
    assert [text.split("\n")[0] for text in found.texts[1:]] == ["Planilha: Extrato (continuação)"] * (found.count - 1)
    lines = [line for text in found.texts for line in text.split("\n")[1:]]
    assert lines == [f"{number}\tlançamento {number}" for number in range(2_000)]


# Plain texts


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("cp1252", b""), ("cp850", b""), ("mac_roman", b""),
     ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff"), ("utf-16-le", b"")],
)  # fmt: skip
def test_a_plain_text_is_read_in_the_encoding_that_it_was_written_in(
    tmp_path: Path, encoding: str, mark: bytes
) -> None:
    text = "Ação de cobrança: não há provas, à exceção do título.\nExpeça-se ofício à Junta."
    (tmp_path / "a.txt").write_bytes(mark + text.replace("\n", "\r\n").encode(encoding))
    found = reading(tmp_path / "a.txt")
    assert (found.kind, found.text) == ("text/plain", text)


@pytest.mark.parametrize(
    ("name", "kind"), [("a.md", "text/markdown"), ("a.csv", "text/csv"), ("a.log", "text/plain"), ("", "text/plain")]
)
def test_only_plain_texts_are_told_apart_by_the_name_that_they_were_sent_with(
    tmp_path: Path, name: str, kind: str
) -> None:
    (tmp_path / "guardado").write_text("nome;valor\nJoão;1")
    assert reading(tmp_path / "guardado", name=name).kind == kind
    text_pdf(tmp_path / "b", "x")
    assert reading(tmp_path / "b", name=name).kind == "application/pdf"


def test_a_form_feed_ends_a_page_of_a_plain_text(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("um\fdois\f\ftrês")
    assert reading(tmp_path / "a.txt").texts == ["um", "dois", "três"]


# Pictures


@pytest.mark.parametrize("suffix", ["jpg", "png", "tiff", "webp", "heic"])
def test_a_picture_is_a_page_without_text_that_can_be_drawn(tmp_path: Path, suffix: str) -> None:
    image = scan().convert("RGB")
    path = tmp_path / f"foto.{suffix}"
    pillow_heif.from_pillow(image).save(path) if suffix == "heic" else image.save(path)
    found = reading(path)
    assert found.kind == f"image/{suffix.replace('jpg', 'jpeg')}"
    assert (found.count, found.errors, found.text) == (1, {1: "no_text"}, "")
    drawn = drawing(path, 1)[1]
    assert drawn.format == "JPEG"
    assert drawn.size == (400, 566)
    assert drawn.convert("L").getpixel((150, 160)) < 80 < drawn.convert("L").getpixel((20, 20))


def test_a_tiff_has_as_many_pages_as_pictures(tmp_path: Path) -> None:
    pages = [Image.new("1", (200, 300), shade) for shade in (0, 1, 0)]
    pages[0].save(tmp_path / "a.tiff", save_all=True, append_images=pages[1:], compression="group4")
    assert reading(tmp_path / "a.tiff").errors == {1: "no_text", 2: "no_text", 3: "no_text"}
    shades = {number: image.convert("L").getpixel((9, 9)) for number, image in drawing(tmp_path / "a.tiff", 3, 2).items()}  # fmt: skip
    assert shades == {3: 0, 2: 255}


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "CMYK", "I;16"])
def test_pictures_in_any_colours_are_drawn(tmp_path: Path, mode: str) -> None:
    image = Image.new("I;16", (60, 40), 65_535) if mode == "I;16" else Image.new("RGB", (60, 40), "white").convert(mode)
    path = tmp_path / ("a.jpg" if mode == "CMYK" else "a.png")
    image.save(path)
    assert drawing(path, 1)[1].convert("L").getpixel((30, 20)) > 240


def test_a_photograph_is_drawn_upright(tmp_path: Path) -> None:
    image = scan(600, 400).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6
    image.save(tmp_path / "a.jpg", exif=exif)
    across, high = drawing(tmp_path / "a.jpg", 1)[1].size
    assert high > across
