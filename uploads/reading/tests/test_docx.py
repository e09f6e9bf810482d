"""Word: everything that a lawyer's file has, and nothing twice."""

import zipfile
from pathlib import Path

import docx as word
import pytest

from uploads.reading.tests.making import docx, paragraph, reading

RUN = "<w:r><w:t>{}</w:t></w:r>"
NEW_PAGE = "<w:p><w:r><w:br w:type='page'/></w:r></w:p>"


def text_of(path: Path) -> str:
    found = reading(path)
    assert (found.kind, found.failed) == (
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        None,
    )
    return found.text


def test_a_file_that_word_s_own_library_has_written_is_read_with_its_table_in_its_place(tmp_path: Path) -> None:
    document = word.Document()
    document.add_heading("Petição inicial")
    table = document.add_table(2, 2)
    for cell, text in zip((*table.row_cells(0), *table.row_cells(1)), ("Réu", "João", "Valor", "R$ 5"), strict=True):
        cell.text = text
    document.add_paragraph("Nestes termos, pede deferimento.")
    document.sections[0].header.paragraphs[0].text = "Prado Advocacia"
    document.sections[0].footer.paragraphs[0].text = "OAB/GO 1.234"
    document.save(str(tmp_path / "a.docx"))
    assert text_of(tmp_path / "a.docx").split("\n") == [
        "[cabeçalho: Prado Advocacia]", "Petição inicial", "Réu\tJoão", "Valor\tR$ 5",
        "Nestes termos, pede deferimento.", "[rodapé: OAB/GO 1.234]",
    ]  # fmt: skip


def test_tracked_insertions_are_text_and_tracked_deletions_are_not(tmp_path: Path) -> None:
    body = (
        "<w:p>" + RUN.format("O prazo é de ") + "<w:del w:id='1'><w:r><w:delText>dez</w:delText></w:r></w:del>"
        "<w:ins w:id='2'>" + RUN.format("quinze") + "</w:ins>" + RUN.format(" dias.") + "</w:p>"
        "<w:moveFrom w:id='3'><w:r><w:t>antes</w:t></w:r></w:moveFrom>"
        "<w:tbl><w:tr><w:trPr><w:del w:id='4'/></w:trPr><w:tc>" + paragraph("linha apagada") + "</w:tc></w:tr>"
        "<w:tr><w:tc>" + paragraph("linha que fica") + "</w:tc></w:tr></w:tbl>"
    )
    assert text_of(docx(tmp_path / "a.docx", body)) == "O prazo é de quinze dias.\nlinha que fica"


def test_content_controls_links_and_fields_are_read_where_they_stand(tmp_path: Path) -> None:
    body = (
        "<w:sdt><w:sdtPr><w:alias w:val='nome do campo'/></w:sdtPr><w:sdtContent>" + paragraph("Autora: Joana")
        + "</w:sdtContent></w:sdt><w:p>" + RUN.format("Veja ") + "<w:hyperlink>" + RUN.format("o site")
        + "</w:hyperlink><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
        "<w:r><w:fldChar w:fldCharType='separate'/></w:r>" + RUN.format(" na folha 7")
        + "<w:sdt><w:sdtContent>" + RUN.format(", fim") + "</w:sdtContent></w:sdt></w:p>"
        "<w:tbl><w:sdt><w:sdtContent><w:tr><w:tc>" + paragraph("na tabela") + "</w:tc></w:tr></w:sdtContent></w:sdt></w:tbl>"
    )  # fmt: skip
    assert text_of(docx(tmp_path / "a.docx", body)) == "Autora: Joana\nVeja o site na folha 7, fim\nna tabela"


def test_a_text_box_is_read_once_although_it_is_in_the_file_twice(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{paragraph('CONFIDENCIAL')}</w:txbxContent>"
    body = (
        "<w:p>" + RUN.format("Parágrafo da caixa") + "<w:r><mc:AlternateContent xmlns:mc='m'>"
        f"<mc:Choice><w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback>"
        "</mc:AlternateContent></w:r>" + RUN.format(" inteiro.") + "</w:p>"
    )
    assert text_of(docx(tmp_path / "a.docx", body)) == "Parágrafo da caixa inteiro.\nCONFIDENCIAL"


def test_notes_and_comments_follow_the_paragraph_that_they_belong_to(tmp_path: Path) -> None:
    parts = {
        "footnotes": ("footnotes+xml", f"<w:footnotes><w:footnote w:id='2'>{paragraph('CPC, art. 335.')}</w:footnote></w:footnotes>"),
        "endnotes": ("endnotes+xml", f"<w:endnotes><w:endnote w:id='2'>{paragraph('Doutrina.')}</w:endnote></w:endnotes>"),
        "comments": ("comments+xml", f"<w:comments><w:comment w:id='0' w:author='Rui'>{paragraph('Conferir.')}</w:comment></w:comments>"),
    }  # fmt: skip
    body = (
        "<w:p>" + RUN.format("O prazo") + "<w:r><w:footnoteReference w:id='2'/></w:r>" + RUN.format(" corre")
        + "<w:r><w:commentReference w:id='0'/></w:r><w:r><w:endnoteReference w:id='2'/></w:r>" + RUN.format(".")
        + "</w:p>" + paragraph("Outro.")
    )  # fmt: skip
    assert text_of(docx(tmp_path / "a.docx", body, parts=parts)).split("\n") == [
        "O prazo[nota 1] corre[nota final 1].", "[nota 1: CPC, art. 335.]", "[comentário de Rui: Conferir.]",
        "[nota final 1: Doutrina.]", "Outro.",
    ]  # fmt: skip


def test_a_note_with_a_sign_of_its_own_is_not_counted(tmp_path: Path) -> None:
    notes = "".join(
        f"<w:footnote w:id='{n}'>{paragraph(text)}</w:footnote>" for n, text in ((2, "Autora."), (3, "CPC."))
    )
    parts = {"footnotes": ("footnotes+xml", f"<w:footnotes>{notes}</w:footnotes>")}
    body = (
        "<w:p>" + RUN.format("Joana") + "<w:r><w:footnoteReference w:customMarkFollows='1' w:id='2'/><w:t>*</w:t></w:r>"
        + RUN.format(" pede") + "<w:r><w:footnoteReference w:id='3'/></w:r></w:p>"
    )  # fmt: skip
    assert text_of(docx(tmp_path / "a.docx", body, parts=parts)).split("\n") == [
        "Joana[nota]* pede[nota 1]", "[nota: Autora.]", "[nota 1: CPC.]",
    ]  # fmt: skip


def test_numbers_that_word_makes_itself_are_part_of_the_text(tmp_path: Path) -> None:
    levels = "".join(
        f"<w:lvl w:ilvl='{level}'><w:start w:val='1'/><w:numFmt w:val='{form}'/><w:lvlText w:val='{text}'/></w:lvl>"
        for level, form, text in ((0, "decimal", "Cláusula %1ª."), (1, "decimal", "%1.%2."), (2, "lowerLetter", "%3)"))
    )
    numbering = f"<w:numbering><w:abstractNum w:abstractNumId='7'>{levels}</w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num></w:numbering>"
    styles = "<w:styles><w:style w:styleId='Titulo'><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr></w:pPr></w:style><w:style w:styleId='Filho'><w:basedOn w:val='Titulo'/></w:style></w:styles>"

    def numbered(level: int, text: str) -> str:
        listed = f"<w:pPr><w:numPr><w:ilvl w:val='{level}'/><w:numId w:val='1'/></w:numPr></w:pPr>"
        return f"<w:p>{listed}{RUN.format(text)}</w:p>"

    body = (
        numbered(0, "Objeto") + numbered(1, "O imóvel") + numbered(1, "O preço") + numbered(2, "à vista")
        + "<w:p><w:pPr><w:pStyle w:val='Filho'/></w:pPr>" + RUN.format("Prazo") + "</w:p>" + numbered(1, "Doze meses")
        + paragraph("Sem número")
    )  # fmt: skip
    parts = {"numbering": ("numbering+xml", numbering), "styles": ("styles+xml", styles)}
    assert text_of(docx(tmp_path / "a.docx", body, parts=parts)).split("\n") == [
        "Cláusula 1ª. Objeto", "1.1. O imóvel", "1.2. O preço", "a) à vista", "Cláusula 2ª. Prazo", "2.1. Doze meses",
        "Sem número",
    ]  # fmt: skip


def test_pages_end_where_the_file_says_so(tmp_path: Path) -> None:
    seen = "<w:r><w:lastRenderedPageBreak/><w:t>{}</w:t></w:r>"
    body = (
        paragraph("primeira") + NEW_PAGE + "<w:p>" + seen.format("segunda ") + seen.format("terceira") + "</w:p>"
        "<w:p><w:pPr><w:pageBreakBefore/></w:pPr>" + RUN.format("quarta") + "</w:p>"
    )
    found = reading(docx(tmp_path / "a.docx", body))
    assert found.texts == ["primeira", "segunda ", "terceira", "quarta"]


def test_a_long_text_without_pages_is_split_at_paragraphs_and_nothing_is_lost(tmp_path: Path) -> None:
    lines = [f"Parágrafo {number} " + "com palavras " * 20 + "fim." for number in range(200)]
    found = reading(docx(tmp_path / "a.docx", "".join(map(paragraph, lines))))
    assert found.count == len(found.pages) > 10
    assert "\n".join(found.texts).split("\n") == lines
    assert all(2_500 < len(text) <= 3_000 for text in found.texts[:-1])


def test_one_endless_paragraph_is_split_between_words(tmp_path: Path) -> None:
    words = " ".join(f"palavra{number}" for number in range(5_000))
    found = reading(docx(tmp_path / "a.docx", paragraph(words)))
    assert " ".join(found.texts).split() == words.split()
    assert max(map(len, found.texts)) <= 3_000


def test_pictures_and_embedded_files_leave_a_sign(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:drawing><wp:docPr xmlns:wp='wp' descr='Planta do imóvel'/></w:drawing></w:r></w:p>"
        "<w:p><w:r><w:drawing/></w:r></w:p><w:altChunk/>"
    )
    text = text_of(docx(tmp_path / "a.docx", body))
    assert text.split("\n") == [
        "[imagem: Planta do imóvel]",
        "[imagem]",
        "[trecho incorporado de outro arquivo, não lido]",
    ]


def test_a_file_with_macros_is_read_as_its_text(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docm", paragraph("Texto do contrato"))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("word/vbaProject.bin", b"\xd0\xcf\x11\xe0 Sub AutoOpen() Shell")
    assert text_of(path) == "Texto do contrato"


@pytest.mark.parametrize("body", ["", "<w:p/>", paragraph("  ")])
def test_a_file_without_a_word_is_empty(tmp_path: Path, body: str) -> None:
    assert reading(docx(tmp_path / "a.docx", body)).failed == ("empty", None)
