"""What becomes of drafts and proposals: gone with their document, taken along by whose it is."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from documents import portability, retention
from documents.drafting.models import Draft, Proposal
from documents.drafting.tests.making import begin
from documents.models import Document
from romagent.base.retention import Policy

pytestmark = pytest.mark.django_db


@pytest.fixture
def document(owner: User) -> Document:
    made = begin(owner)
    Proposal.objects.create(
        document=made, revision=1, number=1, action="replace", before="<p>a</p>", after="<p>b</p>", message=made.pk
    )
    return made


def test_the_clean_up_takes_them_with_the_document(document: Document) -> None:
    Document.objects.update(deleted_at=timezone.now() - timedelta(days=400))
    (kind,) = retention.KINDS
    kind.remove(Policy.from_settings(), 100, None)
    assert [model.objects.count() for model in (Draft, Proposal, Document)] == [0, 0, 0]
    connection.check_constraints()


def test_the_copy_of_ones_own_data_has_the_order_and_the_proposals(document: Document, owner: User) -> None:
    (_, described) = portability.parts(owner)
    found: dict[str, Any] = json.loads(b"".join(described.chunks))
    assert "Impugne cada fato." in found["pedido"]
    assert found["propostas"][0]["depois"] == "<p>b</p>"
