"""Asking, and watching the answer grow: on this page, on another, and across whatever one does meanwhile."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser import Desk, answer_of, ask, box, rail, send, status_line, text_of, wait_for_begin
from tests.client import letters, wait_until

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

# Where the page is, as soon as it has been there for a third of a second: the wheel moves it smoothly.
COME_TO_REST = """() => new Promise((done) => {
  let at = scrollY, frames = 0;
  const look = () => {
    frames = scrollY === at ? frames + 1 : 0;
    at = scrollY;
    frames < 20 ? requestAnimationFrame(look) : done(at);
  };
  look();
})"""
STOPPED = "Parada a pedido: o texto até aqui está salvo."


def watched(desk: Desk, question: str, *, tokens: int = 250, rate: float = 80) -> Page:
    """A page on which the answer to a first question has begun to appear."""
    desk.stack.pace(tokens=tokens, rate=rate)
    page = desk.open()
    ask(page, question)
    page.wait_for_url(re.compile(r"/conversas/[0-9a-f-]{36}/"))
    wait_for_begin(page)
    return page


def complement(page: Page, number: int) -> Locator:
    """One of the headings by which a long simulated answer is drawn out."""
    return page.get_by_role("heading", name=f"Complemento {number}", exact=True)


def test_a_question_on_the_start_page_opens_a_conversation_in_which_the_answer_grows_rendered(desk: Desk) -> None:
    question = "Quais são os requisitos da petição inicial?"
    page = watched(desk, question)
    writing = page.locator("article[data-status=streaming]")
    expect(writing.get_by_role("heading", name="A sua pergunta")).to_be_visible()
    expect(writing.locator("[data-text] blockquote")).to_contain_text(question)
    expect(writing.locator("[data-state]")).to_have_text("Escrevendo…")
    desk.check_grown(page, question)
    expect(answer_of(page).locator("[data-text] li strong").first).to_be_visible()
    assert "**" not in (answer_of(page).text_content() or "")
    expect(page.locator("[data-role=user] [data-text]")).to_have_text(question)
    expect(box(page)).to_have_value("")
    title = "Quais são os requisitos da petição inicial"
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page).to_have_title(f"{title} · ROM Agent")
    expect(rail(page).get_by_role("link", name=title)).to_have_attribute("aria-current", "page")


def test_a_second_question_is_answered_on_the_same_page_without_leaving_it(desk: Desk) -> None:
    page = desk.open(desk.conversation("O que é litispendência?"))
    page.evaluate("() => { globalThis.same = true; }")
    desk.stack.pace(tokens=150, rate=100)
    page.evaluate("() => { shown.length = 0; }")
    box(page).fill("E coisa julgada?")
    box(page).press("Shift+Enter")
    box(page).press_sequentially("Em uma linha.")
    box(page).press("Enter")
    expect(page.locator("[data-role=user]")).to_have_count(2)
    desk.check_grown(page, "E coisa julgada?\nEm uma linha.")
    assert page.evaluate("() => same") is True
    page.reload()
    expect(page.locator("article")).to_have_count(4)
    desk.check_whole(page, "E coisa julgada?\nEm uma linha.")


def test_a_reload_in_mid_answer_shows_what_is_there_and_goes_on(desk: Desk) -> None:
    question = "Como se conta o prazo em dobro?"
    page = watched(desk, question, tokens=500)
    for _ in range(2):
        wait_for_begin(page, characters=700)  # by now, some of it is saved
        page.reload()
        assert desk.growth(page)[0], "a reload does not begin at the beginning"
    desk.check_grown(page, question)
    expect(page.locator("article")).to_have_count(2)


def test_a_second_tab_sees_the_same_answer_grow_and_can_stop_it(desk: Desk) -> None:
    question = "Cabe denunciação da lide?"
    first = watched(desk, question, tokens=600)
    second = desk.open(first.url)
    wait_for_begin(second)
    second.get_by_role("button", name="Parar").click()
    for page in (first, second):
        expect(answer_of(page)).to_have_attribute("data-status", "stopped")
        expect(answer_of(page).locator("[data-state]")).to_have_text(STOPPED)
        expect(page.get_by_role("button", name="Parar")).to_be_hidden()
    assert text_of(first) == text_of(second)
    assert letters(desk.stack.answer_to(question)).startswith(text_of(first))


def test_stopped_by_the_button_the_text_stays_and_continue_finishes_it(desk: Desk) -> None:
    question = "Como impugno o valor da causa?"
    page = watched(desk, question)
    page.get_by_role("button", name="Parar").click()
    expect(answer_of(page).locator("[data-state]")).to_have_text(STOPPED)
    expect(status_line(page)).to_have_text(STOPPED)
    kept = text_of(page)
    assert len(kept) > 60
    page.reload()
    assert text_of(page) == kept
    answer_of(page).get_by_role("button", name="Continuar").click()
    desk.check_grown(page, question)
    assert all(shown.startswith(kept) for shown in desk.growth(page)), "what was kept never goes away meanwhile"
    expect(answer_of(page).get_by_role("button", name="Continuar")).to_have_count(0)


def test_escape_stops_the_answer_and_leaves_the_draft_in_the_box(desk: Desk) -> None:
    page = watched(desk, "Quem responde pelas custas?", tokens=600)
    box(page).fill("E se houver")
    box(page).press("Escape")
    expect(answer_of(page)).to_have_attribute("data-status", "stopped")
    expect(box(page)).to_have_value("E se houver")


def test_a_question_sent_while_one_is_answered_stays_in_the_box_with_the_reason(desk: Desk) -> None:
    desk.expect_fault("409")
    page = watched(desk, "O que é preclusão?", tokens=600)
    send(page, "Outra pergunta.")
    expect(page.get_by_role("alert")).to_contain_text("Aguarde o fim da resposta anterior")
    expect(box(page)).to_have_value("Outra pergunta.")
    box(page).press("Escape")
    expect(answer_of(page)).to_have_attribute("data-status", "stopped")
    desk.stack.pace(rate=2000)
    box(page).press("Enter")
    expect(page.locator("[data-role=user]")).to_have_count(2)
    expect(page.locator("[data-ask-error]")).to_be_empty()


def test_redone_the_earlier_answers_are_a_page_away_and_can_be_resumed(desk: Desk) -> None:
    script = {"kind": "answer", "match": "Redija", "for": "answer"}
    desk.stack.api.script([script | {"text": f"Versão {word}."} for word in ("um", "dois")])
    page = desk.open()
    ask(page, "Redija um parágrafo.")
    expect(answer_of(page)).to_contain_text("Versão um.")
    answer_of(page).get_by_role("button", name="Refazer").click()
    expect(answer_of(page)).to_contain_text("Versão dois.")
    pager = page.get_by_role("group", name="Versões da resposta")
    expect(pager).to_contain_text("2 de 2")
    expect(page.locator("article")).to_have_count(2)
    pager.get_by_role("link", name="Versão anterior").click()
    expect(answer_of(page)).to_contain_text("Versão um.")
    expect(page.get_by_text("Você está vendo uma versão anterior")).to_be_visible()
    expect(box(page)).to_have_count(0)
    pager.get_by_role("link", name="Versão seguinte").click()
    expect(answer_of(page)).to_contain_text("Versão dois.")
    expect(box(page)).to_be_visible()
    pager.get_by_role("link", name="Versão anterior").click()
    page.get_by_role("button", name="Retomar desta versão").click()
    expect(answer_of(page)).to_contain_text("Versão um.")
    expect(pager).to_contain_text("1 de 2")
    ask(page, "E agora?")
    expect(page.locator("article")).to_have_count(4)
    desk.check_whole(page, "E agora?")


def test_an_edited_question_is_answered_anew(desk: Desk) -> None:
    page = desk.open(desk.conversation("Qual é o praso da contestação?"))
    page.get_by_role("link", name="Editar a pergunta").click()
    expect(box(page)).to_be_focused()
    expect(box(page)).to_have_value("Qual é o praso da contestação?")
    box(page).fill("Qual é o prazo da contestação?")
    page.get_by_role("button", name="Enviar de novo").click()
    page.wait_for_url(re.compile(r"#mensagem-"))
    expect(page.locator("[data-role=user] [data-text]")).to_have_text("Qual é o prazo da contestação?")
    desk.check_whole(page, "Qual é o prazo da contestação?")


def test_whoever_has_scrolled_up_is_left_alone_and_whoever_is_at_the_end_stays_there(desk: Desk) -> None:
    page = watched(desk, "Resuma as provas.", tokens=1500, rate=150)
    page.set_viewport_size({"width": 1200, "height": 500})
    end = page.get_by_role("button", name="Ir para o fim")
    expect(complement(page, 3)).to_be_visible()
    distance = "() => document.scrollingElement.scrollHeight - innerHeight - scrollY"
    # Text comes in one frame and the page follows in the next; one that did not follow would only fall behind.
    wait_until(lambda: page.evaluate(distance) < 48, "who is at the end stays there")
    page.mouse.move(700, 200)
    page.mouse.wheel(0, -600)
    expect(end).to_be_visible()
    settled = page.evaluate(COME_TO_REST)
    count = page.get_by_role("heading", name="Complemento").count()
    expect(complement(page, count + 3)).to_be_attached()
    assert abs(page.evaluate("() => scrollY") - settled) <= 1, "the page has not jumped"
    end.click()
    expect(end).to_be_hidden()
    expect(answer_of(page)).to_have_attribute("data-status", "complete")
    expect(answer_of(page).get_by_role("button", name="Copiar")).to_be_in_viewport()
    wait_until(lambda: page.evaluate(distance) < 48, "whoever goes to the end arrives there")


def test_one_status_line_announces_and_the_growing_text_is_no_live_region(desk: Desk) -> None:
    page = watched(desk, "O que é interesse de agir?")
    expect(page.get_by_role("status")).to_have_count(1)
    expect(page.get_by_role("status")).to_have_text("Escrevendo")
    expect(answer_of(page)).to_have_attribute("aria-busy", "true")
    live = "[aria-live], [role=log], [role=status], [role=alert]"
    assert page.locator(f":is({live}) article").count() == 0
    assert page.locator(f"article :is({live})").count() == 0
    expect(page.get_by_role("status")).to_have_text("Resposta pronta")
    expect(answer_of(page)).not_to_have_attribute("aria-busy", "true")


def test_an_answer_that_fails_says_what_happened_and_is_continued_where_it_was_cut(desk: Desk) -> None:
    question = "Quais provas devo requerer?"
    desk.stack.api.script([{"kind": "stop_reason", "stop_reason": "max_tokens", "after_tokens": 40, "match": question}])
    page = desk.open()
    ask(page, question)
    expect(answer_of(page)).to_contain_text("A resposta chegou ao tamanho máximo e foi cortada.")
    answer_of(page).get_by_role("button", name="Continuar").click()
    expect(answer_of(page)).not_to_contain_text("foi cortada")
    desk.check_whole(page, question)
    desk.stack.api.script([{"kind": "status", "status": 401, "for": "answer"}])
    ask(page, "E agora?")
    alert = answer_of(page).get_by_role("alert")
    expect(alert).to_contain_text("recusou a chave de acesso do escritório. Sua pergunta está salva")
    answer_of(page).get_by_role("button", name="Refazer").click()
    expect(alert).to_have_count(0)
    desk.check_whole(page, "E agora?")


HEIGHTS = """
  globalThis.lengths = [];
  const look = () => {
    lengths.push(document.querySelector("article[data-role=assistant] [data-text]")?.textContent.length ?? 0);
    requestAnimationFrame(look);
  };
  addEventListener("load", () => requestAnimationFrame(look));
"""


def test_over_a_slow_line_a_reload_in_mid_answer_takes_nothing_away_again_and_moves_nobody(desk: Desk) -> None:
    page = watched(desk, "Resuma os autos.", tokens=12_000, rate=1500)
    wait_for_begin(page, characters=25_000)
    line = {"offline": False, "latency": 100, "downloadThroughput": 60_000, "uploadThroughput": 60_000}
    desk.context.new_cdp_session(page).send("Network.emulateNetworkConditions", line)
    desk.context.add_init_script(HEIGHTS)
    page.reload()
    page.evaluate("() => scrollTo(0, 4000)")
    expect(answer_of(page)).to_have_attribute("data-status", "complete")
    lengths = page.evaluate("() => lengths")
    assert lengths == sorted(lengths), "what is on the page never goes away"
    assert abs(page.evaluate("() => scrollY") - 4000) <= 1, "nobody is moved"
