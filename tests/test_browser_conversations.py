"""Looking after conversations: names, pins, the archive, deletion and its undoing, the search, copies, one's choices."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser import Desk, answer_of, ask, box, rail, sign_in

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser


def test_signing_in_leads_to_the_page_that_was_asked_for(desks: Callable[..., Desk]) -> None:
    desk = desks(email="")
    page = desk.open("/busca/?q=usucapi%C3%A3o")
    expect(page).to_have_url(re.compile(r"/entrar/\?next="))
    sign_in(page, password="outra senha qualquer")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_label("E-mail")).to_have_value("advogada@exemplo.adv.br")
    expect(page.get_by_label("Senha")).to_have_value("")
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Busca")
    expect(page.get_by_label("O que procurar")).to_have_value("usucapião")
    page.get_by_role("button", name="Sair").click()
    expect(page).to_have_url(re.compile(r"/entrar/"))
    page.goto("/conversas/")
    expect(page).to_have_url(re.compile(r"/entrar/\?next="))


def test_a_conversation_is_renamed_and_keeps_the_persons_title(desk: Desk) -> None:
    page = desk.open(desk.conversation("Qual é o foro da ação de alimentos?"))
    page.get_by_role("button", name="Renomear").click()
    field = page.get_by_label("Novo título")
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    page.get_by_role("button", name="Renomear").click()
    field.fill("Alimentos: Souza × Souza")
    field.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Alimentos: Souza × Souza")
    expect(page).to_have_title("Alimentos: Souza × Souza · ROM Agent")
    expect(rail(page).get_by_role("link", name="Alimentos: Souza × Souza")).to_be_visible()
    ask(page, "E o prazo?")
    desk.check_whole(page, "E o prazo?")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alimentos: Souza × Souza")


def test_a_pinned_conversation_stands_apart_until_it_is_unpinned(desk: Desk) -> None:
    page = desk.open(desk.conversation("Defina comoriência."))
    pinned = page.locator("section", has=page.get_by_role("heading", name="Fixadas", exact=True))
    page.get_by_role("button", name="Fixar", exact=True).click()
    expect(pinned.get_by_role("link")).to_have_text(["Defina comoriência"])
    page.get_by_role("button", name="Desafixar").click()
    expect(pinned).to_have_count(0)
    expect(rail(page).get_by_role("link", name="Defina comoriência")).to_be_visible()


def test_an_archived_conversation_leaves_the_list_and_comes_back(desk: Desk) -> None:
    page = desk.open(desk.conversation("Defina anticrese."))
    link = rail(page).get_by_role("link", name="Defina anticrese")
    page.get_by_role("button", name="Arquivar").click()
    expect(page.get_by_text("Esta conversa está arquivada desde")).to_be_visible()
    expect(link).to_have_count(0)
    rail(page).get_by_role("link", name="Arquivadas").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Conversas arquivadas")
    page.get_by_role("button", name=re.compile("Restaurar.*anticrese")).click()
    expect(link).to_have_attribute("aria-current", "page")
    expect(page.get_by_text("Esta conversa está arquivada desde")).to_have_count(0)


def test_a_deleted_conversation_is_gone_and_the_deletion_can_be_undone(desk: Desk) -> None:
    path = desk.conversation("Defina enfiteuse.")
    page = desk.open(path)
    page.get_by_role("button", name="Excluir").click()
    expect(page).to_have_url(re.compile(r"/conversas/$"))
    expect(page.get_by_text("A conversa “Defina enfiteuse” foi excluída.")).to_be_visible()
    expect(page.get_by_role("link", name="Defina enfiteuse")).to_have_count(0)
    page.get_by_role("button", name="Desfazer").click()
    expect(page).to_have_url(re.compile(path))
    desk.check_whole(page, "Defina enfiteuse.")
    expect(rail(page).get_by_role("link", name="Defina enfiteuse")).to_be_visible()


def test_the_search_finds_words_without_their_accents_and_leads_to_the_place(desk: Desk) -> None:
    path = desk.conversation("Como alego a exceção de contrato não cumprido?")
    page = desk.open()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("/")
    expect(page.get_by_label("Buscar em tudo")).to_be_focused()
    page.keyboard.type("excecao cumprido")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/busca/\?q=excecao"))
    found = page.get_by_role("main").get_by_role("link", name="exceção de contrato").first
    expect(page.get_by_role("main").locator("mark").first).to_be_visible()
    found.click()
    expect(page).to_have_url(re.compile(f"{path}#mensagem-"))
    expect(page.locator("article:target")).to_be_in_viewport()
    page.get_by_label("Buscar em tudo").fill("palavraquenãoexiste")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nada com “palavraquenãoexiste”.")).to_be_visible()


def test_a_copied_answer_is_rich_text_for_word_and_plain_text_elsewhere(desk: Desk) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = desk.open(desk.conversation("Defina mútuo feneratício."))
    answer_of(page).get_by_role("button", name="Copiar").click()
    expect(answer_of(page).get_by_role("button", name="Copiado")).to_be_visible()
    expect(page.get_by_role("status")).to_have_text("Copiado")
    copied = page.evaluate(
        """async () => {
          const [item] = await navigator.clipboard.read();
          const text = async (type) => (await item.getType(type)).text();
          return [await text("text/plain"), await text("text/html")];
        }"""
    )
    assert "Pontos a verificar" in copied[0]
    assert "<" not in copied[0]
    assert "<strong>" in copied[1]
    assert "Refazer" not in copied[1]
    expect(answer_of(page).get_by_role("button", name="Copiar")).to_be_visible()


def test_a_conversation_is_exported_as_a_file_with_all_of_its_words(desk: Desk) -> None:
    page = desk.open(desk.conversation("Defina evicção."))
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Exportar").click()
    text = waiting.value.path().read_text(encoding="utf-8")
    assert waiting.value.suggested_filename.endswith(".md")
    assert "Defina evicção." in text
    assert desk.stack.answer_to("Defina evicção.") in text


def test_mode_and_model_are_remembered_for_the_next_conversation(desk: Desk) -> None:
    page = desk.open()
    mode, model = page.get_by_label("Modo"), page.get_by_label("Modelo")
    mode.select_option("Revisão")
    second = model.locator("option").nth(1).get_attribute("value") or ""
    model.select_option(second)
    ask(page, "Revise este parágrafo.")
    expect(answer_of(page)).to_have_attribute("data-status", "complete")
    expect(page.get_by_text(re.compile("Revisão · "))).to_be_visible()
    expect(mode.locator("option:checked")).to_have_text("Revisão")
    sent = [body for body in desk.stack.api.requests() if body["model"] == second]
    assert sent, "the model that was chosen is the one that is asked"
    rail(page).get_by_role("link", name="Nova conversa").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(mode.locator("option:checked")).to_have_text("Revisão")
    expect(model).to_have_value(second)


def test_back_and_forward_lead_through_the_pages_as_they_were(desk: Desk) -> None:
    path = desk.conversation("Defina ab-rogação.")
    page = desk.open()
    rail(page).get_by_role("link", name="Defina ab-rogação").click()
    desk.check_whole(page, "Defina ab-rogação.")
    rail(page).get_by_role("link", name="Arquivadas").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Conversas arquivadas")
    page.go_back()
    desk.check_whole(page, "Defina ab-rogação.")
    page.go_back()
    expect(box(page)).to_be_visible()
    page.go_forward()
    expect(page).to_have_url(re.compile(path))
    desk.check_whole(page, "Defina ab-rogação.")
