"""Asking about a file and following a note to its page, in a real browser: with the mouse, and by keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fpdf import FPDF
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser import choosing, sign_in

if TYPE_CHECKING:
    from tests.browser import Desk

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = [pytest.mark.browser, pytest.mark.processes]
QUESTION = "O que o perito concluiu sobre a assinatura?"
PASSAGE = "O perito concluiu que a assinatura não partiu do punho da autora."


@pytest.fixture(scope="module")
def laudo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("arquivos") / "laudo pericial.pdf"
    document = FPDF()
    document.set_font("Helvetica", size=12)
    for text in ("Laudo pericial grafotécnico.", PASSAGE, "É o laudo. Nada mais foi pedido."):
        document.add_page()
        document.multi_cell(0, 6, text)
    document.output(str(path))
    return path


def attach(page: Page, file: Path) -> None:
    page.locator("#arquivo").set_input_files(file)
    chip = page.locator("[data-attached] [data-file]")
    expect(chip).to_contain_text("laudo pericial.pdf")
    expect(chip).to_contain_text("pronto: 3 páginas")


def answer_of(page: Page) -> Locator:
    answer = page.locator("article[data-role=assistant]").last
    expect(answer).to_have_attribute("data-status", "complete")
    return answer


def test_a_note_opens_its_page_beside_the_conversation(desk: Desk, laudo: Path) -> None:
    page = desk.open()
    attach(page, laudo)
    page.reload()
    expect(page.locator("[data-attached] [data-file]")).to_contain_text("laudo pericial.pdf")  # still there
    page.get_by_label("Sua pergunta").fill(QUESTION)
    page.get_by_role("button", name="Enviar", exact=True).click()
    answer = answer_of(page)
    expect(page.locator("[data-role=user]")).to_contain_text("laudo pericial.pdf")
    expect(answer).to_contain_text("Lido: laudo pericial.pdf: páginas 1–3 de 3.")
    note = answer.locator("[data-text] a[data-note]").first
    note.click()
    panel = page.get_by_role("complementary", name="Página citada")
    expect(panel.locator("mark[data-passage]")).to_have_text(PASSAGE)
    expect(panel.get_by_role("heading")).to_contain_text("página 2 de 3")
    panel.get_by_role("link", name="Próxima página").click()
    expect(panel.get_by_role("heading")).to_contain_text("página 3 de 3")
    panel.get_by_role("button", name="Fechar").click()
    expect(panel).to_be_hidden()
    expect(note).to_be_focused()
    with page.context.expect_page() as opened:
        note.click(modifiers=["Control"])  # as any link: a page of its own
    expect(opened.value.locator("mark[data-passage]")).to_have_text(PASSAGE)


def test_a_second_question_in_the_conversation_takes_a_file_too(desk: Desk, laudo: Path) -> None:
    page = desk.open(desk.conversation("Primeira pergunta"))
    attach(page, laudo)
    page.get_by_label("Sua pergunta").fill(QUESTION)
    page.get_by_label("Sua pergunta").press("Enter")
    expect(page.locator("article[data-role=assistant]")).to_have_count(2)
    expect(page.locator("[data-attached] [data-file]")).to_have_count(0)
    expect(answer_of(page).locator("[data-text] a[data-note]").first).to_be_visible()
    page.get_by_label("Sua pergunta").fill("E mais?")
    expect(page.locator("[data-ask-error]")).to_be_empty()


def test_a_question_waits_for_a_file_that_is_on_its_way(desk: Desk, laudo: Path) -> None:
    page = desk.open(desk.conversation("Primeira pergunta"))
    held: list[Route] = []
    page.route("**/arquivos/", lambda route: held.append(route))  # as long as the test wants
    page.locator("#arquivo").set_input_files(laudo)
    expect(page.locator("[data-sendings]")).to_contain_text("laudo pericial.pdf")
    page.get_by_label("Sua pergunta").fill(QUESTION)
    page.get_by_label("Sua pergunta").press("Enter")
    expect(page.locator("[data-ask-error]")).to_contain_text("Um arquivo ainda está sendo enviado.")
    expect(page.locator("[data-role=user]")).to_have_count(1)
    held[0].continue_()
    expect(page.locator("[data-attached] [data-file]")).to_contain_text("laudo pericial.pdf")
    expect(page.locator("[data-ask-error]")).to_be_empty()
    page.get_by_label("Sua pergunta").press("Enter")
    expect(page.locator("[data-role=user]").last).to_contain_text("laudo pericial.pdf")


def test_signing_out_takes_the_names_of_files_along(desk: Desk, laudo: Path) -> None:
    desk.context.clear_cookies()
    page = desk.open()
    sign_in(page)
    attach(page, laudo)
    page.get_by_role("button", name="Sair").click()
    expect(page).to_have_url(re.compile(r"/entrar/"))
    assert page.evaluate("() => Object.keys(sessionStorage)") == []
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[data-attached] [data-file]")).to_have_count(0)


def test_a_file_can_be_taken_out_of_the_question_again(desk: Desk, laudo: Path) -> None:
    page = desk.open()
    attach(page, laudo)
    page.locator("[data-attached]").get_by_role("button", name=re.compile("^Retirar")).click()
    expect(page.locator("[data-attached]")).to_be_hidden()
    page.get_by_label("Sua pergunta").fill(QUESTION)
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(answer_of(page).locator("a[data-note]")).to_have_count(0)


def test_the_whole_way_by_keyboard(desk: Desk, laudo: Path) -> None:
    page = desk.open()
    chosen = choosing(page)
    page.get_by_label("Sua pergunta").focus()
    for _ in range(12):  # forward to the button that attaches
        page.keyboard.press("Tab")
        if page.locator("#arquivo:focus").count():
            break
    page.keyboard.press("Space")
    chosen().set_files(laudo)
    expect(page.locator("[data-attached] [data-file]")).to_contain_text("pronto: 3 páginas")
    page.get_by_label("Sua pergunta").focus()
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    note = answer_of(page).locator("[data-text] a[data-note]").first
    note.focus()
    page.keyboard.press("Enter")
    passage = page.locator("[data-panel] mark[data-passage]")
    expect(passage).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("[data-panel]")).to_be_hidden()
    expect(note).to_be_focused()


def test_without_scripts_a_note_is_a_link_to_the_page(desk: Desk, desks: object, laudo: Path) -> None:
    page = desk.open()
    attach(page, laudo)
    page.get_by_label("Sua pergunta").fill(QUESTION)
    page.get_by_role("button", name="Enviar", exact=True).click()
    answer_of(page)
    plain = desks(java_script_enabled=False).open(page.url.partition("#")[0])  # type: ignore[operator]
    plain.locator("article[data-role=assistant] [data-text] a[data-note]").first.click()
    expect(plain.locator("mark[data-passage]")).to_have_text(PASSAGE)
