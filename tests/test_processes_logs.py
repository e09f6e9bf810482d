"""What the processes say of themselves: in order, one event a line, and nothing of what people write."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import pytest

from tests.client import PATIENCE, Visitor

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes

REPORT = [
    r"✅ PostgreSQL conectado \{ latency: '\d+ms' \}",
    r"✅ Redis conectado \{ latency: '\d+ms' \}",
    r"✅ Sessões configuradas com PostgreSQL \(persistentes\)",
]
SECRET = "uxoricídio-com-dolo-eventual"
BEGUN = 60  # letters of an answer that has begun to appear


def test_as_json_every_line_parses_whatever_happens_and_the_start_report_comes_first(
    stack: Stack, lawyer: Visitor
) -> None:
    stack.worker.kill()
    worker = stack.another_worker("json-worker", LOG_FORMAT="json")
    web = stack.another_web("json-web", LOG_FORMAT="json")
    lawyer.port = web.port
    reader = lawyer.ask(f"O que é {SECRET}?").wait_for_letters(BEGUN)
    lawyer.get("/nada-disso/")
    stack.web_worker_of(web).kill()
    stack.check_read_whole(reader)
    stack.postgres.restart()
    lawyer.get("/conversas/")
    worker.ask_to_stop()
    web.ask_to_stop()
    assert worker.wait(PATIENCE)
    assert web.wait(PATIENCE)
    for name in ("json-worker", "json-web"):
        text = stack.logs(name)[name]
        events = [json.loads(line)["event"] for line in text.splitlines()]
        starts = [event for event in events if any(re.fullmatch(pattern, event) for pattern in REPORT)]
        for pattern, event in zip(REPORT, starts[:3], strict=True):
            assert re.fullmatch(pattern, event)
        assert SECRET not in text
        assert lawyer.cookies["rom.sid"] not in text


def test_a_start_without_redis_says_so_and_what_it_means(stack: Stack, lawyer: Visitor) -> None:
    stack.valkey.kill()
    stack.another_web("poor-web")
    lines = stack.logs("poor-web")["poor-web"].splitlines()[:3]
    assert re.search(REPORT[0], lines[0])
    assert "Redis INDISPONÍVEL" in lines[1]
    assert re.search(REPORT[2], lines[2])


def test_logs_as_text_hold_requests_and_outcomes_but_nothing_of_what_was_written(stack: Stack, lawyer: Visitor) -> None:
    reader = lawyer.ask(f"Fale de {SECRET}.").wait_for_letters(BEGUN)
    lawyer.post(f"/mensagens/{reader.reply}/parar/")
    reader.wait_for_end()
    lawyer.get(f"/busca/?{urlencode({'q': SECRET})}")
    logs = stack.logs("web", "worker")
    assert "GET /busca/ 200" in logs["web"]
    assert f"reply {reader.reply} stopped" in logs["worker"]
    for text in logs.values():
        assert SECRET not in text
        assert "dolo" not in text, "nor as part of an address"
        assert lawyer.cookies["rom.sid"] not in text
