"""What is written is saved whatever happens: two at once, an ended session, no network, an answer that is lost."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import Desk, sign_in
from tests.looking import NAMELESS
from tests.test_browser_editor import SAVED, key, new_document, revision, save, state, stored, text

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser


def test_of_two_windows_the_second_is_told_and_may_keep_its_own(desk: Desk) -> None:
    desk.expect_fault("409")
    page = new_document(desk, "<p>Começo.</p>")
    save(desk, page, "<p>Da outra janela.</p>")
    write(page, " Daqui.")
    told = page.get_by_role("alert").filter(has_text="Você alterou este documento em outra janela")
    expect(told).to_contain_text("está guardado à parte")
    page.keyboard.type(" E mais.")  # typing goes on
    expect(text(page)).to_have_text("Começo. Daqui. E mais.")
    assert stored(desk, page) == "<p>Da outra janela.</p>"
    told.get_by_role("button", name="Ficar com o meu").click()
    expect(state(page)).to_have_text(SAVED)
    expect(told).to_be_hidden()
    assert stored(desk, page) == "<p>Começo. Daqui. E mais.</p>"
    assert "<p>Da outra janela.</p>" in kept(desk, page)


def test_of_two_windows_the_second_may_take_the_others_and_loses_nothing(desk: Desk) -> None:
    desk.expect_fault("409")
    page = new_document(desk, "<p>Começo.</p>")
    save(desk, page, "<p>Da outra janela.</p>")
    write(page, " Daqui.")
    told = page.get_by_role("alert").filter(has_text="outra janela")
    expect(told).to_be_visible()
    page.keyboard.type(" E mais.")
    told.get_by_role("button", name="Ficar com o outro").click()
    expect(text(page)).to_have_text("Da outra janela.")
    assert stored(desk, page) == "<p>Da outra janela.</p>"
    page.get_by_role("link", name="Versões").click()
    expect(page.get_by_text("à parte", exact=True).first).to_be_visible()
    assert aside(desk, page)[-1] == "<p>Começo. Daqui. E mais.</p>"


def test_to_keep_ones_own_is_said_twice_as_well_as_once(desk: Desk) -> None:
    desk.expect_fault("409")
    page = new_document(desk, "<p>Começo.</p>")
    save(desk, page, "<p>Da outra janela.</p>")
    write(page, " Daqui.")
    page.get_by_role("button", name="Ficar com o meu").dblclick()
    expect(page.locator("[data-conflict]")).to_be_hidden()
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>Começo. Daqui.</p>"


def test_a_save_whose_answer_is_lost_is_not_taken_for_somebody_elses(desk: Desk) -> None:
    desk.expect_fault("ERR_FAILED")
    page = new_document(desk, "<p>Começo.</p>")
    before = revision(desk, page)
    page.route("**/salvar/", lost, times=1)
    write(page, " Um.")
    expect(state(page)).to_contain_text("Sem conexão")
    assert revision(desk, page) == before + 1, "it has arrived"
    page.keyboard.type(" Dois.")
    page.keyboard.press("Control+s")
    expect(state(page)).to_contain_text("guardada às")  # what was asked for meanwhile is done, too
    expect(page.locator("[data-conflict]")).to_be_hidden()
    assert stored(desk, page) == "<p>Começo. Um. Dois.</p>"
    assert kept(desk, page)[-1] == "<p>Começo. Um. Dois.</p>"
    assert aside(desk, page) == []


def test_a_reload_before_the_answer_is_heard_is_no_conflict_either(desk: Desk) -> None:
    desk.expect_fault("ERR_FAILED")
    page = new_document(desk, "<p>Começo.</p>")
    page.route("**/salvar/", lost, times=1)
    write(page, " Um.")
    expect(state(page)).to_contain_text("Sem conexão")
    page.keyboard.type(" Dois.")
    page.reload()
    expect(text(page)).to_have_text("Começo. Um. Dois.")
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>Começo. Um. Dois.</p>"
    assert aside(desk, page) == []


def lost(route: Route) -> None:
    """The request reaches the server; its answer nobody."""
    route.fetch()
    route.abort()


def test_what_is_typed_and_taken_back_is_no_change(desk: Desk) -> None:
    page = new_document(desk, "<p>Começo.</p>")
    before = revision(desk, page)
    write(page, "x")
    expect(state(page)).to_have_text("Alterações ainda não salvas")
    page.keyboard.press("Backspace")
    expect(state(page)).to_have_text(re.compile(r"^Salvo "))
    assert drafts(page) == [], "it would be taken for unsaved words after somebody else's change"
    assert revision(desk, page) == before


def test_the_two_texts_of_a_conflict_can_be_compared(desk: Desk) -> None:
    desk.expect_fault("409")
    page = new_document(desk, "<p>O prazo é de dez dias.</p>")
    save(desk, page, "<p>O prazo é de vinte dias.</p>")
    write(page, " Corridos.")
    with desk.context.expect_page() as opened:
        page.get_by_role("link", name="Comparar os dois textos").click()
    other = opened.value
    expect(other.locator(".words del")).to_contain_text(["vinte"])
    expect(other.locator(".words ins")).to_contain_text(["dez", "Corridos"])
    other.close()


def test_an_ended_session_keeps_the_text_and_saves_it_after_signing_in(desk: Desk) -> None:
    desk.expect_fault("401")
    page = new_document(desk)
    desk.context.clear_cookies(name="rom.sid")
    write(page, "Escrito sem sessão.")
    expect(state(page)).to_contain_text("Sua sessão terminou: seu texto está guardado neste navegador.")
    assert stored(desk, page) == ""
    state(page).get_by_role("link", name="Entrar de novo").click()
    sign_in(page)
    expect(text(page)).to_have_text("Escrito sem sessão.")
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>Escrito sem sessão.</p>"
    assert drafts(page) == []


def test_without_a_network_one_writes_on_and_it_is_saved_when_it_is_back(desk: Desk) -> None:
    desk.expect_fault("ERR_INTERNET_DISCONNECTED")
    page = new_document(desk)
    desk.context.set_offline(True)
    write(page, "No fórum, sem sinal.")
    expect(state(page)).to_have_text("Sem conexão: seu texto está guardado neste navegador.")
    assert len(drafts(page)) == 1
    page.keyboard.type(" Sigo.")
    desk.context.set_offline(False)
    expect(state(page)).to_have_text(SAVED)
    assert stored(desk, page) == "<p>No fórum, sem sinal. Sigo.</p>"
    assert drafts(page) == []


def test_who_may_only_read_by_now_still_reaches_what_she_could_not_save(desk: Desk) -> None:
    desk.expect_fault("ERR_INTERNET_DISCONNECTED|403")
    page = new_document(desk, "<p>Começo.</p>")
    desk.context.set_offline(True)
    write(page, " Não salvo.")
    expect(state(page)).to_contain_text("Sem conexão")
    project = others_project(desk)
    desk.stack.rows("UPDATE documents SET project_id = %s WHERE id = %s RETURNING id", project, key(page))
    desk.context.set_offline(False)
    expect(state(page)).to_contain_text("Não foi possível salvar nesta página")
    state(page).get_by_role("link", name="Recarregar a página").click()
    expect(page.get_by_text("Você só lê este documento.")).to_be_visible()
    expect(page.get_by_label("O que não foi salvo")).to_have_value("Começo. Não salvo.")
    assert page.evaluate(NAMELESS) == []
    page.get_by_role("button", name="Descartar").click()
    page.reload()
    expect(page.get_by_label("O que não foi salvo")).to_be_hidden()
    desk.stack.rows("UPDATE projects SET deleted_at = now() WHERE id = %s RETURNING id", project)


def others_project(desk: Desk) -> str:
    """A project in which she reads."""
    visitor, name = desk.stack.visitor(), f"Nunes x Prado {uuid4().hex[:8]}"
    visitor.post("/projetos/novo/", {"name": name})
    (made,) = desk.stack.rows("SELECT id, user_id FROM projects WHERE name = %s", name)
    desk.stack.rows(
        "UPDATE projects SET user_id = (SELECT id FROM users WHERE id <> %s LIMIT 1) WHERE id = %s RETURNING id",
        made["user_id"], made["id"],
    )  # fmt: skip
    member = "INSERT INTO project_members (project_id, user_id, role) VALUES (%s, %s, 'viewer') RETURNING id"
    desk.stack.rows(member, made["id"], made["user_id"])
    return str(made["id"])


def test_signing_out_takes_what_is_not_saved_out_of_this_browser(desk: Desk) -> None:
    desk.expect_fault("ERR_INTERNET_DISCONNECTED")
    desk.context.clear_cookies()
    start = desk.open()
    sign_in(start)
    expect(start.get_by_role("heading", level=1)).to_be_visible()
    page = new_document(desk)
    desk.context.set_offline(True)
    write(page, "Sigiloso.")
    expect(state(page)).to_contain_text("Sem conexão")
    desk.context.set_offline(False)
    page.get_by_role("button", name="Sair").click()
    expect(page).to_have_url(re.compile(r"/entrar/"))
    assert drafts(page) == []


def write(page: Page, words: str) -> None:
    text(page).click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)


def drafts(page: Page) -> list[str]:
    found: list[str] = page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('rascunho:'))")
    return found


def kept(desk: Desk, page: Page) -> list[str]:
    """The versions that are kept whole; short texts are."""
    query = "SELECT content FROM document_versions WHERE document_id = %s ORDER BY number"
    return [row["content"] for row in desk.stack.rows(query, key(page))]


def aside(desk: Desk, page: Page) -> list[str]:
    query = "SELECT content FROM document_versions WHERE document_id = %s AND is_aside ORDER BY number"
    return [row["content"] for row in desk.stack.rows(query, key(page))]
