"""A lawyer's files in a real browser: small ones through the server, large ones straight to a simulated S3."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, Route, expect

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
    stack.execute("DELETE FROM uploads")


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


def choose(page: Page, file: Path) -> None:
    page.get_by_label("Enviar um arquivo").set_input_files(file)
    page.get_by_role("button", name="Enviar", exact=True).click()


def test_a_file_of_more_than_a_hundred_megabytes_never_passes_through_the_server(office: Office, large: Path) -> None:
    page = office.page()
    choose(page, large)
    expect(page.get_by_role("link", name="Autos completos.pdf")).to_be_visible()
    expect(page.locator("li.file")).to_contain_text("101 MB · pronto")
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
    words = page.locator("[data-upload-words]")
    expect(words).to_have_text(re.compile(r"^9[5-9](,\d)? MB de 101 MB$"))
    page.get_by_role("button", name="Cancelar o envio").click()
    expect(page.get_by_role("alert")).to_have_text("Envio cancelado.")
    expect(page.get_by_role("button", name="Enviar", exact=True)).to_be_enabled()
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
    expect(page.locator("li.file")).to_contain_text("101 MB · pronto")


def test_in_a_new_page_the_same_file_goes_on_where_it_stopped(office: Office, large: Path) -> None:
    office.desk.expect_fault("net::ERR")
    page = office.page()
    held: list[Route] = []
    page.route(f"{office.url}/**partNumber=7**", lambda route: held.append(route))
    choose(page, large)
    expect(page.locator("[data-upload-words]")).to_have_text(re.compile(r"^9[5-9]"))
    page.close()
    page = office.page()
    expect(page.locator("li.file")).to_contain_text("sendo enviado")
    before = office.to_s3.taken
    choose(page, large)
    expect(page.locator("li.file")).to_contain_text("pronto")
    assert page.locator("li.file").count() == 1
    assert office.to_s3.taken - before < 20 * MB, "only what was missing"


def test_a_small_file_goes_through_the_server_and_comes_back_as_it_was(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "Procuração.pdf"
    file.write_bytes(b"%PDF-1.7 " + bytes(range(256)) * 5000)
    page = desk.open("/arquivos/")
    choose(page, file)
    link = page.get_by_role("link", name="Procuração.pdf")
    expect(link).to_be_visible()
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "Procuração.pdf"
    assert Path(download.value.path()).read_bytes() == file.read_bytes()
    page.locator("li.file").get_by_role("button").click()
    expect(page.get_by_text("foi excluído")).to_be_visible()
    page.get_by_role("button", name="Desfazer").click()
    expect(link).to_be_visible()
    page.locator("li.file").get_by_role("button").click()


def test_without_s3_a_large_file_is_refused_in_words_before_it_is_sent(desk: Desk, large: Path) -> None:
    page = desk.open("/arquivos/")
    choose(page, large)
    expect(page.get_by_role("alert")).to_have_text("O arquivo é grande demais: o limite é 100 MB. Nada foi enviado.")


def test_without_javascript_the_form_sends_the_file(desks: Callable[..., Desk], tmp_path: Path) -> None:
    file = tmp_path / "Sem script.txt"
    file.write_text("texto")
    page = desks(java_script_enabled=False).open("/arquivos/")
    choose(page, file)
    expect(page.get_by_role("link", name="Sem script.txt")).to_be_visible()
    page.locator("li.file").get_by_role("button").click()
