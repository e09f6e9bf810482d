"""What an answer and a document cite, when the worker that looks it up is killed: it is looked up by the next one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest

from jurisprudence.datajud.tests.making import MISSING, numbered
from tests.client import Visitor, wait_until
from tests.papers import take_documents_away
from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes

FIRST, SECOND = numbered(70_101, court="819"), numbered(70_102, MISSING, court="819")
JOBS = "SELECT status FROM procrastinate_jobs WHERE task_name = %s AND args->>%s = %s AND status IN ('todo', 'doing')"


@pytest.fixture(autouse=True)
def _nothing_left(stack: Stack) -> Iterator[None]:
    yield
    stack.restore()
    take_documents_away(stack)
    stack.execute("TRUNCATE court_cases CASCADE")


def owed(stack: Stack, task: str, name: str, value: str) -> list[str]:
    return [row["status"] for row in stack.rows(JOBS, task, name, value)]


def is_dead_for_long(stack: Stack) -> None:
    """As when the minutes have passed after which a worker and its look-ups are taken for dead."""
    stack.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '10 minutes'")
    stack.execute("UPDATE court_cases SET lease_until = now() - interval '1 second' WHERE state = 'looking'")


def verdicts(stack: Stack, reply: str) -> dict[str, str]:
    items = stack.reply(reply)["metadata"].get("citations", {}).get("items", [])
    return {one["text"]: one["verdict"] for one in items}


def test_killed_between_two_look_ups_of_an_answers_numbers_both_are_judged_by_the_next(
    stack: Stack, lawyer: Visitor
) -> None:
    stack.api.script([{"kind": "answer", "for": "answer", "text": f"Vide os processos {FIRST} e {SECOND}."}])
    stack.datajud.script({"kind": "hang", "seconds": 300, "match": SECOND.digits})
    reader = lawyer.ask("Que processos há?")
    reader.wait_for_end()
    stack.asked.clear()  # what a script says is checked here
    assert verdicts(stack, reader.reply) == {str(FIRST): "plausivel", str(SECOND): "plausivel"}
    wait_until(lambda: len(stack.datajud.requests()) == 2, "the second one is being asked for")
    stack.worker.kill()
    assert owed(stack, "conversations.look_up_cited", "message_id", reader.reply) == ["doing"]
    assert set(verdicts(stack, reader.reply).values()) == {"plausivel"}
    is_dead_for_long(stack)
    stack.datajud.reset()
    stack.start_worker()
    found = {str(FIRST): "confirmado", str(SECOND): "nao_localizado"}
    wait_until(lambda: verdicts(stack, reader.reply) == found, "both are judged", 120)
    (asked,) = stack.datajud.requests()
    assert SECOND.digits in str(asked["body"]), "what was answered is not asked for again"
    wait_until(lambda: not owed(stack, "conversations.look_up_cited", "message_id", reader.reply), "the job has ended")


@contextmanager
def nobody_reads_precedents(stack: Stack) -> Iterator[None]:
    """A check waits in its middle: after it has found what is cited, before it knows what to say of it."""
    with psycopg.connect(stack.postgres.url) as connection:
        connection.execute("LOCK TABLE precedents IN ACCESS EXCLUSIVE MODE")
        yield
        connection.rollback()


def test_killed_in_the_middle_of_a_documents_check_it_is_checked_by_the_next(stack: Stack, lawyer: Visitor) -> None:
    made = lawyer.post("/documentos/", {"title": "Apelação"})
    document = (re.fullmatch(r"/documentos/([0-9a-f-]{36})/", made.location) or ["", ""])[1]
    wait_until(lambda: kept(stack, document), "the empty text is checked")
    before = kept(stack, document)
    with nobody_reads_precedents(stack):
        text = {"revision": "1", "content": "<p>Veja a Súmula 9.051 do STJ.</p>"}
        assert lawyer.post(f"/documentos/{document}/salvar/", text).status == 303
        wait_until(lambda: is_waiting(stack), "the check is in its middle")
        stack.worker.kill()
        assert owed(stack, "documents.check_citations", "document_id", document) == ["doing"]
    assert kept(stack, document) == before
    assert "estão sendo conferidas de novo" in lawyer.get(f"/documentos/{document}/citacoes/").text
    is_dead_for_long(stack)
    stack.start_worker()
    wait_until(lambda: kept(stack, document) != before, "the text is checked", 120)
    (row,) = kept(stack, document)
    assert [one["text"] for one in row["items"]] == ["Súmula 9.051 do STJ"]
    side = lawyer.get(f"/documentos/{document}/citacoes/").text
    assert "Súmula 9.051 do STJ" in side
    assert "sendo conferidas" not in side


def kept(stack: Stack, document: str) -> list[dict[str, Any]]:
    return stack.rows("SELECT sha256, items FROM document_citations WHERE document_id = %s", document)


def is_waiting(stack: Stack) -> bool:
    query = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%%JOIN precedents%%'"
    return bool(stack.rows(query))
