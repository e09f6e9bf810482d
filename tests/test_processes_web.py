"""Any number of readers, on any web process, that may die at any time; and nobody else's eyes."""

from __future__ import annotations

import os
import re
import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.client import EVENT_STREAM, HOST, Visitor, letters, wait_until

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes

BEGUN = 60  # letters of an answer that has begun to appear
URLS = Path(__file__).resolve().parents[1] / "conversations" / "urls.py"


def test_the_reader_of_a_killed_web_process_goes_on_where_it_was(stack: Stack, lawyer: Visitor) -> None:
    stack.pace(tokens=250)
    reader = lawyer.ask("Que documentos junto à inicial?").wait_for_letters(BEGUN)
    stack.web_worker_of(stack.web).kill()
    stack.check_read_whole(reader)
    assert reader.resumed_after[0], "it names the last event it saw"
    assert stack.web.alive(), "gunicorn starts another by itself"


def test_the_reader_of_a_killed_web_server_goes_on_after_a_restart(stack: Stack, lawyer: Visitor) -> None:
    stack.pace(tokens=400)
    reader = lawyer.ask("Quando se dá a preclusão?").wait_for_letters(BEGUN)
    os.kill(stack.web.pid or 0, signal.SIGKILL)  # the master alone: its worker must leave by itself
    stack.start_web()
    stack.check_read_whole(reader)
    assert reader.resumed_after[0]
    assert lawyer.get("/conversas/").status == 200, "the cookie is still good"


def test_tabs_and_devices_see_the_same_text_grow_and_end_alike(stack: Stack, lawyer: Visitor) -> None:
    stack.pace(tokens=250)
    asking = lawyer.ask("Como se conta o prazo em dobro?").wait_for_letters(BEGUN)
    phone = stack.visitor(fresh=True)
    assert phone.cookies["rom.sid"] != lawyer.cookies["rom.sid"]
    readers = [asking, lawyer.follow(asking.reply), phone.follow(asking.reply)]
    for reader in readers:
        stack.check_read_whole(reader)
        lengths = {len(shown) for shown in reader.growth}
        assert len(lengths) > 5, "it grows before the reader's eyes"
    assert len({reader.article for reader in readers}) == 1
    page = phone.get(f"/conversas/{stack.asked[0].conversation}/").text
    assert asking.article.strip() in page, "the end of the stream is what the page shows"
    phone.close()


def test_leaving_the_page_changes_nothing(stack: Stack, lawyer: Visitor) -> None:
    reader = lawyer.ask("Quem responde pelas custas?").wait_for_letters(BEGUN)
    lawyer.close()
    stack.wait_until_ended()
    assert stack.reply(reader.reply)["status"] == "complete"
    assert stack.api.counters()["aborted"] == 0


def test_a_reader_who_reads_nothing_holds_nobody_up_and_catches_up(stack: Stack, lawyer: Visitor) -> None:
    stack.pace(tokens=3000, rate=1000)
    asking = lawyer.ask("Resuma as provas, com todos os detalhes.")
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        slow.settimeout(60)
        slow.connect((HOST, stack.port))
        cookies = "; ".join(f"{name}={value}" for name, value in lawyer.cookies.items())
        lines = [f"GET /mensagens/{asking.reply}/stream/ HTTP/1.1", f"Host: {HOST}", f"Cookie: {cookies}", "", ""]
        slow.sendall("\r\n".join(lines).encode())
        stack.check_read_whole(asking)
        other = lawyer.ask("E para os outros?", stack.asked[0].conversation)
        stack.check_read_whole(other)
        received = b""
        while b"event: end" not in received or not received.endswith(b"0\r\n\r\n"):
            part = slow.recv(65536)
            assert part, f"the connection ended before the reply, after {len(received)} bytes"
            received += part
    text = re.sub(rb"\r\n[0-9a-f]+\r\n", b"", received).decode()
    article = text[text.rindex("event: end") :].replace("data: ", "")
    assert letters(stack.answer_to("Resuma as provas, com todos os detalhes.")) in letters(article)


def test_a_stranger_finds_nothing_at_any_address(stack: Stack, lawyer: Visitor) -> None:
    stack.pace(tokens=300)
    reader = lawyer.ask("Posso pedir segredo de justiça?").wait_for_letters(BEGUN)
    question = stack.rows("SELECT reply_to_id FROM messages WHERE id = %s", reader.reply)[0]["reply_to_id"]
    stranger = stack.visitor("colega@exemplo.adv.br")
    paths = re.findall(r'path\("(\S*<uuid:pk>\S*)"', URLS.read_text())
    assert len(paths) > 10
    for path in paths:
        ids = [stack.asked[0].conversation] if path.startswith("conversas/") else [reader.reply, question]
        for address in (f"/{path.replace('<uuid:pk>', str(pk))}" for pk in ids):
            for accept in ("text/html", EVENT_STREAM):
                headers = {"Accept": accept}
                answers = [stranger.request("GET", address, headers=headers), stranger.post(address, headers=headers)]
                statuses = {answer.status for answer in answers}
                assert 404 in statuses <= {404, 405}, f"{address} as {accept}: {statuses}"
    refused = stranger.follow(reader.reply)
    refused.wait(lambda: refused.refused, "the stream is refused")
    assert refused.refused
    assert (refused.refused.status, refused.refused.kind) == (404, "application/json")
    assert stack.reply(reader.reply)["status"] == "streaming", "the stranger's attempt to stop it had no effect"
    stack.check_read_whole(reader)


@pytest.mark.parametrize("accept", [EVENT_STREAM, "text/html", "*/*"])
def test_a_stream_without_a_session_is_refused_in_plain_words(stack: Stack, lawyer: Visitor, accept: str) -> None:
    reader = lawyer.ask("Isto é sigiloso?")
    anonymous = Visitor(stack.port, [])
    answer = anonymous.get(f"/mensagens/{reader.reply}/stream/", Accept=accept)
    assert answer.status in (401, 403)
    assert answer.kind != "text/html"
    assert "<html" not in answer.text
    page = anonymous.get(f"/conversas/{stack.asked[0].conversation}/")
    assert (page.status, page.location) == (302, f"/entrar/?next=/conversas/{stack.asked[0].conversation}/")


def test_a_question_sent_twice_by_a_doubtful_connection_is_one_question(stack: Stack, lawyer: Visitor) -> None:
    conversation, key = lawyer.start(), "0193a7a2-0000-7000-8000-000000000001"
    data = {"content": "Foi ou não foi?", "submission_key": key}
    statuses = [lawyer.post(f"/conversas/{conversation}/mensagens/", data).status for _ in range(2)]
    assert statuses == [303, 303]
    stack.wait_until_ended()
    count = stack.rows("SELECT count(*) FROM messages WHERE conversation_id = %s", conversation)
    wait_until(lambda: count[0]["count"] == 2, "one question and one reply")
