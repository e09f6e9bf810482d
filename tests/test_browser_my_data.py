"""My data and the requests of data subjects in a real browser: followed without reloading, and without scripts."""

from __future__ import annotations

import re
import signal
import zipfile
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser import PHONE
from tests.looking import CONTRASTS, NAMELESS
from tests.stack import COLLEAGUE

if TYPE_CHECKING:
    from tests.browser import Desk
    from tests.stack import Stack

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = [pytest.mark.browser, pytest.mark.processes]
STAFF = "equipe@exemplo.adv.br"
SIDEWAYS = "() => document.scrollingElement.scrollWidth > innerWidth"


@pytest.fixture(autouse=True)
def _nothing_of_before(stack: Stack) -> None:
    stack.execute("DELETE FROM data_exports")
    stack.execute("TRUNCATE subject_requests CASCADE")


def prepare(page: Page) -> None:
    page.get_by_role("button", name="Preparar uma cópia").click()


def test_a_copy_is_followed_to_its_end_and_downloaded(desk: Desk) -> None:
    desk.conversation("Quem herda na falta de testamento?")
    page = desk.open("/conversas/")
    page.get_by_role("link", name="Meus dados").click()
    prepare(page)
    ready = page.get_by_role("link", name=re.compile(r"Baixar a cópia \([\d,]+ [kM]?B\)"))
    expect(ready).to_be_visible()
    expect(page.locator("[data-announce]")).to_have_text("A cópia está pronta.")
    with page.expect_download() as download:
        ready.click()
    assert re.fullmatch(r"ROM Agent, meus dados, \d{4}-\d\d-\d\d\.zip", download.value.suggested_filename)
    with zipfile.ZipFile(download.value.path()) as archive:
        assert archive.testzip() is None
        assert any(name.startswith("conversas/") for name in archive.namelist())


def test_what_can_be_pressed_keeps_the_focus_while_it_goes_on(desk: Desk, stack: Stack) -> None:
    page = desk.open("/meus-dados/")
    stack.signal_all(stack.worker, signal.SIGSTOP)
    try:
        prepare(page)
        button = page.get_by_role("button", name="Cancelar")
        button.focus()
        stack.execute(
            "UPDATE data_exports SET state = 'running', heartbeat_at = now(), progress = '{\"files\": [3, 9]}'"
        )
        expect(page.get_by_text("3 de 9 arquivos")).to_be_visible()
        expect(button).to_be_focused()
        stack.execute("UPDATE data_exports SET state = 'failed', error = 'Faltou espaço em disco no servidor.'")
        expect(page.get_by_role("alert")).to_have_text("A cópia não foi feita. Faltou espaço em disco no servidor.")
        expect(page.get_by_role("button", name="Tentar de novo")).to_be_visible()
    finally:
        stack.execute("DELETE FROM procrastinate_jobs WHERE task_name = 'romagent.export_my_data'")
        stack.signal_all(stack.worker, signal.SIGCONT)


def test_without_scripts_the_page_is_asked_again(desks: Callable[..., Desk]) -> None:
    desk = desks(java_script_enabled=False, email=COLLEAGUE)
    page = desk.open("/meus-dados/")
    prepare(page)
    ready = page.get_by_role("link", name=re.compile("Baixar a cópia"))
    for _ in range(300):
        if ready.is_visible():
            break
        again = page.get_by_role("link", name="Atualizar")
        if again.is_visible():
            again.click()
        page.wait_for_timeout(500)
    expect(ready).to_be_visible()


def ask_about_somebody(page: Page) -> None:
    page.goto("/admin/titulares/")
    page.get_by_role("link", name="Novo pedido").click()
    page.get_by_label("Quem pede").fill("A própria")
    page.get_by_label("Nome do titular").fill("Fulano Beltrano de Tal")
    page.get_by_role("button", name="Salvar e buscar").click()
    expect(page.get_by_text("Só contagens")).to_be_visible()


def test_somebody_is_found_and_made_nameless(desks: Callable[..., Desk], stack: Stack) -> None:
    desks().conversation("O réu FULANO BELTRANO DE TAL pode recorrer?")
    page = desks(email=STAFF).open("/admin/")
    ask_about_somebody(page)
    page.get_by_role("link", name="Escolher e ver a prévia").click()
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="Ver a prévia").click()
    phrase = page.locator("label code").inner_text()
    assert re.fullmatch(r"ANONIMIZAR \d+", phrase)
    page.get_by_label(re.compile("Para confirmar")).fill(phrase)
    page.get_by_role("button", name="Anonimizar").click()
    expect(page.locator("[data-active]")).to_have_count(0)
    texts = [row["content"] for row in stack.rows("SELECT content FROM messages WHERE role = 'user'")]
    assert not any("fulano beltrano" in text.lower() for text in texts)
    assert "O réu [titular anonimizado] pode recorrer?" in texts


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [{"width": 1280, "height": 900}, PHONE], ids=["desk", "phone"])
def test_every_page_is_legible_and_has_names(
    desks: Callable[..., Desk], scheme: str, size: dict[str, int], stack: Stack
) -> None:
    options = {"color_scheme": scheme, "reduced_motion": "reduce", "viewport": size}
    desks().conversation("O réu Fulano Beltrano de Tal pode recorrer?")
    staff, lawyer = desks(email=STAFF, **options).open("/admin/"), desks(**options).open("/meus-dados/")
    ask_about_somebody(staff)
    request = staff.url.split("/titulares/")[1]
    found = stack.rows("SELECT DISTINCT owner_id FROM subject_findings")
    owners = "&".join(f"owners={row['owner_id']}" for row in found)
    prepare(lawyer)
    expect(lawyer.get_by_role("link", name=re.compile("Baixar a cópia"))).to_be_visible()
    pages = ["", "novo/", request, f"{request}anonimizar/", f"{request}anonimizar/?{owners}&terms=name"]
    for page, path in [(lawyer, "/meus-dados/"), *((staff, f"/admin/titulares/{path}") for path in pages)]:
        page.goto(path)
        where = f"{path} ({scheme})"
        assert page.get_by_role("heading", level=1).count() == 1, where
        assert page.evaluate(NAMELESS) == [], where
        assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == [], where
        assert not page.evaluate(SIDEWAYS), where
