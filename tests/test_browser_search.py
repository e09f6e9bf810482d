"""The search in a real browser: the `/` key, results as one types, arrows, Enter and Escape; and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.client import wait_until

if TYPE_CHECKING:
    from tests.browser import Desk
    from tests.stack import Stack

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

PAGES = """
WITH file AS (
    INSERT INTO uploads (id, user_id, original_filename, stored_filename, file_path, file_size, mime_type, upload_status,
        created_at, metadata, sha256, pages_done, page_count, error)
    SELECT gen_random_uuid(), id, 'laudo.pdf', '', '', 1, 'application/pdf', 'ready', now(), '{}', '', 8, 8, ''
    FROM users WHERE email = 'advogada@exemplo.adv.br' RETURNING id
)
INSERT INTO upload_pages (upload_id, number, text, source)
SELECT id, n, 'Página ' || n || ': a enfiteuse e o laudêmio do terreno.', 'text' FROM file, generate_series(1, 8) n
"""


@pytest.fixture
def laudo(stack: Stack) -> None:
    stack.execute("TRUNCATE upload_pages, uploads, conversations CASCADE")
    stack.execute(PAGES)


def test_the_search_with_the_keyboard_alone(desk: Desk, laudo: None) -> None:
    page = desk.open("/conversas/")
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("/")
    side = page.get_by_label("Buscar em tudo", exact=True)
    expect(side).to_be_focused()
    page.keyboard.press("Escape")
    expect(side).not_to_be_focused()
    page.keyboard.press("/")
    page.keyboard.type("laudêmio/")
    expect(side).to_have_value("laudêmio/")  # in the box it is a letter like any other
    page.keyboard.press("Backspace")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/busca/\?q=laud%C3%AAmio$"))
    box = page.get_by_label("O que procurar")
    hits = page.locator("[data-hit]")
    expect(hits).to_have_count(3)
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(hits.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(hits.nth(1)).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    expect(box).to_be_focused()
    page.keyboard.press("ArrowDown")
    href = hits.nth(0).get_attribute("href") or ""
    desk.expect_fault("404")  # the file itself was never sent: there is no picture of its page
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(re.escape(href)))


def test_results_come_as_one_types_and_only_the_last_ones_stay(desk: Desk, laudo: None) -> None:
    page = desk.open("/busca/")
    box, hits, found = page.get_by_label("O que procurar"), page.locator("[data-hit]"), page.locator("[data-found]")
    waiting = []
    # The first answer is held back until the second one is there: it must not take its place.
    page.route("**/busca/?q=enfiteuse", lambda route: waiting.append(route))
    box.fill("enfiteuse")
    wait_until(lambda: waiting or page.wait_for_timeout(20), "the first answer is held back")
    box.fill("xyzw")
    expect(found).to_contain_text("Nada com “xyzw”")
    page.unroute("**/busca/?q=enfiteuse")
    expect(hits).to_have_count(0)
    box.fill("laudemio")
    expect(hits).to_have_count(3)
    expect(page.locator("mark").first).to_have_text("laudêmio")
    expect(page).to_have_url(re.compile(r"\?q=laudemio$"))
    expect(page).to_have_title(re.compile("Busca: laudemio"))
    expect(page.get_by_role("status").filter(has_text="3 resultados na página")).to_be_attached()
    page.get_by_label("O quê").select_option("Conversas")
    expect(hits).to_have_count(0)
    page.reload()
    expect(page.get_by_label("O quê")).to_have_value("conversas")
    page.get_by_label("O quê").select_option("Tudo")
    page.get_by_role("link", name="8 páginas deste arquivo").first.click()
    expect(hits).to_have_count(8)
    expect(page.get_by_text("Só em laudo.pdf")).to_be_visible()


def test_more_results_are_put_below_the_others(desk: Desk, stack: Stack) -> None:
    stack.execute("TRUNCATE upload_pages, uploads, conversations CASCADE")
    for _ in range(9):
        stack.execute(PAGES)
    page = desk.open("/busca/?q=enfiteuse")
    hits = page.locator("[data-hit]")
    expect(hits).to_have_count(5)
    page.get_by_role("link", name="Mais resultados em arquivos").click()
    expect(hits).to_have_count(25)
    expect(hits.nth(5)).to_be_focused()
    page.get_by_role("link", name="Mais resultados em arquivos").click()
    expect(hits).to_have_count(27)
    expect(page.get_by_role("link", name="Mais resultados")).to_have_count(0)


def test_the_search_without_javascript(desks: Callable[..., Desk], stack: Stack, laudo: None) -> None:
    page = desks(java_script_enabled=False).open("/conversas/")
    page.get_by_label("Buscar em tudo", exact=True).fill("laudemio")
    page.get_by_label("Buscar em tudo", exact=True).press("Enter")
    expect(page.locator("[data-hit]")).to_have_count(3)
    page.get_by_label("O quê").select_option("Conversas")
    page.get_by_role("button", name="Buscar").click()
    expect(page.locator("[data-found]")).to_contain_text("Nada com “laudemio”")
