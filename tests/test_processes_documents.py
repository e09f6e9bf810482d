"""A draft whose worker is killed, or that is stopped, half-way: it goes on to its end, and no part is there twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from tests.client import PATIENCE, Visitor, letters, wait_until
from tests.papers import take_documents_away
from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes

KIND = "notificacao-extrajudicial"


@pytest.fixture(autouse=True)
def _nothing_left(stack: Stack) -> Iterator[None]:
    """Other tests take conversations away without knowing of documents."""
    yield
    stack.restore()
    stack.wait_until_ended()
    take_documents_away(stack)


def writes_slowly(stack: Stack, part: int) -> None:
    """That part takes a minute, whatever the machine is like, the others a moment: time to do something in between.

    What is written on after an interruption is another request, at the pace of the others.
    """
    stack.pace(tokens=120, rate=400)
    stack.api.script([{"kind": "slow", "match": f"Escreva agora a parte {part} de", "tokens_per_second": 2}])


def order(lawyer: Visitor) -> str:
    """The document that is being written from now on."""
    answer = lawyer.post("/documentos/nova/", {"tipo": KIND, "submission_key": str(uuid4())})
    assert answer.status == 303, answer.text[:300]
    found = re.fullmatch(r"/documentos/([0-9a-f-]{36})/", answer.location)
    assert found, answer.location
    return found[1]


def draft(stack: Stack, document: str) -> dict[str, Any]:
    return stack.rows("SELECT * FROM document_drafts WHERE document_id = %s", document)[0]


def replies(stack: Stack, document: str) -> list[dict[str, Any]]:
    """Of the document's conversation, in order."""
    query = """SELECT messages.* FROM messages JOIN documents USING (conversation_id)
        WHERE documents.id = %s AND role = 'assistant' ORDER BY messages.created_at, messages.id"""
    return stack.rows(query, document)


def wait_for_part(stack: Stack, document: str, number: int) -> dict[str, Any]:
    """The reply of that part, from 1, when some of it is written and it is not whole."""

    def begun() -> dict[str, Any] | None:
        found = replies(stack, document)
        is_begun = len(found) == number and found[-1]["status"] == "streaming" and found[-1]["content"]
        return found[-1] if is_begun else None

    found: dict[str, Any] = wait_until(begun, f"part {number} is being written")
    return found


def check_whole(stack: Stack, document: str) -> None:
    wait_until(lambda: draft(stack, document)["state"] == "done", "the draft is done", 240)
    (row,) = stack.rows("SELECT * FROM documents WHERE id = %s", document)
    made, total = draft(stack, document), len(draft(stack, document)["parts"])
    written = replies(stack, document)
    assert [reply["status"] for reply in written] == ["complete"] * total
    assert made["part"] == total
    query = "SELECT note FROM document_versions WHERE document_id = %s AND note LIKE 'Parte %%' ORDER BY number"
    notes = [version["note"].partition(":")[0] for version in stack.rows(query, document)]
    assert notes == [f"Parte {number} de {total}" for number in range(1, total + 1)]
    text, at = letters(row["content"]), 0
    for reply in written:  # each once, in their order, to the last letter
        said = letters(re.sub(r"^[a-z]\) ", "", reply["content"], flags=re.MULTILINE))
        assert text.startswith(said, at), reply["content"][:200]
        at += len(said)
    assert at == len(text)


def test_a_draft_whose_worker_is_killed_goes_on_and_no_part_is_there_twice(stack: Stack, lawyer: Visitor) -> None:
    writes_slowly(stack, part=2)
    document = order(lawyer)
    reply = wait_for_part(stack, document, 2)
    stack.worker.kill()
    assert draft(stack, document)["part"] == 1
    page = lawyer.get(f"/documentos/{document}/").text
    assert "Escrevendo a parte 2 de" in page
    stack.start_worker()
    check_whole(stack, document)
    assert stack.reply(str(reply["id"]))["attempts"] == 2
    assert "A redação terminou" in lawyer.get(f"/documentos/{document}/").text


def test_a_draft_is_stopped_in_the_middle_of_a_part_and_gone_on_with(stack: Stack, lawyer: Visitor) -> None:
    writes_slowly(stack, part=2)
    document = order(lawyer)
    wait_for_part(stack, document, 2)
    assert lawyer.post(f"/documentos/{document}/redacao/parar/").status == 303
    stack.wait_until_ended()
    stopped = draft(stack, document)
    assert (stopped["state"], stopped["part"]) == ("stopped", 1)
    assert [reply["status"] for reply in replies(stack, document)] == ["complete", "stopped"]
    assert "A redação parou na parte 2 de" in lawyer.get(f"/documentos/{document}/").text
    assert lawyer.post(f"/documentos/{document}/redacao/continuar/").status == 303
    check_whole(stack, document)


def test_a_redeploy_in_the_middle_of_a_draft_costs_nothing(stack: Stack, lawyer: Visitor) -> None:
    writes_slowly(stack, part=1)
    document = order(lawyer)
    reply = wait_for_part(stack, document, 1)
    stack.worker.ask_to_stop()
    assert stack.worker.wait(PATIENCE)
    stack.start_worker()
    check_whole(stack, document)
    assert stack.reply(str(reply["id"]))["attempts"] == 2, "it was in the middle"
