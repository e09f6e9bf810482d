"""A Word file as a document: its numbers stay, what cannot come along is said, and no file harms who reads it."""

from __future__ import annotations

import io
import threading
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from conftest import signed_in
from documents import import_actions, importing, portability
from documents.models import Document
from documents.tests.making import word_file
from documents.word_child import item_marker
from projects.models import Project, ProjectMember
from romagent import orphans
from romagent.backup import _note_files


def read(tmp_path: Path, content: bytes) -> importing.Word:
    path = tmp_path / "peca.docx"
    path.write_bytes(content)
    return importing.read(path)


def lines(tmp_path: Path, change: Any) -> list[str]:
    return read(tmp_path, word_file(change=change)).html.split("\n")


# What comes along --------------------------------------------------------------------------------


def test_headings_quotations_alignment_and_looks(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document.add_heading("CONTESTAÇÃO", 0)
        document.add_heading("Dos fatos", 1)
        document.add_heading("Do contrato", 2)
        text = document.add_paragraph("O réu ")
        text.add_run("nega").bold = True
        text.add_run(" e ").italic = True
        text.add_run("impugna").underline = True
        document.add_paragraph("Diz a lei.", style="Quote")
        document.add_paragraph("No centro").alignment = 1
        document.add_paragraph("À direita").alignment = 2

    found = read(tmp_path, word_file(change=change))
    assert found.html.split("\n") == [
        "<h1>CONTESTAÇÃO</h1>", "<h2>Dos fatos</h2>", "<h3>Do contrato</h3>",
        "<p>O réu <strong>nega</strong><em> e </em><u>impugna</u></p>",
        "<blockquote><p>Diz a lei.</p></blockquote>", '<p class="centro">No centro</p>',
        '<p class="direita">À direita</p>',
    ]  # fmt: skip
    assert found.title == "CONTESTAÇÃO"
    assert found.left == [importing.LEFT["headings"]]


def test_a_list_goes_on_counting_after_what_stands_between(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document.add_paragraph("um", style="List Number")
        document.add_paragraph("Entre.")
        document.add_paragraph("dois", style="List Number")
        document.add_paragraph("ponto", style="List Bullet")

    assert lines(tmp_path, change) == [
        "<ol><li><p>um</p></li></ol>", "<p>Entre.</p>", '<ol start="2"><li><p>dois</p></li></ol>',
        "<ul><li><p>ponto</p></li></ul>",
    ]  # fmt: skip


def numbered_as(document: Any, form: str, text: str) -> None:
    """The numbers of `List Number` written in another way."""
    for level in document.part.numbering_part.element.iter("{*}lvl"):
        for name, value in (("numFmt", form), ("lvlText", text)):
            for element in level.iter(f"{{*}}{name}"):
                element.set(element.nsmap["w"].join("{}") + "val", value)


@pytest.mark.parametrize(
    ("form", "text", "html"),
    [
        ("lowerLetter", "%1)", '<ol type="a"><li><p>um</p></li><li><p>dois</p></li><li><p>três</p></li></ol>'),
        ("upperRoman", "%1)", '<ol type="I"><li><p>um</p></li><li><p>dois</p></li><li><p>três</p></li></ol>'),
        ("decimal", "Cláusula %1ª", "<p>Cláusula 1ª um</p>\n<p>Cláusula 2ª dois</p>\n<p>Cláusula 3ª três</p>"),
    ],
)
def test_numbers_stay_what_they_are(tmp_path: Path, form: str, text: str, html: str) -> None:
    def change(document: Any) -> None:
        for words in ("um", "dois", "três"):
            document.add_paragraph(words, style="List Number")
        numbered_as(document, form, text)

    found = read(tmp_path, word_file(change=change))
    assert found.html == html
    assert (importing.LEFT["numbers"] in found.left) == (form == "decimal")


@pytest.mark.parametrize(
    ("label", "before", "found"),
    [
        ("1.", None, ("1", 1)), ("57.-", None, ("1", 57)), ("c)", None, ("a", 3)), ("i)", None, ("i", 1)),
        ("i)", ("a", 8), ("a", 9)), ("ii.", ("i", 1), ("i", 2)), ("C)", ("I", 99), ("I", 100)),
        ("1.1.", None, None), ("Art. 5º", None, None), ("§ 1º", None, None), ("aa)", ("a", 26), ("a", 27)),
    ],
)  # fmt: skip
def test_how_an_item_is_counted(label: str, before: Any, found: Any) -> None:
    assert item_marker(label, before) == found


def test_a_number_typed_in_a_heading_is_not_there_twice(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        document.add_heading("I – DOS FATOS", 1)
        document.add_heading("II - DO DIREITO", 1)
        document.add_heading("CLÁUSULA TERCEIRA", 1)

    assert lines(tmp_path, change) == [
        "<h2>DOS FATOS</h2>", "<h2>DO DIREITO</h2>", "<p><strong>CLÁUSULA TERCEIRA</strong></p>",
    ]  # fmt: skip


def test_a_heading_keeps_the_number_that_we_would_not_give_it(tmp_path: Path) -> None:
    """What becomes text is counted no more, and figures of which a number is only the beginning stay whole."""

    def change(document: Any) -> None:
        document.add_heading("CLÁUSULA PRIMEIRA", 1)
        document.add_heading("I – DOS FATOS", 1)
        document.add_heading("1.1 Do contrato", 2)
        document.add_heading("1.500 m² de área", 2)
        document.add_heading("IV – DOS PEDIDOS", 1)
        document.add_heading("II – DO DIREITO", 1)
        document.add_heading("2025 – um ano de atraso", 2)
        for letter in "abcd":
            document.add_heading(f"{letter}) pedido", 3)
        document.add_heading("e-mail de 3/5", 3)

    assert lines(tmp_path, change) == [
        "<p><strong>CLÁUSULA PRIMEIRA</strong></p>", "<h2>DOS FATOS</h2>",
        "<p><strong>1.1 Do contrato</strong></p>", "<p><strong>1.500 m² de área</strong></p>",
        "<p><strong>IV – DOS PEDIDOS</strong></p>", "<h2>DO DIREITO</h2>", "<h3>2025 – um ano de atraso</h3>",
        *["<h4>pedido</h4>"] * 4, "<h4>e-mail de 3/5</h4>",
    ]  # fmt: skip


def test_what_does_not_come_along_is_said(tmp_path: Path) -> None:
    from uploads.tests.papers import scan

    def change(document: Any) -> None:
        document.add_picture(io.BytesIO(scan()))
        document.sections[0].header.paragraphs[0].text = "Prado Advogados"
        inserted = document.add_paragraph("Antes ").add_run("incluído")._r
        around = inserted.makeelement(inserted.tag[:-1] + "ins", {})
        inserted.addprevious(around)
        around.append(inserted)

    found = read(tmp_path, word_file(change=change))
    assert found.left == [importing.LEFT[code] for code in ("changes", "headers", "pictures")]
    assert "<p>Antes incluído</p>" in found.html
    assert "Prado" not in found.html


def test_tables_keep_their_cells(tmp_path: Path) -> None:
    def change(document: Any) -> None:
        table = document.add_table(2, 2)
        table.cell(0, 0).merge(table.cell(0, 1)).text = "Parcelas"
        table.cell(1, 1).text = "R$ 10"

    assert lines(tmp_path, change) == [
        '<table><tbody><tr><td colspan="2"><p>Parcelas</p></td></tr><tr><td><p></p></td><td><p>R$ 10</p></td></tr></tbody></table>'
    ]


# What harms nobody -------------------------------------------------------------------------------


def packed(**parts: bytes) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return kept.getvalue()


def with_body(body: bytes) -> bytes:
    """A Word file with another text."""
    kept = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(word_file("x"))) as whole, zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        for name in whole.namelist():
            made.writestr(name, body if name == "word/document.xml" else whole.read(name))
    return kept.getvalue()


W = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
BOMBS = {
    "no file of Word's": b"isto nao e um docx",
    "another ZIP": packed(a_xml=b"<a/>"),
    "much of nothing": with_body(b"<w:document " + W + b"><w:body>" + b" " * 80_000_000 + b"</w:body></w:document>"),
    "entities": with_body(
        b'<!DOCTYPE x [<!ENTITY a "' + b"a" * 1000 + b'"><!ENTITY b "' + b"&a;" * 1000 + b'">]><w:document ' + W
        + b"><w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body></w:document>"
    ),
    "deep": with_body(
        b"<w:document " + W + b"><w:body>" + b"<w:p>" * 50_000 + b"</w:p>" * 50_000 + b"</w:body></w:document>"
    ),
    "cut off": word_file("Texto.")[:-300],
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_what_is_no_document_is_refused_in_words(tmp_path: Path, name: str) -> None:
    with pytest.raises(importing.NotRead) as refused:
        read(tmp_path, BOMBS[name])
    assert str(refused.value) in importing.REFUSED.values()


def test_a_file_cannot_name_another_one(tmp_path: Path) -> None:
    (tmp_path / "segredo.txt").write_text("segredo")
    body = (
        b'<!DOCTYPE x [<!ENTITY s SYSTEM "file://' + str(tmp_path).encode() + b'/segredo.txt">]><w:document ' + W
        + b"><w:body><w:p><w:r><w:t>&s;</w:t></w:r></w:p></w:body></w:document>"
    )  # fmt: skip
    with pytest.raises(importing.NotRead):
        read(tmp_path, with_body(body))


# In the product ----------------------------------------------------------------------------------


@pytest.fixture
def stored(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path / "media")


def upload(content: bytes, name: str = "Minuta.docx") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_the_file_is_kept_and_the_person_is_told(owner: User, as_owner: Client) -> None:
    sent = word_file(change=lambda document: document.add_heading("Fatos", 1))
    response = as_owner.post("/documentos/importar/", {"file": upload(sent)}, follow=True)
    document = Document.objects.get()
    assert response.redirect_chain == [(f"/documentos/{document.pk}/", 303)]
    assert importing.LEFT["headings"] in response.content.decode()
    assert (document.title, document.source, document.content) == ("Minuta", "import", "<h2>Fatos</h2>")
    assert document.versions.get().note == "Importada de “Minuta.docx”"
    with default_storage.open(document.file_path) as kept:
        assert kept.read() == sent
    assert orphans.FOLDERS[importing.FOLDER]([document.file_path, "documentos/x"]) == {document.file_path}
    (original,) = (part for part in portability.parts(owner) if "originais" in part.path)
    assert (original.path, b"".join(original.chunks)) == ("documentos/originais/Minuta.docx", sent)
    names = io.StringIO()
    _note_files(names)
    assert document.file_path in names.getvalue()


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_what_cannot_be_read_leaves_nothing(as_owner: Client) -> None:
    for content, sentence in ((b"nada", "danificado"), (b"", "vazio")):
        response = as_owner.post("/documentos/importar/", {"file": upload(content)})
        assert response.status_code == 422
        assert sentence in response.content.decode()
    assert as_owner.post("/documentos/importar/").status_code == 422
    assert not Document.objects.exists()
    assert not default_storage.exists(importing.FOLDER)


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_there_is_a_limit_as_for_other_files(as_owner: Client, settings: Settings) -> None:
    settings.UPLOADS_PER_HOUR = 1
    cache.clear()
    sent = [as_owner.post("/documentos/importar/", {"file": upload(word_file("x"))}).status_code for _ in range(2)]
    assert sent == [303, 429]
    cache.clear()


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_who_would_wait_too_long_for_others_is_told(as_owner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", threading.BoundedSemaphore(1))
    monkeypatch.setattr(importing, "PATIENCE", 0.01)
    with importing.AT_ONCE:
        response = as_owner.post("/documentos/importar/", {"file": upload(word_file("x"))})
        assert response.status_code == 503
        assert "tente de novo em um minuto" in response.content.decode()
    assert as_owner.post("/documentos/importar/", {"file": upload(word_file("x"))}).status_code == 303


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
def test_when_the_row_cannot_be_written_the_file_goes_again(owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any, **fields: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("documents.actions.create", fails)
    with pytest.raises(RuntimeError):
        import_actions.import_word(ContentFile(word_file("x"), "x.docx"), user=owner)
    assert list(orphans.stored_files(importing.FOLDER)) == []


@pytest.mark.django_db
@pytest.mark.usefixtures("stored")
@pytest.mark.parametrize("path", ["/documentos/", "/documentos/importar/"])
def test_into_a_project_goes_only_who_edits_it(owner: User, stranger: User, path: str) -> None:
    project = Project.objects.create(user=owner, name="Silva x Souza")
    viewer = User.objects.create_user("caio@exemplo.adv.br", name="Caio Lemos")
    ProjectMember.objects.create(project=project, user=viewer, role="viewer")
    for person, status in ((stranger, 404), (viewer, 403), (owner, 303)):
        form = {"title": "Peça", "project": str(project.pk), "file": upload(word_file("x"))}
        assert signed_in(person).post(path, form).status_code == status
    assert Document.objects.get().project == project
    assert signed_in(owner).post(path, {"project": "x", "file": upload(word_file("x"))}).status_code == 404
    assert timezone.now() > Document.objects.get().created_at
