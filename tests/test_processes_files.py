"""Files in the hands of real processes: a worker that is killed loses nothing of what it has read or paid for."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from tests.client import PATIENCE, Visitor, wait_until
from uploads.tests.papers import pdf

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes

PAGES = 3_000
MARK = "esta página foi guardada antes da queda"


def upload(stack: Stack, pk: str) -> dict[str, Any]:
    return stack.rows("SELECT * FROM uploads WHERE id = %s", pk)[0]


def kept(stack: Stack, pk: str) -> list[dict[str, Any]]:
    return stack.rows("SELECT number, text, source, error FROM upload_pages WHERE upload_id = %s ORDER BY number", pk)


def kill_and_start_again(stack: Stack) -> None:
    """Without a farewell, and without the minute after which a silent worker is taken for dead."""
    readers = psutil.Process(stack.worker.pid).children()
    stack.worker.kill()
    _, alive = psutil.wait_procs(readers, timeout=PATIENCE)
    assert alive == [], "who reads a file does not outlive the worker"
    stack.rows("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour' RETURNING id")
    stack.start_worker()


def test_a_killed_workers_file_is_read_on_from_the_last_page(stack: Stack, lawyer: Visitor) -> None:
    pk = lawyer.send("autos.pdf", pdf([f"Folha {number} dos autos" for number in range(1, PAGES + 1)]))
    wait_until(lambda: upload(stack, pk)["pages_done"] > 100, "some pages are kept")
    kill_and_start_again(stack)
    before = upload(stack, pk)
    assert before["upload_status"] in {"processing", "ready"}
    assert 100 < before["pages_done"] < PAGES, "it was killed in the middle"
    stack.rows("UPDATE upload_pages SET text = %s WHERE upload_id = %s AND number = 50 RETURNING id", MARK, pk)
    wait_until(lambda: upload(stack, pk)["upload_status"] == "ready", "it is read to its end", seconds=60)
    pages = kept(stack, pk)
    assert [page["number"] for page in pages] == list(range(1, PAGES + 1))
    assert pages[49]["text"] == MARK, "what was kept was not read again"
    assert pages[-1]["text"].strip() == f"Folha {PAGES} dos autos"
    assert upload(stack, pk)["reading_turn"] == 2


def asked_for(stack: Stack) -> Counter[int]:
    """How often each page was sent to be transcribed."""
    texts = re.findall(r"Página (\d+):", json.dumps(stack.api.requests(), ensure_ascii=False))
    return Counter(map(int, texts))


def paid_calls(stack: Stack) -> int:
    rows = stack.rows("SELECT count(*) AS calls FROM ai_operations WHERE operation_type = 'transcription'")
    return int(rows[0]["calls"])


def test_a_killed_worker_pays_again_for_no_page_that_was_transcribed(stack: Stack, lawyer: Visitor) -> None:
    paid_before = paid_calls(stack)
    stack.api.configure(first_token_ms=400)
    pk = lawyer.send("digitalizado.pdf", pdf([""] * 60))

    def transcribed() -> set[int]:
        return {page["number"] for page in kept(stack, pk) if page["source"] == "vision"}

    wait_until(transcribed, "some pages are transcribed")
    kill_and_start_again(stack)
    before = transcribed()
    assert 0 < len(before) < 60
    wait_until(lambda: upload(stack, pk)["transcription"] == "done", "all are transcribed", seconds=60)
    assert transcribed() == set(range(1, 61))
    asked = asked_for(stack)
    assert {number for number, times in asked.items() if times > 1}.isdisjoint(before)
    assert max(asked.values()) <= 2
    assert paid_calls(stack) - paid_before == 15, "four pages a call, and each call that was kept is counted once"
