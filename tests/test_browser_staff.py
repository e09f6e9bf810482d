"""The administration in a real browser: the log looked through and taken away, a conversation read for a reason."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Desk
from tests.looking import CONTRASTS, NAMELESS

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser
STAFF = "equipe@exemplo.adv.br"
LOG, CONVERSATIONS = "/admin/audit/auditlog/", "/admin/conversations/conversation/"
REASON = "Pedido da titular, protocolo 12"
Desks = Callable[..., Desk]


def nameless(page: Page) -> list[str]:
    """Without Django's own buttons that are inputs: their value is their name."""
    return [found for found in page.evaluate(NAMELESS) if '<input type="submit"' not in found]


def search(page: Page, text: str) -> None:
    page.get_by_role("searchbox").fill(text)
    page.keyboard.press("Enter")


def test_the_log_is_searched_opened_and_taken_away_as_a_file(desks: Desks, tmp_path: Path) -> None:
    desks().conversation("Defina anticrese.")
    page = desks(email=STAFF).open("/admin/")
    page.get_by_role("link", name="Auditoria", exact=True).click()
    search(page, "criou uma conversa")
    expect(page.get_by_text("Procurado: ações com este nome.")).to_be_visible()
    page.get_by_role("rowheader").first.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Criou uma conversa")
    page.get_by_role("link", name="Tudo o que houve com este objeto").click()
    expect(page.get_by_role("rowheader", name="Criou uma conversa")).to_have_count(1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Exportar em CSV").click()
    download.value.save_as(tmp_path / "log.csv")
    with (tmp_path / "log.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    assert "Criou uma conversa" in [row["Ação"] for row in rows]


def test_a_conversation_is_read_for_a_reason_which_its_owner_sees(desks: Desks) -> None:
    lawyer = desks()
    own = lawyer.conversation("Defina acessão.")
    page = desks(email=STAFF).open(f"{CONVERSATIONS}{own.strip('/').split('/')[-1]}/change/")
    page.get_by_label("Motivo da leitura").fill(REASON)
    page.get_by_role("button", name="Ler o conteúdo").click()
    expect(page.get_by_role("article").first).to_contain_text("Defina acessão.")
    expect(page.get_by_role("button")).to_have_count(0)
    assert [found for found in page.evaluate(CONTRASTS) if found[0] < 4.5] == []
    assert nameless(page) == []
    page.get_by_role("link", name="Fechar").click()
    expect(page.get_by_text(REASON)).to_be_visible()
    expect(lawyer.open(own).get_by_text(f": {REASON}")).to_contain_text("Lida pela administração em")
