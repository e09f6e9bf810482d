"""PostgreSQL restarted, away or frozen: a plain page meanwhile, and everything goes on afterwards by itself."""

from __future__ import annotations

import json
import signal
import threading
from typing import TYPE_CHECKING

import pytest

from tests.client import Visitor, wait_until

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes

BEGUN = 60  # letters of an answer that has begun to appear
PROMPT = 2.0  # seconds


def test_an_answer_being_written_survives_a_crash_of_postgresql(stack: Stack, lawyer: Visitor) -> None:
    stack.pace(tokens=400)
    reader = lawyer.ask("Como se prova o dano moral?").wait_for_letters(BEGUN)
    before = (stack.worker.pid, stack.web_worker_of(stack.web).pid)
    stack.postgres.kill()
    reader.wait_for_letters(len(reader.shown) + BEGUN)  # it goes on growing meanwhile
    stack.postgres.start(stack.postgres.port)
    stack.check_read_whole(reader)
    assert (stack.worker.pid, stack.web_worker_of(stack.web).pid) == before
    assert stack.worker.alive()
    assert lawyer.get("/conversas/").status == 200


def test_while_postgresql_is_away_pages_say_so_and_afterwards_work_without_a_restart(
    stack: Stack, lawyer: Visitor
) -> None:
    conversation, token = lawyer.start(), lawyer.token()
    before = (stack.worker.pid, stack.web_worker_of(stack.web).pid)
    stack.postgres.stop()
    for page in (lawyer.get("/conversas/"), lawyer.get(f"/conversas/{conversation}/"), lawyer.get("/entrar/")):
        if page.status == 200 and "Entrar" in page.text:
            continue  # the sign-in page needs no database
        assert page.status == 503
        assert "banco de dados não está respondendo" in page.text
        assert 'lang="pt-BR"' in page.text
        assert page.headers["Retry-After"]
        assert page.seconds < 5
    question = {"content": "Alguém aí?", "csrfmiddlewaretoken": token}
    assert lawyer.post(f"/conversas/{conversation}/mensagens/", question).status == 503
    stack.postgres.start(stack.postgres.port)
    wait_until(lambda: lawyer.get("/conversas/").status == 200, "pages work again")
    stack.check_read_whole(lawyer.ask("E agora, alguém aí?", conversation))
    assert (stack.worker.pid, stack.web_worker_of(stack.web).pid) == before


def test_health_pages_answer_promptly_whatever_is_wrong(stack: Stack, lawyer: Visitor) -> None:
    prober = Visitor(stack.port, [])

    def health() -> tuple[int, bool, bool]:
        """Status of the second page, and what it says of PostgreSQL and Redis; the first always says yes."""
        alive, database = prober.get("/health/"), prober.get("/health/database")
        assert alive.seconds < PROMPT
        assert database.seconds < PROMPT
        assert alive.status == 200
        said = json.loads(database.text)
        return database.status, said["postgres"]["available"], said["redis"]["available"]

    assert health() == (200, True, True)
    stack.signal_all(stack.valkey, signal.SIGSTOP)
    assert health() == (200, True, False), "Redis alone may hang"
    stack.signal_all(stack.valkey, signal.SIGCONT)
    stack.valkey.kill()
    assert health() == (200, True, False), "Redis alone may be away"
    stack.valkey.start(stack.valkey.port)

    stack.signal_all(stack.postgres, signal.SIGSTOP)
    waiting = [threading.Thread(target=lambda: lawyer.get("/conversas/")) for _ in range(15)]
    for thread in waiting:
        thread.start()
    for _ in range(3):
        assert health() == (503, False, True), "PostgreSQL hangs, and so does every other page"
    stack.signal_all(stack.postgres, signal.SIGCONT)
    for thread in waiting:
        thread.join()
    assert lawyer.get("/conversas/").status == 200
    stack.postgres.kill()
    assert health() == (503, False, True)
    stack.postgres.start(stack.postgres.port)
    wait_until(lambda: health() == (200, True, True), "all is well again")
