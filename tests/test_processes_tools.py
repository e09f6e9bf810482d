"""An answer that reads files when its worker dies between two calls: whole, once, and true to what was read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Visitor, wait_until
from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes

PAGES = 300  # too many to go whole into a request
FOUND, ELSEWHERE = 12, 40
PASSAGE = "o perito concluiu que a assinatura não partiu do punho da autora"
ANNOUNCED, SAID, REST = "Vou procurar.", "A assinatura não é da autora.", "E é tudo."
STEP = "Procurando “punho” em 1 arquivo"
FILL = """
WITH made AS (
    INSERT INTO uploads (
        id, user_id, conversation_id, original_filename, stored_filename, file_path, file_size, mime_type,
        upload_status, sha256, page_count, pages_done, error, created_at, processed_at, metadata)
    SELECT gen_random_uuid(), user_id, id, 'autos.pdf', 'x', 'arquivos/ferramentas.pdf', 1, 'application/pdf',
        'ready', '', %s, %s, '', now(), now(), '{}' FROM conversations WHERE id = %s RETURNING id
)
INSERT INTO upload_pages (upload_id, number, text, source)
SELECT id, n, 'Página ' || n || '. ' || CASE n WHEN %s THEN %s WHEN %s THEN 'A testemunha nada sabe. ' ELSE '' END
    || repeat('Consta dos autos que as partes celebraram contrato. ', 40), 'text'
FROM made, generate_series(1, %s) n RETURNING number
"""


def search(words: str, **more: Any) -> dict[str, Any]:
    call = {"name": "procurar_nos_arquivos", "input": {"consulta": words, "arquivos": []}}
    return {"kind": "tool_use", "for": "answer", **call, **more}


def answer(*passages: list[str], **more: Any) -> dict[str, Any]:
    return {"kind": "answer", "for": "answer", "passages": list(passages), **more}


@pytest.fixture
def conversation(stack: Stack, lawyer: Visitor) -> str:
    conversation = lawyer.start()
    stack.rows(FILL, PAGES, PAGES, conversation, FOUND, PASSAGE, ELSEWHERE, PAGES)
    return conversation


def calls(stack: Stack, reply: str) -> list[str]:
    rows = stack.rows("SELECT status FROM ai_operations WHERE message_id = %s AND operation_type = 'answer'", reply)
    return sorted(row["status"] for row in rows)


def check_end(stack: Stack, reply: str, article: str, text: str) -> dict[str, Any]:
    """It has ended, as it was meant, with one step; what was read."""
    stack.asked.clear()  # what a script says is checked here
    saved = stack.reply(reply)
    assert (saved["status"], saved["content"]) == ("complete", text)
    assert 'data-status="complete"' in article
    assert f"{STEP}…" not in article, "no step is shown as going on"
    assert article.count(STEP) == 1
    assert "O que foi feito (1)" in article
    reading: dict[str, Any] = saved["metadata"]["reading"]
    assert reading["steps"] == [STEP]
    return reading


def test_killed_while_the_models_second_word_is_awaited_the_answer_is_of_what_its_writer_has_read(
    stack: Stack, lawyer: Visitor, conversation: str
) -> None:
    """Nothing was said yet: what the dead one had read, nobody has read."""
    stack.api.script([search("testemunha"), {"kind": "slow", "for": "answer", "first_token_ms": 60_000}])
    reader = lawyer.ask("De quem é a assinatura?", conversation)
    wait_until(lambda: len(stack.api.requests()) == 2 and stack.api.counters()["open"] == 1, "the result is sent")
    wait_until(lambda: "reading" in stack.reply(reader.reply)["metadata"], "the step is saved")
    stack.worker.kill()
    stack.api.script([search("punho"), answer([SAID, "punho"])])
    stack.start_worker()
    reader.wait_for_end()
    reading = check_end(stack, reader.reply, reader.article, SAID)
    assert reading["files"][0]["read"] == [[FOUND, FOUND]]
    assert [(one["page"], one["found"]) for one in reading["citations"]] == [(FOUND, True)]
    assert "testemunha" not in reader.article
    assert stack.reply(reader.reply)["attempts"] == 2
    assert calls(stack, reader.reply) == ["complete", "complete", "complete", "interrupted"]


def test_killed_while_the_second_round_streams_the_answer_goes_on_from_its_words(
    stack: Stack, lawyer: Visitor, conversation: str
) -> None:
    """The next writer searches again before it goes on; it must know what was said, and search for nobody twice."""
    begun = answer([SAID, "punho"], [" Mais: " + "palavra " * 400], tokens_per_second=30)
    stack.api.script([search("punho", text=ANNOUNCED), begun])
    reader = lawyer.ask("De quem é a assinatura?", conversation)
    wait_until(lambda: "palavra" in stack.reply(reader.reply)["content"], "the second round is being written")
    stack.worker.kill()
    kept = stack.reply(reader.reply)["content"].rstrip()
    assert kept.startswith(f"{ANNOUNCED}\n\n{SAID}")
    stack.api.script([search("punho"), answer([f" {REST}"])])
    stack.start_worker()
    reader.wait_for_end()
    reading = check_end(stack, reader.reply, reader.article, f"{kept} {REST}")
    last = [body["messages"] for body in stack.api.requests() if "tools" in body][-1]
    assert {"role": "assistant", "content": kept} in last, "who goes on knows what was said"
    assert last[-1]["content"][-1]["text"].startswith("Continue exatamente")
    assert reading["files"][0]["read"] == [[FOUND, FOUND]]
    assert [(one["page"], one["found"]) for one in reading["citations"]] == [(FOUND, True)]
    assert reading["places"] == [[len(f"{ANNOUNCED}\n\n{SAID}"), 1]]
    assert stack.reply(reader.reply)["attempts"] == 2
    assert calls(stack, reader.reply) == ["complete", "complete", "complete", "interrupted"]
