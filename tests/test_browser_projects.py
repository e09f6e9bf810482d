"""Projects at a real browser: made by keyboard alone, read by a colleague, and closed to her in mid-sentence."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Desk, answer_of, ask, box, rail, wait_for_begin

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser
COLLEAGUE = "colega@exemplo.adv.br"


def tab_to(page: Page, name: str, role: str = "") -> None:
    """Presses Tab until what is called so has the focus."""
    wanted = page.get_by_role(role, name=name) if role else page.get_by_label(name)  # type: ignore[arg-type]
    for _ in range(200):
        if wanted.first.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the focus never came to {name}")


def make(page: Page, name: str) -> str:
    """A project with that name; its path."""
    page.goto("/projetos/novo/")
    page.get_by_label("Nome").fill(name)
    page.get_by_role("button", name="Criar o projeto").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return page.url.partition("//")[2].partition("/")[2].partition("#")[0]


def add(page: Page, role: str) -> None:
    page.get_by_label("Adicionar pelo e-mail").fill(COLLEAGUE)
    page.get_by_label("Papel", exact=True).select_option(role)
    page.get_by_role("button", name="Adicionar").click()
    expect(page.get_by_text("participa do projeto.")).to_be_visible()


def test_a_project_is_made_by_keyboard_alone(desk: Desk) -> None:
    page = desk.open("/projetos/")
    tab_to(page, "Novo projeto", "link")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Novo projeto")
    tab_to(page, "Nome")
    page.keyboard.type("Silva × Souza")
    page.keyboard.press("Tab")
    number, said = page.get_by_label("Número do processo"), page.locator("[data-number-said]")
    expect(number).to_be_focused()
    page.keyboard.type("1234567302025809005")
    expect(said).to_be_empty()  # nothing to say before it is whole
    page.keyboard.type("1")
    expect(said).to_contain_text("o dígito verificador deveria ser")
    expect(number).to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Control+A")
    page.keyboard.type("12345670320258090051")
    expect(said).to_contain_text("TJGO · Tribunal de Justiça de Goiás")
    expect(number).to_have_value("12345670320258090051")  # not touched while she types
    page.keyboard.press("Tab")
    expect(number).to_have_value("1234567-03.2025.8.09.0051")
    page.keyboard.type("Ana Silva")
    tab_to(page, "Criar o projeto", "button")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Silva × Souza")
    expect(page.locator(".case-facts").first).to_contain_text("Ana Silva")
    expect(rail(page).get_by_role("link", name="Silva × Souza")).to_have_attribute("aria-current", "page")
    tab_to(page, "Adicionar pelo e-mail")
    page.keyboard.type(COLLEAGUE)
    page.keyboard.press("Enter")
    expect(page.get_by_text("participa do projeto.")).to_be_visible()
    tab_to(page, "Nova conversa neste projeto", "link")
    page.keyboard.press("Enter")
    tab_to(page, "Sua pergunta")
    page.keyboard.type("Qual é o prazo da contestação?")
    page.keyboard.press("Enter")
    expect(answer_of(page)).to_have_attribute("data-status", "complete")
    expect(
        page.get_by_role("banner").or_(page.locator(".work-head")).get_by_role("link", name="Silva × Souza")
    ).to_be_visible()


def test_a_wrong_number_is_kept_and_said_without_a_script(desks: Callable[..., Desk]) -> None:
    desk = desks(java_script_enabled=False)
    desk.expect_fault("422")
    page = desk.open("/projetos/novo/")
    page.get_by_label("Nome").fill("Silva × Souza")
    page.get_by_label("Número do processo").fill("0000001-23.2026.8.26.0100")
    page.get_by_role("button", name="Criar o projeto").click()
    expect(page.get_by_role("alert")).to_contain_text("o dígito verificador deveria ser 68")
    expect(page.get_by_label("Número do processo")).to_have_value("0000001-23.2026.8.26.0100")
    page.get_by_label("Número do processo").fill("0000001-68.2026.8.26.0100")
    page.get_by_role("button", name="Criar o projeto").click()
    expect(page.locator(".case-facts")).to_contain_text("TJSP · Tribunal de Justiça de São Paulo")


def test_a_viewer_reads_a_reply_as_it_grows_until_she_is_removed(desks: Callable[..., Desk]) -> None:
    hers, colleagues = desks(), desks(email=COLLEAGUE)
    page = hers.open()
    project = f"/{make(page, 'Espólio de exemplo')}"
    add(page, "viewer")
    page.get_by_role("link", name="Nova conversa neste projeto").click()
    hers.stack.pace(tokens=4_000, rate=50, first=1)
    ask(page, "Explique a sucessão legítima.")
    expect(page).to_have_url(re.compile(r"/conversas/[0-9a-f-]{36}/"))
    reading = colleagues.open(f"/{page.url.partition('//')[2].partition('/')[2]}")
    wait_for_begin(reading)
    expect(box(reading)).to_have_count(0)
    expect(reading.get_by_text("Você só lê este projeto")).to_be_visible()
    expect(reading.locator(".asker")).to_have_text("Advogada de demonstração")
    colleagues.expect_fault("404")
    manage = hers.open(project)
    manage.get_by_role("button", name=re.compile("Remover")).click()
    expect(manage.get_by_text("não participa mais do projeto")).to_be_visible()
    expect(answer_of(reading).locator("[data-state]")).to_have_text(
        "Esta resposta não está mais disponível.", timeout=3_000
    )
    reading.reload()
    expect(reading.get_by_role("heading", level=1)).to_have_text("Página não encontrada")
    page.bring_to_front()
    expect(answer_of(page)).to_have_attribute("data-status", "streaming")
    page.get_by_role("button", name="Parar", exact=True).click()
    expect(answer_of(page)).to_have_attribute("data-status", "stopped")


def test_a_conversation_is_moved_into_a_project_and_out_again(desk: Desk) -> None:
    path = desk.conversation("Defina sub-rogação.")
    page = desk.open()
    make(page, "Caso da sub-rogação")
    page.goto(path)
    page.get_by_role("link", name="Mover", exact=True).click()
    page.get_by_label("Projeto").select_option(label="Caso da sub-rogação")
    page.get_by_role("button", name="Mover").click()
    expect(page.get_by_text("quem participa dele a vê")).to_be_visible()
    page.locator(".work-head").get_by_role("link", name="Caso da sub-rogação").click()
    expect(page.get_by_role("main").get_by_role("link", name=re.compile("sub-rogação"))).to_be_visible()
    page.goto(f"{path}projeto/")
    page.get_by_label("Projeto").select_option(label="Fora de projetos")
    page.get_by_role("button", name="Mover").click()
    expect(page.get_by_text("só você a vê")).to_be_visible()
