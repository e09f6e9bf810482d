"""A summary in a real browser: asked for with one click, watched, and followed to its pages, by keyboard alone too."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE, Desk
from tests.looking import CONTRASTS, NAMELESS

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

FILL = """
WITH her AS (SELECT id FROM users WHERE email = 'advogada@exemplo.adv.br'), made AS (
    INSERT INTO uploads (
        id, user_id, original_filename, stored_filename, file_path, file_size, mime_type, upload_status, sha256,
        page_count, pages_done, error, created_at, processed_at, metadata)
    SELECT gen_random_uuid(), her.id, 'Autos do resumo.pdf', 'x', 'arquivos/resumo.pdf', 1, 'application/pdf', 'ready',
        '', 2, 2, '', now(), now(), '{}' FROM her RETURNING id
)
INSERT INTO upload_pages (upload_id, number, text, source)
SELECT id, n, 'Em 05/03/2021 a autora firmou o contrato da folha ' || n || '. Fim da folha.', 'text'
FROM made, generate_series(1, 2) n
"""


@pytest.fixture
def upload(stack: Stack) -> Iterator[str]:
    stack.execute(FILL)
    yield str(stack.rows("SELECT id FROM uploads WHERE original_filename = 'Autos do resumo.pdf'")[0]["id"])
    for table in ("summary_parts", "summaries", "upload_pages", "uploads"):
        stack.execute(f"DELETE FROM {table}")  # type: ignore[arg-type]  # names of this file


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until what has that name is focused."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name in page.locator(":focus").inner_text():
            return
    raise AssertionError(f"{name} is not reached by Tab")


def test_by_keyboard_alone_from_the_file_to_the_line_and_its_page(desk: Desk, upload: str) -> None:
    desk.stack.api.configure(first_token_ms=1_500)
    page = desk.open(f"/arquivos/{upload}/")
    for address in (r"/resumo/$", r"/resumos/[0-9a-f-]+/$"):  # from the file's page to the form, and on
        tab_to(page, "Resumir")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile(address))
    expect(page.get_by_role("button", name="Parar")).to_be_visible()
    expect(page.get_by_role("heading", name="O que foi lido")).to_be_visible()  # by itself
    tab_to(page, "p.\u00a01")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"/arquivos/{upload}/paginas/1/\?trecho="))
    expect(page.locator("[data-passage]")).to_contain_text("Em 05/03/2021 a autora firmou o contrato")


def test_stop_and_go_on(desk: Desk, upload: str) -> None:
    desk.stack.api.script([{"kind": "slow", "first_token_ms": 60_000}])
    page = desk.open(f"/arquivos/{upload}/resumo/")
    page.get_by_role("button", name="Resumir").click()
    expect(page.locator("progress")).to_be_visible()
    page.get_by_role("button", name="Parar").click()
    expect(page.get_by_text("Este resumo foi parado.")).to_be_visible()
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_role("heading", name="O que foi lido")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_its_pages_are_legible_on_a_phone_in_both_themes(desks: Callable[..., Desk], upload: str, scheme: str) -> None:
    desk = desks(viewport=PHONE, color_scheme=scheme, reduced_motion="reduce")
    page = desk.open(f"/arquivos/{upload}/resumo/")
    legible(page)
    page.get_by_role("button", name="Resumir").click()
    expect(page.get_by_role("heading", name="O que foi lido")).to_be_visible()
    legible(page)


def legible(page: Page) -> None:
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.evaluate(NAMELESS) == []
    assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == []
    assert not page.evaluate("() => document.scrollingElement.scrollWidth > innerWidth")
