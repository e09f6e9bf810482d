"""A person's copy of her documents: every version is in it, and one that is damaged does not keep back the others."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from documents import actions, portability
from documents.models import Document

pytestmark = pytest.mark.django_db


def written(owner: User, turns: int) -> Document:
    text = "".join(f"<p>Parágrafo {number}, sempre igual.</p>" for number in range(30))
    document = actions.create("Contestação", text, user=owner)
    for turn in range(1, turns):
        document = actions.save(document, turn, user=owner, content=f"{text}<p>Volta {turn}.</p>", is_kept=True)
    return document


def described(owner: User) -> dict[str, Any]:
    (part,) = [part for part in portability.parts(owner) if part.path.endswith(".json")]
    found: dict[str, Any] = json.loads(b"".join(part.chunks))
    return found


def test_every_version_is_there_with_its_text(owner: User) -> None:
    document = written(owner, 60)  # longer than a chain of changes
    versions = described(owner)["versoes"]
    assert [version["numero"] for version in versions] == list(range(1, 61))
    assert [version["texto"].endswith(f"<p>Volta {at}.</p>") for at, version in enumerate(versions)] == [
        False,
        *[True] * 59,
    ]
    assert versions[-1]["texto"] == document.content


def test_a_damaged_version_is_said_to_be_and_the_others_are_there(owner: User) -> None:
    document = written(owner, 4)
    document.versions.filter(number=2).update(sha256="0" * 64)
    versions = described(owner)["versoes"]
    assert [(version["danificada"], version["texto"] is None) for version in versions] == [
        (False, False), (True, True), (False, False), (False, False),
    ]  # fmt: skip


def test_it_asks_no_more_with_many_versions(owner: User) -> None:
    counts = []
    for turns in (3, 12):
        Document.objects.all().delete()
        written(owner, turns)
        with CaptureQueriesContext(connection) as found:
            described(owner)
        counts.append(len(found))
    assert counts[0] == counts[1]
