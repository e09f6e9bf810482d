"""Writing a document: what is typed is saved, nobody's words are written over, and no word is lost on the way."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import PHONE, Desk
from tests.looking import CONTRASTS, NAMELESS

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

KEYS = 40
MOST_FOR_A_KEY = 0.06  # seconds; 0.02 on the machine that this was written on (`benchmarks/keys.py`)
SAVED = re.compile(r"Salvo às \d\d:\d\d")


def new_document(desk: Desk, content: str = "") -> Page:
    """A document of her own, open in the editor, which is there already."""
    page = shown_document(desk, content)
    wake(page)
    return page


def wake(page: Page) -> None:
    """Comes near the text, and waits for the editor."""
    text(page).hover()
    expect(page.locator(".ProseMirror")).to_be_visible()


def shown_document(desk: Desk, content: str = "") -> Page:
    """A document of her own; its text is put there by the server's own ways."""
    page = desk.open("/documentos/")
    page.get_by_label("Título do novo documento").fill(f"Contestação {uuid4().hex[:8]}")
    page.get_by_role("button", name="Criar em branco").click()
    expect(text(page)).to_be_visible()
    if content:
        save(desk, page, content)
        page.reload()
        expect(text(page)).to_be_visible()
    return page


def save(desk: Desk, page: Page, content: str) -> None:
    """As another window of hers would have saved it."""
    token = page.locator("main [name=csrfmiddlewaretoken]").first.input_value()
    form = {"revision": str(revision(desk, page)), "content": content, "csrfmiddlewaretoken": token}
    answer = page.request.post(f"{path(page)}salvar/", form=form, headers={"HX-Request": "true"})
    assert answer.status == 200, answer.text()


def style(page: Page, name: str) -> None:
    """Chosen in the list at the head; then one writes on."""
    page.get_by_label("Estilo do parágrafo").select_option(name)
    text(page).focus()


def path(page: Page) -> str:
    return re.sub(r"^https?://[^/]+|[?#].*$", "", page.url)


def key(page: Page) -> str:
    return path(page).split("/")[2]


def revision(desk: Desk, page: Page) -> int:
    return int(desk.stack.rows("SELECT revision FROM documents WHERE id = %s", key(page))[0]["revision"])


def stored(desk: Desk, page: Page) -> str:
    return str(desk.stack.rows("SELECT content FROM documents WHERE id = %s", key(page))[0]["content"])


def text(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Texto do documento")


def state(page: Page) -> Locator:
    return page.locator("[data-state]")


def test_what_is_typed_is_saved_by_itself_and_is_there_again(desk: Desk) -> None:
    page = new_document(desk)
    text(page).click()
    page.keyboard.type("Vem o réu contestar: § 1º, “nada deve”.")
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>Vem o réu contestar: § 1º, “nada deve”.</p>"
    page.reload()
    expect(text(page)).to_have_text("Vem o réu contestar: § 1º, “nada deve”.")


def test_a_reload_in_the_middle_of_a_sentence_loses_no_letter(desk: Desk) -> None:
    page = new_document(desk)
    text(page).click()
    page.keyboard.type("Meia fra")
    page.reload()
    expect(text(page)).to_have_text("Meia fra")
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>Meia fra</p>"


def test_the_title_is_written_at_the_head_and_saved_too(desk: Desk) -> None:
    page = new_document(desk)
    page.get_by_label("Título do documento").fill("Réplica à contestação")
    expect(state(page)).to_have_text(SAVED)
    page.reload()
    expect(page.get_by_label("Título do documento")).to_have_value("Réplica à contestação")


def test_headings_and_paragraphs_are_made_by_the_bar_and_by_keys_and_count_themselves(desk: Desk) -> None:
    page = new_document(desk)
    text(page).click()
    style(page, "I. Capítulo")
    page.keyboard.type("Dos fatos")
    page.keyboard.press("Enter")
    page.keyboard.press("Control+Shift+Digit4")
    page.keyboard.type("Primeiro.")
    page.keyboard.press("Enter")
    page.keyboard.type("Segundo, ")
    page.keyboard.press("Control+b")
    page.keyboard.type("forte")
    page.keyboard.press("Control+b")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # an empty one becomes a plain paragraph
    page.keyboard.type("Depois.")
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page).split("\n") == [
        "<h2>Dos fatos</h2>", '<p class="numerado">Primeiro.</p>',
        '<p class="numerado">Segundo, <strong>forte</strong></p>', "<p>Depois.</p>",
    ]  # fmt: skip
    shown = "(e) => getComputedStyle(e, '::before').content"
    assert page.locator(".peca h2").evaluate(shown) == 'counter(part, upper-roman) ". "'


def test_lists_quotes_and_tables(desk: Desk) -> None:
    page = new_document(desk)
    text(page).click()
    page.get_by_role("button", name="Lista de alíneas").click()
    page.keyboard.type("uma")
    page.keyboard.press("Enter")
    page.keyboard.type("outra")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    style(page, "Citação longa")
    page.keyboard.type("Diz a lei.")
    style(page, "Texto")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Inserir tabela").click()
    page.keyboard.type("Parcela")
    page.keyboard.press("Tab")
    page.keyboard.type("Valor")
    page.get_by_role("button", name="Excluir coluna").click()
    page.get_by_role("button", name="Linha abaixo").click()
    expect(page.locator(".peca tr")).to_have_count(4)
    expect(state(page)).to_have_text(SAVED)
    html = stored(desk, page)
    assert '<ol type="a"><li><p>uma</p></li><li><p>outra</p></li></ol>' in html
    assert "Diz a lei." in html
    assert html.count("<tr>") == 4
    assert html.count("<th>") == 2
    page.get_by_role("button", name="Excluir tabela").click()
    expect(page.locator(".peca table")).to_have_count(0)
    page.get_by_role("button", name="Desfazer").click()
    expect(page.locator(".peca table")).to_have_count(1)


def test_what_is_shown_is_what_is_stored(desk: Desk) -> None:
    """Opening a document and saving it as the editor has it changes nothing."""
    html = "\n".join([
        "<h1>CONTESTAÇÃO</h1>", "<h2>Dos  fatos</h2>", "<h3>Um</h3>", "<h4>Sub</h4>",
        '<p class="numerado">Com <strong>negrito </strong><strong><em>e itálico</em></strong>, <u>grifo</u>, m<sup>2</sup>, H<sub>2</sub>O.</p>',
        "<p>Linha<br>outra</p>", '<p class="centro">No centro</p>', '<p class="direita">À direita</p>', "<p></p>",
        "<blockquote><p>Uma</p><p>Duas</p></blockquote>",
        '<ol start="4"><li><p>quatro</p><p>continua</p><ul><li><p>fundo</p></li></ul></li></ol>',
        '<ol type="I"><li><p>inciso</p></li></ol>',
        '<table><tbody><tr><th><p>A</p></th><th colspan="2"><p>B</p></th></tr><tr><td><p>1</p></td><td><p>2</p></td><td><p>3</p></td></tr></tbody></table>',
        "<p>Fim.</p>",
    ])  # fmt: skip
    page = new_document(desk, html)
    assert stored(desk, page) == html
    before = revision(desk, page)
    text(page).locator("p").last.click()
    page.keyboard.press("End")
    page.keyboard.type("!")
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == html.replace("<p>Fim.</p>", "<p>Fim.!</p>")
    assert revision(desk, page) == before + 1


def test_blanks_are_marked_listed_and_filled_from_the_list(desk: Desk) -> None:
    page = new_document(desk, "<p>Em [● data do contrato], as partes [● nome] ajustaram.</p>")
    listed = page.get_by_role("region", name="Lacunas")
    expect(listed.get_by_role("button")).to_have_text(["data do contrato", "nome"])
    expect(page.locator(".peca .blank")).to_have_count(2)
    listed.get_by_role("button", name="data do contrato").click()
    page.keyboard.type("2 de maio de 2025")
    expect(listed.get_by_role("button")).to_have_text(["nome"])
    expect(page.locator(".peca .blank")).to_have_text(["[● nome]"])
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>Em 2 de maio de 2025, as partes [● nome] ajustaram.</p>"
    text(page).press("Control+End")
    page.get_by_role("button", name="Marcar o que falta").click()
    page.keyboard.type("valor")
    expect(listed.get_by_role("button")).to_have_text(["nome", "valor"])


def test_ctrl_s_keeps_a_version(desk: Desk) -> None:
    page = new_document(desk)
    text(page).click()
    page.keyboard.type("Para guardar.")
    page.keyboard.press("Control+s")
    expect(state(page)).to_contain_text("guardada às")
    page.get_by_role("link", name="Versões").click()
    expect(page.get_by_role("link", name="Versão 2")).to_be_visible()
    page.get_by_role("button", name="Comparar", exact=True).click()
    expect(page.get_by_text("Nada mudou no texto.")).to_be_visible()


def test_the_caret_is_where_the_last_key_has_put_it_however_fast_they_come(desk: Desk) -> None:
    page = new_document(
        desk, "\n".join(f"<p>Parágrafo {number} de um texto que já está aqui.</p>" for number in range(40))
    )
    for turn in range(24):
        page.get_by_label("Título do documento").focus()
        page.wait_for_timeout(30)
        text(page).click()  # in the middle of it
        page.keyboard.press("Control+End")
        if turn % 2:
            page.keyboard.press("Enter")
        page.keyboard.type(f"#{turn}#")
        assert text(page).evaluate("(element) => element.textContent").endswith(f"#{turn}#")


# For everyone ------------------------------------------------------------------------------------


def test_by_keyboard_alone(desk: Desk) -> None:
    page = new_document(desk)
    text(page).focus()
    page.keyboard.type("Palavra")
    page.keyboard.press("Control+a")
    page.keyboard.press("Alt+F10")
    expect(page.get_by_label("Estilo do parágrafo")).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Negrito")).to_be_focused()
    page.keyboard.press("Enter")
    expect(text(page)).to_be_focused()
    expect(page.get_by_role("button", name="Negrito")).to_have_attribute("aria-pressed", "true")
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p><strong>Palavra</strong></p>"
    page.keyboard.press("Alt+F10")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Estilo do parágrafo")).to_be_focused()  # until one has chosen
    page.keyboard.press("Enter")
    expect(text(page)).to_be_focused()
    expect(page.locator(".peca h2")).to_have_text("Palavra")


def test_the_bar_can_be_reached_when_the_last_button_used_is_gone(desk: Desk) -> None:
    page = new_document(desk, "<table><tr><td>1</td></tr></table>\n<p>Depois.</p>")
    text(page).locator("td").click()
    page.get_by_role("button", name="Excluir tabela").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".peca table")).to_have_count(0)
    expect(page.get_by_role("button", name="Excluir tabela")).to_be_hidden()
    page.keyboard.press("Alt+F10")
    expect(page.get_by_label("Estilo do parágrafo")).to_be_focused()


def test_without_javascript_it_is_read_and_named_and_says_what_writing_needs(
    desk: Desk, desks: Callable[..., Desk]
) -> None:
    page = new_document(desk, "<h2>Fatos</h2>\n<p>O texto.</p>")
    plain = desks(java_script_enabled=False).open(path(page))
    expect(plain.get_by_text("Para escrever neste documento é preciso JavaScript.")).to_be_visible()
    expect(plain.locator("article.peca")).to_contain_text("O texto.")
    expect(plain.get_by_role("toolbar")).to_have_count(0)
    plain.get_by_label("Título do documento").fill("Outro nome")
    plain.get_by_role("button", name="Salvar título").click()
    expect(plain.get_by_label("Título do documento")).to_have_value("Outro nome")
    expect(plain.get_by_text("O documento foi salvo.")).to_be_visible()
    assert stored(desk, page) == "<h2>Fatos</h2>\n<p>O texto.</p>"


@pytest.mark.parametrize("options", [{}, {"color_scheme": "dark"}, {"viewport": PHONE}], ids=["light", "dark", "phone"])
def test_everything_has_a_name_and_stands_out(desks: Callable[..., Desk], options: dict[str, Any]) -> None:
    desk = desks(**options)
    page = new_document(
        desk, '<h2>Fatos</h2>\n<p class="numerado">Em [● data], pagou.</p>\n<table><tr><td>1</td></tr></table>'
    )
    expect(page.get_by_role("region", name="Lacunas").get_by_role("button")).to_have_count(1)
    text(page).locator("td").click()
    expect(page.get_by_role("button", name="Linha abaixo")).to_be_visible()
    check_page(page, "editor", options)
    page.keyboard.type("Mudança ")
    page.keyboard.press("Control+s")
    expect(state(page)).to_contain_text("guardada às")
    page.goto(f"{path(page)}versoes/")
    check_page(page, "versoes", options)
    page.goto(f"{path(page)}1/")
    check_page(page, "versao", options)
    page.get_by_role("link", name="Comparar com o texto atual").click()
    expect(page.locator("ins").first).to_be_visible()
    check_page(page, "comparar", options)


def check_page(page: Page, name: str, options: dict[str, Any]) -> None:
    assert page.evaluate(NAMELESS) == []
    assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == []
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    if folder := os.environ.get("EDITOR_PICTURES"):
        page.screenshot(path=f"{folder}/{name}-{'-'.join(options) or 'light'}.png", full_page=True)


def test_long_documents_are_written_in_without_a_lag(desk: Desk) -> None:
    """Sixty pages: what the page's main thread works for a key, in its own time, so that a busy machine is no excuse."""
    paragraph = (
        '<p class="numerado">' + "A parte autora sustenta que o contrato foi descumprido em [● data]. " * 12 + "</p>"
    )
    page = new_document(desk, "\n".join(["<h2>Dos fatos</h2>", *[paragraph] * 215]))
    expect(page.locator("[data-size]")).to_contain_text("cerca de 60 páginas")
    text(page).locator("p").nth(100).click()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})

    def worked() -> float:
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(float(metric["value"]) for metric in metrics if metric["name"] == "TaskDuration")

    before = worked()
    for _ in range(KEYS):
        page.keyboard.type("x")
        page.wait_for_timeout(30)
    assert (worked() - before) / KEYS < MOST_FOR_A_KEY
    expect(state(page)).to_have_text(SAVED)
    assert "x" * KEYS in stored(desk, page)
