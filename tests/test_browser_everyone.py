"""For everyone: by keyboard alone, without scripts, on a phone, in the dark, with a screen reader, among hostile words."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, Desk, answer_of, box, rail, sign_in, text_of, wait_for_begin
from tests.client import letters, wait_until
from tests.stack import LAWYER, PASSWORD
from uploads.tests.papers import pdf

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
ACCOUNT = (
    "/conta/seguranca/",
    "/conta/seguranca/sessoes/",
    "/conta/seguranca/confirmar/",
    "/conta/seguranca/obrigatorio/",
)
MADE_BY_THE_TEXT = "script, img, iframe, style, form, base, svg, object, [onerror], [onload], [onmouseover], [style]"

# Every element that shows text of its own, and how much it stands out (https://www.w3.org/TR/WCAG21/#contrast-minimum).
CONTRASTS = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const channels = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = (front, back) => front.slice(0, 3).map((c, i) => c * front[3] + back[i] * (1 - front[3]));
  const luminance = (rgb) => rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => element
    ? over(channels(getComputedStyle(element).backgroundColor), ground(element.parentElement))
    : channels("Canvas").slice(0, 3);
  const own = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const seen = (element) => element.checkVisibility({ opacityProperty: true, visibilityProperty: true })
    && element.getBoundingClientRect().width > 1 && !element.matches(":disabled");
  return [...document.body.querySelectorAll("*")].filter((e) => own(e) && seen(e)).map((element) => {
    const back = ground(element);
    const [dark, light] = [back, over(channels(getComputedStyle(element).color), back)].map(luminance).sort((a, b) => a - b);
    return [(light + 0.05) / (dark + 0.05), `${element.tagName} ${element.className}: ${element.textContent.trim()}`];
  });
}"""

# What a screen reader could not name, and what is there twice.
NAMELESS = """() => {
  const named = (e) => e.getAttribute("aria-label") || e.getAttribute("aria-labelledby") || e.innerText?.trim()
    || e.textContent.trim() || [...(e.labels ?? [])].some((label) => label.textContent.trim());
  const controls = document.querySelectorAll("a[href], button, input, select, textarea, nav, [role=group]");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  const pointing = [...document.querySelectorAll("[aria-describedby], [aria-labelledby], [aria-controls], label[for]")];
  const targets = pointing.flatMap((e) => ["aria-describedby", "aria-labelledby", "aria-controls", "for"]
    .flatMap((name) => e.getAttribute(name)?.split(" ") ?? []));
  return [
    ...[...controls].filter((e) => !named(e) && e.type !== "hidden" && !e.hidden).map((e) => `without a name: ${e.outerHTML.slice(0, 120)}`),
    ...ids.filter((id, i) => ids.indexOf(id) !== i).map((id) => `there twice: #${id}`),
    ...targets.filter((id) => !document.getElementById(id)).map((id) => `points nowhere: #${id}`),
  ];
}"""


def pages_of(desk: Desk) -> list[str]:
    """One address of each kind of page."""
    desk.stack.api.script([{"kind": "stop_reason", "stop_reason": "max_tokens", "after_tokens": 40, "for": "answer"}])
    cut = desk.conversation("Defina laudêmio.")
    whole = desk.conversation("Defina usufruto.")
    visitor = desk.stack.visitor()
    visitor.post(f"{desk.conversation('Defina comodato.')}arquivar/")
    question = desk.stack.rows("SELECT id FROM messages WHERE role = 'user' ORDER BY id DESC LIMIT 1")[0]["id"]
    lists = ["/conversas/", "/conversas/arquivadas/", "/busca/?q=usufruto", "/busca/?q=xyzw"]
    lists += ["/projetos/novo/", "/projetos/", "/projetos/?situacao=encerrados", *of_project(desk), f"{whole}projeto/"]
    lists += of_files(desk)
    others = ["/meu-uso/", "/senha/alterar/", "/sair/", "/nada-disso/", *ACCOUNT]
    return [*lists, cut, whole, f"/mensagens/{question}/editar/", *others]


def of_project(desk: Desk) -> list[str]:
    """The pages of a project with a conversation and two people in it; held, so that its page says so."""
    visitor = desk.stack.visitor()
    case = {"name": "Nunes × Prado", "case_number": "5123456-19.2026.8.07.0001", "instructions": "Siga."}
    visitor.post("/projetos/novo/", case)
    page = f"/projetos/{desk.stack.rows('SELECT id FROM projects ORDER BY id DESC LIMIT 1')[0]['id']}/"
    visitor.post(f"{page}participantes/", {"email": "colega@exemplo.adv.br", "role": "viewer"})
    visitor.post(f"{page}preservar/", {"preservar": "1"})
    return [page, f"{page}editar/", f"/conversas/?projeto={page.split('/')[2]}"]


def of_files(desk: Desk) -> list[str]:
    """The pages of files: of one that is read, one that is protected, one that is no document."""
    visitor = desk.stack.visitor()
    read, locked, refused = (
        visitor.send(name, content)
        for name, content in (
            ("autos.pdf", pdf(["Folha um dos autos", ""])),
            ("protegido.pdf", pdf(["Folha"], password="segredo")),
            ("programa.pdf", b"\x7fELF" + bytes(100)),
        )
    )
    moving = (
        "SELECT 1 FROM uploads WHERE id = ANY(%s::uuid[])"
        " AND (upload_status IN ('pending', 'processing') OR transcription = 'working')"
    )
    sent = [str(pk) for pk in (read, locked, refused)]
    wait_until(lambda: not desk.stack.rows(moving, sent), "the files are read")
    page = f"/arquivos/{read}/"
    others = [f"/arquivos/{locked}/", f"/arquivos/{refused}/", "/arquivos/", "/arquivos/juntar/"]
    pages = [f"{page}paginas/1/?trecho=um+dos+autos", f"{page}paginas/2/?trecho=nada+disso", f"{page}resumo/"]
    return [page, *pages, f"{page}projeto/", *others]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_legible_and_has_one_heading_landmarks_and_names(desks: Callable[..., Desk], scheme: str) -> None:
    desk = desks(color_scheme=scheme, reduced_motion="reduce")
    desk.expect_fault("404")
    signed_out = desks(email="", color_scheme=scheme, reduced_motion="reduce")
    page, entrance = desk.open(), signed_out.open("/entrar/")
    for shown, paths in ((page, pages_of(desk)), (entrance, ["/entrar/", "/senha/esqueci/"])):
        for path in paths:
            shown.goto(path)
            where = f"{path} ({scheme})"
            assert shown.locator("html").get_attribute("lang") == "pt-BR", where
            assert shown.get_by_role("heading", level=1).count() == 1, where
            assert shown.get_by_role("main").count() == 1, where
            assert shown.title().endswith(" · ROM Agent"), where
            assert shown.evaluate(NAMELESS) == [], where
            contrasts = shown.evaluate(CONTRASTS)
            assert len(contrasts) > 3, where
            assert [found for found in contrasts if found[0] < 4.5] == [], where
            sideways = "() => document.scrollingElement.scrollWidth > innerWidth"
            assert not shown.evaluate(sideways), f"{where} scrolls sideways"
    paper = page.evaluate("() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)[0]")
    assert (paper > 128) == (scheme == "light")


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
