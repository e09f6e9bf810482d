"""Files made to do harm: each is refused or contained, with a reason, and the next one goes through."""

import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from uploads.reading.found import Limits
from uploads.reading.tests.making import (
    CATALOGUE,
    LETTERS,
    docx,
    drawing,
    odt,
    packed,
    page_object,
    paragraph,
    raw_pdf,
    reading,
    scan,
    stream,
    text_pdf,
    two_pages,
)

TEXT = "Esta pagina tem o seu texto inteiro"
LOL = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {after} '{f'&{before};' * 10}'>" for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)
PASSWD = "<!DOCTYPE x [<!ENTITY i SYSTEM 'file:///etc/passwd'>"
SMALL = Limits(memory=300 * 1024**2)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, high: int, data: bytes) -> bytes:
    head = struct.pack(">IIBBBBB", width, high, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed(data)) + chunk(b"IEND", b"")


# PDF


@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
def test_a_truncated_pdf_is_refused_as_damaged_or_its_whole_pages_are_read(tmp_path: Path, part: float) -> None:
    data = text_pdf(tmp_path / "a.pdf", *(f"Folha {number}" for number in range(20))).read_bytes()
    (tmp_path / "b.pdf").write_bytes(data[: int(len(data) * part)])
    found = reading(tmp_path / "b.pdf")
    assert found.failed == ("damaged", None) or found.count == len(found.pages)


def test_a_pdf_whose_end_is_lost_but_not_its_catalogue_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    data = two_pages(LETTERS)
    (tmp_path / "a.pdf").write_bytes(data[: data.index(b"6 0 obj")] + b"trailer\n<</Root 1 0 R>>")
    found = reading(tmp_path / "a.pdf")
    assert found.count == 2
    assert found.texts[0] == TEXT


@pytest.mark.parametrize(
    ("kids", "count", "code"),
    [(b"", 0, "empty"), (b"3 0 R", 1_000_000, "too_many_pages"), (b"3 0 R " * 30_000, 30_000, "too_many_pages")],
)
def test_no_pages_and_a_million_pages_are_refused(tmp_path: Path, kids: bytes, count: int, code: str) -> None:
    pages = b"<</Type/Pages/Kids[%s]/Count %d>>" % (kids, count)
    page = page_object(4) if count else b"null"
    (tmp_path / "a.pdf").write_bytes(raw_pdf(CATALOGUE, pages, page, stream(LETTERS)))
    assert reading(tmp_path / "a.pdf").failed == (code, None)


def test_pages_that_are_counted_but_not_there_are_damaged_and_the_others_are_read(tmp_path: Path) -> None:
    pages = b"<</Type/Pages/Kids[3 0 R]/Count 4>>"
    (tmp_path / "a.pdf").write_bytes(raw_pdf(CATALOGUE, pages, page_object(4), stream(LETTERS)))
    found = reading(tmp_path / "a.pdf")
    assert (found.texts[0], found.errors) == (TEXT, {2: "damaged", 3: "damaged", 4: "damaged"})


def test_a_tree_of_pages_that_holds_itself_ends(tmp_path: Path) -> None:
    pages = b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 3>>"
    (tmp_path / "a.pdf").write_bytes(raw_pdf(CATALOGUE, pages, page_object(4), stream(LETTERS)))
    assert set(reading(tmp_path / "a.pdf").errors.values()) == {"damaged"}


@pytest.mark.parametrize(
    ("contents", "filters"),
    [  # Made when its test runs: packing takes seconds, and every process of a run collects every test.
        (lambda: packed(bytes(600_000_000)), b"/Filter/FlateDecode"),
        (lambda: packed(packed(bytes(600_000_000))), b"/Filter[/FlateDecode/FlateDecode]"),
        (lambda: packed(b"BT /F1 9 Tf " + b"(AAAAAAAAAAAAAAAA) Tj " * 2_000_000 + b"ET"), b"/Filter/FlateDecode"),
        (lambda: packed(b"0 0 m 1 1 l S " * 3_000_000), b"/Filter/FlateDecode"),
    ],
    ids=["zeros", "twice", "text", "lines"],
)
def test_a_page_that_unpacks_to_more_than_there_is_memory_for_is_given_up_and_the_next_is_read(
    tmp_path: Path, contents: Callable[[], bytes], filters: bytes
) -> None:
    (tmp_path / "a.pdf").write_bytes(two_pages(contents(), filters))
    started = time.monotonic()
    found = reading(tmp_path / "a.pdf", limits=SMALL)
    assert found.errors == {1: "memory"}
    assert found.pages[1].text == TEXT
    assert found.failed is None
    assert time.monotonic() - started < 30


def test_a_page_with_too_much_text_says_that_only_its_beginning_was_read(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(two_pages(b"BT /F1 1 Tf " + b"(ABCDEFGH) Tj " * 1_000 + b"ET"))
    found = reading(tmp_path / "a.pdf", limits=Limits(characters=500))
    assert (found.errors, len(found.texts[0])) == ({1: "too_long"}, 500)


def test_a_pdf_that_is_also_a_zip_is_a_pdf(tmp_path: Path) -> None:
    inside = docx(tmp_path / "x.docx", paragraph("do arquivo de Word")).read_bytes()
    (tmp_path / "a.zip").write_bytes(two_pages(LETTERS) + inside)
    found = reading(tmp_path / "a.zip")
    assert (found.kind, found.texts) == ("application/pdf", [TEXT, TEXT])


def test_a_web_page_that_is_also_a_pdf_is_a_web_page_and_nothing_in_it_is_run(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"<html><script>alert(1)</script><p>ola</p><!--\n" + two_pages(LETTERS))
    found = reading(tmp_path / "a.pdf")
    assert (found.kind, found.text.strip()) == ("text/html", "ola")


# ZIP and XML


@pytest.mark.parametrize("doctype", [LOL, PASSWD], ids=["billion laughs", "external entity"])
def test_entities_are_never_expanded(tmp_path: Path, doctype: str) -> None:
    body = paragraph("antes &i; depois")
    assert reading(docx(tmp_path / "a.docx", body, before=f"{doctype}]>")).failed == ("damaged", None)
    path = odt(tmp_path / "a.odt", "<text:p>antes &i; depois</text:p>", before=f"{doctype}]>")
    assert reading(path).failed == ("damaged", None)


@pytest.mark.parametrize("doctype", [LOL, PASSWD], ids=["billion laughs", "external entity"])
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"])
def test_entities_in_a_spreadsheet_are_never_expanded(tmp_path: Path, part: str, doctype: str) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "valor"
    book.save(tmp_path / "a.xlsx")
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    evil = {
        "xl/sharedStrings.xml": f"<sst {main} count='1' uniqueCount='1'><si><t>antes &i; depois</t></si></sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData><row r='1'><c r='A1' t='s'><v>0</v></c>"
        "<c r='B1' t='inlineStr'><is><t>&i;</t></is></c></row></sheetData></worksheet>",
    }
    with zipfile.ZipFile(tmp_path / "a.xlsx") as old, zipfile.ZipFile(tmp_path / "b.xlsx", "w") as new:
        for name in old.namelist():
            good = evil[name].replace("&i;", "") if name in evil else old.read(name)
            new.writestr(name, f"{doctype}]>{evil[name]}" if name == part else good)
    found = reading(tmp_path / "b.xlsx", limits=SMALL)
    assert found.failed == ("damaged", None)


@pytest.mark.parametrize("many", [1, 40])
def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(tmp_path: Path, many: int) -> None:
    path = docx(tmp_path / "a.docx", paragraph("texto"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(many):
            archive.writestr(f"word/mais{number}.xml", bytes((400 if many == 1 else 3) * 1024**2))
    found = reading(path, limits=Limits(unpacked=100 * 1024**2))
    assert found.failed == ("too_large", None)


def test_pictures_and_other_parts_are_not_unpacked_at_all(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docx", paragraph("texto"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/a.png", bytes(400 * 1024**2))
    assert reading(path, limits=SMALL).text == "texto"


def test_a_part_that_is_larger_than_the_archive_says_is_damaged(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docx", paragraph("texto " * 1_000))
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)  # the second entry of the directory
    data[at + 24 : at + 28] = struct.pack("<I", 10)  # its size, unpacked
    path.write_bytes(data)
    assert reading(path).failed == ("damaged", None)


def test_names_that_lead_out_of_the_archive_are_only_names(tmp_path: Path) -> None:
    path = docx(tmp_path / "a.docx", paragraph("texto"))
    outside = tmp_path / "fora.xml"
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("../fora.xml", "<a/>")
        archive.writestr(str(outside), "<a/>")
    assert reading(path).text == "texto"
    assert not outside.exists()


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd"])
def test_a_list_of_contents_cannot_name_a_file_of_the_machine(tmp_path: Path, name: str) -> None:
    path = tmp_path / "a.docx"
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", f"<Types><Override PartName='{name}' ContentType='{kind}'/></Types>")
        archive.writestr("word/x.xml", "<a/>")
    assert reading(path).failed == ("damaged", None)


def test_elements_a_thousand_deep_are_refused(tmp_path: Path) -> None:
    body = "<w:sdt>" * 5_000 + paragraph("fundo") + "</w:sdt>" * 5_000
    assert reading(docx(tmp_path / "a.docx", body)).failed == ("damaged", None)


def test_a_note_that_holds_itself_is_refused(tmp_path: Path) -> None:
    itself = "<w:footnotes><w:footnote w:id='1'><w:p><w:r><w:footnoteReference w:id='1'/></w:r></w:p></w:footnote></w:footnotes>"
    body = "<w:p><w:r><w:footnoteReference w:id='1'/></w:r></w:p>"
    found = reading(docx(tmp_path / "a.docx", body, parts={"footnotes": ("footnotes+xml", itself)}))
    assert found.failed == ("damaged", None)


def test_a_cell_at_the_far_end_of_a_sheet_costs_nothing(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "começo", "fim"
    book.save(tmp_path / "a.xlsx")
    started = time.monotonic()
    found = reading(tmp_path / "a.xlsx", limits=SMALL)
    assert "começo" in found.text
    assert found.text.endswith("fim")
    assert time.monotonic() - started < 20


@pytest.mark.parametrize("inside", [{"a.txt": "x"}, {"mimetype": "application/epub+zip"}, {}])
def test_an_archive_that_is_no_document_is_refused(tmp_path: Path, inside: dict[str, str]) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as archive:
        for name, data in inside.items():
            archive.writestr(name, data)
    assert reading(tmp_path / "a.docx").failed == ("type", None)


def test_a_word_file_with_a_password_says_how_it_can_be_read_and_an_old_one_is_refused(tmp_path: Path) -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1_000)
    (tmp_path / "a.docx").write_bytes(ole + "EncryptedPackage".encode("utf-16-le") + bytes(100))
    (tmp_path / "b.doc").write_bytes(ole + "WordDocument".encode("utf-16-le") + bytes(100))
    assert reading(tmp_path / "a.docx").failed == ("locked", None)
    assert reading(tmp_path / "b.doc").failed == ("type", None)


# Pictures


def test_a_picture_of_billions_of_dots_is_refused_by_its_size(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(60_000, 60_000, bytes(10_000_000)))
    assert reading(tmp_path / "a.png").failed == ("too_large", None)


def test_a_picture_that_is_just_too_large_is_refused_and_the_largest_one_allowed_is_drawn(tmp_path: Path) -> None:
    side = int(Limits.__dataclass_fields__["pixels"].default ** 0.5)
    for extra in (0, 100):
        Image.new("RGBA", (side, side + extra), "white").save(tmp_path / f"{extra}.png", compress_level=1)
    assert reading(tmp_path / "100.png").errors == {1: "too_large"}
    assert reading(tmp_path / "0.png").errors == {1: "no_text"}
    assert drawing(tmp_path / "0.png", 1)[1].size == (400, 400)


def test_half_a_photograph_is_damaged(tmp_path: Path) -> None:
    scan().save(tmp_path / "a.jpg")
    data = (tmp_path / "a.jpg").read_bytes()
    (tmp_path / "b.jpg").write_bytes(data[: len(data) // 2])
    found = reading(tmp_path / "b.jpg")
    assert found.errors == {1: "damaged"}


# Texts


@pytest.mark.parametrize(
    "html",
    ["<div>" * 100_000 + "fundo", "<a " * 300_000, "<!" * 300_000, "<" * 500_000, "<script>" * 50_000, "&" * 500_000],
    ids=["deep", "tags", "declarations", "signs", "scripts", "entities"],
)
def test_broken_html_takes_no_longer_than_it_is_long(tmp_path: Path, html: str) -> None:
    (tmp_path / "a.html").write_text(f"<html>{html}")
    started = time.monotonic()
    found = reading(tmp_path / "a.html", limits=SMALL)
    assert found.failed in {None, ("empty", None)}
    assert time.monotonic() - started < 15


def test_rtf_groups_without_end_are_read(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_text("{\\rtf1 " + "{" * 200_000 + "fundo \\bin999999999 x")
    assert reading(tmp_path / "a.rtf", limits=SMALL).text == "fundo "


def test_messages_within_messages_end_at_a_depth_and_it_is_said(tmp_path: Path) -> None:
    mail = None
    for number in range(12):
        outer = EmailMessage()
        outer["From"], outer["To"], outer["Subject"] = "a@b.br", "c@d.br", f"nível {number}"
        outer.set_content("corpo")
        if mail:
            outer.add_attachment(mail)
        mail = outer
    assert mail is not None
    (tmp_path / "a.eml").write_bytes(mail.as_bytes())
    found = reading(tmp_path / "a.eml")
    assert found.count == 4
    assert found.texts[-1].endswith("[anexo: nível 7.eml — páginas demais]")


def test_what_is_larger_than_a_text_may_be_is_refused_and_not_cut(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("palavra " * 1_000)
    assert reading(tmp_path / "a.txt", limits=Limits(text_bytes=5_000)).failed == ("too_large", None)
    assert reading(tmp_path / "a.txt", limits=Limits(pages=2)).failed == ("too_many_pages", None)


@pytest.mark.parametrize(
    "data",
    [b"MZ\x90\0" + bytes(500), b"\x7fELF" + bytes(500), b"GIF89a" + bytes(50), b"\0" * 1_000, bytes(range(256)) * 40],
    ids=["windows", "linux", "gif", "zeros", "all bytes"],
)
def test_what_is_none_of_the_formats_is_refused_whatever_it_is_called(tmp_path: Path, data: bytes) -> None:
    for name in ("a.pdf", "a.txt"):
        (tmp_path / name).write_bytes(data)
        assert reading(tmp_path / name).failed == ("type", None)


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"")
    assert reading(tmp_path / "a.pdf").failed == ("empty", None)


# Names

ODD = ["../../etc/passwd", "a\nb\r.pdf", "\u202egpj.exe", "a" * 5_000 + ".txt", "\ud800.md", "", "\0", "CON.pdf", "-rf"]


@pytest.mark.parametrize("name", ODD, ids=range(len(ODD)))
def test_a_name_cannot_do_anything(tmp_path: Path, name: str) -> None:
    text_pdf(tmp_path / "guardado", "conteúdo")
    assert reading(tmp_path / "guardado", name=name).text == "conteúdo"


def test_characters_that_a_database_cannot_hold_are_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.rtf").write_bytes(rb"{\rtf1 a\u-10240?b\u0?c\u-10179?\u-8704?}")
    assert reading(tmp_path / "a.rtf").text == "a\ufffdb\ufffdc😀"
