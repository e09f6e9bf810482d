"""Ordinary forms, questions and files over a slow line and a cut one: nothing is sent twice, nothing is lost, and it is said.

Slow is what a phone has in the basement of a court: 400 kbit/s, and 400 ms for every answer. Live answers, the editor's
saving and the parts of large files have tests of their own for both (`test_browser_answers`, `_drafts`,
`_editor_saving`, `_files`); whole journeys over both are in `test_browser_journeys`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from playwright.sync_api import FilePayload, Locator, Page, Route, expect

from tests.browser import PHONE, Desk, answer_of, ask, box, status_line, wait_for_begin
from tests.client import HOST
from tests.gate import Gate
from tests.hands import SLOW
from tests.stack import Stack

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

OFFLINE = "Sem conexão: nada foi enviado. O que você escreveu continua aqui"
AWAY = "Sem conexão. O envio continua sozinho quando ela voltar; o que já chegou não se perde."
NETWORK = "net::ERR_"
MB = 1024**2


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


def test_without_a_network_a_stop_that_is_not_heard_says_so_and_can_be_pressed_again(desk: Desk) -> None:
    desk.expect_fault(NETWORK)
    desk.stack.pace(tokens=2_000, rate=50)
    page = desk.open()
    ask(page, f"Explique a usucapião {uuid4().hex[:6]}.")
    wait_for_begin(page)
    stop, told = (
        page.get_by_role("button", name="Parar", exact=True),
        page.get_by_role("alert").filter(has_text="parar"),
    )
    desk.context.set_offline(True)
    stop.click()
    expect(told).to_have_text("Não foi possível parar a resposta. Tente de novo.")
    desk.context.set_offline(False)
    stop.click()
    expect(answer_of(page)).to_have_attribute("data-status", "stopped")
    expect(told).to_have_count(0)


# A file on its way ------------------------------------------------------------------------------


@pytest.fixture
def gate(stack: Stack) -> Iterator[Gate]:
    """The network between a desk and the web server."""
    with Gate(HOST, stack.port) as gate:
        yield gate


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """In three parts; each byte is at home in one place only, so that none may be missing or be there twice."""
    path = tmp_path / f"Autos {uuid4().hex[:8]}.pdf"
    path.write_bytes(Random(7).randbytes(17 * MB))
    return path


def choose(page: Page, file: Path) -> Locator:
    page.locator("form[data-upload] input[type=file]").set_input_files(file)
    return page.locator("li.sending").filter(has_text=file.name)


def check_whole(desk: Desk, page: Page, file: Path) -> None:
    """It is in the list and in the database, once, with all of its bytes."""
    row = page.locator("[data-file]").filter(has_text=file.name)
    with page.expect_download() as download:
        row.get_by_role("link", name="Baixar").click()
    assert Path(download.value.path()).read_bytes() == file.read_bytes()
    assert count(desk, "uploads", "original_filename", file.name) == 1


def test_a_line_cut_in_mid_upload_is_said_and_the_file_goes_on_by_itself_from_the_part_it_had(
    desks: Callable[..., Desk], gate: Gate, large: Path
) -> None:
    desk = desks(port=gate.port)
    desk.expect_fault(NETWORK)
    page = desk.open("/arquivos/")
    held: list[Route] = []
    page.route("**/parte/2/", lambda route: held.append(route), times=1)
    going = choose(page, large)
    expect(going.locator("[data-words]")).to_contain_text("9 MB de 17 MB")
    gate.close()
    held[0].continue_()
    expect(going.locator("[data-words]")).to_have_text(AWAY)
    expect(status_line(page)).to_contain_text(AWAY)
    expect(going.get_by_role("button", name="Cancelar")).to_be_visible()
    expect(going.get_by_role("button", name="Tentar de novo")).to_be_hidden()
    before = gate.taken
    gate.open()
    check_whole(desk, page, large)
    assert 8 * MB <= gate.taken - before < 9 * MB, "only what was missing"


def test_a_line_that_dies_without_a_word_is_noticed_and_the_file_goes_on_when_it_lives_again(
    desks: Callable[..., Desk], gate: Gate, large: Path
) -> None:
    desk = desks(port=gate.port)
    desk.expect_fault(NETWORK)
    page = desk.context.new_page()
    page.clock.install()
    page.goto("/arquivos/")

    def dies(route: Route) -> None:
        """As the first part leaves; nothing passes any more, and nobody says so."""
        gate.hang()
        route.continue_()

    page.route("**/parte/*/", dies, times=1)
    going = choose(page, large)
    expect(going.locator("[data-words]")).to_have_text(re.compile(r"[kM]B de 17 MB$"))
    page.clock.fast_forward(181_000)
    expect(going.locator("[data-words]")).to_have_text(AWAY)
    gate.resume()
    check_whole(desk, page, large)


def test_a_file_chosen_without_a_network_waits_for_it_and_is_sent_once(desks: Callable[..., Desk], large: Path) -> None:
    desk = desks(viewport=PHONE, has_touch=True, is_mobile=True)
    desk.expect_fault(NETWORK)
    page = desk.open("/arquivos/")
    desk.context.set_offline(True)
    going = choose(page, large)
    expect(going.locator("[data-words]")).to_have_text(AWAY)
    desk.context.set_offline(False)
    check_whole(desk, page, large)


def test_a_small_file_whose_answer_was_lost_is_not_sent_twice_unasked(
    desks: Callable[..., Desk], gate: Gate, tmp_path: Path
) -> None:
    desk = desks(port=gate.port)
    desk.expect_fault(NETWORK)
    page = desk.open("/arquivos/")
    file = tmp_path / f"Nota {uuid4().hex[:8]}.txt"
    file.write_text("Uma linha dos autos.\n" * 2_500)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    gate.hang()
    going = choose(page, file)
    expect(going.locator("[data-words]")).to_have_text("51 kB de 51 kB")  # all of it is on its way
    gate.close()
    expect(going.locator("[data-words]")).to_contain_text("O arquivo pode ter chegado: veja em Arquivos")
    gate.open()
    gate.resume()
    assert len(posts) == 1
    going.get_by_role("button", name="Tentar de novo").click()
    check_whole(desk, page, file)
