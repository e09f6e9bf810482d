"""Orders and drafts that the tests need, and the worker's turns at them."""

from __future__ import annotations

from typing import Any

from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from accounts.models import User
from conversations.models import Message
from conversations.tests.making import MODEL
from documents.drafting import actions
from documents.drafting.brief import Order
from documents.drafting.models import Draft
from documents.models import Document
from tests.running import write

PARTS = [{"name": "Endereçamento"}, {"name": "Dos fatos", "about": "só o que está provado"}, {"name": "Dos pedidos"}]


def order(**fields: Any) -> Order:
    said: dict[str, Any] = {
        "slug": "contestacao", "name": "Contestação", "title": "Contestação de Silva", "parts": PARTS,
        "instructions": "Impugne cada fato.", "facts": (("Qual o prazo?", "15 dias"), ("Quem é o réu?", "")),
        "wishes": "Seja breve.",
    }  # fmt: skip
    return Order(**{**said, **fields})


def begin(user: User, **options: Any) -> Document:
    given = {"model": MODEL, **options}
    return actions.begin(given.pop("order", None) or order(), user=user, **given)


def waiting(document: Document) -> Message | None:
    """The reply that is owed to the document's conversation."""
    return Message.objects.filter(conversation=document.conversation_id).unfinished().first()


def jobs() -> int:
    """Does what waits to be carried on, as a worker would; how many there were."""
    found = ProcrastinateJob.objects.filter(task_name="documents.carry_on", status="todo")
    ids = list(found.values_list("id", "args"))
    for pk, args in ids:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM procrastinate_jobs WHERE id = %s", [pk])
        actions.carry_on(args["document_id"])
    return len(ids)


def write_part(document: Document) -> Message:
    """Has the part that is owed written, and the draft carried on."""
    reply = waiting(document)
    assert reply
    write(reply)
    jobs()
    document.refresh_from_db()
    return reply


def draft_of(document: Document) -> Draft:
    found: Draft = Draft.objects.get(pk=document.pk)
    return found
