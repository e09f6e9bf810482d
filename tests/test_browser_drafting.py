"""A document in a real browser: ordered, watched as its parts come, changed with the assistant's help."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, Desk, sign_in
from tests.looking import CONTRASTS, NAMELESS
from tests.papers import take_documents_away

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

KIND = "Notificação extrajudicial"


@pytest.fixture(autouse=True)
def _nothing_left(stack: Stack) -> Iterator[None]:
    """Other modules take conversations away without knowing of documents."""
    yield
    stack.restore()
    stack.wait_until_ended()
    take_documents_away(stack)


def order(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name=KIND).click()
    page.get_by_role("button", name="Redigir").click()
    page.wait_for_url(re.compile(r"/documentos/[0-9a-f-]{36}/"))


def test_a_draft_is_watched_stopped_and_gone_on_with_without_leaving_its_page(desk: Desk) -> None:
    desk.stack.pace(tokens=60, rate=40)
    page = desk.open("/documentos/nova/?q=notificacao")
    order(page)
    draft = page.locator("[data-drafting]")
    expect(draft).to_contain_text(re.compile(r"(Na fila|Escrevendo) a parte 1 de"))
    expect(page.locator(".peca")).to_contain_text("Este trecho é simulado")  # part 1 has come by itself
    expect(draft).to_contain_text("Escrevendo a parte 2 de")
    expect(draft.locator("article[data-status=streaming] [data-text]")).not_to_be_empty()
    draft.get_by_role("button", name="Parar a redação").click()
    expect(draft).to_contain_text("A redação parou na parte")
    page.reload()
    expect(draft).to_contain_text("A redação parou na parte")
    desk.stack.pace(tokens=40, rate=400)
    draft.get_by_role("button", name="Continuar a redação").click()
    expect(draft).to_contain_text("A redação terminou")
    headings = page.locator(".peca h2")
    written = headings.all_text_contents()
    assert len(written) == len(set(written)), "no part is there twice"
    page.reload()
    assert headings.all_text_contents() == written, "what came by itself is what is saved"


def test_changes_are_asked_for_beside_the_document_and_decided_there(desk: Desk) -> None:
    desk.stack.pace(tokens=30, rate=400)
    page = desk.open("/documentos/nova/")
    order(page)
    text = page.locator(".peca")
    expect(page.locator("[data-drafting]")).to_contain_text("A redação terminou")
    expect(page.get_by_role("textbox", name="Texto do documento")).to_be_visible()  # written into, now that it is there
    panel = page.locator("[data-assistant]")
    panel.get_by_label("O que mudar").fill("Deixe mais claro.")
    panel.get_by_role("button", name="Pedir").click()
    proposals = panel.locator(".proposal")
    expect(proposals).to_have_count(2)
    expect(proposals.first.locator("ins")).to_contain_text("como se vê [●")
    expect(panel.get_by_label("O que mudar")).to_have_value("")
    proposals.first.get_by_role("button", name="Ver no texto").click()
    expect(page.get_by_role("textbox", name="Texto do documento").locator("p").first).to_be_in_viewport()
    expect(text).not_to_contain_text("como se vê [●")
    paper = page.get_by_role("textbox", name="Texto do documento")
    paper.press("Control+End")
    paper.press_sequentially(" Escrito logo antes.")
    proposals.first.get_by_role("button", name="Aceitar").click()
    expect(proposals).to_have_count(1)
    expect(text).to_contain_text("como se vê [●")
    expect(text).to_contain_text("Escrito logo antes.")  # what was being typed is saved first
    proposals.first.get_by_role("button", name="Rejeitar").click()
    expect(proposals).to_have_count(0)
    page.reload()
    expect(text).to_contain_text("como se vê [●")


def test_asking_leaves_what_is_being_written_alone_and_deciding_leaves_what_is_being_asked(desk: Desk) -> None:
    """What she has saved herself is no change that has to be fetched: the page is not loaded anew under her hands."""
    desk.stack.pace(tokens=30, rate=400)
    page = desk.open(desk.conversation("Como se redige uma notificação?"))
    page.get_by_role("button", name="Criar documento").click()
    page.wait_for_url(re.compile(r"/documentos/[0-9a-f-]{36}/"))
    paper = page.get_by_role("textbox", name="Texto do documento")
    paper.press("Control+End")
    paper.press_sequentially(" Escrito por ela.")
    expect(page.locator("[data-state]")).to_have_text(re.compile("^Salvo às"))
    page.evaluate("() => { globalThis.isSamePage = true; }")
    panel = page.locator("[data-assistant]")
    box = panel.get_by_label("O que mudar")
    box.fill("Deixe mais claro.")
    panel.get_by_role("button", name="Pedir").press("Enter")
    expect(box).to_be_focused()
    box.press_sequentially("E depois")
    expect(panel.locator(".proposal")).to_have_count(2)
    assert page.evaluate("() => globalThis.isSamePage") is True
    expect(box).to_have_value("E depois")
    expect(box).to_be_focused()
    proposals = panel.locator(".proposal")
    proposals.first.get_by_role("button", name="Rejeitar").press("Enter")
    expect(proposals).to_have_count(1)
    expect(box).to_have_value("E depois")
    expect(proposals.get_by_role("button").first).to_be_focused()
    proposals.get_by_role("button", name="Aceitar").click()
    expect(proposals).to_have_count(0)
    expect(paper).to_contain_text("Este trecho é simulado")  # what was accepted
    expect(paper).to_contain_text("Escrito por ela.")
    assert page.evaluate("() => globalThis.isSamePage") is True
    expect(box).to_have_value("E depois")
    paper.press("Control+End")
    paper.press_sequentially(" E mais.")
    expect(page.locator(".editor-bar [data-state]")).to_have_text(re.compile("^Salvo às"))
    page.reload()
    for words in ("Este trecho é simulado", "Escrito por ela.", "E mais."):
        expect(paper).to_contain_text(words)


def test_a_question_survives_an_ended_session(desk: Desk) -> None:
    desk.expect_fault("401")
    desk.context.clear_cookies()
    sign_in(desk.open())
    page = desk.context.pages[-1]
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto("/documentos/")
    page.get_by_label("Título do novo documento").fill("Réplica")
    page.get_by_role("button", name="Criar em branco").click()
    expect(page.get_by_role("textbox", name="Texto do documento")).to_be_visible()
    page.get_by_label("O que mudar").fill("Reforce a tutela.")
    page.wait_for_load_state()  # its scripts are there
    desk.context.clear_cookies(name="rom.sid")
    page.get_by_role("button", name="Pedir").click()
    panel = page.locator("[data-assistant]")
    expect(panel.get_by_role("alert").filter(has_text="Sua sessão terminou.")).to_be_visible()
    panel.get_by_role("link", name="Entrar de novo").click()
    sign_in(page)
    expect(page.get_by_label("O que mudar")).to_have_value("Reforce a tutela.")


def test_a_reply_becomes_a_document_with_one_click(desk: Desk) -> None:
    page = desk.open(desk.conversation("O que conferir antes de redigir um documento?"))
    page.get_by_role("button", name="Criar documento").click()
    page.wait_for_url(re.compile(r"/documentos/[0-9a-f-]{36}/"))
    expect(page.locator(".peca")).to_contain_text("Esta é uma resposta simulada")


def test_without_scripts_everything_is_done_by_forms(desks: Callable[..., Desk]) -> None:
    desk = desks(java_script_enabled=False)
    desk.stack.pace(tokens=30, rate=400)
    page = desk.open("/documentos/nova/")
    order(page)
    desk.stack.wait_until_ended()
    for _ in range(300):
        if "A redação terminou" in page.locator("[data-drafting]").inner_text():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.get_by_label("O que mudar").fill("Deixe mais claro.")
    page.get_by_role("button", name="Pedir").click()
    desk.stack.wait_until_ended()
    page.reload()
    page.get_by_role("button", name="Aceitar todas").click()
    expect(page.locator(".peca")).to_contain_text("como se vê [●")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_pages_are_legible_on_a_phone_in_both_themes(desks: Callable[..., Desk], scheme: str) -> None:
    desk = desks(viewport=PHONE, color_scheme=scheme, reduced_motion="reduce")
    desk.stack.pace(tokens=30, rate=400)
    page = desk.open("/documentos/nova/")
    legible(page)
    page.get_by_role("main").get_by_role("link", name=KIND).click()
    legible(page)
    page.get_by_role("button", name="Redigir").click()
    expect(page.locator("[data-drafting]")).to_contain_text("A redação terminou")
    page.get_by_label("O que mudar").fill("Deixe mais claro.")
    page.get_by_role("button", name="Pedir").click()
    expect(page.locator(".proposal")).to_have_count(2)
    legible(page)


def legible(page: Page) -> None:
    assert page.locator("h1").and_(page.locator(":not(.peca h1)")).count() == 1  # beside the document's own title
    assert page.evaluate(NAMELESS) == []
    assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == []
    assert not page.evaluate("() => document.scrollingElement.scrollWidth > innerWidth")
