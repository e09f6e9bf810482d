"""From an empty project to a *peça* as Word and PDF, as a lawyer goes: the one journey through all of it.

The pages of both files are left as pictures in `artefacts/documents/`, to be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pypdfium2
import pytest
from playwright.sync_api import FilePayload, Page, expect

from documents.tests.making import word_file
from documents.tests.pdfs import Pdf
from documents.tests.test_libreoffice import converted, program
from documents.tests.word import Word
from tests.browser import PHONE, Desk
from tests.services import ROOT
from tests.test_browser_drafting import _nothing_left, legible

if TYPE_CHECKING:
    from tests.stack import Stack

__all__ = ["_nothing_left", "program"]  # fixtures
pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

PICTURES = ROOT / "artefacts" / "documents"
DOCUMENT = re.compile(r"/documentos/[0-9a-f-]{36}/")
CLOSING = "Nestes termos, pede deferimento. Ação nº 1.234 — “ç”."


@pytest.fixture
def case(stack: Stack) -> Iterator[str]:
    name = f"Prado x Horizonte {uuid4().hex[:6]}"
    yield name
    stack.rows("UPDATE projects SET deleted_at = now() WHERE name = %s RETURNING id", name)


def test_from_an_empty_project_to_word_and_pdf(desk: Desk, case: str, program: str, tmp_path: Path) -> None:
    desk.stack.pace(tokens=60, rate=400)
    page = desk.open("/projetos/novo/")
    page.get_by_label("Nome", exact=True).fill(case)
    page.get_by_label("Cliente").fill("Construtora Horizonte Ltda.")
    page.get_by_label("Parte contrária").fill("Marina Prado")
    page.get_by_role("main").get_by_role("button", name=re.compile("Criar|Salvar")).click()
    page.get_by_role("link", name="Redigir peça").click()
    page.get_by_role("main").get_by_role("link", name="Notificação extrajudicial").click()
    expect(page.get_by_role("main")).to_contain_text("Construtora Horizonte Ltda.")  # the project knows it
    page.get_by_role("button", name="Redigir").click()
    page.wait_for_url(DOCUMENT)
    expect(page.locator("[data-drafting]")).to_contain_text("A redação terminou")
    document = (DOCUMENT.search(page.url) or [""])[0]
    page.goto(document)
    _write_the_end(page)
    page.get_by_role("link", name="Conferir", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Falta preencher")
    page.get_by_role("button", name="Confirmar que li e conferi este texto").click()
    page.goto(f"{document}exportar/")
    expect(page.get_by_role("main")).to_contain_text("neste exato texto")
    word, pdf = _fetched(page, "Word"), _fetched(page, "PDF/A")
    (row,) = desk.stack.rows("SELECT text FROM documents WHERE id = %s", document.split("/")[2])
    assert "".join("\n".join(Word(word).lines()).split()) == Pdf(pdf).letters
    assert CLOSING in "\n".join(Word(word).lines())
    assert "".join(row["text"].split()) == Pdf(pdf).letters
    _pictures("pdf", pdf)
    _pictures("word", converted(program, tmp_path, {"peca": word}, "pdf")["peca"])


def _write_the_end(page: Page) -> None:
    text = page.get_by_role("textbox", name="Texto do documento")
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.insert_text(CLOSING)
    expect(page.locator("[data-state]")).to_have_text(re.compile("^Salvo às"))


def _fetched(page: Page, kind: str) -> bytes:
    page.get_by_label("Formato do arquivo").select_option(label=kind)
    with page.expect_download() as download:
        page.get_by_role("button", name="Exportar", exact=True).click()
    return Path(download.value.path()).read_bytes()


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, {"viewport": PHONE}], ids=["light", "dark", "phone"])
def test_the_list_the_import_and_the_checks_are_for_everyone(
    desks: Callable[..., Desk], case: str, options: dict[str, Any]
) -> None:
    desk = desks(**options)
    desk.expect_fault("422")
    page = desk.open("/projetos/novo/")
    page.get_by_label("Nome", exact=True).fill(case)
    page.get_by_label("Cliente").fill("Construtora Horizonte Ltda.")
    page.get_by_role("main").get_by_role("button", name=re.compile("Criar|Salvar")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(case)
    project = page.url.split("/projetos/")[1].split("/")[0]
    page.goto(f"/documentos/?projeto={project}")
    legible(page)  # empty yet
    page.get_by_role("link", name="Importar do Word").click()
    legible(page)
    page.get_by_label("Arquivo do Word").set_input_files(FilePayload(name="Nota.docx", mimeType="", buffer=b"nada"))
    page.get_by_role("button", name="Importar", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("danificado")
    legible(page)
    page.get_by_label("Arquivo do Word").set_input_files(
        FilePayload(name="Nota.docx", mimeType="", buffer=word_file(change=_faulty))
    )
    page.get_by_role("button", name="Importar", exact=True).click()
    page.wait_for_url(DOCUMENT)
    page.get_by_role("link", name="Conferir", exact=True).click()
    expect(page.get_by_role("main")).to_contain_text("Falta preencher")
    legible(page)
    page.get_by_role("link", name=re.compile("^Ver no texto")).first.click()
    expect(page.locator(".peca :target")).to_be_in_viewport()
    legible(page)
    page.get_by_role("button", name="Confirmar que li e conferi este texto").click()
    expect(page.get_by_role("main")).to_contain_text("O texto não mudou desde então")
    legible(page)
    page.goto(f"/documentos/?projeto={project}")
    expect(page.get_by_role("main").get_by_role("link", name=re.compile("^NOTA"))).to_be_visible()
    legible(page)


def _faulty(document: Any) -> None:
    document.add_heading("NOTA", 0)
    document.add_heading("Dos fatos", 1)
    document.add_paragraph("Pagou R$ 10,00 (vinte reais) em 31/02/2026, ao senhor [●  destinatário].")


def _pictures(name: str, pdf: bytes) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    for number, page in enumerate(pypdfium2.PdfDocument(pdf), 1):
        page.render(scale=1.5).to_pil().save(PICTURES / f"{name}-{number}.png")
