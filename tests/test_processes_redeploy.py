"""A release in the middle of work: same cookie, same conversation, no answer lost, none doubled, nobody notices."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.client import PATIENCE, Visitor, wait_until
from tests.releases import MARK, NAME, ROOT, leaf, make_next

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes
BEGUN = 60  # letters of an answer that has begun to appear
ADDED = """
SELECT count(*) FROM information_schema.columns
WHERE table_name IN ('messages', 'conversations') AND column_name IN ('next_note', 'next_flag')
"""


@pytest.fixture(scope="module")
def next_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_next(tmp_path_factory.mktemp("release"))


@pytest.fixture
def release(stack: Stack, next_release: Path) -> Iterator[Path]:
    """The next release; afterwards the present one runs again, on a database as it was."""
    yield next_release
    stack.wait_until_ended()
    for child in (stack.web, stack.worker):
        child.kill()
    stack.root = next_release
    stack.run("manage.py", "migrate", "conversations", leaf(), "--noinput")
    stack.install(ROOT)
    stack.start_web()
    stack.start_worker()
    assert stack.rows(ADDED)[0]["count"] == 0


def migrate(stack: Stack, root: Path) -> None:
    """The release command, of the new release, while the old one serves."""
    running, stack.root = stack.root, root
    stack.run("manage.py", "migrate", "--noinput")
    stack.root = running
    assert stack.rows(ADDED)[0]["count"] == 2, f"{NAME} is in force"


def test_a_redeploy_in_the_middle_of_work_loses_nothing_and_signs_nobody_out(
    stack: Stack, lawyer: Visitor, release: Path
) -> None:
    """Both kinds of processes are told to stop, the database moves on, and the next release takes their places."""
    stack.pace(tokens=400, rate=5)  # most of it is left when everything has been told to stop
    colleague = stack.visitor("colega@exemplo.adv.br")
    cookies = dict(lawyer.cookies)
    readers = [
        lawyer.ask("Quais são os requisitos da tutela de urgência?"),
        lawyer.ask("Como redijo a impugnação ao valor da causa?"),
        colleague.ask("Cabe agravo de instrumento desta decisão?"),
    ]
    for reader in readers:
        reader.wait_for_letters(BEGUN)
    assert MARK not in lawyer.get("/conversas/").text
    migrate(stack, release)
    stack.web.ask_to_stop()
    stack.worker.ask_to_stop()
    assert stack.web.wait(PATIENCE)
    assert stack.worker.wait(PATIENCE)
    assert (stack.web.returncode, stack.worker.returncode) == (0, 0), "they leave as they were asked to"
    stack.pace(tokens=400, rate=200)
    states = {stack.reply(reader.reply)["status"] for reader in readers}
    assert states == {"queued"}, "what was not finished waits for the next worker, with its text"
    assert all(stack.reply(reader.reply)["content"] for reader in readers)
    stack.install(release)
    stack.start_web()
    stack.start_worker()
    for reader in readers:
        stack.check_read_whole(reader)
        assert stack.reply(reader.reply)["attempts"] == 2
    page = lawyer.get(f"/conversas/{stack.asked[0].conversation}/")
    assert page.status == 200, "no new sign-in"
    assert lawyer.cookies["rom.sid"] == cookies["rom.sid"], "the same cookie"
    assert MARK in page.text, "it is the next release that answers"
    assert "Quais são os requisitos da tutela de urgência?" in page.text
    again = lawyer.ask("E quais provas devo juntar?", stack.asked[0].conversation)
    stack.check_read_whole(again)
    colleague.close()


def test_the_old_code_goes_on_working_on_the_new_database(stack: Stack, lawyer: Visitor, release: Path) -> None:
    """Between the release command and the switch, and after a rollback of the code, which leaves the database."""
    stack.pace(tokens=250)
    during = lawyer.ask("Qual é o prazo dos embargos de declaração?").wait_for_letters(BEGUN)
    migrate(stack, release)
    after = lawyer.ask("E o prazo da apelação?", stack.asked[0].conversation if during.article else "")
    for reader in (during, after):
        stack.check_read_whole(reader)
        assert stack.reply(reader.reply)["attempts"] == 1, "nobody had to take it over"
    fresh = stack.visitor(fresh=True)
    conversation = stack.asked[0].conversation
    for path, form in [("renomear", {"title": "Embargos"}), ("fixar", {}), ("arquivar", {}), ("restaurar", {})]:
        assert fresh.post(f"/conversas/{conversation}/{path}/", form).status == 303, path
    assert fresh.post(f"/mensagens/{during.reply}/refazer/").status == 303
    stack.asked[:] = [question for question in stack.asked if question.reply != during.reply]
    stack.wait_until_ended()
    for path in ("/conversas/", f"/conversas/{conversation}/", "/busca/?q=prazo", "/arquivos/"):
        assert fresh.get(path).status == 200, path


def test_the_next_release_runs_beside_the_old_one_before_it_takes_over(
    stack: Stack, lawyer: Visitor, release: Path
) -> None:
    """The host's own order: the new processes are there before the old ones are told to leave."""
    stack.pace(tokens=400, rate=5)  # most of it is left when the new processes are there
    reader = lawyer.ask("Que documentos instruem a inicial?").wait_for_letters(BEGUN)
    migrate(stack, release)
    old = stack.root
    stack.root = release
    new_web, new_worker = stack.another_web("new-web"), stack.another_worker("new-worker")
    stack.root = old
    assert stack.reply(reader.reply)["attempts"] == 1, "a worker that comes takes nothing from one that writes"
    stack.pace(tokens=400, rate=200)
    lawyer.port = new_web.port
    stack.web.ask_to_stop()
    stack.worker.ask_to_stop()
    assert stack.web.wait(PATIENCE)
    assert stack.worker.wait(PATIENCE)
    stack.check_read_whole(reader)
    page = lawyer.get(f"/conversas/{stack.asked[0].conversation}/")
    assert (page.status, MARK in page.text) == (200, True)
    wait_until(new_worker.alive, "the new worker stays")
