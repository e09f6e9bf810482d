"""A document is shown at once; the editor comes when one first wants to write, and nothing is lost while it comes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import Desk
from tests.client import PATIENCE
from tests.test_browser_editor import SAVED, path, shown_document, state, stored, text
from tests.test_browser_editor_pasting import paste

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

EDITOR = "**/django_prose_editor/**"


class Held:
    """The document, opened anew over a line on which the editor's script does not come until it is let go."""

    def __init__(self, page: Page) -> None:
        self.page, self.is_open = page, False
        self.routes: list[Route] = []
        page.mouse.move(0, 0)
        page.route(EDITOR, self.came)
        page.goto(path(page))

    def came(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.routes.append(route)

    def let_go(self) -> None:
        for _ in range(int(PATIENCE) * 20):
            if self.routes:
                break
            self.page.wait_for_timeout(50)
        assert self.routes, "nobody has asked for it"
        expect(editor(self.page)).to_have_count(0)
        self.is_open = True
        for route in self.routes:
            route.continue_()


def editor(page: Page):  # type: ignore[no-untyped-def]
    return page.locator(".ProseMirror")


def test_who_only_reads_is_not_sent_the_editor(desk: Desk) -> None:
    page = shown_document(
        desk, "<h2>Fatos</h2>\n<p>Em [● data], [● <strong>nome</strong> dele].</p>\n<p></p>\n<p>Fim.</p>"
    )
    held = Held(page)
    listed = page.get_by_role("region", name="Lacunas").get_by_role("button")
    expect(listed).to_have_text(["data", "nome dele"])
    expect(page.locator(".peca .blank")).to_have_text(["[● data]", "[● ", "nome", " dele]"])
    expect(page.locator("[data-size]")).to_have_text("8 palavras, cerca de 1 página")
    expect(page.get_by_role("toolbar")).to_be_visible()
    assert held.routes == []
    text(page).hover()
    heights = page.locator(".peca > *").evaluate_all("(all) => all.map((e) => e.getBoundingClientRect().top)")
    held.let_go()
    expect(editor(page)).to_be_visible()
    expect(page.locator(".peca .blank")).to_have_text(["[● data]", "[● ", "nome", " dele]"])
    after = page.locator(".peca > *").evaluate_all("(all) => all.map((e) => e.getBoundingClientRect().top)")
    assert after == heights, "the text has moved under the eye"


def test_what_is_typed_and_pasted_while_the_editor_comes_is_all_there(desk: Desk) -> None:
    paragraphs = [f"<p>Parágrafo {number} de um texto que já está aqui.</p>" for number in range(60)]
    page = shown_document(desk, "\n".join(paragraphs))
    held = Held(page)
    text(page).locator("p").nth(40).click()
    page.keyboard.press("End")
    page.keyboard.type(" É a 1ª,  com ção.")
    page.keyboard.press("Enter")
    page.keyboard.type("Outra: ")
    paste(page, "<b>colado</b>")
    page.keyboard.type(" e mais")
    expect(state(page)).to_have_text("Alterações ainda não salvas")
    scrolled = page.evaluate("() => document.scrollingElement.scrollTop")
    held.let_go()
    expect(editor(page)).to_be_visible()
    assert page.evaluate("() => document.scrollingElement.scrollTop") == pytest.approx(scrolled, abs=1)
    expect(text(page)).to_be_focused()
    page.keyboard.type("!")
    expect(state(page)).to_have_text(SAVED)
    paragraphs[40] = paragraphs[40].replace("</p>", " É a 1ª,  com ção.</p>")
    paragraphs.insert(41, "<p>Outra: <strong>colado</strong> e mais!</p>")
    assert stored(desk, page).split("\n") == paragraphs


def test_into_an_empty_document_too_and_what_is_taken_back_is_no_change(desk: Desk) -> None:
    page = shown_document(desk)
    held = Held(page)
    text(page).click()
    page.keyboard.type("x")
    expect(state(page)).to_have_text("Alterações ainda não salvas")
    page.keyboard.press("Backspace")
    held.let_go()
    expect(state(page)).to_contain_text("Salvo em ")
    assert page.evaluate("() => Object.keys(localStorage)") == []
    page.keyboard.type("Um")
    page.keyboard.press("Enter")
    page.keyboard.type("Dois")
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>Um</p>\n<p>Dois</p>"


def test_what_was_chosen_in_the_bar_and_in_the_list_is_done_when_it_has_come(desk: Desk) -> None:
    page = shown_document(desk, "<p>Em [● data do contrato], pagou.</p>")
    held = Held(page)
    page.get_by_role("button", name="data do contrato").click()
    page.keyboard.type("maio")
    page.keyboard.press("Control+a")
    page.get_by_role("button", name="Negrito").click()
    page.get_by_label("Estilo do parágrafo").select_option("Parágrafo numerado")
    page.keyboard.press("Control+s")
    held.let_go()
    expect(state(page)).to_contain_text("guardada às")
    assert stored(desk, page) == '<p class="numerado"><strong>Em maio, pagou.</strong></p>'


def test_a_letter_and_its_accent_are_not_parted(desk: Desk) -> None:
    page = shown_document(desk, "<p>Est</p>")
    held = Held(page)
    text(page).click()
    page.keyboard.press("Control+End")
    keys = page.context.new_cdp_session(page)
    keys.send("Input.imeSetComposition", {"text": "´", "selectionStart": 1, "selectionEnd": 1})
    with page.expect_response("**/editor-writing*"):
        held.let_go()
    page.wait_for_timeout(500)  # it has come, and waits
    expect(editor(page)).to_have_count(0)
    expect(text(page)).to_have_text("Est´")
    keys.send("Input.insertText", {"text": "á"})
    expect(editor(page)).to_be_visible()
    page.keyboard.type(" certo")
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>Está certo</p>"


def test_a_reload_before_it_has_come_loses_no_letter(desk: Desk) -> None:
    page = shown_document(desk, "<p>Começo.</p>")
    held = Held(page)
    text(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Meia fra")
    held.is_open = True
    page.reload()
    expect(text(page)).to_have_text("Começo. Meia fra")
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>Começo. Meia fra</p>"


def test_without_a_connection_one_writes_on_and_it_comes_when_there_is_one(desk: Desk) -> None:
    desk.expect_fault("ERR_FAILED")
    page = shown_document(desk)
    page.mouse.move(0, 0)
    page.route(EDITOR, lambda route: route.abort())
    page.goto(path(page))
    text(page).click()
    page.keyboard.type("No fórum, sem sinal.")
    expect(state(page)).to_have_text("Sem conexão: seu texto está guardado neste navegador.")
    page.keyboard.type(" Sigo.")
    page.unroute(EDITOR)
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>No fórum, sem sinal. Sigo.</p>"
    assert page.evaluate("() => Object.keys(localStorage)") == []


def test_an_editor_that_the_server_has_no_more_is_said_and_the_words_are_kept(desk: Desk) -> None:
    desk.expect_fault("404")
    page = shown_document(desk)
    page.mouse.move(0, 0)
    page.route(EDITOR, lambda route: route.fulfill(status=404))
    page.goto(path(page))
    text(page).click()
    page.keyboard.type("Antes da nova versão.")
    expect(state(page)).to_contain_text("Não foi possível abrir o editor")
    page.unroute(EDITOR)
    state(page).get_by_role("link", name="Recarregar a página").click()
    expect(text(page)).to_have_text("Antes da nova versão.")
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>Antes da nova versão.</p>"
