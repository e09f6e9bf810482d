"""A worker may die, freeze, leave or come late: every question is answered whole, once."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tests.client import PATIENCE, Visitor, wait_until

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes

BEGUN = 60  # letters of an answer that has begun to appear


def test_a_killed_workers_answer_is_taken_up_and_ends_whole_before_the_readers_eyes(
    stack: Stack, lawyer: Visitor
) -> None:
    reader = lawyer.ask("O que falta para instruir o pedido de tutela?").wait_for_letters(BEGUN)
    stack.worker.kill()
    stack.start_worker()
    stack.check_read_whole(reader)
    assert reader.connections == 1, "the open stream catches up by itself"
    assert stack.reply(reader.reply)["attempts"] == 2
    calls = stack.rows("SELECT status, error_message FROM ai_operations WHERE message_id = %s", reader.reply)
    assert sorted(call["status"] for call in calls) == ["complete", "interrupted"]
    assert "writer_died" in {call["error_message"] for call in calls}


def test_a_frozen_workers_answer_is_written_on_by_a_second_worker_and_the_first_writes_nothing_more(
    stack: Stack, lawyer: Visitor
) -> None:
    stack.pace(tokens=250)
    reader = lawyer.ask("Quem tem legitimidade para recorrer?").wait_for_letters(BEGUN)
    os.kill(stack.worker.pid or 0, signal.SIGSTOP)
    stack.another_worker("second")
    wait_until(lambda: stack.reply(reader.reply)["attempts"] == 2, "the second worker has the pen")
    taken_at = len(reader.shown)
    reader.wait_for_letters(taken_at + BEGUN)
    os.kill(stack.worker.pid or 0, signal.SIGCONT)
    stack.check_read_whole(reader)
    wait_until(lambda: stack.api.counters()["open"] == 0, "the first has let go of its call")
    assert stack.reply(reader.reply)["attempts"] == 2
    assert stack.worker.alive()


def test_a_question_asked_before_any_worker_runs_is_answered_when_one_comes(stack: Stack, lawyer: Visitor) -> None:
    stack.worker.kill()
    reader = lawyer.ask("Qual é o prazo da contestação?")
    assert stack.reply(reader.reply)["status"] == "queued"
    assert "Na fila" in lawyer.get(f"/conversas/{stack.asked[0].conversation}/").text
    stack.start_worker()
    stack.check_read_whole(reader)


def test_a_redeploy_hands_the_answer_to_the_new_processes_and_the_reader_goes_on_there(
    stack: Stack, lawyer: Visitor
) -> None:
    stack.pace(tokens=400)
    new_web = stack.another_web("new-web")
    reader = lawyer.ask("Que provas devo requerer na réplica?").wait_for_letters(BEGUN)
    new_worker = stack.another_worker("new-worker", wait=False)
    lawyer.port = new_web.port
    stack.web.ask_to_stop()
    stack.worker.ask_to_stop()
    assert stack.web.wait(PATIENCE), "the web server leaves although a stream was open"
    assert stack.worker.wait(PATIENCE), "the worker leaves although an answer was being written"
    assert (stack.web.returncode, stack.worker.returncode) == (0, 0)
    wait_until(new_worker.ready, "the new worker is ready")
    stack.check_read_whole(reader)
    assert reader.resumed_after[0], "the reader went on from what it had"
    assert stack.reply(reader.reply)["attempts"] == 2
    calls = stack.rows("SELECT status FROM ai_operations WHERE message_id = %s", reader.reply)
    assert sorted(call["status"] for call in calls) == ["complete", "stopped"], "handed back, not died"
    assert lawyer.get("/conversas/").status == 200, "the session works at the new server"


def test_a_queued_answer_that_is_stopped_is_never_written(stack: Stack, lawyer: Visitor) -> None:
    stack.worker.kill()
    reader = lawyer.ask("Cabe agravo desta decisão?")
    assert lawyer.post(f"/mensagens/{reader.reply}/parar/").status == 303
    reader.wait_for_end()
    assert 'data-status="stopped"' in reader.article
    stack.start_worker()
    other = lawyer.ask("Cabe apelação desta sentença?").wait_for_end()
    assert 'data-status="complete"' in other.article
    assert stack.reply(reader.reply)["status"] == "stopped"
    asked = [body["messages"][-1]["content"] for body in stack.api.requests()]
    assert not any("agravo" in str(content) for content in asked)


def test_stop_ends_the_call_keeps_the_text_and_continue_finishes_it(stack: Stack, lawyer: Visitor) -> None:
    stack.pace(tokens=300)
    reader = lawyer.ask("Como impugno o valor da causa?").wait_for_letters(BEGUN)
    assert lawyer.post(f"/mensagens/{reader.reply}/parar/").status == 303
    reader.wait_for_end()
    assert 'data-status="stopped"' in reader.article
    assert "Continuar" in reader.article
    wait_until(lambda: stack.api.counters()["aborted"] == 1, "the call to the model is broken off")
    kept = stack.reply(reader.reply)["content"]
    assert kept
    assert lawyer.post(f"/mensagens/{reader.reply}/continuar/").status == 303
    again = lawyer.follow(reader.reply).wait_for_end()
    assert 'data-status="complete"' in again.article
    assert stack.reply(reader.reply)["content"] == stack.answer_to("Como impugno o valor da causa?")


def test_thirty_questions_at_once_all_end_whole(stack: Stack, lawyer: Visitor) -> None:
    stack.pace(tokens=100, first=1500)
    conversations = [lawyer.start() for _ in range(30)]
    readers = [
        lawyer.ask(f"Pergunta número {number}: o que devo conferir?", conversation)
        for number, conversation in enumerate(conversations)
    ]
    for reader in readers:
        stack.check_read_whole(reader)


def test_after_everything_was_killed_what_was_being_written_goes_on_and_what_was_cut_can_be_continued(
    stack: Stack, lawyer: Visitor
) -> None:
    stack.pace(tokens=250)
    cut = lawyer.ask("Como calculo os honorários de sucumbência?").wait_for_letters(BEGUN)
    lawyer.post(f"/mensagens/{cut.reply}/parar/")
    cut.wait_for_end()
    reader = lawyer.ask("Quais são os requisitos da petição inicial?").wait_for_letters(BEGUN)
    stack.kill_everything()
    stack.start_everything()
    stack.check_read_whole(reader)
    assert reader.resumed_after
    assert lawyer.post(f"/mensagens/{cut.reply}/continuar/").status == 303
    assert 'data-status="complete"' in lawyer.follow(cut.reply).wait_for_end().article
    assert stack.reply(cut.reply)["status"] == "complete"
