"""On whose paper documents are written, and what a letterhead is made of."""

from io import BytesIO
from typing import Any

import docx
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from audit.models import AuditLog
from conftest import signed_in
from documents import actions, paper_actions
from documents.formats import ABNT, OAB, OFFICE
from documents.models import Document
from documents.papers import paper_of
from documents.units import NO_PAPER, OfficeUnit, lines

pytestmark = pytest.mark.usefixtures("committed")
TEXT = "<h2>Dos fatos</h2><p>O autor alega.</p><p>Assina [●  nome do advogado].</p>"


@pytest.fixture
def document(owner: User) -> Document:
    return actions.create("Contestação: Silva / Souza", TEXT, user=owner)


@pytest.fixture
def unit() -> OfficeUnit:
    made: OfficeUnit = OfficeUnit.objects.create(
        name="Matriz", header_lines="Prado Advogados\n\n  Desde 1980 ", footer_lines="Rua A, 1", is_default=True,
        signature_lines="Helena Prado\nOAB/SP 123.456", default_format="oab",
    )  # fmt: skip
    return made


def path(document: Document, query: str = "?formato=docx") -> str:
    return f"/documentos/{document.pk}/exportar/{query}"


def opened(data: bytes) -> Any:
    return docx.Document(BytesIO(data))


# Paper and format --------------------------------------------------------------------------------


def test_the_offices_paper_is_the_documents_until_another_is_chosen(
    document: Document, unit: OfficeUnit, owner: User
) -> None:
    assert (paper_of(document).unit, paper_of(document).fmt) == (unit, OAB)
    other = OfficeUnit.objects.create(name="Filial")
    paper_actions.choose_paper(document, other, "", user=owner)
    assert (paper_of(document).unit, paper_of(document).fmt) == (other, OFFICE)
    paper_actions.choose_paper(document, NO_PAPER, "abnt", user=owner)
    assert (paper_of(document).unit, paper_of(document).fmt) == (None, ABNT)
    paper_actions.choose_paper(document, other, "", user=owner)
    other.delete()
    document.refresh_from_db()
    assert paper_of(document).unit == unit


def test_the_choice_changes_the_file(as_owner: Client, document: Document, unit: OfficeUnit) -> None:
    before = opened(as_owner.get(path(document)).content)
    assert [line.text for line in before.sections[0].header.paragraphs] == ["Prado Advogados", "Desde 1980"]
    assert [line.text for line in before.paragraphs][-2:] == ["Helena Prado", "OAB/SP 123.456"]
    form = {"modelo": "abnt", "papel": NO_PAPER}
    assert as_owner.post(f"/documentos/{document.pk}/papel/", form).status_code == 303
    after = opened(as_owner.get(path(document)).content)
    assert after.styles["Normal"].font.name == "Arial"
    assert [line.text for line in after.sections[0].header.paragraphs] == [""]
    document.refresh_from_db()
    assert document.revision == 1


@pytest.mark.parametrize(
    "form", [{"modelo": "outro"}, {"papel": "x"}, {"papel": "01890000-0000-7000-8000-000000000000"}]
)
def test_what_is_not_on_the_list_cannot_be_chosen(as_owner: Client, document: Document, form: dict[str, str]) -> None:
    assert as_owner.post(f"/documentos/{document.pk}/papel/", form).status_code == 422
    document.refresh_from_db()
    assert document.metadata == {}


def test_a_signature_that_is_there_is_not_said_twice(owner: User, as_owner: Client, unit: OfficeUnit) -> None:
    signed = actions.create("Assinada", "<p>Texto.</p><p class=centro>HELENA PRADO</p>", user=owner)
    assert [line.text for line in opened(as_owner.get(path(signed)).content).paragraphs] == ["Texto.", "HELENA PRADO"]


def test_a_sentence_that_names_who_signs_is_no_signature(owner: User, as_owner: Client, unit: OfficeUnit) -> None:
    said = "Requer que todas as publicações saiam em nome de Helena Prado, OAB/SP 123.456, sob pena de nulidade."
    named = actions.create("Por assinar", f"<p>{said}</p><p>Pede deferimento.</p>", user=owner)
    lines = [line.text for line in opened(as_owner.get(path(named)).content).paragraphs]
    assert lines == [said, "Pede deferimento.", "Helena Prado", "OAB/SP 123.456"]


def test_lines_are_what_says_something() -> None:
    assert lines(" a  b \r\n\n\tc\n") == ("a b", "c")
    assert len(lines("x\n" * 50)) == 10


# The office's units ------------------------------------------------------------------------------


def png(mode: str = "RGB", size: tuple[int, int] = (40, 20), kind: str = "PNG", **more: Any) -> bytes:
    from PIL import Image

    out = BytesIO()
    Image.new(mode, size).save(out, kind, **more)
    return out.getvalue()


def test_the_staff_keeps_the_letterheads(document: Document, as_owner: Client) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    form = {"name": "Matriz", "default_format": "abnt", "header_lines": "Prado", "is_default": "on"}
    sent = SimpleUploadedFile("logo.png", png("P"), content_type="text/html")
    admin = signed_in(User.objects.create_user("atendimento@exemplo.adv.br", name="Ana", role=User.Role.STAFF))
    assert admin.post("/admin/documents/officeunit/add/", form | {"logo_file": sent}).status_code == 302
    unit = OfficeUnit.objects.get()
    assert bytes(unit.logo or b"").startswith(b"\x89PNG")
    found = opened(as_owner.get(path(document)).content)
    assert len(found.sections[0].header.part.related_parts) == 1
    row = AuditLog.objects.get(action="officeunit.criar")
    assert (row.entity_id, (row.new_value or {})["logo_file"]) == (unit.pk, "…")
    change = f"/admin/documents/officeunit/{unit.pk}/change/"
    assert admin.post(change, form | {"remove_logo": "on"}).status_code == 302
    assert OfficeUnit.objects.get().logo is None
    assert as_owner.get("/admin/documents/officeunit/").status_code == 403


@pytest.mark.parametrize(
    "data", [b"GIF89a", b"<svg/>", b"", png()[:60], b"\x89PNG" + b"x" * 2_000_000, png("1", (9000, 9000))],
    ids=["gif", "svg", "empty", "cut", "large", "pixels"],
)  # fmt: skip
def test_what_is_no_logo_is_refused(data: bytes) -> None:
    from documents.logos import Unusable, cleaned

    with pytest.raises(Unusable):
        cleaned(data)


def test_a_logo_is_written_anew_without_what_was_hidden_in_it() -> None:
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    from documents.logos import WIDEST, cleaned

    hidden = PngInfo()
    hidden.add_text("Comment", "secret-place")
    assert b"secret-place" in png(pnginfo=hidden)
    assert b"secret-place" not in cleaned(png(pnginfo=hidden) + b"<script>")
    assert b"<script>" not in cleaned(png() + b"<script>")
    assert Image.open(BytesIO(cleaned(png(size=(4000, 100))))).size == (WIDEST, 40)
    assert Image.open(BytesIO(cleaned(png("RGBA")))).mode == "RGBA"
    assert Image.open(BytesIO(cleaned(png("CMYK", kind="JPEG")))).mode == "RGB"
    turned = Image.Exif()
    turned[0x0112] = 6  # lying on its side, as telephones write it
    assert Image.open(BytesIO(cleaned(png(kind="JPEG", exif=turned)))).size == (20, 40)


def test_there_is_one_default(unit: OfficeUnit, staff: User) -> None:
    form = {"name": "Outra", "default_format": "oab", "is_default": "on"}
    page = signed_in(staff).post("/admin/documents/officeunit/add/", form)
    assert (page.status_code, "Já há uma unidade padrão" in page.content.decode()) == (200, True)
    assert OfficeUnit.objects.count() == 1


def test_the_choice_asks_as_much_with_many_units_and_loads_no_logos(as_owner: Client, document: Document) -> None:
    counts = []
    for number in range(20):
        OfficeUnit.objects.create(name=f"Unidade {number}", logo=b"x" * 10)
        if number in (0, 19):
            with CaptureQueriesContext(connection) as found:
                assert "Unidade 0" in as_owner.get(path(document, "")).content.decode()
            counts.append(len(found))
            listed = [query["sql"] for query in found if 'FROM "office_units" ORDER BY' in query["sql"]]
            assert len(listed) == 1
            assert '"logo"' not in listed[0]
    assert counts[1] <= counts[0]
