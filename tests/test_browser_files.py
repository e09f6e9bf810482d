"""A lawyer's files in a real browser: small ones through the server, large ones straight to a simulated S3."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser import choosing, status_line
from tests.client import HOST
from tests.gate import Gate

if TYPE_CHECKING:
    from tests.browser import Desk
    from tests.bucket import SimulatedS3
    from tests.stack import Stack

pytest_plugins = ["tests.browser", "tests.stack", "tests.bucket"]
pytestmark = [pytest.mark.browser, pytest.mark.processes]
MB = 1024**2
LARGE = 101 * MB + 7


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is too large for the server, and takes no room on this disk."""
    path = tmp_path_factory.mktemp("arquivos") / "Autos completos.pdf"
    with path.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(LARGE)
    return path


@pytest.fixture(autouse=True)
def _no_files_of_before(stack: Stack) -> None:
    stack.execute("TRUNCATE uploads CASCADE")


@pytest.fixture
def office(stack: Stack, s3: SimulatedS3, desks: Callable[..., Desk]) -> Iterator[Office]:
    found = Office(stack, s3, desks)
    yield found
    found.close()


class Office:
    """A web process that keeps its files in a bucket, and a desk at it; what goes to either is counted at its door."""

    def __init__(self, stack: Stack, s3: SimulatedS3, desks: Callable[..., Desk]) -> None:
        self.s3 = s3
        self.to_s3 = Gate(HOST, s3.port)
        self.to_s3.open()
        self.bucket = f"rom-{stack.port}-{len(s3.client.list_buckets()['Buckets'])}"
        self.url = f"http://{HOST}:{self.to_s3.port}"
        variables = s3.variables(self.bucket) | {"AWS_S3_ENDPOINT_URL": self.url}
        self.to_web = Gate(HOST, stack.another_web("web-s3", **variables).port)
        self.to_web.open()
        s3.make_bucket(self.bucket, f"http://{HOST}:{self.to_web.port}")
        self.desk = desks(port=self.to_web.port)
        self.desk.expect_fault(re.escape(f"request to another host: {self.url}/"))

    def close(self) -> None:
        self.to_web.close()
        self.to_s3.close()

    def page(self) -> Page:
        return self.desk.open("/arquivos/")


def choose(page: Page, *files: Path) -> None:
    """With the page's script what is chosen goes at once."""
    page.get_by_label("Enviar arquivos").set_input_files(files)


def row(page: Page, name: str = "") -> Locator:
    rows = page.locator("[data-file]")
    return rows.filter(has_text=name) if name else rows


def sending(page: Page, name: str = "") -> Locator:
    rows = page.locator("li.sending")
    return rows.filter(has_text=name) if name else rows


def drop(page: Page, *files: tuple[str, str]) -> None:
    """Several files (name, content) dropped on the page, or pasted into it: `drop`, `paste`."""
    page.evaluate(
        """(files) => {
          const carried = new DataTransfer();
          for (const [name, text] of files) carried.items.add(new File([text], name));
          for (const type of ["dragenter", "dragover", "drop"])
            document.querySelector("main").dispatchEvent(new DragEvent(type, { bubbles: true, cancelable: true, dataTransfer: carried }));
        }""",
        [list(file) for file in files],
    )


def paste(page: Page, name: str, content: str) -> None:
    page.evaluate(
        """([name, text]) => {
          const carried = new DataTransfer();
          carried.items.add(new File([text], name, { type: "image/png" }));
          document.body.dispatchEvent(new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: carried }));
        }""",
        [name, content],
    )


def test_a_file_of_more_than_a_hundred_megabytes_never_passes_through_the_server(office: Office, large: Path) -> None:
    page = office.page()
    choose(page, large)
    expect(page.get_by_role("link", name="Autos completos.pdf", exact=True)).to_be_visible()
    expect(row(page)).to_contain_text("101 MB")
    (key,) = office.s3.keys(office.bucket)
    assert office.s3.client.head_object(Bucket=office.bucket, Key=key)["ContentLength"] == LARGE
    assert office.to_s3.taken >= LARGE
    assert office.to_web.taken < 50_000, "words only"


def test_a_sending_shows_how_far_it_is_and_can_be_cancelled(office: Office, large: Path) -> None:
    office.desk.expect_fault("net::ERR")
    page = office.page()
    held: list[Route] = []
    page.route(f"{office.url}/**partNumber=7**", lambda route: held.append(route))
    choose(page, large)
    expect(sending(page).locator("[data-words]")).to_have_text(re.compile(r"^9[5-9](,\d)? MB de 101 MB$"))
    sending(page).get_by_role("button", name="Cancelar").click()
    expect(sending(page)).to_have_count(0)
    expect(status_line(page)).to_have_text("Autos completos.pdf: envio cancelado")
    page.reload()
    expect(page.get_by_text("Nenhum arquivo enviado.")).to_be_visible()
    assert (office.s3.sendings(office.bucket), office.s3.keys(office.bucket)) == ([], [])


def test_a_part_that_fails_is_sent_again(office: Office, large: Path) -> None:
    office.desk.expect_fault("net::ERR")
    page = office.page()
    failures = iter(["2", "5", "2"])

    def sometimes(route: Route) -> None:
        if next(failures, None):
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(f"{office.url}/**", sometimes)
    choose(page, large)
    expect(row(page)).to_contain_text("101 MB")


def test_in_a_new_page_the_same_file_goes_on_where_it_stopped(office: Office, large: Path) -> None:
    office.desk.expect_fault("net::ERR")
    page = office.page()
    held: list[Route] = []
    page.route(f"{office.url}/**partNumber=7**", lambda route: held.append(route))
    choose(page, large)
    expect(sending(page).locator("[data-words]")).to_have_text(re.compile(r"^9[5-9]"))
    page.close()
    page = office.page()
    expect(row(page)).to_contain_text("sendo enviado")
    before = office.to_s3.taken
    choose(page, large)
    expect(row(page).get_by_role("link", name="Baixar")).to_be_visible()
    assert row(page).count() == 1
    assert office.to_s3.taken - before < 20 * MB, "only what was missing"


def test_a_small_file_goes_through_the_server_and_comes_back_as_it_was(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "Procuração.pdf"
    file.write_bytes(b"%PDF-1.7 " + bytes(range(256)) * 5000)
    page = desk.open("/arquivos/")
    choose(page, file)
    expect(row(page, "Procuração.pdf")).to_be_visible()
    with page.expect_download() as download:
        row(page).get_by_role("link", name="Baixar").click()
    assert download.value.suggested_filename == "Procuração.pdf"
    assert Path(download.value.path()).read_bytes() == file.read_bytes()
    row(page).get_by_role("button", name="Excluir").click()
    expect(page.get_by_text("foi excluído")).to_be_visible()
    page.get_by_role("button", name="Desfazer").click()
    expect(row(page, "Procuração.pdf")).to_be_visible()


def test_without_s3_a_large_file_comes_in_parts_and_goes_on_after_a_cut(desk: Desk, large: Path) -> None:
    desk.expect_fault("net::ERR")
    page = desk.open("/arquivos/")
    held: list[Route] = []
    page.route("**/parte/9/", lambda route: held.append(route))
    choose(page, large)
    expect(sending(page).locator("[data-words]")).to_have_text(re.compile(r"^9[0-9](,\d)? MB de 101 MB$"))
    page.close()
    page = desk.open("/arquivos/")
    expect(row(page)).to_contain_text("sendo enviado")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if re.search(r"/parte/\d+/$", request.url) else None)
    choose(page, large)
    expect(row(page).get_by_role("link", name="Baixar")).to_be_visible()
    assert {url.rsplit("/", 2)[1] for url in sent} <= {"9"}, "only what was missing"
    assert row(page).count() == 1


def test_several_files_dropped_at_once_each_show_their_end_and_one_that_fails_stops_none(desk: Desk) -> None:
    page = desk.open("/arquivos/")
    drop(page, ("primeiro.txt", "Um texto com palavras."), ("vazio.txt", ""), ("segundo.txt", "Outro texto."))
    for name in ("primeiro.txt", "segundo.txt"):
        expect(row(page, name)).to_contain_text("pronto: 1 página")
    expect(sending(page, "vazio.txt")).to_contain_text("Este arquivo está vazio.")
    expect(page.get_by_role("alert")).to_have_text("vazio.txt: não foi enviado.")
    sending(page, "vazio.txt").get_by_role("button", name="Cancelar").click()
    expect(sending(page)).to_have_count(0)


def test_a_picture_that_is_pasted_gets_a_name_of_its_own(desk: Desk) -> None:
    page = desk.open("/arquivos/")
    paste(page, "image.png", "isto não é uma imagem")
    expect(row(page, "Imagem colada ")).to_be_visible()
    paste(page, "Print do sistema.png", "nem isto")
    expect(row(page, "Print do sistema.png")).to_be_visible()


def test_a_sending_that_failed_is_tried_again_by_its_button(desk: Desk, tmp_path: Path) -> None:
    desk.expect_fault("net::ERR")
    page = desk.open("/arquivos/")
    page.route("**/arquivos/", lambda route: route.abort("connectionreset"), times=1)
    drop(page, ("nota.txt", "Um texto."))
    expect(sending(page)).to_contain_text("A conexão caiu e o arquivo não chegou inteiro.")
    sending(page).get_by_role("button", name="Tentar de novo").click()
    expect(row(page, "nota.txt")).to_be_visible()
    expect(sending(page)).to_have_count(0)


def test_with_the_keyboard_alone_a_file_is_sent_watched_and_read(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "Laudo.txt"
    file.write_text("O perito conclui pela incapacidade total do autor.")
    page = desk.open("/arquivos/")
    chosen = choosing(page)
    field = page.get_by_label("Enviar arquivos")
    field.focus()
    expect(field).to_be_focused()
    page.keyboard.press("Space")
    chosen().set_files(file)
    expect(row(page, "Laudo.txt")).to_contain_text("pronto: 1 página")
    expect(status_line(page)).to_have_text("Laudo.txt: pronto: 1 página")
    press_until(page, "Laudo.txt")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Laudo.txt")).to_be_visible()
    press_until(page, "Ler o texto")
    page.keyboard.press("Enter")
    expect(page.locator(".page-text")).to_have_text("O perito conclui pela incapacidade total do autor.")


def press_until(page: Page, name: str) -> None:
    """Tab, until what has the focus is called so."""
    link = page.get_by_role("link", name=name, exact=True)
    for _ in range(200):
        page.keyboard.press("Tab")
        if link.evaluate("(element) => element === document.activeElement"):
            return
    raise AssertionError(f"{name} cannot be reached with Tab")


def test_a_passage_is_brought_into_view_and_into_focus(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "Longo.txt"
    file.write_text("Uma linha qualquer.\n" * 100 + "Esta é a passagem citada.\n" + "Outra linha.\n" * 20)
    page = desk.open("/arquivos/")
    choose(page, file)
    expect(row(page, "Longo.txt")).to_contain_text("pronto")
    address = row(page).get_by_role("link", name="Longo.txt", exact=True).get_attribute("href")
    page.goto(f"{address}paginas/1/?trecho=Esta é a passagem citada.#trecho")
    passage = page.locator("mark[data-passage]")
    expect(passage).to_be_focused()
    expect(passage).to_be_in_viewport()


def test_without_javascript_the_form_sends_the_files(desks: Callable[..., Desk], tmp_path: Path) -> None:
    files = [tmp_path / "Sem script.txt", tmp_path / "Outro.txt"]
    for file in files:
        file.write_text(file.name)
    page = desks(java_script_enabled=False).open("/arquivos/")
    choose(page, *files)
    page.get_by_role("button", name="Enviar", exact=True).click()
    for file in files:
        expect(row(page, file.name)).to_be_visible()
