"""Redis holds nothing that may not vanish: emptied, restarted or away, answers come whole and sessions stay."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.client import Reader, Visitor

if TYPE_CHECKING:
    from tests.stack import Stack

pytest_plugins = ["tests.stack"]
pytestmark = pytest.mark.processes

BEGUN = 60  # letters of an answer that has begun to appear


def grow(reader: Reader, times: int) -> None:
    """Waits until more has been shown, so many times."""
    for _ in range(times):
        reader.wait_for_letters(len(reader.shown) + 1)


def test_flushall_in_mid_stream_costs_no_word(stack: Stack, lawyer: Visitor) -> None:
    stack.pace(tokens=250)
    reader = lawyer.ask("O que é litisconsórcio necessário?").wait_for_letters(BEGUN)
    with stack.redis() as client:
        client.flushall()
    late = lawyer.follow(reader.reply)
    grow(reader, 3)
    late.wait_for_letters(BEGUN)
    for each in (reader, late):
        stack.check_read_whole(each)
        assert each.connections == 1
    assert lawyer.get("/conversas/").status == 200


def test_a_redis_that_is_away_for_some_seconds_slows_the_text_down_and_loses_nothing(
    stack: Stack, lawyer: Visitor
) -> None:
    stack.pace(tokens=600)
    reader = lawyer.ask("Quando cabe a tutela de evidência?").wait_for_letters(BEGUN)
    stack.valkey.kill()
    grow(reader, 3)  # from PostgreSQL, at the pace of the checkpoints
    assert lawyer.get("/conversas/").status == 200
    stack.valkey.start(stack.valkey.port)
    seen = len(reader.events)
    reader.wait(
        lambda: any(event.id and not event.id.startswith("0-") for event in reader.events[seen:]), "it is live again"
    )
    stack.check_read_whole(reader)
    assert reader.connections == 1


def test_without_redis_one_signs_in_asks_and_reads_at_checkpoint_pace(stack: Stack, lawyer: Visitor) -> None:
    stack.valkey.kill()
    lawyer = stack.visitor(fresh=True)
    stack.pace(tokens=200)
    reader = lawyer.ask("Qual é o foro competente?").wait_for_letters(1)
    assert not reader.article, "it is seen before it is whole"
    stack.check_read_whole(reader)
    lawyer.close()


def test_a_redis_that_hangs_keeps_no_page_waiting(stack: Stack, lawyer: Visitor) -> None:
    lawyer.get("/conversas/")
    stack.signal_all(stack.valkey, signal.SIGSTOP)
    pages = [lawyer.get("/conversas/") for _ in range(3)]
    assert [page.status for page in pages] == [200] * 3
    assert max(page.seconds for page in pages) < 5
    reader = lawyer.ask("E se ele travar?")
    stack.check_read_whole(reader)
    stack.signal_all(stack.valkey, signal.SIGCONT)
