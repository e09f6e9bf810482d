import pytest
from django.core.cache import cache

from accounts.models import User
from conversations.assistant import answering
from conversations.models import Conversation
from conversations.tests.making import make_conversation


@pytest.fixture
def conversation(owner: User) -> Conversation:
    return make_conversation(owner)


@pytest.fixture
def nothing_kept() -> None:
    """Pages of results are kept under the last import; for tests that make precedents without one."""
    cache.clear()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The assistant's pauses between two tries, a hundred times shorter; how long they are is tested by itself."""
    patient = answering.waiting_time

    def impatiently(*args: object) -> float | None:
        wait = patient(*args)  # type: ignore[arg-type]
        return None if wait is None else wait / 100

    monkeypatch.setattr(answering, "waiting_time", impatiently)
