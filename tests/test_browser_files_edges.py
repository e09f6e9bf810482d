"""What is rare with files in a browser, and must not go wrong: a server that is away for a moment, two people at one
desk, rows of files that are gone, and what else is in the clipboard."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from playwright.sync_api import APIResponse, Error, Page, Route, expect

from tests.browser import box, sign_in, status_line
from tests.client import wait_until
from tests.stack import COLLEAGUE

if TYPE_CHECKING:
    from tests.browser import Desk
    from tests.stack import Stack

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = [pytest.mark.browser, pytest.mark.processes]
MB = 1024**2
NAMED = "SELECT * FROM uploads WHERE original_filename = %s"


def send_small(page: Page, path: Path, words: str = "Um texto com palavras.") -> None:
    path.write_text(words)
    page.locator("#arquivo").set_input_files(path)


def stop_reading(stack: Stack, name: str) -> str:
    """As if the file were being read for a long time by somebody else; its id."""
    statement = "UPDATE uploads SET upload_status = 'processing', reading_turn = 99 WHERE original_filename = %s"
    with psycopg.connect(stack.postgres.url) as connection:
        connection.execute(statement, [name])
    return str(stack.rows(NAMED, name)[0]["id"])


def taken_back(stack: Stack, name: str) -> bool:
    rows = stack.rows(NAMED, name)
    return bool(rows) and all(row["deleted_at"] for row in rows)


def test_a_server_that_is_away_for_a_moment_does_not_make_a_sending_begin_anew(desk: Desk, tmp_path: Path) -> None:
    desk.expect_fault("net::ERR|status of 503")
    large = tmp_path / "Autos que continuam.pdf"
    with large.open("wb") as file:
        file.truncate(25 * MB)
    page = desk.open("/arquivos/")
    held: list[Route] = []
    page.route("**/parte/4/", lambda route: held.append(route))
    page.locator("#arquivo").set_input_files(large)
    expect(page.locator("li.sending [data-words]")).to_contain_text("24 MB de 25 MB")
    page.close()
    page = desk.open("/arquivos/")
    again = "Tente de novo em instantes."
    page.route("**/arquivos/envio/*/", lambda route: route.fulfill(status=503, json={"error": again}), times=1)
    page.locator("#arquivo").set_input_files(large)
    sending = page.locator("li.sending")
    expect(sending).to_contain_text(again)
    sending.get_by_role("button", name="Tentar de novo").click()
    expect(page.locator("[data-file]").filter(has_text=large.name).get_by_role("link", name="Baixar")).to_be_visible()
    assert len(desk.stack.rows(NAMED, large.name)) == 1, "the one that was begun before"


def test_names_of_files_for_a_question_are_not_shown_to_the_next_person(desk: Desk, tmp_path: Path) -> None:
    page = desk.open()
    send_small(page, tmp_path / "Divórcio de cliente.txt")
    chip = page.locator("[data-attached] [data-file]")
    expect(chip).to_contain_text("Divórcio de cliente.txt")
    desk.bring_session(COLLEAGUE)
    page.goto("/conversas/")
    expect(box(page)).to_be_visible()
    page.wait_for_load_state("networkidle")
    expect(chip).to_have_count(0)


def test_signing_out_takes_the_names_of_files_along(desk: Desk, tmp_path: Path) -> None:
    desk.context.clear_cookies()  # a session of its own, which ends here
    page = desk.open()
    sign_in(page)
    send_small(page, tmp_path / "Nome que some.txt")
    expect(page.locator("[data-attached] [data-file]")).to_contain_text("Nome que some.txt")
    page.get_by_role("button", name="Sair").click()
    expect(page.get_by_label("E-mail")).to_be_visible()
    assert page.evaluate("Object.values(sessionStorage).filter((value) => value.includes('Nome que some'))") == []


def test_text_that_comes_with_its_picture_is_pasted_as_text(desk: Desk) -> None:
    """Cells of a spreadsheet are in the clipboard as text, as a table and as a picture."""
    page = desk.open()
    box(page).focus()
    taken = page.evaluate(
        """() => {
          const carried = new DataTransfer();
          carried.setData("text/plain", "a	1");
          carried.setData("text/html", "<table><tr><td>a</td><td>1</td></tr></table>");
          carried.items.add(new File(["x"], "image.png", { type: "image/png" }));
          const event = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: carried });
          document.activeElement.dispatchEvent(event);
          return event.defaultPrevented;
        }"""
    )
    assert taken is False
    expect(page.locator("li.sending")).to_have_count(0)


def test_a_row_of_a_file_that_is_gone_goes_too(desk: Desk, tmp_path: Path) -> None:
    page = desk.open("/arquivos/")
    send_small(page, tmp_path / "Some enquanto é lido.txt")
    row = page.locator("[data-file]").filter(has_text="Some enquanto é lido.txt")
    expect(row).to_contain_text("pronto")
    stop_reading(desk.stack, "Some enquanto é lido.txt")
    page.reload()
    expect(row).to_contain_text("lendo")
    with psycopg.connect(desk.stack.postgres.url) as connection:
        connection.execute("UPDATE uploads SET deleted_at = now() WHERE original_filename = 'Some enquanto é lido.txt'")
    expect(row).to_have_count(0)


def test_of_very_many_files_that_are_read_each_is_asked_for(desk: Desk, tmp_path: Path) -> None:
    page = desk.open("/arquivos/")
    send_small(page, tmp_path / "O primeiro de muitos.txt")
    row = page.locator("[data-file]").filter(has_text="O primeiro de muitos.txt")
    expect(row).to_contain_text("pronto")
    pk = stop_reading(desk.stack, "O primeiro de muitos.txt")
    page.reload()
    expect(row).to_contain_text("lendo")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/andamento/" in request.url else None)
    page.evaluate(
        """() => {
          const row = document.querySelector("[data-moving]");
          for (let number = 0; number < 70; number += 1) {
            const other = row.cloneNode(true);
            other.dataset.file = crypto.randomUUID();
            row.before(other);
          }
        }"""
    )
    with page.expect_request(lambda request: "/andamento/" in request.url and pk in request.url):
        pass
    assert all(url.count("arquivo=") <= 60 for url in asked)


def test_trying_again_keeps_the_focus_where_it_can_be_cancelled(desk: Desk, tmp_path: Path) -> None:
    desk.expect_fault("net::ERR")
    page = desk.open("/arquivos/")
    page.route("**/arquivos/", lambda route: route.abort("connectionreset"), times=1)
    send_small(page, tmp_path / "Outra vez.txt")
    sending = page.locator("li.sending")
    expect(sending).to_contain_text("A conexão caiu")
    held: list[Route] = []
    page.route("**/arquivos/", lambda route: held.append(route))
    sending.get_by_role("button", name="Tentar de novo").click()
    expect(sending.get_by_role("button", name="Cancelar")).to_be_focused()
    expect(sending).not_to_contain_text("A conexão caiu")
    expect(status_line(page)).to_have_text("Enviando Outra vez.txt")


def test_what_is_cancelled_while_it_begins_leaves_no_row_behind(desk: Desk, tmp_path: Path) -> None:
    desk.expect_fault("net::ERR")
    large = tmp_path / "Cancelado ao começar.pdf"
    with large.open("wb") as file:
        file.truncate(17 * MB)
    page = desk.open("/arquivos/")
    held: list[tuple[Route, APIResponse]] = []
    page.route("**/arquivos/envio/", lambda route: held.append((route, route.fetch())))
    page.locator("#arquivo").set_input_files(large)
    sending = page.locator("li.sending")
    expect(sending).to_contain_text("esperando a vez")
    wait_until(lambda: bool(page.wait_for_timeout(50) or held), "the sending has begun")
    sending.get_by_role("button", name="Cancelar").click()
    with suppress(Error):  # where nobody waits for it any more
        held[0][0].fulfill(response=held[0][1])
    expect(sending).to_have_count(0)
    wait_until(lambda: page.wait_for_timeout(50) or taken_back(desk.stack, large.name), "it is taken back")


def test_the_buttons_are_those_of_what_is_going_on(desk: Desk, tmp_path: Path) -> None:
    page = desk.open("/arquivos/")
    send_small(page, tmp_path / "Em duas etapas.txt")
    row = page.locator("[data-file]").filter(has_text="Em duas etapas.txt")
    expect(row).to_contain_text("pronto")
    pk = stop_reading(desk.stack, "Em duas etapas.txt")
    page.goto(f"/arquivos/{pk}/")
    stop = page.get_by_role("button", name="Cancelar a leitura")
    stop.focus()
    with psycopg.connect(desk.stack.postgres.url) as connection:
        connection.execute("UPDATE uploads SET upload_status = 'ready', transcription = 'working' WHERE id = %s", [pk])
    expect(page.get_by_role("button", name="Parar a transcrição")).to_be_focused()
    expect(stop).to_have_count(0)


def test_a_file_that_is_chosen_before_the_script_is_there_goes_all_the_same(desk: Desk, tmp_path: Path) -> None:
    late: list[Route] = []
    desk.context.route("**/upload*.js", lambda route: late.append(route))
    page = desk.context.new_page()
    page.goto("/conversas/", wait_until="commit")
    send_small(page, tmp_path / "Escolhido cedo.txt")
    wait_until(lambda: late or page.wait_for_timeout(20), "the script is asked for")
    late[0].continue_()
    expect(page.locator("[data-attached] [data-file]")).to_contain_text("Escolhido cedo.txt")
