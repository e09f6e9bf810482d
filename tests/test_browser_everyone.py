"""For everyone: by keyboard alone, without scripts, on a phone, among hostile words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, Desk, answer_of, box, rail, sign_in, text_of, wait_for_begin
from tests.client import letters
from tests.stack import LAWYER, PASSWORD

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

HOSTILE = """<script>alert(1)</script><img src=x onerror=alert(2)><svg onload=alert(3)>
[um](javascript:alert(4)) [dois](data:text/html,<script>alert(5)</script>) [três](https://example.com/lei)
![pixel](https://example.com/pixel.png) <iframe src="https://example.com"></iframe>
<style>body{display:none}</style><form action="https://example.com"><button>Entrar</button></form>
"><b onmouseover=alert(6)>x</b> {{ 7*7 }} &lt;script&gt;

</article></li></ol><h1>fora</h1>

```html
<script>alert(7)</script>
```

| <img src=x onerror=alert(8)> | b |
|---|---|
| <base href="https://example.com/"> | `<script>` |
"""
MADE_BY_THE_TEXT = "script, img, iframe, style, form, base, svg, object, [onerror], [onload], [onmouseover], [style]"


def test_hostile_words_in_question_and_answer_are_words(desk: Desk) -> None:
    desk.stack.api.script([{"kind": "answer", "text": HOSTILE, "match": "alert", "for": "answer"}])
    desk.stack.api.configure(tokens_per_second=100)
    page = desk.open()
    box(page).fill(HOSTILE)
    page.get_by_role("button", name="Enviar", exact=True).click()
    for again in (False, True):
        if again:
            page.reload()
        expect(answer_of(page)).to_have_attribute("data-status", "complete")
        expect(page.locator("[data-role=user] [data-text]")).to_contain_text("<script>alert(1)</script>")
        expect(answer_of(page).locator("[data-text]")).to_contain_text("<script>alert(1)</script>")
        expect(answer_of(page).locator("[data-text]")).to_contain_text("[imagem não carregada: pixel]")
        for text in page.locator("article [data-text]").all():
            assert text.locator(MADE_BY_THE_TEXT).count() == 0
        expect(answer_of(page).locator("[data-text]")).to_contain_text("(https://example.com/lei)")
        expect(answer_of(page).locator("[data-text] a")).to_have_count(0)
        assert page.get_by_role("heading", name="fora", level=1).count() == 0
        expect(page.locator("[data-thread] > li")).to_have_count(2)
    page.get_by_role("button", name="Renomear").click()
    page.get_by_label("Novo título").fill("<img src=x onerror=alert(9)>")
    page.get_by_label("Novo título").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("<img src=x onerror=alert(9)>")
    expect(page).to_have_title("<img src=x onerror=alert(9)> · ROM Agent")
    page.goto("/busca/?q=%3Cscript%3Ealert(1)%3C/script%3E+pixel")
    expect(page.get_by_role("heading", level=1)).to_have_text("Busca")
    page.goto("/busca/?q=pixel")
    expect(page.get_by_role("link", name="<img src=x onerror=alert(9)>").first).to_be_visible()
    assert page.locator("main").locator("img, script").count() == 0


def test_everything_is_done_by_keyboard_alone(desks: Callable[..., Desk]) -> None:
    desk = desks(email="")
    page = desk.open("/entrar/")
    keys = page.keyboard
    for _ in range(3):  # past the way to the content, and the name of the house
        keys.press("Tab")
    expect(page.get_by_label("E-mail")).to_be_focused()
    keys.type(LAWYER)
    keys.press("Tab")
    keys.type(PASSWORD)
    keys.press("Enter")
    expect(page).to_have_url(re.compile(r"/conversas/$"))
    keys.press("Tab")
    expect(page.locator(":focus")).to_have_text("Ir para a pergunta")
    expect(page.locator(":focus")).to_be_in_viewport()
    keys.press("Enter")
    expect(box(page)).to_be_focused()
    desk.stack.pace(tokens=300, rate=80)
    keys.type("Quem pode embargar?")
    keys.press("Enter")
    wait_for_begin(page)
    keys.press("Escape")
    expect(answer_of(page)).to_have_attribute("data-status", "stopped")
    reach(page, "Continuar")
    keys.press("Enter")
    desk.check_whole(page, "Quem pode embargar?")
    reach(page, "Renomear")
    keys.press("Enter")
    expect(page.get_by_label("Novo título")).to_be_focused()
    keys.press("ControlOrMeta+a")
    keys.type("Embargos")
    keys.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Embargos")


def reach(page: Page, name: str, most: int = 150) -> None:
    """Presses Tab until the control has the focus, and sees that the focus shows at every stop."""
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.locator(":focus")
        if not focus.count():
            continue  # the browser's own controls, before it begins anew
        if (focus.text_content() or "").strip() == name:
            outline = focus.evaluate("(element) => getComputedStyle(element).outlineStyle")
            assert outline != "none", f"{name}: nothing shows that it has the focus"
            return
    pytest.fail(f"Tab does not get to {name}")


def test_without_scripts_the_whole_work_is_done_by_forms(desks: Callable[..., Desk]) -> None:
    desk = desks(email="", java_script_enabled=False)
    page = desk.open()
    sign_in(page)
    desk.stack.pace(tokens=200, rate=100)
    box(page).fill("Defina litisconsórcio.")
    page.get_by_role("button", name="Enviar", exact=True).click()
    refresh = page.locator("noscript a")  # Playwright's other locators look into no <noscript>
    expect(refresh).to_have_text("Atualizar para ver mais")
    refresh.click()
    page.get_by_role("button", name="Parar").click()
    desk.stack.wait_until_ended()
    page.reload()
    expect(answer_of(page)).to_contain_text("Parada a pedido")
    answer_of(page).get_by_role("button", name="Continuar").click()
    desk.stack.wait_until_ended()
    page.reload()
    desk.check_whole(page, "Defina litisconsórcio.")
    expect(page.get_by_role("button", name="Copiar")).to_have_count(0)
    answer_of(page).get_by_role("button", name="Refazer").click()
    desk.stack.wait_until_ended()
    page.reload()
    expect(page.get_by_role("group", name="Versões da resposta")).to_contain_text("2 de 2")
    page.get_by_role("link", name="Editar a pergunta").click()
    box(page).fill("Defina assistência.")
    page.get_by_role("button", name="Enviar de novo").click()
    desk.stack.wait_until_ended()
    page.reload()
    desk.check_whole(page, "Defina assistência.")
    page.get_by_role("button", name="Renomear").click()
    page.get_by_label("Novo título").fill("Intervenção de terceiros")
    page.get_by_label("Novo título").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Intervenção de terceiros")
    page.get_by_role("button", name="Arquivar").click()
    page.get_by_role("button", name="Restaurar").first.click()
    page.get_by_role("button", name="Excluir").click()
    page.get_by_role("button", name="Desfazer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Intervenção de terceiros")
    page.get_by_role("button", name="Sair").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Entrar")


def test_on_a_phone_the_conversations_are_in_a_drawer_and_nothing_is_cut_off(desks: Callable[..., Desk]) -> None:
    desk = desks(viewport=PHONE, has_touch=True, is_mobile=True)
    path = desk.conversation("Defina retrovenda.")
    page = desk.open()
    expect(rail(page)).to_be_hidden()
    page.get_by_role("button", name="Conversas e conta").tap()
    expect(rail(page)).to_be_visible()
    page.touchscreen.tap(PHONE["width"] - 5, 400)
    expect(rail(page)).to_be_hidden()
    page.get_by_role("button", name="Conversas e conta").tap()
    rail(page).get_by_role("link", name="Defina retrovenda").tap()
    expect(page).to_have_url(re.compile(path))
    expect(rail(page)).to_be_hidden()
    page.get_by_role("button", name="Ações da conversa").tap()
    page.get_by_role("button", name="Fixar", exact=True).tap()
    page.get_by_role("button", name="Ações da conversa").tap()
    expect(page.get_by_role("button", name="Desafixar")).to_be_in_viewport()
    page.get_by_role("button", name="Desafixar").tap()
    desk.stack.pace(tokens=300, rate=100)
    box(page).fill("E o preço?")
    page.get_by_role("button", name="Enviar", exact=True).tap()
    wait_for_begin(page)
    expect(page.get_by_role("button", name="Parar")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Enviar", exact=True)).to_be_hidden()
    page.get_by_role("button", name="Parar").tap()
    expect(answer_of(page)).to_have_attribute("data-status", "stopped")
    assert letters(desk.stack.answer_to("E o preço?")).startswith(text_of(page))
    assert not page.evaluate("() => document.scrollingElement.scrollWidth > innerWidth")
    small = "(e) => { const box = e.getBoundingClientRect(); return box.height < 24 || box.width < 24; }"
    for button in page.locator("main button:visible").all():
        assert not button.evaluate(small), f"too small for a finger: {button.text_content()}"
    field = box(page)
    field.fill("Uma linha")
    field.press("Enter")
    expect(field).to_have_value("Uma linha\n")
