"""Processes of the courts in a real browser: looked up by keyboard alone, watched, refreshed, also without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from jurisprudence.datajud.tests.making import HARMFUL, MISSING, TWO_GRADES, numbered
from tests.browser import PHONE, Desk
from tests.looking import CONTRASTS, NAMELESS

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def _left_as_it_was(stack: Stack) -> Iterator[None]:
    """Nobody has asked for anything in this minute; afterwards no process is left."""
    for key in stack.redis().scan_iter("*processos*"):
        stack.redis().delete(key)
    yield
    stack.execute("UPDATE court_cases SET state = 'idle'")
    for table in ("visits", "movements", "grades", "requests"):
        stack.execute(f"DELETE FROM court_case_{table}")  # type: ignore[arg-type]  # names of this file
    stack.execute("DELETE FROM court_cases")


def look_up(page: Page, number: str) -> None:
    page.goto("/processos/")
    page.get_by_label("Número do processo").fill(number)
    page.get_by_role("button", name="Consultar", exact=True).click()
    expect(page).to_have_url(re.compile(r"/processos/[0-9a-f-]+/$"))


def shown(page: Page) -> Locator:
    """What is said of the process; the same words are announced beside it."""
    return page.locator("#andamento")


def test_by_keyboard_alone_from_the_number_to_the_project(desk: Desk) -> None:
    desk.stack.datajud.configure(seconds=8)  # longer than the page waits between two looks, on a slow machine too
    one = numbered(71_001, TWO_GRADES)
    page = desk.open("/processos/")
    page.get_by_label("Número do processo").focus()
    page.keyboard.type(one.digits)
    expect(page.get_by_text(f"{one} · TJSP")).to_be_visible()
    page.keyboard.press("Enter")
    expect(shown(page).get_by_text("Procurando no DataJud…")).to_be_visible()
    expect(page.get_by_role("list", name="Movimentos, do mais recente ao mais antigo")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("status").last).to_contain_text("Localizado no DataJud")
    page.get_by_role("link", name="Criar projeto com este número").press("Enter")
    expect(page.get_by_label("Número do processo")).to_have_value(str(one))


def test_words_that_come_in_the_middle_of_a_press_do_not_take_the_button_away(desk: Desk) -> None:
    """Leaving the field with the press asks for its court; two lines of an answer would move the button down."""
    one = numbered(71_006, TWO_GRADES)
    page = desk.open("/processos/")
    held: list[Route] = []
    page.route("**/projetos/numero/**", lambda route: held.append(route))
    page.get_by_label("Número do processo").fill(one.digits)
    button = page.get_by_role("button", name="Consultar", exact=True)
    until(page, held)  # what was asked while it was typed: leaving the field gives it up and asks again
    button.hover()
    held.clear()
    page.mouse.down()
    until(page, held)
    with page.expect_response("**/projetos/numero/**"):
        held[-1].continue_()
    page.wait_for_timeout(300)
    expect(page.locator("[data-number-said]")).to_be_empty()
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"/processos/[0-9a-f-]+/$"))


def until(page: Page, held: list[Route]) -> None:
    while not held:  # the journey's own limit ends it
        page.wait_for_timeout(20)


def test_without_javascript_by_reload(desks: Callable[..., Desk]) -> None:
    plain = desks(java_script_enabled=False)
    plain.stack.datajud.configure(seconds=1)
    page = plain.open("/processos/")
    look_up(page, str(numbered(71_002)))
    for _ in range(160):
        if not page.get_by_role("link", name="Ver se já terminou").count():
            break
        page.get_by_role("link", name="Ver se já terminou").click()
        page.wait_for_timeout(250)
    expect(shown(page).get_by_text("Localizado no DataJud (CNJ)")).to_be_visible()
    page.get_by_role("button", name="Atualizar agora").click()
    expect(page.get_by_role("heading", name="Andamento no tribunal")).to_be_visible()


def test_a_failure_is_said_and_atualizar_agora_mends_it(desk: Desk) -> None:
    one = numbered(71_003)
    desk.stack.datajud.script({"kind": "status", "status": 504, "match": one.digits})
    page = desk.open("/processos/")
    look_up(page, str(one))
    expect(shown(page).get_by_text("Fonte indisponível")).to_be_visible(timeout=20_000)
    assert page.get_by_text("Não localizado").count() == 0
    page.get_by_role("button", name="Atualizar agora").click()
    expect(shown(page).get_by_text("Localizado no DataJud (CNJ)")).to_be_visible(timeout=20_000)


def test_the_page_of_a_project_shows_what_is_new(desk: Desk) -> None:
    one = numbered(71_004)
    page = desk.open(f"/projetos/novo/?numero={one.digits}")
    page.get_by_label("Nome").first.fill("Caso com andamento")
    page.get_by_role("button", name="Criar o projeto").click()
    page.get_by_role("button", name="Consultar no DataJud").click()
    expect(page.get_by_role("list", name="Movimentos, do mais recente ao mais antigo")).to_be_visible(timeout=20_000)
    expect(page).to_have_url(re.compile(r"/projetos/[0-9a-f-]+/#andamento$"))
    expect(page.get_by_text("novo", exact=True)).to_have_count(0)
    desk.stack.execute("UPDATE court_case_visits SET last = now() - interval '1 day'")
    desk.stack.execute("UPDATE court_case_movements SET seen_at = now() - interval '2 days'")
    desk.stack.datajud.configure(more=2)
    page.get_by_role("button", name="Atualizar agora").click()
    expect(page.get_by_text("2 movimentos desde a sua última visita.")).to_be_visible(timeout=20_000)
    expect(page.get_by_text("novo", exact=True)).to_have_count(2)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_pages_are_legible_on_a_phone_in_both_themes_whatever_the_source_sends(
    desks: Callable[..., Desk], scheme: str
) -> None:
    """A script in what the source sends would be a dialog, which every journey refuses."""
    desk = desks(viewport=PHONE, color_scheme=scheme, reduced_motion="reduce")
    page = desk.open("/processos/")
    for kind, words in ((HARMFUL, "Localizado no DataJud"), (MISSING, "Não localizado no índice")):
        look_up(page, str(numbered(71_005, kind)))
        expect(shown(page).get_by_text(words)).to_be_visible(timeout=20_000)
        legible(page)
    page.goto("/processos/")
    legible(page)


def legible(page: Page) -> None:
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.evaluate(NAMELESS) == []
    assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == []
    assert not page.evaluate("() => document.scrollingElement.scrollWidth > innerWidth")
