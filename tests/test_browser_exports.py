"""A document as a file, in a browser: chosen, fetched, on the paper that was chosen for it; with and without scripts."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import docx
import pytest
from playwright.sync_api import Locator, Page, expect

from documents.tests.word import Word
from tests.browser import PHONE, Desk
from tests.looking import CONTRASTS, NAMELESS
from tests.stack import LAWYER

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

TEXT = "<h2>Dos fatos</h2>\n<p>O autor alega.</p>\n<p>Assina [●  nome do advogado].</p>"
NEW = """
INSERT INTO documents (id, user_id, project_id, title, document_type, content, text, file_path, file_size, mime_type,
    version, revision, source, reviewed_sha256, created_at, updated_at, metadata)
SELECT %s, users.id, %s, %s, '', %s, %s, '', 0, '', 1, 1, 'edit', '', now(), now(), '{}'
FROM users WHERE email = %s RETURNING id"""


def made(desk: Desk, project: str | None = None) -> str:
    """A document of the lawyer's; its page of exports."""
    title, text = f"Contestação {uuid4().hex[:8]}", "Dos fatos\nO autor alega.\nAssina [●  nome do advogado]."
    rows = desk.stack.rows(NEW, str(uuid4()), project, title, TEXT, text, LAWYER)
    return f"/documentos/{rows[0]['id']}/exportar/"


def fetched(page: Page, button: Locator | None = None) -> tuple[str, bytes]:
    with page.expect_download() as download:
        (button or export_button(page)).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_the_text_comes_as_a_word_file_on_the_paper_that_was_chosen(desk: Desk) -> None:
    page = desk.open(made(desk))
    expect(page.get_by_role("main")).to_contain_text("1 lacuna por preencher")
    expect(page.get_by_role("main")).to_contain_text("nome do advogado")
    name, data = fetched(page)
    assert (name.startswith("Contestação "), name.endswith(".docx")) == (True, True)
    assert Word(data).lines() == ["I. Dos fatos", "O autor alega.", "Assina [●  nome do advogado]."]
    assert font(data) == "Calibri"
    page.get_by_label("Modelo", exact=True).select_option(label="ABNT")
    page.get_by_role("button", name="Guardar para este documento").click()
    expect(page.get_by_role("main")).to_contain_text("Modelo ABNT")
    assert font(fetched(page)[1]) == "Arial"


def export_button(page: Page) -> Locator:
    return page.get_by_role("button", name="Exportar", exact=True)


def font(data: bytes) -> Any:
    return docx.Document(BytesIO(data)).styles["Normal"].font.name  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("kind", "ending", "begin"), [("PDF/A", "pdf", b"%PDF-"), ("Texto", "txt", b""), ("Markdown", "md", b"")]
)
def test_the_other_formats_come_too(desk: Desk, kind: str, ending: str, begin: bytes) -> None:
    page = desk.open(made(desk))
    page.get_by_label("Formato do arquivo").select_option(label=kind)
    name, data = fetched(page)
    assert (name.endswith(f".{ending}"), data.startswith(begin), len(data) > 20) == (True, True, True)


def test_a_size_that_cannot_be_is_said_and_nothing_is_lost(desk: Desk) -> None:
    desk.expect_fault("422")
    page = desk.open(made(desk))
    page.get_by_label("Tamanho máximo de cada PDF").fill("0")
    page.get_by_label("Formato do arquivo").select_option(label="PDF/A")
    export_button(page).click()
    expect(page.get_by_role("alert")).to_contain_text("0,5 a 500 MB")


def test_all_documents_of_a_project_come_in_one_zip(desk: Desk) -> None:
    visitor = desk.stack.visitor()
    visitor.post("/projetos/novo/", {"name": f"Nunes × Prado {uuid4().hex[:8]}"})
    project = desk.stack.rows("SELECT id FROM projects ORDER BY id DESC LIMIT 1")[0]["id"]
    for _ in range(2):
        made(desk, str(project))
    page = desk.open(f"/projetos/{project}/")
    name, data = fetched(page, page.get_by_role("link", name="Baixar todos"))
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert sorted(one.rpartition(".")[2] for one in archive.namelist()) == ["docx", "docx", "pdf", "pdf"]
    assert name.endswith(".zip")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_legible_and_usable_on_a_phone_without_scripts(desks: Callable[..., Desk], scheme: str) -> None:
    desk = desks(color_scheme=scheme, reduced_motion="reduce", viewport=PHONE)
    page = desk.open(made(desk))
    assert page.evaluate(NAMELESS) == []
    assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == []
    assert not page.evaluate("() => document.scrollingElement.scrollWidth > innerWidth")
    bare = desks(color_scheme=scheme, viewport=PHONE, java_script_enabled=False)
    assert fetched(bare.open(made(bare)))[1].startswith(b"PK")
