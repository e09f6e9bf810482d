"""Web process and worker send their failures to Sentry, and nothing of what the lawyer wrote."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.client import wait_until
from tests.sink import Sink

if TYPE_CHECKING:
    from tests.client import Visitor
    from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes
QUESTION = "marcador-da-pergunta: o que diz o cliente Fulano de Tal?"


def test_failures_of_both_processes_arrive_without_a_word_of_the_question(stack: Stack, lawyer: Visitor) -> None:
    """A column that is missing makes PostgreSQL quote whole statements in its complaint, with what is in them."""
    stack.worker.kill()
    with Sink() as sink:
        web = stack.another_web("web-sentry", SENTRY_DSN=sink.dsn)
        stack.another_worker("worker-sentry", SENTRY_DSN=sink.dsn)
        stack.pace(tokens=60, first=1500)
        lawyer.port = web.port
        reader = lawyer.ask(QUESTION)
        stack.execute("ALTER TABLE messages RENAME COLUMN stop_reason TO away")
        try:
            assert lawyer.get(f"/conversas/{stack.asked[0].conversation}/?q=marcador-da-busca").status == 500
            wait_until(
                lambda: {event["server_name"] for event in sink.events} == {"web-sentry", "worker-sentry"}, "both"
            )
        finally:
            stack.execute("ALTER TABLE messages RENAME COLUMN away TO stop_reason")
        stack.check_read_whole(reader)
        text = sink.text
    assert "ProgrammingError" in text
    whole = stack.answer_to(QUESTION)
    for word in ("marcador", "Fulano", whole[:40], stack.secret, "chave-dos-testes", "romagent_", "127.0.0.1:"):
        assert word not in text, word
