"""Ordinary forms, questions and files over a slow line and a cut one: nothing is sent twice, nothing is lost, and it is said.

Slow is what a phone has in the basement of a court: 400 kbit/s, and 400 ms for every answer. Live answers, the editor's
saving and the parts of large files have tests of their own for both (`test_browser_answers`, `_drafts`,
`_editor_saving`, `_files`).
"""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser import Desk, box

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}  # bytes a second
OFFLINE = "Sem conexão: nada foi enviado. O que você escreveu continua aqui"


def slow_down(page: Page) -> None:
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)


def count(desk: Desk, table: str, column: str, value: str) -> int:
    return int(desk.stack.rows(f"SELECT count(*) FROM {table} WHERE {column} = %s", value)[0]["count"])


def twice(page: Page, name: str) -> None:
    """As an impatient hand does; the second press comes while the first one's answer is on its way."""
    page.get_by_role("button", name=name, exact=True).evaluate("(button) => { button.click(); button.click(); }")


def test_over_a_slow_line_what_is_pressed_twice_is_sent_once(desk: Desk) -> None:
    name = f"Caso da linha lenta {uuid4().hex[:6]}"
    page = desk.open("/projetos/novo/")
    slow_down(page)
    page.get_by_label("Nome", exact=True).fill(name)
    page.get_by_role("button", name="Criar o projeto").evaluate(
        "(button) => { button.click(); setTimeout(() => button.click(), 150); }"
    )
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)
    assert count(desk, "projects", "name", name) == 1


def test_over_a_slow_line_a_first_question_is_asked_once(desk: Desk) -> None:
    question = f"Defina sub-rogação {uuid4().hex[:6]}."
    page = desk.open()
    slow_down(page)
    box(page).fill(question)
    twice(page, "Enviar")
    expect(page.locator("[data-role=user] [data-text]")).to_have_text(question)
    desk.stack.wait_until_ended()
    assert count(desk, "messages", "content", question) == 1


def test_over_a_slow_line_a_file_shows_how_far_it_is(desk: Desk) -> None:
    name = f"Nota lenta {uuid4().hex[:6]}.txt"
    page = desk.open("/arquivos/")
    slow_down(page)
    page.locator("form[data-upload] input[type=file]").set_input_files(
        FilePayload(name=name, mimeType="text/plain", buffer=b"Uma linha dos autos.\n" * 7_000)
    )
    going = page.locator("li.sending").filter(has_text=name)
    expect(going.locator("[data-words]")).to_have_text(re.compile(r"\d+ kB de \d+ kB"))
    expect(page.locator("[data-file]").filter(has_text=name)).to_be_visible()
    assert count(desk, "uploads", "original_filename", name) == 1


@pytest.mark.parametrize(
    ("path", "label", "button"),
    [
        ("/projetos/novo/", "Nome", "Criar o projeto"),
        ("/processos/", "Número do processo", "Consultar"),
        ("/jurisprudencia/", "O que procurar", "Procurar"),
    ],
)
def test_without_a_network_a_form_says_so_and_keeps_what_was_written(
    desk: Desk, path: str, label: str, button: str
) -> None:
    desk.expect_fault("ERR_INTERNET_DISCONNECTED")  # a number is looked at as it is typed
    page = desk.open(path)
    field = page.get_by_role("main").get_by_label(label, exact=True)
    field.fill("1234567-03.2025.8.09.0051")
    desk.context.set_offline(True)
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("alert").filter(has_text=OFFLINE)).to_be_visible()
    expect(field).to_have_value("1234567-03.2025.8.09.0051")
    desk.context.set_offline(False)
    expect(page.get_by_role("alert").filter(has_text=OFFLINE)).to_have_count(0)
    page.get_by_role("main").get_by_role("button", name=button, exact=True).click()
    page.wait_for_url(lambda url: not url.endswith(path))


def test_a_browser_that_believes_to_be_offline_beside_its_server_sends_all_the_same(desk: Desk) -> None:
    desk.context.add_init_script("Object.defineProperty(Navigator.prototype, 'onLine', { get: () => false })")
    page = desk.open("/projetos/novo/")
    page.get_by_role("main").get_by_label("Nome", exact=True).fill("Caso sem rede")
    page.get_by_role("main").get_by_role("button", name="Criar o projeto", exact=True).click()
    expect(page.get_by_role("heading", name="Caso sem rede")).to_be_visible()
