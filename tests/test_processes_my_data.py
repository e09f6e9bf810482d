"""A copy of one's own data when its worker is killed, or told to stop, half-way: another makes it whole."""

from __future__ import annotations

import io
import signal
import zipfile
from typing import Any

import pytest

from tests.client import wait_until
from tests.stack import LAWYER, Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes
# Conversations: how far a copy is becomes known after its first second, and it must be far from its end then.
MANY = 1_500

FILL = f"""
WITH her AS (SELECT id FROM users WHERE email = 'advogada@exemplo.adv.br'), made AS (
    INSERT INTO conversations (id, user_id, title, mode, model, created_at, updated_at, metadata)
    SELECT gen_random_uuid(), her.id, 'Conversa ' || n, 'juridico', 'm', now(), now(), '{{}}'
    FROM her, generate_series(1, {MANY}) n RETURNING id, user_id
)
INSERT INTO messages (
    id, conversation_id, user_id, role, content, model, status, stop_reason, attempts, created_at, metadata
)
SELECT gen_random_uuid(), id, user_id, 'user', repeat('palavra ', 200), '', 'complete', '', 0, now(), '{{}}' FROM made
"""


@pytest.fixture
def full(stack: Stack) -> Stack:
    stack.execute("DELETE FROM data_exports")
    stack.execute(FILL)
    return stack


def export(stack: Stack) -> dict[str, Any]:
    return stack.rows("SELECT * FROM data_exports")[0]


def begin(stack: Stack) -> None:
    assert stack.visitor().post("/meus-dados/preparar/").status == 303
    wait_until(lambda: export(stack)["progress"].get("conversations", [0])[0] > 0, "the copy has begun")
    assert export(stack)["state"] == "running"


def check_whole(stack: Stack) -> None:
    wait_until(lambda: export(stack)["state"] == "done", "the copy is made")
    row = export(stack)
    body = stack.visitor().get(f"/meus-dados/{row['id']}/baixar/").body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        assert len([name for name in archive.namelist() if name.endswith(".md")]) >= MANY
    stored = [path.name for path in (stack.directory / "media" / "copias").iterdir()]
    assert stored.count(f"{row['id']}.zip") == 1
    stack.execute("DELETE FROM messages WHERE model = '' AND content LIKE 'palavra palavra %'")
    stack.execute("DELETE FROM conversations WHERE model = 'm'")


def test_when_the_worker_is_killed_another_makes_it(full: Stack) -> None:
    begin(full)
    full.worker.kill()
    full.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '2 minutes'")  # instead of waiting
    assert export(full)["state"] == "running"
    full.start_worker()
    check_whole(full)
    assert export(full)["attempts"] == 2


def test_when_the_worker_is_told_to_stop_it_gives_it_back_at_once(full: Stack) -> None:
    begin(full)
    full.signal_all(full.worker, signal.SIGTERM)
    wait_until(lambda: not full.worker.alive(), "the worker has ended")
    assert (export(full)["state"], export(full)["attempts"]) == ("queued", 0)
    full.start_worker()
    check_whole(full)
    assert export(full)["attempts"] == 1
    assert LAWYER in str(full.rows("SELECT user_email FROM audit_log WHERE action = 'dados.concluir'"))
