"""Every journey to its end, in the ways in which people go: `tests/walks.py` says where, `tests/hands.py` how.

A cell that another test walks as well is left to it; `EVERY_WAY=1` walks all of them. What is walked by which test is in
`docs/jornadas.md`, which `tests/test_journeys.py` keeps true. Each walk ends with axe at the page where it ended.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest

from tests.browser import Desk
from tests.hands import WAYS
from tests.looking import axe
from tests.papers import take_documents_away
from tests.stack import COLLEAGUE, Stack
from tests.walks import WALKS

pytest_plugins = ["tests.browser", "tests.stack"]
pytestmark = pytest.mark.browser

CELLS = {
    "invited": "keyboard finger plain",
    "project": "finger",
    "file": "finger plain",
    "document": "keyboard finger plain",
    "deadline": "keyboard finger",
    "citation": "keyboard finger plain",
    "process": "keyboard finger",
    "precedent": "keyboard finger",
    "summary": "keyboard finger plain",
    "my_data": "keyboard finger",
    "member": "keyboard finger plain",
    "audited": "keyboard finger plain",
    "budget": "mouse keyboard finger plain",
    "cleaned": "mouse keyboard finger plain",
    "subject": "keyboard finger plain",
}
EVERY_WAY = os.environ.get("EVERY_WAY") == "1"
TAKEN = [(walk, way) for walk, ways in CELLS.items() for way in (WAYS if EVERY_WAY else ways.split())]


@pytest.fixture(autouse=True)
def _left_as_it_was(stack: Stack) -> Iterator[None]:
    """Nobody has looked anything up in this minute; afterwards nothing stands in another test's way."""
    for key in stack.redis().scan_iter("*processos*"):
        stack.redis().delete(key)
    yield
    stack.restore()
    stack.wait_until_ended()
    take_documents_away(stack)
    stack.execute("DELETE FROM precedents WHERE number = 97201")
    stack.rows("DELETE FROM ai_budgets WHERE user_id = (SELECT id FROM users WHERE email = %s) RETURNING id", COLLEAGUE)


@pytest.mark.parametrize(("walk", "way"), TAKEN, ids=["-".join(cell) for cell in TAKEN])
def test_a_journey_is_walked_to_its_end(desks: Callable[..., Desk], walk: str, way: str) -> None:
    journey, ways = WALKS[walk], WAYS[way]
    hand = ways(desks(email=journey.email, reduced_motion="reduce", **ways.options))
    journey.go(hand)
    if hand.has_scripts:  # axe is one
        hand.page.wait_for_load_state()  # on a slow line what is there may have no style yet
        assert axe(hand.page) == []
