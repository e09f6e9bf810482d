"""A summary whose worker is killed, or told to stop, half-way: another goes on, and no part is paid for twice."""

from __future__ import annotations

import re
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from tests.client import wait_until
from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes
PARTS = 6

# A file of six pages, each as long as a part may be.
FILL = """
WITH her AS (SELECT id FROM users WHERE email = 'advogada@exemplo.adv.br'), made AS (
    INSERT INTO uploads (
        id, user_id, original_filename, stored_filename, file_path, file_size, mime_type, upload_status, sha256,
        page_count, pages_done, error, created_at, processed_at, metadata)
    SELECT gen_random_uuid(), her.id, 'Autos do resumo.pdf', 'x', 'arquivos/resumo.pdf', 1, 'application/pdf', 'ready',
        '', 6, 6, '', now(), now(), '{}' FROM her RETURNING id
)
INSERT INTO upload_pages (upload_id, number, text, source)
SELECT id, n, 'O juiz fixou o prazo de 15 dias na folha ' || n || '. ' || repeat('Nada mais consta. ', 9000), 'text'
FROM made, generate_series(1, 6) n
"""


def summary(stack: Stack) -> dict[str, Any]:
    return stack.rows("SELECT * FROM summaries")[0]


def read_parts(stack: Stack) -> int:
    return len(stack.rows("SELECT id FROM summary_parts WHERE stage = 0 AND result <> ''"))


def asked_pages(stack: Stack) -> Counter[str]:
    """How often each page was sent to be read."""
    sent = [str(body["messages"][0]["content"]) for body in stack.api.requests()]
    return Counter(found[1] for text in sent if (found := re.search(r'<pagina arquivo="1" numero="(\d+)">', text)))


@pytest.fixture(autouse=True)
def _nothing_left(stack: Stack) -> Iterator[None]:
    """Other tests take files away without knowing of summaries."""
    stack.execute("DELETE FROM ai_operations")
    yield
    stack.execute("DELETE FROM summary_parts")
    stack.execute("DELETE FROM summaries")
    stack.execute("DELETE FROM upload_pages")
    stack.execute("DELETE FROM uploads WHERE original_filename = 'Autos do resumo.pdf'")


def begin(stack: Stack) -> None:
    """Two parts are read, and three more are asked about."""
    stack.execute(FILL)
    slow = {"kind": "slow", "first_token_ms": 60_000}
    stack.api.script([slow | {"match": f'numero="{page}"'} for page in (3, 4, 5)])
    upload = stack.rows("SELECT id FROM uploads WHERE original_filename = 'Autos do resumo.pdf'")[0]["id"]
    assert stack.visitor().post(f"/arquivos/{upload}/resumo/", {"model": "claude-haiku-5-5"}).status == 303
    wait_until(lambda: read_parts(stack) == 2 and stack.api.counters()["open"] == 3, "two parts are read")


def check_whole(stack: Stack) -> None:
    wait_until(lambda: summary(stack)["status"] == "complete", "the summary is made")
    assert summary(stack)["parts_done"] == PARTS
    html = stack.visitor().get(f"/resumos/{summary(stack)['id']}/").text
    assert all(f"na folha {page}." in html for page in range(1, PARTS + 1))
    assert "não conferido" not in html
    # What had been read was not sent again; what was under way was, since its answer had never come.
    assert asked_pages(stack) == {"1": 1, "2": 1, "3": 2, "4": 2, "5": 2, "6": 1}
    paid = stack.rows("SELECT id FROM ai_operations WHERE operation_type = 'summary' AND status = 'complete'")
    assert len(paid) == PARTS + merges(stack)


def merges(stack: Stack) -> int:
    return sum("Devolva os grupos" in str(body["messages"][0]["content"]) for body in stack.api.requests())


def test_when_the_worker_is_killed_another_goes_on_from_the_last_part(stack: Stack) -> None:
    begin(stack)
    stack.worker.kill()
    stack.execute(
        "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'"
    )  # instead of waiting
    assert summary(stack)["status"] == "working"
    stack.start_worker()
    check_whole(stack)
    lost = stack.rows("SELECT error_message FROM ai_operations WHERE status = 'interrupted'")
    assert [row["error_message"] for row in lost] == ["writer_died"] * 3
    assert (summary(stack)["attempts"], summary(stack)["takeovers"]) == (2, 1)


def test_when_the_worker_is_told_to_stop_it_gives_it_back(stack: Stack) -> None:
    begin(stack)
    stack.signal_all(stack.worker, signal.SIGTERM)
    wait_until(lambda: not stack.worker.alive(), "the worker has ended")
    assert (summary(stack)["status"], summary(stack)["takeovers"]) == ("queued", 0)
    stopped = stack.rows("SELECT id FROM ai_operations WHERE status = 'stopped'")
    assert len(stopped) == 3
    stack.start_worker()
    check_whole(stack)
