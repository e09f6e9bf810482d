"""Precedents in a real browser: found by number and by words, read, and used in a conversation; with and without
JavaScript, in both themes, on a monitor and on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.browser import DESKTOP, PHONE
from tests.looking import CONTRASTS, NAMELESS

if TYPE_CHECKING:
    from tests.browser import Desk
    from tests.stack import Stack

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

# Invented, with numbers that no court has given.
FILL = """
INSERT INTO precedents (id, kind, court, series, number, reference, case_class, case_number, judge, body, year, title,
    text, status, note, details, source, url, as_of, content_hash, created_at, updated_at)
SELECT gen_random_uuid(), kind, court, series, number, reference, class, '', judge, '', 2024, '', text, status, '', '{}',
    'lista do teste', '', '2026-08-01', '', now(), now()
FROM (VALUES
    ('sumula', 'STJ', '', 97001, '', '', '', 'A enfiteuse urbana não impede a penhora do domínio útil.', 'em vigor'),
    ('sumula', 'STJ', '', 97002, '', '', '', 'O laudêmio da enfiteuse é devido por quem vende.', 'cancelada'),
    ('decisao', 'STJ', 'RESP', 9700003, 'b1', 'REsp', 'RELATORA DO TESTE', 'CIVIL. ENFITEUSE. Laudêmio. Súmula 97002.', '')
) AS found (kind, court, series, number, reference, class, judge, text, status)
ON CONFLICT DO NOTHING
"""


@pytest.fixture
def precedents(stack: Stack) -> None:
    stack.execute(FILL)


def test_by_number_by_words_and_into_a_conversation(desk: Desk, precedents: None) -> None:
    page = desk.open("/conversas/")
    page.get_by_role("link", name="Jurisprudência").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jurisprudência")
    box = page.get_by_label("O que procurar")
    box.fill("súmula 97002 stj")
    box.press("Enter")
    found = page.locator(".precedents li")
    expect(found.first).to_contain_text("Súmula 97.002 do STJ")
    expect(found.first).to_contain_text("Cancelada")
    box.fill("enfiteuse")
    box.press("Enter")
    expect(found).to_have_count(3)
    expect(found.last).to_contain_text("REsp 9.700.003 (STJ)")
    expect(page.locator("mark").first).to_have_text(re.compile("enfiteuse", re.IGNORECASE))
    page.get_by_role("link", name="Súmula 97.001 do STJ").click()
    expect(page.locator(".standing")).to_have_text("Em vigor")
    page.get_by_role("button", name="Usar na conversa").click()
    question = page.get_by_label("Sua pergunta")
    expect(question).to_have_value(re.compile(r"Considere: Súmula 97\.001 do STJ, em vigor.*domínio útil", re.DOTALL))


def test_what_was_being_written_is_kept_before_the_precedent(desk: Desk, stack: Stack, precedents: None) -> None:
    page = desk.open("/conversas/")
    page.get_by_label("Sua pergunta").fill("O que eu escrevia.")
    page.wait_for_function("() => Object.values(localStorage).includes('O que eu escrevia.')")  # kept a moment later
    pk = stack.rows("SELECT id FROM precedents WHERE number = 97001")[0]["id"]
    page.goto(f"/jurisprudencia/{pk}/")
    page.get_by_role("button", name="Usar na conversa").click()
    kept = re.compile(r"^O que eu escrevia\.\n\nConsidere: Súmula 97\.001", re.DOTALL)
    expect(page.get_by_label("Sua pergunta")).to_have_value(kept)
    page.reload()
    expect(page.get_by_label("Sua pergunta")).to_have_value(kept)


def test_without_javascript(desks: Callable[..., Desk], precedents: None) -> None:
    page = desks(java_script_enabled=False).open("/jurisprudencia/?q=enfiteuse")
    page.get_by_label("Situação").select_option("cancelada")
    page.get_by_role("button", name="Procurar").click()
    expect(page.locator(".precedents li")).to_have_count(1)
    page.get_by_role("link", name="Súmula 97.002 do STJ").click()
    page.get_by_role("button", name="Usar na conversa").click()
    expect(page.get_by_label("Sua pergunta")).to_have_value(re.compile(r"Considere: Súmula 97\.002 do STJ, cancelada"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_are_legible_and_fit(desks: Callable[..., Desk], stack: Stack, precedents: None, scheme: str) -> None:
    pk = stack.rows("SELECT id FROM precedents WHERE number = 97002")[0]["id"]
    for size in (DESKTOP, PHONE):
        page = desks(color_scheme=scheme, reduced_motion="reduce", viewport=size).open("/jurisprudencia/")
        for path in ("/jurisprudencia/", "/jurisprudencia/?q=enfiteuse&de=x", f"/jurisprudencia/{pk}/"):
            page.goto(path)
            expect(page.get_by_role("heading", level=1)).to_be_visible()
            assert page.evaluate(NAMELESS) == [], path
            assert [words for ratio, words in page.evaluate(CONTRASTS) if ratio < 4.5] == [], path
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
