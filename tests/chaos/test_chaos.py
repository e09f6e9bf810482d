"""Fifty lawyers at work while everything breaks: what they were told is done is done, once, and nobody has to help."""

from __future__ import annotations

import os

import pytest

from tests.chaos.faults import ALWAYS, plan
from tests.chaos.storm import LAWYERS, Storm

pytestmark = [pytest.mark.processes]

SECONDS = float(os.environ.get("CHAOS_SECONDS") or 120)
SEED = int(os.environ.get("CHAOS_SEED") or 1)
PEOPLE = int(os.environ.get("CHAOS_LAWYERS") or LAWYERS)


def say(words: str) -> None:
    """To the run's own output, which pytest shows of a failure, or at once with -s."""
    print(words, flush=True)


def test_after_the_storm_everything_is_accounted_for() -> None:
    say(f"CHAOS_SEED={SEED} CHAOS_SECONDS={SECONDS:.0f}")
    wrongs = Storm(SEED, SECONDS, PEOPLE, say).run()
    assert not wrongs, f"CHAOS_SEED={SEED} CHAOS_SECONDS={SECONDS:.0f}\n" + "\n".join(wrongs)


def test_a_plan_follows_from_its_seed_and_breaks_everything() -> None:
    assert plan(3, 120) == plan(3, 120) != plan(4, 120)
    for seed in range(20):
        found = {(fault.kind, fault.target) for fault in plan(seed, 120)}
        assert set(ALWAYS) <= found
