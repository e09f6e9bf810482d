"""The small things templates know."""

from datetime import UTC, datetime

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message as Note

from conversations.models import Message
from conversations.rendering import Shown
from romagent.templatetags.interface import being_written, first_name, greeting, undo_url


@pytest.mark.parametrize(
    ("hour_utc", "words"),
    [
        (7, "Boa noite"),
        (8, "Bom dia"),
        (14, "Bom dia"),
        (15, "Boa tarde"),
        (20, "Boa tarde"),
        (21, "Boa noite"),
        (2, "Boa noite"),
    ],
)
def test_the_greeting_goes_by_the_offices_clock(hour_utc: int, words: str) -> None:
    assert greeting(datetime(2026, 11, 22, hour_utc, tzinfo=UTC)) == words


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Helena Prado", "Helena"),
        ("Dra. Helena Prado", "Dra. Helena"),
        ("Rui", "Rui"),
        ("Dr.", "Dr."),
        ("", ""),
        ("  ", ""),
    ],
)
def test_a_person_is_called_by_her_first_name_and_her_title(name: str, called: str) -> None:
    assert first_name(name) == called


@pytest.mark.parametrize(
    ("tags", "url"),
    [("undo /conversas/x/desfazer-exclusao/", "/conversas/x/desfazer-exclusao/"), ("", ""), ("outra /x/", "")],
)
def test_only_what_can_be_undone_offers_it(tags: str, url: str) -> None:
    assert undo_url(Note(constants.SUCCESS, "Feito", extra_tags=tags)) == url


def test_the_message_that_is_being_written_is_found() -> None:
    done, growing = (Shown(Message(status=status)) for status in ("complete", "streaming"))
    assert being_written([done, growing]) is growing.message
    assert being_written([done]) is None
    assert being_written(None) is None
