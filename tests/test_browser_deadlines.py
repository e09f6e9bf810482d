"""Deadlines in a real browser: counted, kept, met, by keyboard and without scripts, legible everywhere.

Pictures of the pages are left in `artefacts/deadlines/`, to be looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DESKTOP, PHONE, Desk
from tests.looking import CONTRASTS, NAMELESS

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser
PICTURES = Path(__file__).resolve().parents[1] / "artefacts" / "deadlines"
NAME = "Caso dos prazos de exemplo"
FILL = f"""
INSERT INTO projects (id, user_id, name, description, project_type, status, case_number, client, opposing_party, court,
    instructions, preservar, created_at, updated_at, metadata)
SELECT gen_random_uuid(), id, '{NAME}', '', '', 'active', '12345670320258090051', '', '', '', '', false, now(), now(), '{{}}'
FROM users WHERE email = 'advogada@exemplo.adv.br'
"""  # fmt: skip
ASKED = "evento=disponibilizacao&dia=2026-12-14&quantidade=15&unidade=uteis&regime=civel&tribunal=TJGO"


@pytest.fixture
def project(stack: Stack) -> Iterator[str]:
    stack.execute(FILL)
    yield str(stack.rows(f"SELECT id FROM projects WHERE name = '{NAME}'")[0]["id"])
    named = f"(SELECT id FROM projects WHERE name = '{NAME}')"  # of this file alone
    stack.execute(f"DELETE FROM deadlines WHERE project_id IN {named}")  # type: ignore[arg-type]
    stack.execute(f"DELETE FROM projects WHERE id IN {named}")  # type: ignore[arg-type]


def keep(page: Page, title: str) -> None:
    page.get_by_label("Título").fill(title)
    page.get_by_role("button", name="Guardar o prazo").click()


def test_from_the_project_to_a_deadline_that_is_met_and_back(desk: Desk, project: str) -> None:
    page = desk.open(f"/projetos/{project}/")
    page.get_by_role("link", name="Contar prazo neste projeto").click()
    expect(page.get_by_label("Tribunal", exact=True)).to_have_value("TJGO")
    page.get_by_label("Em que dia").fill("2026-12-14")
    page.get_by_label("Prazo", exact=True).fill("15")
    page.get_by_role("button", name="Contar", exact=True).click()
    expect(page.get_by_role("heading", name="Termina em 05/02/2027")).to_be_visible()
    expect(page.get_by_role("row", name="seg 21/12/2026 recesso: prazos suspensos")).to_be_visible()
    expect(page.get_by_label("Projeto", exact=True)).to_have_value(project)
    keep(page, "Contestação de exemplo")
    expect(page.get_by_text("O prazo está guardado")).to_be_visible()
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Levar para a agenda").click()
    assert b"DTSTART;VALUE=DATE:20270205" in Path(waiting.value.path()).read_bytes()
    page.get_by_role("link", name="Corrigir").click()
    page.get_by_label("Prazo", exact=True).fill("5")
    page.get_by_label("Título").press("Enter")
    expect(page.get_by_text("Termina em 22/01/2027")).to_be_visible()
    page.get_by_role("button", name="Marcar como cumprido").click()
    expect(page.get_by_text("Cumprido em")).to_be_visible()
    page.get_by_role("button", name="Reabrir").click()
    page.get_by_role("button", name="Excluir").click()
    page.get_by_role("button", name="Desfazer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Contestação de exemplo")


def test_without_scripts_and_with_a_mistake_on_the_way(desks: Callable[..., Desk], project: str) -> None:
    desk = desks(java_script_enabled=False)
    desk.expect_fault("422")
    page = desk.open(f"/prazos/contar/?projeto={project}&dia=2026-08-03")
    page.get_by_label("Regime").select_option("penal")
    page.get_by_role("button", name="Contar", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("dias corridos (CPP, art. 798)")
    page.get_by_label("Unidade").select_option("corridos")
    page.get_by_role("button", name="Contar", exact=True).click()
    keep(page, "Resposta à acusação de exemplo")
    page.goto("/prazos/")
    expect(page.get_by_role("link", name="Resposta à acusação de exemplo")).to_contain_text("VENCIDO")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", ["desktop", "phone"])
def test_every_page_is_legible(desks: Callable[..., Desk], project: str, scheme: str, size: str) -> None:
    viewport = PHONE if size == "phone" else DESKTOP
    desk = desks(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
    page = desk.open(f"/prazos/contar/?{ASKED}&projeto={project}&parte=defensoria")
    legible(page, f"contar-{size}-{scheme}")
    keep(page, "Prazo de exemplo")
    legible(page, f"prazo-{size}-{scheme}")
    page.get_by_role("link", name="Corrigir").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Corrigir o prazo")
    legible(page, f"corrigir-{size}-{scheme}")
    for path in ("/prazos/", "/prazos/contar/", "/prazos/sugestoes/", f"/projetos/{project}/"):
        page.goto(path)
        legible(page, f"{re.sub(r'[^a-z]', '', path.replace(project, ''))}-{size}-{scheme}")


def legible(page: Page, picture: str) -> None:
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.evaluate(NAMELESS) == []
    assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == []
    assert not page.evaluate("() => document.scrollingElement.scrollWidth > innerWidth")
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{picture}.png", full_page=True)
