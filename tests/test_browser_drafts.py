"""What is being written is never lost: a reload, a dead network, an ended session, a database that is away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from tests.browser import Desk, answer_of, ask, box, rail, send, sign_in, wait_for_begin
from tests.client import HOST, wait_until
from tests.gate import Gate
from tests.stack import LAWYER, Stack

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

DRAFT = "Excelentíssima Senhora Juíza,\nvem o autor"
REFUSED = "Cabe agravo desta decisão?\nEm que prazo"
CUT_OFF = "ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)"
LOST = "Conexão perdida. Tentando de novo…"


@pytest.fixture
def gate(stack: Stack) -> Iterator[Gate]:
    """The network between a desk and the web server."""
    with Gate(HOST, stack.port) as gate:
        yield gate


def saved(desk: Desk, question: str) -> int:
    return len(desk.stack.rows("SELECT id FROM messages WHERE role = 'user' AND content = %s", question))


def test_a_draft_survives_a_reload_and_is_of_its_page_alone(desk: Desk) -> None:
    path = desk.conversation("Defina remição.")
    page = desk.open(path)
    box(page).press_sequentially("Meio escr")
    page.reload()
    expect(box(page)).to_have_value("Meio escr")
    rail(page).get_by_role("link", name="Nova conversa").click()
    expect(page.get_by_text("Conversas recentes")).to_be_visible()
    expect(box(page)).to_have_value("")
    box(page).fill(DRAFT)
    page.goto(path)
    expect(box(page)).to_have_value("Meio escr")
    ask(page, "Meio escrito, mas enviado.")
    expect(answer_of(page)).to_have_attribute("data-status", "complete")
    page.reload()
    expect(box(page)).to_have_value("")
    page.goto("/conversas/")
    expect(box(page)).to_have_value(DRAFT)


def test_signing_out_takes_the_drafts_along(desk: Desk) -> None:
    desk.context.clear_cookies()
    page = desk.open()
    sign_in(page)
    box(page).fill(DRAFT)
    page.get_by_role("button", name="Sair").click()
    expect(page).to_have_url(re.compile(r"/entrar/"))
    assert page.evaluate("() => Object.keys(localStorage).filter((key) => key.startsWith('rascunho'))") == []
    sign_in(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(box(page)).to_have_value("")


def test_without_a_network_the_question_waits_in_the_box_and_is_sent_once(desk: Desk) -> None:
    desk.expect_fault("ERR_INTERNET_DISCONNECTED")
    page = desk.open(desk.conversation("Defina anatocismo."))
    desk.context.set_offline(True)
    send(page, "Isto chega depois.")
    expect(page.get_by_role("alert")).to_contain_text("Sem conexão: a pergunta não foi confirmada.")
    expect(box(page)).to_have_value("Isto chega depois.")
    desk.context.set_offline(False)
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.locator("[data-role=user]")).to_have_count(2)
    desk.check_whole(page, "Isto chega depois.")
    expect(box(page)).to_have_value("")
    assert saved(desk, "Isto chega depois.") == 1


def test_without_a_network_in_mid_answer_the_page_says_so_and_catches_up_by_itself(
    desks: Callable[..., Desk], gate: Gate
) -> None:
    desk = desks(port=gate.port)
    desk.expect_fault(CUT_OFF)
    page = desk.open()
    desk.stack.pace(tokens=400, rate=80)
    ask(page, "Quais são os efeitos da revelia?")
    wait_for_begin(page)
    gate.close()
    expect(answer_of(page).locator("[data-state]")).to_have_text(LOST)
    expect(page.get_by_role("status")).to_have_text(LOST)
    gate.open()
    desk.check_grown(page, "Quais são os efeitos da revelia?")
    expect(page.get_by_role("status")).to_have_text("Resposta pronta")


def test_an_ended_session_offers_to_sign_in_and_keeps_the_draft(desk: Desk) -> None:
    desk.expect_fault("401")
    path = desk.conversation("Defina evicção.")
    page = desk.open(path)
    desk.context.clear_cookies(name="rom.sid")
    send(page, DRAFT)
    error = page.locator("[data-ask-error]")
    expect(error).to_contain_text("O texto está guardado.")
    expect(box(page)).to_have_value(DRAFT)
    error.get_by_role("link", name="Entrar de novo").click()
    sign_in(page)
    expect(page).to_have_url(re.compile(f"{path}$"))
    expect(box(page)).to_have_value(DRAFT)
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.locator("[data-role=user]")).to_have_count(2)
    desk.check_whole(page, DRAFT)


def test_a_session_that_ended_before_the_first_question_costs_no_word_of_it(desk: Desk) -> None:
    page = desk.open()
    desk.context.clear_cookies(name="rom.sid")
    send(page, DRAFT)
    expect(page).to_have_url(re.compile(r"/entrar/\?next="))
    sign_in(page)
    expect(box(page)).to_have_value(DRAFT)
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.locator("[data-role=user]")).to_have_count(1)
    desk.check_whole(page, DRAFT)
    assert saved(desk, DRAFT) >= 1


def test_an_ended_session_in_mid_answer_is_said_and_the_answer_is_there_after_signing_in(
    desks: Callable[..., Desk], gate: Gate
) -> None:
    desk = desks(port=gate.port)
    desk.expect_fault(f"401|{CUT_OFF}")
    page = desk.open()
    desk.stack.pace(tokens=400, rate=80)
    ask(page, "Como se liquida a sentença?")
    wait_for_begin(page)
    desk.context.clear_cookies(name="rom.sid")
    gate.close()
    expect(answer_of(page).locator("[data-state]")).to_have_text(LOST)
    gate.open()
    state = answer_of(page).locator("[data-state]")
    expect(state).to_contain_text("Sua sessão terminou; a resposta continua sendo escrita.")
    state.get_by_role("link", name="Entrar de novo").click()
    sign_in(page)
    desk.check_whole(page, "Como se liquida a sentença?")


def test_a_web_server_killed_in_mid_answer_is_said_and_the_page_catches_up_by_itself(desk: Desk) -> None:
    desk.expect_fault(CUT_OFF)
    page = desk.open()
    desk.stack.pace(tokens=800, rate=80)  # ten seconds: it still grows when the next server is there
    ask(page, "Quando cabe tutela de urgência?")
    wait_for_begin(page)
    desk.stack.web.kill()
    expect(answer_of(page).locator("[data-state]")).to_have_text(LOST)
    expect(page.get_by_role("status")).to_have_text(LOST)
    box(page).fill("Enquanto isso")
    desk.stack.start_web()
    desk.check_grown(page, "Quando cabe tutela de urgência?")
    expect(page.get_by_role("status")).to_have_text("Resposta pronta")
    expect(box(page)).to_have_value("Enquanto isso")
    expect(page.locator("article")).to_have_count(2)


def test_while_postgresql_is_away_a_page_says_so_and_comes_back_by_itself_with_the_draft(desk: Desk) -> None:
    desk.expect_fault("503")
    path = desk.conversation("Defina sub-rogação.")
    page, start = desk.open(path), desk.open()
    desk.stack.postgres.kill()
    send(page, DRAFT)
    expect(page.locator("[data-ask-error]")).to_contain_text("O rascunho ficou no navegador")
    expect(box(page)).to_have_value(DRAFT)
    page.reload()
    send(start, "Uma pergunta nova.")
    for shown in (page, start):
        expect(shown.get_by_role("heading", level=1)).to_have_text("Voltamos em instantes")
        expect(shown.get_by_text("O banco de dados não está respondendo.")).to_be_visible()
        expect(shown.locator("html")).to_have_attribute("lang", "pt-BR")
    desk.stack.postgres.start(desk.stack.postgres.port)
    expect(box(page)).to_have_value(DRAFT)
    expect(box(start)).to_have_value("Uma pergunta nova.")
    wait_until(lambda: desk.stack.visitor().get("/conversas/").status == 200, "pages work again")
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(page.locator("[data-role=user]")).to_have_count(2)
    desk.check_whole(page, DRAFT)
    start.get_by_role("button", name="Enviar", exact=True).click()
    expect(start.locator("[data-role=user]")).to_have_count(1)
    desk.check_whole(start, "Uma pergunta nova.")
    assert saved(desk, "Uma pergunta nova.") == 1


def test_without_redis_the_answer_grows_all_the_same(desk: Desk) -> None:
    page = desk.open()
    desk.stack.pace(tokens=500, rate=80)
    desk.stack.valkey.kill()
    ask(page, "O que é ônus da prova?")
    desk.check_grown(page, "O que é ônus da prova?", steps=2)


@pytest.fixture
def no_budget(stack: Stack) -> Iterator[None]:
    """The lawyer may spend nothing this month, and the web process has noticed that there are budgets."""
    add = "INSERT INTO ai_budgets (user_id, amount, updated_at) SELECT id, 0, now() FROM users WHERE email = %s RETURNING id"
    stack.rows(add, LAWYER)
    wait_until(lambda: "foi todo usado" in stack.visitor().get("/conversas/").text, "the notice above the question box")
    yield
    stack.rows("DELETE FROM ai_budgets RETURNING id")


@pytest.mark.usefixtures("no_budget")
def test_a_question_that_the_budget_refuses_stays_in_the_box_and_is_sent_when_it_is_raised(desk: Desk) -> None:
    desk.expect_fault("429")
    page = desk.open()
    expect(page.get_by_text("Seu orçamento de IA deste mês foi todo usado.")).to_be_visible()
    send(page, REFUSED)
    expect(page.get_by_role("alert")).to_contain_text("Nada se perdeu")
    expect(box(page)).to_have_value(REFUSED)
    page.goto("/meu-uso/")
    page.goto("/conversas/")
    expect(box(page)).to_have_value(REFUSED)
    assert saved(desk, REFUSED) == 0
    desk.stack.rows("UPDATE ai_budgets SET amount = 1000 RETURNING id")
    page.get_by_role("button", name="Enviar", exact=True).click()
    expect(answer_of(page)).to_have_attribute("data-status", "complete")
    assert saved(desk, REFUSED) == 1
